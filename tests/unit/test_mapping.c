/* test_mapping.c - mapping files: the shipped ones, what is inherited, and every kind of mistake. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "die.h"
#include "mapping.h"

static char dir[] = "/tmp/mapping-XXXXXX";
static char error[1024];

static int setup(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	return rmdir(dir);
}

static char *write_file(const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", dir, name);
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	fputs(text, out);
	fclose(out);
	return path;
}

static void remove_file(char *path)
{
	unlink(path);
	free(path);
}

/* A mapping with one thing in it changed. */
static struct mapping *load(const char *more)
{
	char *text = xasprintf("{\"name\": \"m\", \"item\": \"{i}\", \"quantity\": \"{q}\","
			       "\"units\": {\"t\": {\"只\": 1, \"双\": \"1/2\"}},"
			       "\"slips\": [{\"kind\": \"in\", \"reason\": \"purchase\","
			       "\"business_date\": \"{d}\"}]%s}",
	    more);
	char *path = write_file("m.json", text);
	struct mapping *mapping = mapping_load(path, error, sizeof error);

	remove_file(path);
	free(text);
	return mapping;
}

static void shipped(void **state)
{
	static const char *const files[] = {
	    "getusppe", "taizhang-paper", "wuhan-redcross-receipts", "wuhan-redcross-issues"};

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		char *path = xasprintf("deploy/mappings/%s.json", files[i]);
		struct mapping *mapping = mapping_load(path, error, sizeof error);

		if (!mapping)
			fail_msg("%s", error);
		mapping_free(mapping);
		free(path);
	}
}

