/* render.c - what PostgreSQL answers in text, spelled as JSON or CSV by the types of the columns. */
#include "render.h"

#include <string.h>

#include <jansson.h>

#include "csv_cell.h"

/* PostgreSQL's fixed numbers of its types (pg_type.dat). */
enum type {
	TYPE_BOOL = 16,
	TYPE_INT8 = 20,
	TYPE_INT2 = 21,
	TYPE_INT4 = 23,
	TYPE_JSON = 114,
	TYPE_TIMESTAMPTZ = 1184,
	TYPE_NUMERIC = 1700,
	TYPE_JSONB = 3802,
};

/*
 * "2022-11-20 08:30:00.25+08" as "2022-11-20T08:30:00.250000+08:00", as posting writes it: a slip
 * reads the same in the answer to its poster and ever after.
 */
static void time_text(const char *s, struct buf *out)
{
	const char *fraction = s + 19, *offset;
	size_t digits;

	if (strlen(s) < 22) { /* infinity */
		buf_puts(out, s);
		return;
	}
	offset = fraction + strcspn(fraction, "+-");
	digits = (size_t)(offset - fraction);
	buf_add(out, s, 10);
	buf_putc(out, 'T');
	buf_add(out, s + 11, 8);
	buf_add(out, fraction, digits);
	buf_puts(out, &".000000"[digits]);
	buf_puts(out, offset);
	if (strlen(offset) == 3)
		buf_puts(out, ":00");
}

/* --- JSON --- */

void render_value(const PGresult *result, int row, int column, struct buf *out)
{
	const char *s = PQgetvalue(result, row, column);
	size_t len = (size_t)PQgetlength(result, row, column);

	if (PQgetisnull(result, row, column)) {
		buf_puts(out, "null");
		return;
	}
	switch (PQftype(result, column)) {
	case TYPE_BOOL:
		buf_puts(out, *s == 't' ? "true" : "false");
		break;
	case TYPE_INT2:
	case TYPE_INT4:
	case TYPE_INT8:
	case TYPE_NUMERIC:
	case TYPE_JSON:
	case TYPE_JSONB:
		buf_add(out, s, len);
		break;
	case TYPE_TIMESTAMPTZ:
		buf_putc(out, '"');
		time_text(s, out);
		buf_putc(out, '"');
		break;
	default:
		buf_json_len(out, s, len);
	}
}

static void json_row(const PGresult *result, int row, int columns, struct buf *out)
{
	for (int i = 0; i < columns; i++) {
		buf_putc(out, i == 0 ? '{' : ',');
		buf_json(out, PQfname(result, i));
		buf_putc(out, ':');
		render_value(result, row, i, out);
	}
	buf_putc(out, '}');
}

void render_names(const PGresult *result, int columns, struct buf *out)
{
	for (int i = 0; i < columns; i++) {
		buf_putc(out, i == 0 ? '[' : ',');
		buf_json(out, PQfname(result, i));
	}
	buf_puts(out, "]\n");
}

/* --- CSV --- */

static void csv_value(const PGresult *result, int row, int column, struct buf *out)
{
	const char *s = PQgetvalue(result, row, column); /* "" when NULL */
	size_t len = (size_t)PQgetlength(result, row, column);

	switch (PQftype(result, column)) {
	case TYPE_BOOL:
		buf_puts(out, *s == 't' ? "true" : *s == 'f' ? "false" : "");
		break;
	case TYPE_INT2:
	case TYPE_INT4:
	case TYPE_INT8:
	case TYPE_NUMERIC:
		buf_add(out, s, len);
		break;
	case TYPE_JSON:
	case TYPE_JSONB:
		csv_cell_quoted(s, len, out);
		break;
	case TYPE_TIMESTAMPTZ:
		time_text(s, out);
		break;
	default:
		csv_cell_text(s, len, out);
	}
}

static bool is_lines(const PGresult *result, int column)
{
	return PQftype(result, column) == TYPE_JSON && !strcmp(PQfname(result, column), "lines");
}

/* The lines of a slip; the caller drops the reference. */
static json_t *lines_of(const PGresult *result, int row, int column)
{
	return json_loads(PQgetvalue(result, row, column), 0, NULL);
}

static void csv_line_value(const json_t *value, struct buf *out)
{
	if (json_is_integer(value))
		buf_int(out, json_integer_value(value));
	else if (json_is_string(value))
		csv_cell_text(json_string_value(value), json_string_length(value), out);
}

static void csv_line(json_t *line, struct buf *out)
{
	const char *name;
	json_t *value;
	bool first = true;

	json_object_foreach(line, name, value)
	{
		if (!first)
			buf_putc(out, ',');
		first = false;
		csv_line_value(value, out);
	}
}

static void csv_row(
    const PGresult *result, int row, int columns, const json_t *lines, size_t n, struct buf *out)
{
	for (int i = 0; i < columns; i++) {
		if (i > 0)
			buf_putc(out, ',');
		if (is_lines(result, i))
			csv_line(json_array_get(lines, n), out);
		else
			csv_value(result, row, i, out);
	}
	buf_puts(out, "\r\n");
}

static void csv_rows(const PGresult *result, int row, int columns, struct buf *out)
{
	json_t *lines = NULL;
	size_t count = 1;

	for (int i = 0; i < columns; i++)
		if (is_lines(result, i))
			lines = lines_of(result, row, i);
	if (lines)
		count = json_array_size(lines);
	for (size_t n = 0; n < count; n++)
		csv_row(result, row, columns, lines, n, out);
	json_decref(lines);
}

static void csv_line_header(const PGresult *result, int column, struct buf *out)
{
	json_t *lines = lines_of(result, 0, column), *value;
	bool first = true;
	const char *name;

	json_object_foreach(json_array_get(lines, 0), name, value)
	{
		if (!first)
			buf_putc(out, ',');
		first = false;
		buf_puts(out, name);
	}
	json_decref(lines);
}

void render_csv_header(const PGresult *result, int columns, struct buf *out)
{
	for (int i = 0; i < columns; i++) {
		if (i > 0)
			buf_putc(out, ',');
		if (PQntuples(result) > 0 && is_lines(result, i))
			csv_line_header(result, i, out);
		else
			buf_puts(out, PQfname(result, i));
	}
	buf_puts(out, "\r\n");
}

void render_rows(
    const PGresult *result, int rows, int columns, enum render_format format, struct buf *out)
{
	for (int i = 0; i < rows; i++) {
		if (format == RENDER_CSV) {
			csv_rows(result, i, columns, out);
			continue;
		}
		if (format == RENDER_JSON && i > 0)
			buf_putc(out, ',');
		json_row(result, i, columns, out);
		if (format == RENDER_NDJSON)
			buf_putc(out, '\n');
	}
}
