/* test_template.c - texts made of a row's cells: columns, maps, braces, and what is no template. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "template.h"

static const char *const cells[] = {" 口罩 ", "箱", "/", "5"};
static struct template_columns columns;
static json_t *maps, *blank;
static struct template_row row;

static int setup(void **state)
{
	(void)state;
	columns = (struct template_columns){4, {"item", "unit", "spec", "qty"}};
	maps = json_pack("{s:{s:s}}", "unit_en", "箱", "carton");
	blank = json_pack("[s]", "/");
	row = (struct template_row){
	    .cells = cells, .blank = blank, .unit = "箱", .digest = "0123456789"};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	json_decref(maps);
	json_decref(blank);
	return 0;
}

static void renders(void **state)
{
	static const struct {
		const char *source, *text;
	} cases[] = {
	    {"", ""},
	    {"plain", "plain"},
	    {"{item}", "口罩"},
	    {"{item} {spec} {qty}{unit}", "口罩  5箱"},
	    {"{spec} {item}", "口罩"}, /* a blank cell is nothing, and no space is left of it */
	    {"mask-{unit|unit_en}", "mask-carton"},
	    {"{spec|unit_en}", ""}, /* of nothing, a map says nothing */
	    {"{@unit}-{@digest}", "箱-0123456789"},
	    {"{{item}", "{item}"},
	    {"a{{b{qty}", "a{b5"},
	};
	struct buf out = BUF_EMPTY;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct template_text t;
		char error[256];

		if (!template_parse(&t, cases[i].source, &columns, maps, error, sizeof error))
			fail_msg("%s", error);
		assert_true(template_render(&t, &row, &out));
		assert_string_equal(buf_str(&out), cases[i].text);
		template_free(&t);
	}
	buf_free(&out);
	assert_int_equal(columns.count, 4);
}

static void map_without_value(void **state)
{
	struct template_text t;
	struct buf out = BUF_EMPTY;
	char error[256];

	(void)state;
	assert_true(template_parse(
	    &t, "longer text before {qty|unit_en}", &columns, maps, error, sizeof error));
	assert_false(template_render(&t, &row, &out));
	assert_string_equal(out.data, "5 (unit_en)");
	template_free(&t);
	buf_free(&out);
}

static void refuses(void **state)
{
	static const char *const sources[] = {"{item", "{}", "{@what}", "{item|no_such}",
	    "{|unit_en}", "{a}{b}{c}{d}{e}{f}{g}{h}{i}{j}{k}{l}{m}{n}{o}{p}{q}"};

	(void)state;
	for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
		struct template_text t;
		char error[256] = "";

		assert_false(template_parse(&t, sources[i], &columns, maps, error, sizeof error));
		assert_non_null(strstr(error, sources[i])); /* says which one */
		template_free(&t);
	}
}

static void too_many_columns(void **state)
{
	struct template_columns many = {0};
	char names[TEMPLATE_MAX_COLUMNS + 1][16];

	(void)state;
	for (int i = 0; i <= TEMPLATE_MAX_COLUMNS; i++) {
		snprintf(names[i], sizeof names[i], "c%d", i);
		assert_int_equal(
		    template_column(&many, names[i]), i < TEMPLATE_MAX_COLUMNS ? i : -1);
	}
	assert_int_equal(template_column(&many, "c3"), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(renders),
	    cmocka_unit_test(map_without_value),
	    cmocka_unit_test(refuses),
	    cmocka_unit_test(too_many_columns),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