static void mistakes(void **state)
{
	static const struct {
		const char *more, *says;
	} cases[] = {
	    {", \"nmae\": 1", "no such field: nmae"},
	    {", \"order\": 5", "order: "},
	    {", \"balance\": \"{x|y}\"", "no such map"},
	    {", \"rows\": {}", "rows: "},
	    {", \"rows\": [1]", "rows[0]: "},
	    {", \"rows\": [{\"match\": \"x\", \"skip\": {\"code\": \"c\", \"zh\": \"z\", \"en\": "
	     "\"e\"}}]",
		"rows[0]: on"},
	    {", \"rows\": [{\"on\": \"{x}\", \"match\": \"x\", \"skip\": {\"code\": \"c\"}}]",
		"rows[0].skip: zh"},
	    {", \"items\": [{\"match\": \"(\", \"item\": \"x\"}]", "items[0]: match: "},
	    {", \"items\": [{\"match\": \"[只支]\", \"item\": \"x\"}]", "brackets"},
	    {", \"items\": [{\"match\": \"眼?镜\", \"item\": \"x\"}]", "brackets"},
	    {", \"items\": [{\"match\": \"a++++++++++++++\", \"item\": \"x\"}]", "repetitions"},
	    {", \"items\": [{\"match\": \"((a{99}b*){,99999999999999999999}[^]+]?)\", \"item\": "
	     "\"x\"}]",
		"repetitions"},
	    {", \"items\": [{\"match\": \"([[:alpha:]*]+)\\\\1\", \"item\": \"x\"}]",
		"repetitions"},
	    {", \"items\": [{\"match\": \"((((((((((((((((((((((((((((((((((((((((((((((((((((\", "
	     "\"item\": \"x\"}]",
		"repetitions"},
	    {", \"items\": [{\"match\": \"x\", \"is\": [\"x\"], \"item\": \"x\"}]",
		"one condition"},
	    {", \"items\": [{\"on\": \"{x}\", \"item\": \"x\"}]", "no condition"},
	    {", \"items\": [{\"match\": \"x\"}]", "one of item, known, reject"},
	    {", \"items\": [{\"item\": \"x\", \"known\": true}]", "one of item, known, reject"},
	    {", \"items\": [{\"item\": \"x\", \"units\": \"u\"}]", "no such table: u"},
	    {", \"items\": [{\"item\": \"x\", \"new\": {\"unit\": \"只\"}}]",
		"items[0].new: category"},
	    {", \"items\": [{\"item\": \"x\", \"units\": \"t\", \"or\": {\"item\": 5}}]",
		"items[0].or: item"},
	    {", \"contents\": {\"in\": \"{s}\", \"rules\": [{\"match\": \"([0-9]+)\", \"count\": "
	     "[2], "
	     "\"unit\": 1}]}",
		"contents.rules[0]: count[0]"},
	    {", \"contents\": {\"in\": \"{s}\", \"rules\": [{\"match\": \"([0-9]+)\", \"count\": "
	     "[1]}]}",
		"contents.rules[0]: unit"},
	    {", \"dates\": {\"order\": \"YDM\"}", "dates: order"},
	    {", \"identity\": [5]", "identity[0]"},
	    {", \"fill_down\": [[\"a\", 5]]", "fill_down[0]"},
	    {", \"fill_down\": [[]]", "fill_down[0]"},
	    {"}", "m.json:1:"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct mapping *mapping = load(cases[i].more);

		if (mapping || !strstr(error, cases[i].says))
			fail_msg("%s: %s", cases[i].more, mapping ? "loads" : error);
	}
	assert_non_null(strstr(error, dir)); /* the file is named */
}

static void more_mistakes(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
	    {"[]", "object"},
	    {"{}", "name"},
	    {"{\"name\": \"a b\"}", "name"},
	    {"{\"name\": \"a-name-that-is-longer-than-its-keys-allow\"}", "name"},
	    {"{\"name\": \"m\", \"item\": \"{i}\", \"slips\": []}", "slips"},
	    {"{\"name\": \"m\", \"item\": \"{i}\", \"slips\": [{\"kind\": \"on\", \"quantity\": "
	     "\"{q}\", "
	     "\"reason\": \"purchase\", \"business_date\": \"{d}\"}]}",
		"slips[0]: kind"},
	    {"{\"name\": \"m\", \"item\": \"{i}\", \"slips\": [{\"kind\": \"in\", "
	     "\"reason\": \"purchase\", \"business_date\": \"{d}\"}]}",
		"slips[0]: quantity"},
	    {"{\"name\": \"m\", \"item\": \"{i}\", \"quantity\": \"{q}\", \"slips\": [{\"kind\": "
	     "\"in\", "
	     "\"reason\": [{\"value\": 1}], \"business_date\": \"{d}\"}]}",
		"slips[0].reason[0]: value"},
	    {"{\"extends\": \"missing.json\"}", "missing.json"},
	    {"{\"extends\": \"m.json\"}", "too many deep"},
	    {"{\"name\": \"m\", \"name\": \"n\"}", "duplicate"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char *path = write_file("m.json", cases[i].text);
		struct mapping *mapping = mapping_load(path, error, sizeof error);

		if (mapping || !strstr(error, cases[i].says))
			fail_msg("%s: %s", cases[i].text, mapping ? "loads" : error);
		remove_file(path);
	}
	assert_null(mapping_load("/nonexistent.json", error, sizeof error));
	assert_non_null(strstr(error, "/nonexistent.json"));
}

/* What a file says itself goes before what it extends. */
static void inherits(void **state)
{
	char *base =
	    write_file("base.json", "{\"name\": \"base\", \"item\": \"{i}\", \"quantity\": "
				    "\"{q}\", \"slips\": [{\"kind\": \"in\", "
				    "\"reason\": \"purchase\", \"business_date\": \"{d}\"}]}");
	char *path = write_file("m.json", "{\"name\": \"m\", \"extends\": \"base.json\"}");
	struct mapping *mapping = mapping_load(path, error, sizeof error);

	(void)state;
	assert_non_null(mapping);
	assert_string_equal(mapping->name, "m");
	assert_non_null(mapping->quantity.source);
	assert_int_equal(mapping->slip_count, 1);
	assert_int_equal(mapping->columns.count, 3);
	mapping_free(mapping);
	remove_file(path);
	remove_file(base);
}

static void conditions(void **state)
{
	struct mapping *mapping = load(", \"items\": ["
				       "{\"is\": [\"a\", \"b\"], \"item\": \"x\"},"
				       "{\"is_not\": [\"a\", \"b\"], \"item\": \"x\"},"
				       "{\"match\": \"KN95|(外科)?口罩\", \"item\": \"x\"},"
				       "{\"no_match\": \"^a\", \"item\": \"x\"},"
				       "{\"on\": \"{q}{d}\", \"match\": \"^5x$\", \"item\": \"x\"},"
				       "{\"item\": \"x\"}]");
	static const struct {
		const char *text;
		bool holds[6];
	} cases[] = {
	    {"a", {true, false, false, false, true, true}},
	    {"ab", {false, true, false, false, true, true}},
	    {"医用外科口罩", {false, true, true, true, true, true}},
	    {"kn95", {false, true, true, true, true, true}},
	    {"", {false, true, false, true, true, true}},
	};
	const char *cells[TEMPLATE_MAX_COLUMNS] = {NULL};
	struct template_row row = {.cells = cells};
	struct buf scratch = BUF_EMPTY;

	(void)state;
	assert_non_null(mapping);
	cells[template_column(&mapping->columns, "q")] = "５";
	cells[template_column(&mapping->columns, "d")] = "x";
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		for (int r = 0; r < 6; r++)
			if (mapping_when(&mapping->items[r].when, &row, cases[i].text, &scratch) !=
			    cases[i].holds[r])
				fail_msg("'%s' and items[%d]", cases[i].text, r);
	buf_free(&scratch);
	mapping_free(mapping);
}

static void ratios(void **state)
{
	json_t *units = json_pack("{s:i, s:s, s:s, s:s, s:i, s:f}", "盒", 50, "只", "1/2", "x",
	    "1/0", "y", "1/2/3", "z", 0, "w", 0.5);
	int64_t number, of;

	(void)state;
	assert_true(mapping_ratio(units, "盒", &number, &of));
	assert_int_equal(number, 50);
	assert_int_equal(of, 1);
	assert_true(mapping_ratio(units, "只", &number, &of));
	assert_int_equal(number, 1);
	assert_int_equal(of, 2);
	assert_false(mapping_ratio(units, "x", &number, &of));
	assert_false(mapping_ratio(units, "y", &number, &of));
	assert_false(mapping_ratio(units, "z", &number, &of));
	assert_false(mapping_ratio(units, "w", &number, &of));
	assert_false(mapping_ratio(units, "箱", &number, &of));
	json_decref(units);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(shipped),
	    cmocka_unit_test(mistakes),
	    cmocka_unit_test(more_mistakes),
	    cmocka_unit_test(inherits),
	    cmocka_unit_test(conditions),
	    cmocka_unit_test(ratios),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
