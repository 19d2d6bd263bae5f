/* test_problem.c - every refusal as a document, and what the database refuses turned into one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "problem.h"

/* Stands in for libpq: a result is a row of these, so that no server is needed. */
struct sql_error {
	const char *state, *constraint, *detail;
};

char *PQresultErrorField(const PGresult *result, int field)
{
	const struct sql_error *e = (const void *)result;

	return (char *)(field == PG_DIAG_SQLSTATE          ? e->state
			: field == PG_DIAG_CONSTRAINT_NAME ? e->constraint
			: field == PG_DIAG_MESSAGE_DETAIL  ? e->detail
							   : NULL);
}

static json_t *document(const struct problem *p, const char *request)
{
	struct buf b = BUF_EMPTY;
	json_t *json;

	problem_json(p, request, &b);
	json = json_loadb(b.data, b.len, 0, NULL);
	assert_non_null(json);
	buf_free(&b);
	return json;
}

static const char *text(json_t *json, const char *name)
{
	const char *s = json_string_value(json_object_get(json, name));

	if (!s)
		fail_msg("no %s", name);
	return s;
}

static bool has_chinese(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s >= 0xe4 && (unsigned char)*s <= 0xe9)
			return true;
	return false;
}

static void every_code(void **state)
{
	(void)state;
	for (int code = PROBLEM_none + 1; code < PROBLEM_COUNT; code++) {
		const char *name = problem_code_name((enum problem_code)code);
		struct problem p;
		char type[128];
		json_t *json;

		problem_set(&p, (enum problem_code)code);
		assert_int_equal(p.line, -1);
		problem_copy(p.value, sizeof p.value, "VALUE");
		json = document(&p, NULL);
		snprintf(type, sizeof type, "urn:taizhang:problem:%s", name);
		assert_string_equal(text(json, "type"), type);
		assert_string_equal(text(json, "code"), name);
		assert_int_equal(
		    json_integer_value(json_object_get(json, "status")), problem_status(&p));
		assert_in_range(problem_status(&p), 400, 599);
		assert_int_equal(p.retry_after > 0, problem_status(&p) == 503);
		assert_true(has_chinese(text(json, "title")));
		assert_true(has_chinese(text(json, "detail")));
		assert_true(*text(json, "title_en"));
		assert_true(*text(json, "detail_en"));
		assert_null(strpbrk(text(json, "detail"), "{}"));
		assert_null(strpbrk(text(json, "detail_en"), "{}"));
		assert_null(json_object_get(json, "line"));
		assert_null(json_object_get(json, "field"));
		assert_null(json_object_get(json, "item"));
		assert_null(json_object_get(json, "instance"));
		assert_null(json_object_get(json, "errors"));
		json_decref(json);
	}
}

/* Both languages name the same facts, and only those that there are. */
static void details_agree(void **state)
{
	static const char *const names[] = {
	    "{item}", "{available}", "{line}", "{value}", "{errors}"};
	static const char *const details[][2] = {
#define PROBLEM(code, status, title_zh, title_en, zh, en) {zh, en},
#include "problems.def"
#undef PROBLEM
	};

	(void)state;
	for (size_t i = 0; i < sizeof details / sizeof *details; i++) {
		int braces[2] = {0, 0}, known = 0;

		for (int l = 0; l < 2; l++)
			for (const char *s = details[i][l]; (s = strchr(s, '{')); s++)
				braces[l]++;
		for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
			assert_int_equal(
			    !strstr(details[i][0], names[n]), !strstr(details[i][1], names[n]));
			known += strstr(details[i][0], names[n]) != NULL;
		}
		assert_int_equal(braces[0], known);
		assert_int_equal(braces[1], known);
	}
}

