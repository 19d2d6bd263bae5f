/* test_field.c - fields of JSON bodies: what passes, and how each wrong one is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <jansson.h>

#include "field.h"

static json_t *parse(const char *text)
{
	json_t *json = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

	assert_non_null(json);
	return json;
}

/* The one error that checking left behind. */
static void expect(const struct problem *p, enum problem_code code, const char *field)
{
	assert_int_equal(p->code, PROBLEM_validation_failed);
	assert_int_equal(p->error_count, 1);
	assert_string_equal(problem_code_name(p->errors[0].code), problem_code_name(code));
	assert_string_equal(p->errors[0].field, field);
}

static void texts(void **state)
{
	static const struct {
		const char *value;
		unsigned flags;
		enum problem_code wrong;
	} cases[] = {
	    {"\"张三\"", FIELD_REQUIRED, PROBLEM_none},
	    {"\"五个汉字。\"", 0, PROBLEM_none},
	    {"\"六个汉字在此\"", 0, PROBLEM_too_long},
	    {"\"😀😀😀😀😀\"", 0, PROBLEM_none},
	    {"\"a\\nb\\tc\"", FIELD_MULTILINE, PROBLEM_none},
	    {"\"a\\nb\"", 0, PROBLEM_bad_characters},
	    {"\"a\\tb\"", 0, PROBLEM_bad_characters},
	    {"\"a\\u0001\"", FIELD_MULTILINE, PROBLEM_bad_characters},
	    {"\"a\\u0000b\"", 0, PROBLEM_bad_characters},
	    {"\"a\\u007f\"", 0, PROBLEM_bad_characters},
	    {"\"a\\u0085\"", 0, PROBLEM_bad_characters},
	    {"\"a\\uffff\"", 0, PROBLEM_bad_characters},
	    {"\"a\\r\"", FIELD_MULTILINE, PROBLEM_bad_characters},
	    {"\" \\u3000\"", FIELD_REQUIRED, PROBLEM_required},
	    {"\"\"", FIELD_REQUIRED, PROBLEM_required},
	    {"\"\"", FIELD_NOT_BLANK, PROBLEM_required},
	    {"\"\"", 0, PROBLEM_none},
	    {"null", FIELD_REQUIRED, PROBLEM_required},
	    {"7", 0, PROBLEM_wrong_type},
	    {"[\"a\"]", FIELD_REQUIRED, PROBLEM_wrong_type},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		json_t *json = json_pack("{s:o}", "note", parse(cases[i].value));
		struct problem p = {0};
		const char *text = field_text(json, "note", 5, cases[i].flags, "lines[2].", &p);

		if (cases[i].wrong == PROBLEM_none) {
			assert_int_equal(p.code, PROBLEM_none);
			assert_string_equal(text, json_string_value(json_object_get(json, "note")));
		} else {
			expect(&p, cases[i].wrong, "lines[2].note");
			assert_null(text);
		}
		json_decref(json);
	}
}

static void absent(void **state)
{
	json_t *json = parse("{\"none\":null}");
	struct problem p = {0};
	int64_t n = 7;

	(void)state;
	assert_false(field_given(json, "none"));
	assert_null(field_text(json, "none", 5, FIELD_NOT_BLANK, "", &p));
	assert_null(field_text(json, "other", 5, 0, "", &p));
	assert_false(field_int(json, "none", 1, 2, 0, "", &n, &p));
	assert_int_equal(n, 7);
	assert_int_equal(p.code, PROBLEM_none);
	assert_false(field_int(json, "other", 1, 2, FIELD_REQUIRED, "", &n, &p));
	expect(&p, PROBLEM_required, "other");
	json_decref(json);
}

static void numbers(void **state)
{
	static const struct {
		const char *value;
		enum problem_code wrong;
	} cases[] = {
	    {"1", PROBLEM_none},
	    {"1000000000", PROBLEM_none},
	    {"0", PROBLEM_out_of_range},
	    {"-1", PROBLEM_out_of_range},
	    {"1000000001", PROBLEM_out_of_range},
	    {"1.0", PROBLEM_wrong_type},
	    {"1e3", PROBLEM_wrong_type},
	    {"\"1\"", PROBLEM_wrong_type},
	    {"true", PROBLEM_wrong_type},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		json_t *json = json_pack("{s:o}", "n", parse(cases[i].value));
		struct problem p = {0};
		int64_t n = -7;
		bool right = field_int(json, "n", 1, 1000000000, 0, "", &n, &p);

		assert_int_equal(right, cases[i].wrong == PROBLEM_none);
		if (right)
			assert_int_equal(n, atoll(cases[i].value));
		else
			expect(&p, cases[i].wrong, "n");
		json_decref(json);
	}
}

static void dates_and_times(void **state)
{
	json_t *json =
	    parse("{\"day\":\"2024-02-29\",\"no_day\":\"2023-02-29\",\"number\":20240229,"
		  "\"time\":\"2022-11-20T08:30:00+08:00\",\"no_time\":\"2022-11-20\"}");
	struct problem day = {0}, number = {0}, time = {0};
	clock_date date = 0;

	(void)state;
	assert_true(field_date(json, "day", 0, "", &date, &day));
	assert_int_equal(date, clock_date_make(2024, 2, 29));
	assert_false(field_date(json, "no_day", 0, "", &date, &day));
	expect(&day, PROBLEM_bad_date, "no_day");
	assert_false(field_date(json, "number", 0, "", &date, &number));
	expect(&number, PROBLEM_wrong_type, "number");
	assert_string_equal(field_time(json, "time", 0, "", &time), "2022-11-20T08:30:00+08:00");
	assert_null(field_time(json, "no_time", 0, "", &time));
	expect(&time, PROBLEM_bad_time, "no_time");
	json_decref(json);
}

