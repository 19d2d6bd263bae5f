/* test_password.c - scrypt hashes, made and checked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "password.h"

#define COST 4
#define KNOWN "wOBlTLx2kTvDnlM7GeRqLPJSaL8dgO6Mbiarn6WFHEI="

static void there_and_back(void **state)
{
	static const char *const passwords[] = {"correct horse", "", "密码密码密码密码密码密码"};

	(void)state;
	for (size_t i = 0; i < sizeof passwords / sizeof *passwords; i++) {
		char *hash = password_hash(passwords[i], COST);
		char *again = password_hash(passwords[i], COST);

		assert_int_equal(strncmp(hash, "scrypt:4:8:1:", 13), 0);
		assert_string_not_equal(hash, again); /* the salt is another */
		assert_true(password_fits(passwords[i], hash, COST));
		assert_true(password_fits(passwords[i], again, COST));
		assert_false(password_fits("wrong", hash, COST));
		free(hash);
		free(again);
	}
}

/* A hash keeps the cost it was made with, whatever the setting is now. */
static void other_costs(void **state)
{
	char *hash = password_hash("a password", 10);

	(void)state;
	assert_int_equal(strncmp(hash, "scrypt:10:", 10), 0);
	assert_true(password_fits("a password", hash, COST));
	free(hash);
}

/* The default cost must not run into OpenSSL's memory limit, which is lower than it needs. */
static void default_cost(void **state)
{
	char *hash = password_hash("a password", 17);

	(void)state;
	assert_non_null(hash);
	assert_true(password_fits("a password", hash, 17));
	free(hash);
}

/* scrypt("pleaseletmein", …, N 16384, r 8, p 1), computed by Python's hashlib. */
static void known_hash(void **state)
{
	static const char hash[] = "scrypt:14:8:1:MDEyMzQ1Njc4OWFiY2RlZg==:" KNOWN;

	(void)state;
	assert_true(password_fits("pleaseletmein", hash, COST));
	assert_false(password_fits("pleaseletmeIn", hash, COST));
}

static void no_hash(void **state)
{
	static const char *const bad[] = {"", "scrypt", "scrypt:4:8:1:", "plain text",
	    "scrypt:4:8:1:MDEyMzQ1Njc4OWFiY2RlZg==:", "scrypt:4:8:1::MDEyMzQ1Njc4OWFiY2RlZg==",
	    "scrypt:99:8:1:MDEyMzQ1Njc4OWFiY2RlZg==:" KNOWN,
	    "scrypt:0:8:1:MDEyMzQ1Njc4OWFiY2RlZg==:" KNOWN,
	    "scrypt:-4:8:1:MDEyMzQ1Njc4OWFiY2RlZg==:" KNOWN,
	    "scrypt:4:9999:1:MDEyMzQ1Njc4OWFiY2RlZg==:" KNOWN,
	    "scrypt:14:8:1:MDEyMzQ1Njc4OWFiY2RlZg==:" KNOWN " ",
	    "bcrypt:14:8:1:MDEyMzQ1Njc4OWFiY2RlZg==:" KNOWN};

	(void)state;
	assert_false(password_fits("pleaseletmein", NULL, COST));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (password_fits("pleaseletmein", bad[i], COST))
			fail_msg("%s was taken for a fitting hash", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(there_and_back),
	    cmocka_unit_test(other_costs),
	    cmocka_unit_test(default_cost),
	    cmocka_unit_test(known_hash),
	    cmocka_unit_test(no_hash),
	};

	return cmocka_run_group_tests_name("password", tests, NULL, NULL);
}
