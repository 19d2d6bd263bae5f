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
 */
void render_rows(const PGresult *result, int rows, int columns, enum render_format format,
    struct buf *out);

/* The header line of a CSV. */
void render_csv_header(const PGresult *result, int columns, struct buf *out);

#endif
