/* test_scan.c - walking over canonical JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "scan.h"

static void assert_item(const struct scan_item *item, const char *name, const char *value)
{
	if (name) {
		assert_int_equal(item->name_len, strlen(name));
		assert_memory_equal(item->name, name, item->name_len);
	} else {
		assert_null(item->name);
	}
	assert_int_equal(item->len, strlen(value));
	assert_memory_equal(item->value, value, item->len);
}

static void members_in_order(void **state)
{
	const char *p = "{\"a\":1,\"b\":\"x,}\\\"]\",\"c\":{\"d\":[1,{}]},\"e\":[],\"f\":null}tail";
	struct scan_item item;

	(void)state;
	assert_int_equal(scan_next(&p, &item), SCAN_ITEM);
	assert_item(&item, "a", "1");
	assert_int_equal(scan_next(&p, &item), SCAN_ITEM);
	assert_item(&item, "b", "\"x,}\\\"]\"");
	assert_int_equal(scan_next(&p, &item), SCAN_ITEM);
	assert_item(&item, "c", "{\"d\":[1,{}]}");
	assert_int_equal(scan_next(&p, &item), SCAN_ITEM);
	assert_item(&item, "e", "[]");
	assert_int_equal(scan_next(&p, &item), SCAN_ITEM);
	assert_item(&item, "f", "null");
	assert_int_equal(scan_next(&p, &item), SCAN_END);
	assert_string_equal(p, "tail");
}

static void elements_in_order(void **state)
{
	const char *p = "[{\"a\":1},\"b\",[2,3]]";
	struct scan_item item;

	(void)state;
	assert_int_equal(scan_next(&p, &item), SCAN_ITEM);
	assert_item(&item, NULL, "{\"a\":1}");
	assert_int_equal(scan_next(&p, &item), SCAN_ITEM);
	assert_item(&item, NULL, "\"b\"");
	assert_int_equal(scan_next(&p, &item), SCAN_ITEM);
	assert_item(&item, NULL, "[2,3]");
	assert_int_equal(scan_next(&p, &item), SCAN_END);
}

static void empty_ones_end_at_once(void **state)
{
	static const char *const texts[] = {"{}", "[]"};
	struct scan_item item;

	(void)state;
	for (int i = 0; i < 2; i++) {
		const char *p = texts[i];

		assert_int_equal(scan_next(&p, &item), SCAN_END);
	}
}

static void what_is_cut_off_is_bad(void **state)
{
	const char *whole = "{\"a\":\"b\\\"c\",\"d\":[1,{\"e\":null}]}";
	char text[64];

	(void)state;
	for (size_t len = 0; len < strlen(whole); len++) {
		const char *p = text;
		struct scan_item item;
		enum scan_step step;

		memcpy(text, whole, len);
		text[len] = '\0';
		do
			step = scan_next(&p, &item);
		while (step == SCAN_ITEM);
		assert_int_equal(step, SCAN_BAD);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(members_in_order),
	    cmocka_unit_test(elements_in_order),
	    cmocka_unit_test(empty_ones_end_at_once),
	    cmocka_unit_test(what_is_cut_off_is_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
