/*
 * evidence_source.h - bytes that come piece by piece, read as lines and as rows of CSV. Whoever wrote
 * them may wish us ill: what is held at a time is bounded.
 */
#ifndef EVIDENCE_SOURCE_H
#define EVIDENCE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

#define EVIDENCE_MAX_LINE (16u << 20) /* bytes: a slip's line may be split over thousands of lots */
#define EVIDENCE_MAX_ROW 65536u
#define EVIDENCE_MAX_CELLS 32

enum evidence_step {
	EVIDENCE_GOT,
	EVIDENCE_END,
	EVIDENCE_BAD,    /* not what it should be: too long, or malformed */
	EVIDENCE_DAMAGED /* the bytes cannot be had */
};

struct evidence_source {
	const char *at, *end;
	/* The next piece into at and end. NULL: there is none. */
	enum evidence_step (*more)(struct evidence_source *source);
	void *arg;
	int64_t count; /* lines or rows that were read */
};

/* Over bytes in memory. */
void evidence_source_bytes(struct evidence_source *source, const void *bytes, size_t len);

/* The next line, without its end, into line, which is emptied first. The last one has an end, too. */
enum evidence_step evidence_line(struct evidence_source *source, size_t max, struct buf *line);

/* Cells of a row; each ends in a NUL, and holds no other. Begin with zeros; evidence_row_free(). */
struct evidence_row {
	struct buf text;
	size_t at[EVIDENCE_MAX_CELLS];
	int count;
};

/* The next row, strictly as RFC 4180 and we write it: ends in CRLF, quotes only where they must be. */
enum evidence_step evidence_row(struct evidence_source *source, struct evidence_row *row);
const char *evidence_cell(const struct evidence_row *row, int i);
void evidence_row_free(struct evidence_row *row);

#endif
