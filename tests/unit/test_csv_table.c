/* test_csv_table.c - CSV files of every make: encodings, separators, line ends, quotes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "csv_table.h"

#define UTF8_NAME "口罩"
#define GB_NAME "\xbf\xda\xd5\xd6"

static char error[512];

static bool parse_len(struct csv_table *table, const char *bytes, size_t len)
{
	return csv_table_parse(table, "t.csv", bytes, len, error, sizeof error);
}

static struct csv_table parsed(const char *bytes)
{
	struct csv_table table;

	if (!parse_len(&table, bytes, strlen(bytes)))
		fail_msg("%s", error);
	return table;
}

/* The same two rows, however they are written. */
static void shapes(void **state)
{
	static const char *const files[] = {
	    "a,b\n口罩,2\n",
	    "a,b\r\n口罩,2\r\n",
	    "a,b\r口罩,2\r",
	    "a,b\n口罩,2",
	    "a;b\n口罩;2\n",
	    "a\tb\n口罩\t2\n",
	    "\xef\xbb\xbf"
	    "a,b\n口罩,2\n",
	    "\"a\",\"b\"\n\"口罩\",\"2\"\n",
	    " a , b \n口罩 , 2\n",
	    "a,b\n" GB_NAME ",2\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		struct csv_table table = parsed(files[i]);

		assert_int_equal(table.rows, 2);
		assert_int_equal(table.width, 2);
		assert_string_equal(csv_table_row(&table, 0)[0], "a");
		assert_string_equal(csv_table_row(&table, 0)[1], "b");
		assert_string_equal(csv_table_row(&table, 1)[0], UTF8_NAME);
		assert_string_equal(csv_table_row(&table, 1)[1], "2");
		assert_int_equal(table.lines[1], 2);
		csv_table_free(&table);
	}
}

static void encodings(void **state)
{
	/* 㐃 (U+3403) takes four bytes in GB18030. */
	static const char four[] = "a\n\x81\x39\xef\x32\n";
	static const char wide[] = "\xff\xfe"
				   "a\0,\0b\0\n\0\xe3\x53,\0001\0\n\0";
	struct csv_table table;

	(void)state;
	table = parsed(four);
	assert_string_equal(table.encoding, "GB18030");
	assert_string_equal(csv_table_row(&table, 1)[0], "\xe3\x90\x83");
	csv_table_free(&table);

	assert_true(parse_len(&table, wide, sizeof wide - 1));
	assert_string_equal(table.encoding, "UTF-16LE");
	assert_string_equal(csv_table_row(&table, 1)[0], "\xe5\x8f\xa3");
	csv_table_free(&table);

	assert_false(parse_len(&table, "a\n\xff\xff\n", 5));
	assert_non_null(strstr(error, "byte 3"));
	csv_table_free(&table);
	assert_false(parse_len(&table, "a\0b", 3));
	csv_table_free(&table);
}

static void quotes(void **state)
{
	struct csv_table table = parsed("a,b\n\"x, \"\"y\"\"\",\"1\n2\"\n3,4\n");

	(void)state;
	assert_int_equal(table.rows, 3);
	assert_string_equal(csv_table_row(&table, 1)[0], "x, \"y\"");
	assert_string_equal(csv_table_row(&table, 1)[1], "1\n2");
	assert_int_equal(table.lines[2], 3);
	csv_table_free(&table);

	assert_false(parse_len(&table, "a,b\n\"x,1\ny,2\n", 13));
	assert_non_null(strstr(error, "row 2"));
	csv_table_free(&table);
}

/* Rows keep their numbers in a spreadsheet; short ones are filled up, long ones widen the table. */
static void ragged(void **state)
{
	struct csv_table table = parsed("a,b\r\n\r\n\r\n1\r\n1,2,3\r\n");

	(void)state;
	assert_int_equal(table.rows, 3);
	assert_int_equal(table.width, 3);
	assert_int_equal(table.lines[1], 4);
	assert_int_equal(table.lines[2], 5);
	assert_string_equal(csv_table_row(&table, 0)[2], "");
	assert_string_equal(csv_table_row(&table, 1)[1], "");
	assert_string_equal(csv_table_row(&table, 2)[2], "3");
	csv_table_free(&table);

	table = parsed("");
	assert_int_equal(table.rows, 0);
	csv_table_free(&table);
}

static void bounds(void **state)
{
	size_t len = CSV_TABLE_MAX_CELL + 2;
	char *bytes = malloc(len);
	struct csv_table table;

	(void)state;
	memset(bytes, 'x', len);
	assert_false(parse_len(&table, bytes, len));
	csv_table_free(&table);
	memset(bytes, ',', len);
	assert_false(parse_len(&table, bytes, len));
	csv_table_free(&table);
	free(bytes);
	assert_false(csv_table_read(&table, "/nonexistent/t.csv", error, sizeof error));
	assert_non_null(strstr(error, "No such file"));
	csv_table_free(&table);
}

static void written(void **state)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	csv_table_write(out, "a\"b", true);
	csv_table_write(out, "", false);
	csv_table_write(out, "1\n2", false);
	fclose(out);
	assert_string_equal(text, "\"a\"\"b\",\"\",\"1\n2\"");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(shapes),
	    cmocka_unit_test(encodings),
	    cmocka_unit_test(quotes),
	    cmocka_unit_test(ragged),
	    cmocka_unit_test(bounds),
	    cmocka_unit_test(written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