static void insufficient_stock(void **state)
{
	struct problem p;
	json_t *json;

	(void)state;
	problem_set(&p, PROBLEM_insufficient_stock);
	p.line = 2;
	p.available = 0;
	problem_copy(p.item, sizeof p.item, "n95");
	json = document(&p, "r\"1");
	assert_int_equal(json_integer_value(json_object_get(json, "status")), 409);
	assert_int_equal(json_integer_value(json_object_get(json, "line")), 2);
	assert_int_equal(json_integer_value(json_object_get(json, "available")), 0);
	assert_non_null(json_object_get(json, "available"));
	assert_string_equal(text(json, "field"), "lines[2].quantity");
	assert_string_equal(text(json, "item"), "n95");
	assert_string_equal(text(json, "instance"), "urn:taizhang:request:r\"1");
	assert_string_equal(
	    text(json, "detail"), "第 3 行的物资 n95 可发放 0，少于所需。请减少数量或先入库。");
	assert_string_equal(text(json, "detail_en"),
	    "Line 3: 0 of n95 can be issued, less than asked. Ask for "
	    "less, or record stock in first.");
	json_decref(json);
}

static void errors_of_fields(void **state)
{
	struct problem p = {0};
	json_t *json, *errors, *error;

	(void)state;
	problem_add(&p, PROBLEM_required, NULL, "slips[%d].kind", 3);
	problem_add(&p, PROBLEM_wrong_type, "integer", "lines[%d].quantity", 0);
	problem_add(&p, PROBLEM_unknown_item, "\"盒\"", "lines[0].item");
	json = document(&p, NULL);
	assert_string_equal(text(json, "code"), "validation_failed");
	assert_non_null(strstr(text(json, "detail"), "3"));
	assert_null(json_object_get(json, "line"));
	errors = json_object_get(json, "errors");
	assert_int_equal(json_array_size(errors), 3);
	error = json_array_get(errors, 0);
	assert_string_equal(text(error, "field"), "slips[3].kind");
	assert_string_equal(text(error, "code"), "required");
	error = json_array_get(errors, 1);
	assert_string_equal(text(error, "detail"), "此项应为整数。");
	assert_string_equal(text(error, "detail_en"), "This field must be: integer.");
	error = json_array_get(errors, 2);
	assert_string_equal(text(error, "field"), "lines[0].item");
	assert_non_null(strstr(text(error, "detail"), "\"盒\""));
	json_decref(json);
}

static void bounded(void **state)
{
	struct problem p = {0};
	char wide[] = "口口口口口口口口口口口口口口口口口口口口口口口口口口口口口口";
	json_t *json;

	(void)state;
	for (int i = 0; i < 3 * PROBLEM_MAX_ERRORS; i++)
		problem_add(&p, PROBLEM_unknown_value, wide, "%s%d", wide, i);
	assert_int_equal(p.error_count, PROBLEM_MAX_ERRORS);
	assert_int_equal(strlen(p.errors[0].value), 63); /* 21 characters of 3 bytes */
	assert_int_equal(strlen(p.errors[0].field), 63);
	json = document(&p, NULL); /* valid UTF-8, or jansson would refuse it */
	assert_int_equal(json_array_size(json_object_get(json, "errors")), PROBLEM_MAX_ERRORS);
	json_decref(json);
}

static void copies(void **state)
{
	char out[8];

	(void)state;
	problem_copy(out, sizeof out, "1234567");
	assert_string_equal(out, "1234567");
	problem_copy(out, sizeof out, "12345678");
	assert_string_equal(out, "1234567");
	problem_copy(out, sizeof out, "12345口");
	assert_string_equal(out, "12345");
	problem_copy(out, sizeof out, "1234口");
	assert_string_equal(out, "1234口");
	problem_copy(out, sizeof out, "1234567\xcc\x81");
	assert_string_equal(out, "1234567");
	problem_copy(out, sizeof out, "");
	assert_string_equal(out, "");
}

