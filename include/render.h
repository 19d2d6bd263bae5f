/* render.h - rows of a result as JSON, NDJSON or CSV, without building trees. */
#ifndef RENDER_H
#define RENDER_H

#include <stdbool.h>

#include <libpq-fe.h>

#include "buf.h"

enum render_format { RENDER_JSON, RENDER_NDJSON, RENDER_CSV };

/*
 * Append rows [0, rows) of result, columns [0, columns). JSON: objects with commas between, no
 * brackets. NDJSON: an object a line. CSV: RFC 4180 with CRLF; text that a spreadsheet would take
 * for a formula (first = + - @, tab or CR) gets a ' in front; long digit strings too.
 *
 * JSON columns pass through; times become RFC 3339. A slip's column "lines", an array of objects,
 * becomes a row each in a CSV.
 */
void render_rows(
    const PGresult *result, int rows, int columns, enum render_format format, struct buf *out);

/* One cell as JSON. */
void render_value(const PGresult *result, int row, int column, struct buf *out);

/* The columns' names, an array and a line end. */
void render_names(const PGresult *result, int columns, struct buf *out);

/* The header line of a CSV; the names within lines are those of the first row's first line. */
void render_csv_header(const PGresult *result, int columns, struct buf *out);

#endif
