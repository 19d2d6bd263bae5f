/* test_render.c - results of every type of column as JSON, NDJSON and CSV. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "render.h"

enum { BOOL = 16, INT8 = 20, INT4 = 23, TEXT = 25, JSON = 114, TIME = 1184, NUMERIC = 1700 };

/* A result with these columns; values row by row, NULL is SQL NULL. The caller PQclears. */
static PGresult *make(
    int columns, const char *const names[], const int types[], int rows, const char *const values[])
{
	PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
	PGresAttDesc attributes[8] = {0};

	for (int i = 0; i < columns; i++)
		attributes[i] = (PGresAttDesc){.name = (char *)names[i], .typid = (Oid)types[i]};
	assert_true(PQsetResultAttrs(result, columns, attributes));
	for (int i = 0; i < rows * columns; i++)
		assert_true(PQsetvalue(result, i / columns, i % columns, (char *)values[i],
		    values[i] ? (int)strlen(values[i]) : -1));
	return result;
}

static void check(const PGresult *result, int columns, enum render_format format, const char *want)
{
	struct buf out = BUF_EMPTY;

	if (format == RENDER_CSV)
		render_csv_header(result, columns, &out);
	render_rows(result, PQntuples(result), columns, format, &out);
	assert_string_equal(buf_str(&out), want);
	buf_free(&out);
}

static PGresult *make_one(const char *name, int type, const char *value)
{
	return make(1, &name, &type, 1, &value);
}

static void check_one(int type, const char *value, const char *json, const char *csv)
{
	PGresult *result = make_one("x", type, value);
	char want[256];

	snprintf(want, sizeof want, "{\"x\":%s}", json);
	check(result, 1, RENDER_JSON, want);
	snprintf(want, sizeof want, "{\"x\":%s}\n", json);
	check(result, 1, RENDER_NDJSON, want);
	snprintf(want, sizeof want, "x\r\n%s\r\n", csv);
	check(result, 1, RENDER_CSV, want);
	PQclear(result);
}

static void test_types(void **state)
{
	(void)state;
	check_one(INT4, "-12", "-12", "-12");
	check_one(INT8, "9223372036854775807", "9223372036854775807", "9223372036854775807");
	check_one(NUMERIC, "0.5", "0.5", "0.5");
	check_one(BOOL, "t", "true", "true");
	check_one(BOOL, "f", "false", "false");
	check_one(BOOL, NULL, "null", "");
	check_one(TEXT, NULL, "null", "");
	check_one(TEXT, "", "\"\"", "");
	check_one(TEXT, "马兰 \"1\"\n", "\"马兰 \\\"1\\\"\\n\"", "\"马兰 \"\"1\"\"\n\"");
	check_one(
	    JSON, "{\"a\": [1, \"b\"]}", "{\"a\": [1, \"b\"]}", "\"{\"\"a\"\": [1, \"\"b\"\"]}\"");
}

static void test_times(void **state)
{
	static const char *const times[][2] = {
	    {"2022-11-20 08:30:00+08", "2022-11-20T08:30:00.000000+08:00"},
	    {"2022-11-20 08:30:00.25+08", "2022-11-20T08:30:00.250000+08:00"},
	    {"2022-11-20 08:30:00.123456+05:45", "2022-11-20T08:30:00.123456+05:45"},
	    {"2022-11-20 08:30:00.1-03:30", "2022-11-20T08:30:00.100000-03:30"},
	};
	char quoted[64];

	(void)state;
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
		snprintf(quoted, sizeof quoted, "\"%s\"", times[i][1]);
		check_one(TIME, times[i][0], quoted, times[i][1]);
	}
	check_one(TIME, "infinity", "\"infinity\"", "infinity");
}

static void test_spreadsheets(void **state)
{
	(void)state;
	check_one(TEXT, "=1+1", "\"=1+1\"", "'=1+1");
	check_one(TEXT, "+86 351", "\"+86 351\"", "'+86 351");
	check_one(TEXT, "-", "\"-\"", "'-");
	check_one(TEXT, "@a,b", "\"@a,b\"", "\"'@a,b\"");
	check_one(TEXT, "\tx", "\"\\tx\"", "'\tx");
	check_one(TEXT, "\rx", "\"\\rx\"", "\"'\rx\"");
	check_one(TEXT, "a=b", "\"a=b\"", "a=b");
	check_one(TEXT, "13800138000", "\"13800138000\"", "13800138000");
	check_one(TEXT, "140181198001010012", "\"140181198001010012\"", "'140181198001010012");
	check_one(TEXT, "14018119800101001X", "\"14018119800101001X\"", "14018119800101001X");
}

static void test_rows(void **state)
{
	static const char *const names[] = {"a", "b\"", "cursor"};
	static const int types[] = {INT4, TEXT, INT8};
	static const char *const values[] = {"1", "x", "7", "2", NULL, "8"};
	PGresult *result = make(3, names, types, 2, values);

	(void)state;
	check(result, 2, RENDER_JSON, "{\"a\":1,\"b\\\"\":\"x\"},{\"a\":2,\"b\\\"\":null}");
	check(result, 2, RENDER_NDJSON, "{\"a\":1,\"b\\\"\":\"x\"}\n{\"a\":2,\"b\\\"\":null}\n");
	check(result, 2, RENDER_CSV, "a,b\"\r\n1,x\r\n2,\r\n");
	PQclear(result);
	result = make(3, names, types, 0, NULL);
	check(result, 2, RENDER_JSON, "");
	check(result, 2, RENDER_CSV, "a,b\"\r\n");
	PQclear(result);
}

static void test_lines(void **state)
{
	static const char *const names[] = {"number", "lines", "note"};
	static const int types[] = {TEXT, JSON, TEXT};
	static const char *const values[] = {"XT-1",
	    "[{\"item\":\"n95\",\"quantity\":2,\"lot\":null},"
	    " {\"item\":\"glove\",\"quantity\":3,\"lot\":\"=A\"}]",
	    "a", "XT-2", "[{\"item\":\"n95\",\"quantity\":9007199254740993,\"lot\":\"1,2\"}]",
	    NULL};
	PGresult *result = make(3, names, types, 2, values);

	(void)state;
	check(result, 3, RENDER_CSV,
	    "number,item,quantity,lot,note\r\n"
	    "XT-1,n95,2,,a\r\n"
	    "XT-1,glove,3,'=A,a\r\n"
	    "XT-2,n95,9007199254740993,\"1,2\",\r\n");
	PQclear(result);
	result = make(3, names, types, 0, NULL);
	check(result, 3, RENDER_CSV, "number,lines,note\r\n");
	PQclear(result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_types),
	    cmocka_unit_test(test_times),
	    cmocka_unit_test(test_spreadsheets),
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
