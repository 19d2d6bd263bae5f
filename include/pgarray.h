/* pgarray.h - one-dimensional PostgreSQL arrays in binary, built for set-based writes. */
#ifndef PGARRAY_H
#define PGARRAY_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "clock.h"

enum pgarray_type {
	PGARRAY_BYTEA = 17,
	PGARRAY_INT8 = 20,
	PGARRAY_INT4 = 23,
	PGARRAY_TEXT = 25,
	PGARRAY_DATE = 1082,
	PGARRAY_TIMESTAMPTZ = 1184,
};

/* Zero-initialise with the type set: { .type = PGARRAY_INT8 }. */
struct pgarray {
	enum pgarray_type type;
	int32_t count;
	int32_t has_null;
	struct buf body;
};

void pgarray_int4(struct pgarray *a, int32_t v);
void pgarray_int8(struct pgarray *a, int64_t v);
void pgarray_date(struct pgarray *a, clock_date v);  /* CLOCK_DATE_NEVER becomes infinity */
void pgarray_text(struct pgarray *a, const char *v); /* NULL becomes SQL NULL */
/* bytea or text; v NULL becomes SQL NULL */
void pgarray_bytes(struct pgarray *a, const void *v, size_t len);
void pgarray_null(struct pgarray *a);

/* Append the whole array, header and elements, to out. */
void pgarray_finish(const struct pgarray *a, struct buf *out);

/* Read the text form of integers, "{1,4,9}", at most so many; gives how many there were. */
int pgarray_read_int4(const char *text, int32_t *out, int max);

/* Empty it for the next batch, keeping its memory; free gives the memory back. */
void pgarray_reset(struct pgarray *a);
void pgarray_free(struct pgarray *a);

#endif
