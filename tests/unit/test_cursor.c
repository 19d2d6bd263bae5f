/* test_cursor.c - cursors come back as they went, and nothing else is taken for one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cursor.h"

static void round_trip(const int64_t *keys, int count)
{
	int64_t again[CURSOR_MAX_KEYS] = {-7, -7};
	char cursor[CURSOR_MAX];

	cursor_write(keys, count, cursor);
	assert_true(strlen(cursor) < CURSOR_MAX);
	assert_true(cursor_read(cursor, again, count));
	assert_memory_equal(keys, again, (size_t)count * sizeof keys[0]);
	assert_false(cursor_read(cursor, again, count == 1 ? 2 : 1));
}

static void test_round_trip(void **state)
{
	static const int64_t keys[][2] = {
	    {0, 0}, {1, 2}, {INT64_MAX, 1}, {INT64_MIN, -1}, {255, 256}, {1LL << 40, 7}};

	(void)state;
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		round_trip(keys[i], 1);
		round_trip(keys[i], 2);
	}
	srand(1);
	for (int i = 0; i < 10000; i++) {
		int64_t random[2] = {
		    (int64_t)rand() << 32 | rand(), (int64_t)rand() << 31 ^ rand()};

		round_trip(random, 1 + i % 2);
	}
}

static void test_refused(void **state)
{
	static const char *const wrong[] = {"", "1", "00000000000000", "0000000000000000x",
	    "000000000000000G", "000000000000000A", "+000000000000001", " 000000000000001",
	    "-000000000000001", "0x00000000000001", "00000000000000000"};
	int64_t key;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_false(cursor_read(wrong[i], &key, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
