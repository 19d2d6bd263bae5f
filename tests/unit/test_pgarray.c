/* test_pgarray.c - arrays in PostgreSQL's binary format, byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "pgarray.h"

static void bytes_are(const struct pgarray *a, const char *expected, size_t len)
{
	struct buf out = BUF_EMPTY;

	pgarray_finish(a, &out);
	assert_int_equal(out.len, len);
	assert_memory_equal(out.data, expected, len);
	buf_free(&out);
}

#define BYTES_ARE(a, expected) bytes_are(a, expected, sizeof(expected) - 1)

/* dimensions, has_null, element type, count, lower bound */
#define HEAD(null, type, count)                                                                    \
	"\0\0\0\1"                                                                                 \
	"\0\0\0" null type "\0\0\0" count "\0\0\0\1"

static void empty(void **state)
{
	struct pgarray a = {.type = PGARRAY_TIMESTAMPTZ};

	(void)state;
	BYTES_ARE(&a, "\0\0\0\0"
		      "\0\0\0\0"
		      "\0\0\x04\xa0");
	pgarray_free(&a);
}

static void numbers(void **state)
{
	struct pgarray four = {.type = PGARRAY_INT4}, eight = {.type = PGARRAY_INT8};

	(void)state;
	pgarray_int4(&four, 1);
	pgarray_int4(&four, -2);
	BYTES_ARE(&four, HEAD("\0", "\0\0\0\x17", "\2") "\0\0\0\4\0\0\0\1"
							"\0\0\0\4\xff\xff\xff\xfe");
	pgarray_int8(&eight, INT64_MIN);
	BYTES_ARE(&eight, HEAD("\0", "\0\0\0\x14", "\1") "\0\0\0\x08\x80\0\0\0\0\0\0\0");
	pgarray_free(&four);
	pgarray_free(&eight);
}

static void dates(void **state)
{
	struct pgarray a = {.type = PGARRAY_DATE};

	(void)state;
	pgarray_date(&a, clock_date_make(2000, 1, 2));
	pgarray_date(&a, clock_date_make(1999, 12, 31));
	pgarray_date(&a, CLOCK_DATE_NEVER);
	BYTES_ARE(&a, HEAD("\0", "\0\0\x04\x3a", "\3") "\0\0\0\4\0\0\0\1"
						       "\0\0\0\4\xff\xff\xff\xff"
						       "\0\0\0\4\x7f\xff\xff\xff");
	pgarray_free(&a);
}

static void texts_and_nulls(void **state)
{
	struct pgarray a = {.type = PGARRAY_TEXT}, b = {.type = PGARRAY_BYTEA};

	(void)state;
	pgarray_text(&a, "盒");
	pgarray_text(&a, NULL);
	pgarray_text(&a, "");
	BYTES_ARE(&a, HEAD("\1", "\0\0\0\x19", "\3") "\0\0\0\3\xe7\x9b\x92"
						     "\xff\xff\xff\xff"
						     "\0\0\0\0");
	pgarray_bytes(&b, "a\0b", 3);
	pgarray_bytes(&b, NULL, 0);
	BYTES_ARE(&b, HEAD("\1", "\0\0\0\x11", "\2") "\0\0\0\3"
						     "a\0b"
						     "\xff\xff\xff\xff");
	pgarray_free(&a);
	pgarray_free(&b);
}

/* The next batch's array knows nothing of the last one's, and needs no memory anew. */
static void reset(void **state)
{
	struct pgarray a = {.type = PGARRAY_INT4};
	const char *memory;

	(void)state;
	pgarray_null(&a);
	memory = a.body.data;
	pgarray_reset(&a);
	BYTES_ARE(&a, "\0\0\0\0"
		      "\0\0\0\0"
		      "\0\0\0\x17");
	pgarray_int4(&a, 5);
	assert_ptr_equal(a.body.data, memory);
	BYTES_ARE(&a, HEAD("\0", "\0\0\0\x17", "\1") "\0\0\0\4\0\0\0\5");
	pgarray_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(empty),
	    cmocka_unit_test(numbers),
	    cmocka_unit_test(dates),
	    cmocka_unit_test(texts_and_nulls),
	    cmocka_unit_test(reset),
	};

	return cmocka_run_group_tests_name("pgarray", tests, NULL, NULL);
}
