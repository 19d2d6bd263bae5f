/* pgarray.c - one-dimensional PostgreSQL arrays in binary, built for set-based writes. */
#include "pgarray.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#define DAYS_1970_TO_2000 10957 /* PostgreSQL counts from 2000-01-01 */

static void put_int4(struct buf *b, int32_t v)
{
	uint32_t be = htobe32((uint32_t)v);

	buf_add(b, &be, sizeof be);
}

static void element(struct pgarray *a, const void *data, size_t len)
{
	put_int4(&a->body, (int32_t)len);
	buf_add(&a->body, data, len);
	a->count++;
}

void pgarray_int4(struct pgarray *a, int32_t v)
{
	uint32_t be = htobe32((uint32_t)v);

	element(a, &be, sizeof be);
}

void pgarray_int8(struct pgarray *a, int64_t v)
{
	uint64_t be = htobe64((uint64_t)v);

	element(a, &be, sizeof be);
}

void pgarray_date(struct pgarray *a, clock_date v)
{
	pgarray_int4(a, v == CLOCK_DATE_NEVER ? INT32_MAX : v - DAYS_1970_TO_2000);
}

void pgarray_text(struct pgarray *a, const char *v)
{
	pgarray_bytes(a, v, v ? strlen(v) : 0);
}

void pgarray_bytes(struct pgarray *a, const void *v, size_t len)
{
	if (v)
		element(a, v, len);
	else
		pgarray_null(a);
}

void pgarray_null(struct pgarray *a)
{
	put_int4(&a->body, -1);
	a->count++;
	a->has_null = 1;
}

void pgarray_finish(const struct pgarray *a, struct buf *out)
{
	put_int4(out, a->count ? 1 : 0); /* dimensions: an empty array has none */
	put_int4(out, a->has_null);
	put_int4(out, (int32_t)a->type);
	if (!a->count)
		return;
	put_int4(out, a->count);
	put_int4(out, 1); /* lower bound */
	buf_add(out, a->body.data, a->body.len);
}

int pgarray_read_int4(const char *text, int32_t *out, int max)
{
	int count = 0;

	while (*text && *text != '}' && count < max)
		out[count++] = (int32_t)strtol(text + 1, (char **)&text, 10);
	return count;
}

void pgarray_reset(struct pgarray *a)
{
	a->count = 0;
	a->has_null = 0;
	a->body.len = 0;
}

void pgarray_free(struct pgarray *a)
{
	pgarray_reset(a);
	buf_free(&a->body);
}
