/* test_canonical.c - the one spelling passes, every other is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "canonical.h"

static void passes(void **state)
{
	static const char *const good[] = {"null", "true", "false", "0", "-1", "12", "3.25", "-0.5",
	    "\"\"", "\"物资\"", "\"\\u0000\\u001f\\b\\t\\n\\f\\r\\\"\\\\/\"", "[]", "{}",
	    "[1,[2,{}],\"x\"]", "{\"a\":1,\"aa\":{\"b\":[]},\"b\":null}",
	    "{\"A\":1,\"a\":2,\"物\":3}"};
	size_t bad;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		if (!canonical_check(good[i], strlen(good[i]), &bad))
			fail_msg("%s was refused at %zu", good[i], bad);
}

static void refuses(void **state)
{
	static const char *const wrong[] = {"", " 1", "1 ", "01", "-0", "1.", "1.50", ".5", "1e3",
	    "+1", "nul", "nulll", "\"", "\"a", "\"\t\"", "\"\\\"", "\"\\/\"", "\"\\u0041\"",
	    "\"\\u000a\"", "\"\\u001F\"", "\"\\u00\"", "\"\xff\"", "\"\xed\xa0\x80\"", "[", "[1",
	    "[1,", "[1,]", "[,1]", "[1 ,2]", "{", "{\"a\"}", "{\"a\":}", "{\"a\":1,}",
	    "{\"b\":1,\"a\":2}", "{\"a\":1,\"a\":2}", "{a:1}", "{\"a\": 1}", "1}", "]",
	    "{\"a\":1}{"};
	char deep[2 * CANONICAL_DEPTH + 4];
	size_t bad;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (canonical_check(wrong[i], strlen(wrong[i]), &bad) || bad > strlen(wrong[i]))
			fail_msg("%s passed", wrong[i]);
	assert_false(canonical_check("1\0", 2, &bad));
	assert_int_equal(bad, 1);
	memset(deep, '[', sizeof deep / 2);
	memset(deep + sizeof deep / 2, ']', sizeof deep / 2);
	assert_false(canonical_check(deep, sizeof deep, &bad));
	assert_true(canonical_check(deep + 2, sizeof deep - 4, &bad));
}

static void says(void **state)
{
	const char *value = "\"\\u0001一\\b\\t\\n\\f\\r\\\"\\\\x\"";
	struct buf out = BUF_EMPTY;

	(void)state;
	canonical_text(value, strlen(value), &out);
	assert_string_equal(buf_str(&out), "\001一\b\t\n\f\r\"\\x");
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(passes),
	    cmocka_unit_test(refuses),
	    cmocka_unit_test(says),
	};

	return cmocka_run_group_tests_name("canonical", tests, NULL, NULL);
}
