/* test_evidence_source.c - lines and rows from pieces of any size, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "evidence_source.h"

/* A text in pieces of so many bytes, then what comes instead of an end. */
struct pieces {
	const char *at, *end;
	size_t size;
	enum evidence_step last;
};

static enum evidence_step more(struct evidence_source *source)
{
	struct pieces *p = source->arg;
	size_t left = (size_t)(p->end - p->at), len = left < p->size ? left : p->size;

	if (len == 0)
		return p->last;
	source->at = p->at;
	source->end = p->at += len;
	return EVIDENCE_GOT;
}

static struct pieces cut(const char *text, size_t len, size_t size)
{
	return (struct pieces){text, text + len, size, EVIDENCE_END};
}

/* Cells with | between, rows with a line end; then how it ended. */
static void rows(const char *text, size_t len, const char *expected, enum evidence_step end)
{
	for (size_t size = 1; size <= len + 1; size++) {
		struct pieces pieces = cut(text, len, size);
		struct evidence_source source = {.more = more, .arg = &pieces};
		struct evidence_row row = {0};
		struct buf got = BUF_EMPTY;
		enum evidence_step step;

		while ((step = evidence_row(&source, &row)) == EVIDENCE_GOT) {
			for (int i = 0; i < row.count; i++)
				buf_printf(&got, "%s%s", i > 0 ? "|" : "", evidence_cell(&row, i));
			buf_putc(&got, '\n');
		}
		assert_string_equal(buf_str(&got), expected);
		assert_int_equal(step, end);
		evidence_row_free(&row);
		buf_free(&got);
	}
}

#define ROWS(text, expected, end) rows(text, sizeof(text) - 1, expected, end)

static void csv(void **state)
{
	(void)state;
	ROWS("", "", EVIDENCE_END);
	ROWS("\r\n", "\n", EVIDENCE_END);
	ROWS("a,b\r\n1,\r\n", "a|b\n1|\n", EVIDENCE_END);
	ROWS("\"a,b\",\"c\r\nd\",\"\"\"e\"\"\"\r\n", "a,b|c\r\nd|\"e\"\n", EVIDENCE_END);
	ROWS("一,'=1\r\n", "一|'=1\n", EVIDENCE_END);
	ROWS("a\n", "", EVIDENCE_BAD);
	ROWS("a\r", "", EVIDENCE_BAD);
	ROWS("a", "", EVIDENCE_BAD);
	ROWS("a\rb\r\n", "", EVIDENCE_BAD);
	ROWS("a\r\nb\"\r\n", "a\n", EVIDENCE_BAD);
	ROWS("\"a\"\r\n", "", EVIDENCE_BAD); /* needs no quotes */
	ROWS("\"\"\r\n", "", EVIDENCE_BAD);
	ROWS("\"a,\"b\r\n", "", EVIDENCE_BAD);
	ROWS("\"a,", "", EVIDENCE_BAD);
	ROWS("a\0b\r\n", "", EVIDENCE_BAD);
	ROWS("\"a,\0\"\r\n", "", EVIDENCE_BAD);
}

static void bounds(void **state)
{
	char *text = malloc(EVIDENCE_MAX_ROW + 8);
	struct evidence_source source;
	struct evidence_row row = {0};
	struct buf line = BUF_EMPTY;

	(void)state;
	memset(text, ',', EVIDENCE_MAX_CELLS);
	evidence_source_bytes(&source, text, EVIDENCE_MAX_CELLS);
	assert_int_equal(evidence_row(&source, &row), EVIDENCE_BAD);
	memset(text, 'x', EVIDENCE_MAX_ROW + 8);
	evidence_source_bytes(&source, text, EVIDENCE_MAX_ROW + 8);
	assert_int_equal(evidence_row(&source, &row), EVIDENCE_BAD);
	assert_true(row.text.len <= EVIDENCE_MAX_ROW + 1);
	evidence_row_free(&row);

	memcpy(text, "abc\nabcd\n", 9);
	evidence_source_bytes(&source, text, 9);
	assert_int_equal(evidence_line(&source, 3, &line), EVIDENCE_GOT);
	assert_int_equal(evidence_line(&source, 3, &line), EVIDENCE_BAD);
	buf_free(&line);
	free(text);
}

static void lines(void **state)
{
	static const char text[] = "{}\n\nx\0y\nend";

	(void)state;
	for (size_t size = 1; size < sizeof text; size++) {
		struct pieces pieces = cut(text, sizeof text - 1, size);
		struct evidence_source source = {.more = more, .arg = &pieces};
		struct buf line = BUF_EMPTY;

		assert_int_equal(evidence_line(&source, 99, &line), EVIDENCE_GOT);
		assert_int_equal(line.len, 2);
		assert_int_equal(evidence_line(&source, 99, &line), EVIDENCE_GOT);
		assert_int_equal(line.len, 0);
		assert_int_equal(evidence_line(&source, 99, &line), EVIDENCE_GOT);
		assert_int_equal(line.len, 3);
		assert_int_equal(source.count, 3);
		assert_int_equal(evidence_line(&source, 99, &line), EVIDENCE_BAD); /* no end */
		pieces = cut(text, 3, size);
		pieces.last = EVIDENCE_DAMAGED;
		source = (struct evidence_source){.more = more, .arg = &pieces};
		assert_int_equal(evidence_line(&source, 99, &line), EVIDENCE_GOT);
		assert_int_equal(evidence_line(&source, 99, &line), EVIDENCE_DAMAGED);
		buf_free(&line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(csv),
	    cmocka_unit_test(bounds),
	    cmocka_unit_test(lines),
	};

	return cmocka_run_group_tests_name("evidence_source", tests, NULL, NULL);
}
