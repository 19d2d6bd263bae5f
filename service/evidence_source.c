/* evidence_source.c - lines and rows from pieces of any size. */
#include "evidence_source.h"

#include <string.h>

enum { BYTE_END = -1, BYTE_DAMAGED = -2 };

void evidence_source_bytes(struct evidence_source *source, const void *bytes, size_t len)
{
	*source = (struct evidence_source){.at = bytes, .end = (const char *)bytes + len};
}

static enum evidence_step more(struct evidence_source *source)
{
	enum evidence_step step = EVIDENCE_GOT;

	while (source->at == source->end && step == EVIDENCE_GOT)
		step = source->more ? source->more(source) : EVIDENCE_END;
	return step;
}

static int byte(struct evidence_source *source)
{
	if (source->at == source->end) {
		enum evidence_step step = more(source);

		if (step != EVIDENCE_GOT)
			return step == EVIDENCE_END ? BYTE_END : BYTE_DAMAGED;
	}
	return (unsigned char)*source->at++;
}

enum evidence_step evidence_line(struct evidence_source *source, size_t max, struct buf *line)
{
	const char *end = NULL;

	line->len = 0;
	while (!end) {
		enum evidence_step step = more(source);
		size_t len;

		if (step != EVIDENCE_GOT)
			return step == EVIDENCE_END && line->len > 0 ? EVIDENCE_BAD : step;
		end = memchr(source->at, '\n', (size_t)(source->end - source->at));
		len = (size_t)((end ? end : source->end) - source->at);
		if (len > max - line->len)
			return EVIDENCE_BAD;
		buf_add(line, source->at, len);
		source->at += len + (end != NULL);
	}
	source->count++;
	return EVIDENCE_GOT;
}

/* --- Rows --- */

const char *evidence_cell(const struct evidence_row *row, int i)
{
	return row->text.data + row->at[i];
}

void evidence_row_free(struct evidence_row *row)
{
	buf_free(&row->text);
}

static bool put(struct evidence_row *row, int c)
{
	if (c <= 0 || row->text.len >= EVIDENCE_MAX_ROW)
		return false;
	buf_putc(&row->text, (char)c);
	return true;
}

/* Behind the opening quote; gives the byte behind the closing one. */
static int quoted(struct evidence_source *source, struct evidence_row *row)
{
	bool needed = false;
	int c;

	for (;;) {
		c = byte(source);
		if (c == '"') {
			c = byte(source);
			if (c != '"')
				return needed || c < BYTE_END ? c : 0;
		} else if (c < 0) {
			return c;
		}
		needed |= c == '"' || c == ',' || c == '\r' || c == '\n';
		if (!put(row, c))
			return 0;
	}
}

/* One cell; gives the byte behind it, 0 where it is malformed. */
static int cell(struct evidence_source *source, struct evidence_row *row, int c)
{
	if (c == '"')
		return quoted(source, row);
	for (; c != ',' && c != '\r'; c = byte(source)) {
		if (c < 0)
			return c;
		if (c == '"' || c == '\n' || !put(row, c))
			return 0;
	}
	return c;
}

enum evidence_step evidence_row(struct evidence_source *source, struct evidence_row *row)
{
	int c = byte(source);

	row->text.len = 0;
	row->count = 0;
	if (c == BYTE_END)
		return EVIDENCE_END;
	for (;; c = byte(source)) {
		if (row->count == EVIDENCE_MAX_CELLS)
			return EVIDENCE_BAD;
		row->at[row->count++] = row->text.len;
		c = cell(source, row, c);
		buf_putc(&row->text, '\0');
		if (c == ',')
			continue;
		if (c == '\r')
			c = byte(source);
		if (c == BYTE_DAMAGED)
			return EVIDENCE_DAMAGED;
		source->count++;
		return c == '\n' ? EVIDENCE_GOT : EVIDENCE_BAD;
	}
}