static void words(void **state)
{
	static const char *const kinds[] = {"in", "out", NULL};
	json_t *json = parse("{\"a\":\"out\",\"b\":\"Out\",\"c\":\"out\\u0000\",\"d\":1}");
	struct problem b = {0}, c = {0}, d = {0};

	(void)state;
	assert_int_equal(field_word(json, "a", kinds, FIELD_REQUIRED, "", &b), 1);
	assert_int_equal(field_word(json, "b", kinds, 0, "", &b), -1);
	expect(&b, PROBLEM_unknown_value, "b");
	assert_string_equal(b.errors[0].value, "in, out");
	assert_int_equal(field_word(json, "c", kinds, 0, "", &c), -1);
	expect(&c, PROBLEM_unknown_value, "c");
	assert_int_equal(field_word(json, "d", kinds, 0, "", &d), -1);
	expect(&d, PROBLEM_wrong_type, "d");
	json_decref(json);
}

static void booleans(void **state)
{
	json_t *json = parse("{\"t\":true,\"f\":false,\"n\":0}");
	struct problem p = {0};
	bool value = false;

	(void)state;
	assert_true(field_bool(json, "t", 0, "", &value, &p));
	assert_true(value);
	assert_true(field_bool(json, "f", 0, "", &value, &p));
	assert_false(value);
	assert_int_equal(p.code, PROBLEM_none);
	assert_false(field_bool(json, "n", 0, "", &value, &p));
	expect(&p, PROBLEM_wrong_type, "n");
	json_decref(json);
}

static void arrays_and_objects(void **state)
{
	json_t *json = parse("{\"none\":[],\"two\":[1,2],\"o\":{}}");
	struct problem none = {0}, two = {0}, o = {0};

	(void)state;
	assert_non_null(field_array(json, "two", 2, FIELD_REQUIRED, "", &two));
	assert_non_null(field_array(json, "none", 2, 0, "", &none));
	assert_null(field_array(json, "none", 2, FIELD_REQUIRED, "", &none));
	expect(&none, PROBLEM_out_of_range, "none");
	assert_null(field_array(json, "two", 1, 0, "", &two));
	expect(&two, PROBLEM_out_of_range, "two");
	assert_non_null(field_object(json, "o", 0, "", &o));
	assert_null(field_object(json, "two", 0, "", &o));
	expect(&o, PROBLEM_wrong_type, "two");
	json_decref(json);
}

static void unknown_fields(void **state)
{
	static const char *const names[] = {"kind", "note", NULL};
	json_t *json = parse("{\"kind\":1,\"Note\":2,\"x\":3}");
	struct problem p = {0};

	(void)state;
	field_only(json, names, "slips[1].", &p);
	assert_int_equal(p.error_count, 2);
	for (int i = 0; i < 2; i++)
		assert_int_equal(p.errors[i].code, PROBLEM_unknown_field);
	assert_string_equal(p.errors[0].field, "slips[1].Note");
	assert_string_equal(p.errors[1].field, "slips[1].x");
	json_decref(json);
}

static void codes(void **state)
{
	static const struct {
		const char *code;
		enum field_code kind;
		enum problem_code wrong;
	} cases[] = {
	    {"Xi-ta_12", FIELD_CODE_PLACE, PROBLEM_none},
	    {"-xita", FIELD_CODE_PLACE, PROBLEM_bad_code},
	    {"西塔", FIELD_CODE_PLACE, PROBLEM_bad_code},
	    {"xi ta", FIELD_CODE_PLACE, PROBLEM_bad_code},
	    {"", FIELD_CODE_PLACE, PROBLEM_required},
	    {"a2345678901234567890123456789012", FIELD_CODE_PLACE, PROBLEM_none},
	    {"a23456789012345678901234567890123", FIELD_CODE_PLACE, PROBLEM_too_long},
	    {"XT1", FIELD_CODE_STORE, PROBLEM_none},
	    {"xt", FIELD_CODE_STORE, PROBLEM_bad_code},
	    {"X-T", FIELD_CODE_STORE, PROBLEM_bad_code},
	    {"n95", FIELD_CODE_ITEM, PROBLEM_none},
	    {"hand-gel", FIELD_CODE_ITEM, PROBLEM_none},
	    {"N95", FIELD_CODE_ITEM, PROBLEM_bad_code},
	    {"hand_gel", FIELD_CODE_ITEM, PROBLEM_bad_code},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		json_t *json = json_pack("{s:s}", "code", cases[i].code);
		struct problem p = {0};
		const char *code = field_code(json, "code", cases[i].kind, 0, "", &p);

		if (cases[i].wrong == PROBLEM_none)
			assert_string_equal(code, cases[i].code);
		else
			expect(&p, cases[i].wrong, "code");
		json_decref(json);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(texts),
	    cmocka_unit_test(absent),
	    cmocka_unit_test(numbers),
	    cmocka_unit_test(dates_and_times),
	    cmocka_unit_test(words),
	    cmocka_unit_test(booleans),
	    cmocka_unit_test(arrays_and_objects),
	    cmocka_unit_test(unknown_fields),
	    cmocka_unit_test(codes),
	};

	return cmocka_run_group_tests_name("field", tests, NULL, NULL);
}
