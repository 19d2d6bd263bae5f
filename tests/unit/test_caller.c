/* test_caller.c - what grants add up to at a place, at a root, and as an array for PostgreSQL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth.h"

/* Storekeeper at 3 and auditor at root 1; coordinator at 7. */
static struct grant grants[] = {
    {ROLE_STOREKEEPER, 3, false, "xita"},
    {ROLE_AUDITOR, 1, true, "gujiao"},
    {ROLE_COORDINATOR, 7, false, "beita"},
};

static const struct caller caller = {
    .grant_count = sizeof grants / sizeof grants[0],
    .grants = grants,
};

static void names_and_bits(void **state)
{
	int all = 0;

	(void)state;
	for (int i = 0; role_words[i]; i++) {
		int role = role_parse(role_words[i]);

		assert_true(role != 0);
		assert_string_equal(role_name((enum role)role), role_words[i]);
		assert_false(all & role);
		all |= role;
	}
	assert_int_equal(all, ROLE_ANY);
	assert_int_equal(role_parse("owner"), 0);
	assert_int_equal(role_parse(""), 0);
	assert_int_equal(role_parse("storekeeper"), ROLE_STOREKEEPER);
	assert_int_equal(role_parse("admin"), ROLE_ADMIN);
}

static void holds_for_what_lies_below(void **state)
{
	static const int32_t grid[] = {1, 2, 3, 9}, elsewhere[] = {1, 2, 8}, foreign[] = {20, 7, 3};

	(void)state;
	assert_int_equal(caller_roles_at(&caller, grid, 4), ROLE_STOREKEEPER | ROLE_AUDITOR);
	assert_int_equal(caller_roles_at(&caller, grid, 3), ROLE_STOREKEEPER | ROLE_AUDITOR);
	assert_int_equal(caller_roles_at(&caller, grid, 2), ROLE_AUDITOR);
	assert_int_equal(caller_roles_at(&caller, elsewhere, 3), ROLE_AUDITOR);
	assert_int_equal(caller_roles_at(&caller, foreign, 1), 0);
	assert_int_equal(caller_roles_at(&caller, foreign, 2), ROLE_COORDINATOR);
}

static void anywhere_and_at_the_root(void **state)
{
	(void)state;
	assert_int_equal(
	    caller_roles(&caller, false), ROLE_STOREKEEPER | ROLE_AUDITOR | ROLE_COORDINATOR);
	assert_int_equal(caller_roles(&caller, true), ROLE_AUDITOR);
	assert_int_equal(caller_roles(&(struct caller){0}, false), 0);
}

static void as_array(void **state)
{
	static const struct {
		unsigned roles;
		const char *places;
	} cases[] = {
	    {ROLE_ANY, "{3,1,7}"},
	    {ROLE_COORDINATOR, "{7}"},
	    {ROLE_ADMIN, "{}"},
	    {ROLE_COORDINATOR | ROLE_STOREKEEPER, "{3,7}"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char *places = caller_places(&caller, cases[i].roles);

		assert_string_equal(places, cases[i].places);
		free(places);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_and_bits),
	    cmocka_unit_test(holds_for_what_lies_below),
	    cmocka_unit_test(anywhere_and_at_the_root),
	    cmocka_unit_test(as_array),
	};

	return cmocka_run_group_tests_name("caller", tests, NULL, NULL);
}
