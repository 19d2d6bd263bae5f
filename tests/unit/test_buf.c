/* test_buf.c - buffers grow, and their JSON strings are canonical (RFC 8785) whatever goes in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "buf.h"

static void json_is(const char *in, size_t len, const char *expected)
{
	struct buf b = BUF_EMPTY;

	buf_json_len(&b, in, len);
	assert_string_equal(buf_str(&b), expected);
	assert_int_equal(b.len, strlen(expected));
	buf_free(&b);
}

#define JSON_IS(in, expected) json_is(in, sizeof(in) - 1, expected)

static void appends(void **state)
{
	struct buf b = BUF_EMPTY;
	size_t len;
	char *s;

	(void)state;
	buf_add(&b, NULL, 0);
	assert_null(b.data);
	assert_string_equal(buf_str(&b), "");
	buf_puts(&b, "a");
	buf_putc(&b, 'b');
	buf_add(&b, "c\0d", 3);
	assert_int_equal(b.len, 5);
	assert_memory_equal(b.data, "abc\0d", 5);
	s = buf_take(&b, &len);
	assert_int_equal(len, 5);
	assert_int_equal(s[5], '\0');
	assert_null(b.data);
	assert_int_equal(b.len, 0);
	free(s);
}

static void grows(void **state)
{
	struct buf b = BUF_EMPTY;
	size_t growths = 0, cap = 0;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		buf_putc(&b, (char)('a' + i % 26));
		growths += b.cap != cap;
		cap = b.cap;
	}
	assert_true(growths < 20);
	for (int i = 0; i < 100000; i++)
		assert_int_equal(b.data[i], 'a' + i % 26);
	buf_free(&b);
}

/* Around every size at which the text just fits, or just does not. */
static void formats(void **state)
{
	char *long_text = malloc(300);

	(void)state;
	for (size_t n = 0; n < 300; n++) {
		struct buf b = BUF_EMPTY;

		memset(long_text, 'x', n);
		long_text[n] = '\0';
		buf_puts(&b, "12345");
		buf_printf(&b, "%s-%d", long_text, 42);
		assert_int_equal(b.len, 5 + n + 3);
		assert_memory_equal(b.data, "12345", 5);
		assert_memory_equal(b.data + 5, long_text, n);
		assert_string_equal(buf_str(&b) + 5 + n, "-42");
		buf_free(&b);
	}
	free(long_text);
}

static void integers(void **state)
{
	static const struct {
		int64_t n;
		const char *text;
	} cases[] = {{0, "0"}, {7, "7"}, {-1, "-1"}, {1000000, "1000000"},
	    {INT64_MAX, "9223372036854775807"}, {INT64_MIN, "-9223372036854775808"}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf b = BUF_EMPTY;

		buf_int(&b, cases[i].n);
		assert_string_equal(buf_str(&b), cases[i].text);
		buf_free(&b);
	}
}

static void json_strings(void **state)
{
	struct buf b = BUF_EMPTY;

	(void)state;
	JSON_IS("", "\"\"");
	JSON_IS("plain /text~\x7f", "\"plain /text~\x7f\"");
	JSON_IS("一次性口罩 N95 €\U0001F637", "\"一次性口罩 N95 €\U0001F637\"");
	JSON_IS("\"\\", "\"\\\"\\\\\"");
	JSON_IS("a\"b\\c", "\"a\\\"b\\\\c\"");
	JSON_IS("\b\t\n\f\r", "\"\\b\\t\\n\\f\\r\"");
	JSON_IS("\0\x01\x0b\x0e\x1f", "\"\\u0000\\u0001\\u000b\\u000e\\u001f\"");
	JSON_IS("\u2028\uffff", "\"\u2028\uffff\"");
	buf_json(&b, NULL);
	buf_json(&b, "x");
	assert_string_equal(buf_str(&b), "null\"x\"");
	buf_free(&b);
}

#define BAD "\xef\xbf\xbd"

static void malformed_utf8(void **state)
{
	(void)state;
	JSON_IS("a\xff"
		"b",
	    "\"a" BAD "b\"");
	JSON_IS("\xe4\xb8", "\"" BAD BAD "\""); /* cut off */
	JSON_IS("\xe4\xb8 x", "\"" BAD BAD " x\"");
	JSON_IS("\xc0\xaf", "\"" BAD BAD "\""); /* overlong */
	JSON_IS("\xe0\x80\xaf", "\"" BAD BAD BAD "\"");
	JSON_IS("\xf0\x80\x80\xaf", "\"" BAD BAD BAD BAD "\"");
	JSON_IS("\xed\xa0\x80", "\"" BAD BAD BAD "\"");         /* a surrogate */
	JSON_IS("\xf4\x90\x80\x80", "\"" BAD BAD BAD BAD "\""); /* past U+10FFFF */
	JSON_IS("\x80\xf8", "\"" BAD BAD "\"");
	JSON_IS("\xff\"", "\"" BAD "\\\"\"");
}

/* Any bytes at all come out as JSON that another parser takes, and well-formed ones unchanged. */
static void any_bytes(void **state)
{
	char in[40];

	(void)state;
	srand(20221120);
	for (int round = 0; round < 20000; round++) {
		size_t len = (size_t)rand() % sizeof in;
		struct buf b = BUF_EMPTY;
		json_t *direct, *back;

		for (size_t i = 0; i < len; i++)
			in[i] = (char)(rand() % 4 ? rand() % 256
						  : "\"\\\n\xe4\xb8\x80\xf0\x9f"[rand() % 8]);
		buf_json_len(&b, in, len);
		back = json_loadb(b.data, b.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
		assert_non_null(back);
		direct = json_stringn(in, len); /* NULL when not UTF-8 */
		assert_int_equal(buf_utf8(in, len), direct != NULL);
		if (direct)
			assert_true(json_equal(direct, back));
		else
			assert_non_null(memmem(b.data, b.len, "\xef\xbf\xbd", 3));
		json_decref(direct);
		json_decref(back);
		buf_free(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(appends),
	    cmocka_unit_test(grows),
	    cmocka_unit_test(formats),
	    cmocka_unit_test(integers),
	    cmocka_unit_test(json_strings),
	    cmocka_unit_test(malformed_utf8),
	    cmocka_unit_test(any_bytes),
	};

	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
