/* test_cache.c - a bounded memory: finds, replaces, forgets the oldest, releases everything once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cache.h"

#define MAX 4

static int released[16];

static void release(void *value)
{
	released[*(int *)value]++;
}

static int values[16];

static int setup(void **state)
{
	memset(released, 0, sizeof released);
	for (int i = 0; i < 16; i++)
		values[i] = i;
	*state = cache_new(MAX, release);
	return 0;
}

static int teardown(void **state)
{
	cache_free(*state);
	return 0;
}

/* Key n; all of them fall into one chain when clash is set. */
static uint8_t *key(int n, int clash)
{
	static uint8_t bytes[CRYPTO_SHA256_LEN];

	memset(bytes, 0, sizeof bytes);
	bytes[clash ? CRYPTO_SHA256_LEN - 1 : 0] = (uint8_t)n;
	return bytes;
}

static void finds_what_was_put(void **state)
{
	for (int clash = 0; clash < 2; clash++) {
		assert_null(cache_get(*state, key(7, clash)));
		for (int i = 0; i < MAX; i++)
			cache_put(*state, key(i, clash), &values[i]);
		for (int i = 0; i < MAX; i++)
			assert_ptr_equal(cache_get(*state, key(i, clash)), &values[i]);
		assert_null(cache_get(*state, key(7, clash)));
		cache_clear(*state);
		assert_null(cache_get(*state, key(0, clash)));
	}
}

static void oldest_makes_room(void **state)
{
	for (int i = 0; i < MAX + 2; i++)
		cache_put(*state, key(i, 1), &values[i]);
	for (int i = 0; i < MAX + 2; i++) {
		assert_int_equal(released[i], i < 2);
		assert_ptr_equal(cache_get(*state, key(i, 1)), i < 2 ? NULL : &values[i]);
	}
}

static void same_key_replaces(void **state)
{
	cache_put(*state, key(1, 0), &values[1]);
	cache_put(*state, key(2, 0), &values[2]);
	cache_put(*state, key(1, 0), &values[3]);
	assert_int_equal(released[1], 1);
	assert_ptr_equal(cache_get(*state, key(1, 0)), &values[3]);
	assert_ptr_equal(cache_get(*state, key(2, 0)), &values[2]);
}

static void removes(void **state)
{
	cache_put(*state, key(1, 1), &values[1]);
	cache_put(*state, key(2, 1), &values[2]);
	cache_remove(*state, key(1, 1));
	cache_remove(*state, key(1, 1));
	assert_int_equal(released[1], 1);
	assert_null(cache_get(*state, key(1, 1)));
	assert_ptr_equal(cache_get(*state, key(2, 1)), &values[2]);
}

static void releases_all_at_the_end(void **state)
{
	for (int i = 0; i < 10; i++)
		cache_put(*state, key(i, 0), &values[i]);
	cache_free(*state);
	for (int i = 0; i < 10; i++)
		assert_int_equal(released[i], 1);
	*state = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(finds_what_was_put, setup, teardown),
	    cmocka_unit_test_setup_teardown(oldest_makes_room, setup, teardown),
	    cmocka_unit_test_setup_teardown(same_key_replaces, setup, teardown),
	    cmocka_unit_test_setup_teardown(removes, setup, teardown),
	    cmocka_unit_test_setup_teardown(releases_all_at_the_end, setup, teardown),
	};

	return cmocka_run_group_tests_name("cache", tests, NULL, NULL);
}