static void parses(void **state)
{
	struct problem p;

	(void)state;
	problem_parse(&p, "not_found");
	assert_int_equal(p.code, PROBLEM_not_found);
	assert_int_equal(p.line, -1);
	problem_parse(&p, "conflict:X@T:2");
	assert_int_equal(p.code, PROBLEM_conflict);
	assert_string_equal(p.value, "X@T:2");
	problem_parse(&p, "unknown_place@parent:古交");
	assert_int_equal(p.code, PROBLEM_validation_failed);
	assert_int_equal(p.error_count, 1);
	assert_int_equal(p.errors[0].code, PROBLEM_unknown_place);
	assert_string_equal(p.errors[0].field, "parent");
	assert_string_equal(p.errors[0].value, "古交");
	problem_parse(&p, "required@name");
	assert_int_equal(p.errors[0].code, PROBLEM_required);
	assert_string_equal(p.errors[0].value, "");
	problem_parse(&p, "no_such_code:1");
	assert_int_equal(p.code, PROBLEM_internal);
	problem_parse(&p, "none");
	assert_int_equal(p.code, PROBLEM_internal);
	problem_parse(&p, "");
	assert_int_equal(p.code, PROBLEM_internal);
}

static void from_sql(void **state)
{
	static const struct {
		struct sql_error error;
		enum problem_code code;
		const char *value;
	} cases[] = {
	    {{"23505", "store_code_key", "Key (code)=(XT) already exists."}, PROBLEM_conflict,
		"XT"},
	    {{"23505", "store_code_key", "键值\"(code)=(XT)\" 已经存在"}, PROBLEM_conflict, "XT"},
	    {{"23505", "store_code_key", NULL}, PROBLEM_conflict, ""},
	    {{"23514", "place_identity", NULL}, PROBLEM_in_use, "code, parent, kind"},
	    {{"23514", "entry_follows", NULL}, PROBLEM_internal, ""},
	    {{"42501", "store_code_key", NULL}, PROBLEM_internal, ""},
	    {{"42P01", NULL, NULL}, PROBLEM_internal, ""},
	    {{NULL, NULL, NULL}, PROBLEM_internal, ""},
	    {{"57P01", NULL, NULL}, PROBLEM_database_away, ""},
	    {{"57P03", NULL, NULL}, PROBLEM_database_away, ""},
	    {{"08006", NULL, NULL}, PROBLEM_database_away, ""},
	    {{"53100", NULL, NULL}, PROBLEM_database_away, ""},
	    {{"25006", NULL, NULL}, PROBLEM_database_away, ""},
	    {{"25P02", NULL, NULL}, PROBLEM_internal, ""},
	    {{"55P03", NULL, NULL}, PROBLEM_busy, ""},
	    {{"40001", NULL, NULL}, PROBLEM_busy, ""},
	    {{"40P01", NULL, NULL}, PROBLEM_busy, ""},
	    {{"57014", NULL, NULL}, PROBLEM_busy, ""},
	};
	struct problem p;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		problem_from_sql(&p, (const PGresult *)(const void *)&cases[i].error);
		assert_int_equal(p.code, cases[i].code);
		assert_string_equal(p.value, cases[i].value);
	}
}

/* A constraint on one field becomes the error of that field. */
static void from_sql_field(void **state)
{
	struct sql_error error = {"23514", "place_kind_order", NULL};
	struct problem p;

	(void)state;
	problem_from_sql(&p, (const PGresult *)(const void *)&error);
	assert_int_equal(p.code, PROBLEM_validation_failed);
	assert_int_equal(p.error_count, 1);
	assert_int_equal(p.errors[0].code, PROBLEM_place_order);
	assert_string_equal(p.errors[0].field, "kind");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_code),
	    cmocka_unit_test(details_agree),
	    cmocka_unit_test(insufficient_stock),
	    cmocka_unit_test(errors_of_fields),
	    cmocka_unit_test(bounded),
	    cmocka_unit_test(copies),
	    cmocka_unit_test(parses),
	    cmocka_unit_test(from_sql),
	    cmocka_unit_test(from_sql_field),
	};

	return cmocka_run_group_tests_name("problem", tests, NULL, NULL);
}
