/* csv_cell.h - a cell of a CSV file as we write it (RFC 4180), fit for a spreadsheet. */
#ifndef CSV_CELL_H
#define CSV_CELL_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

/* With quotes where it needs them. */
void csv_cell_quoted(const char *s, size_t len, struct buf *out);

/*
 * Text that people typed, which a spreadsheet must neither run nor round: what it would take for a
 * formula, and long digit strings, get a ' in front.
 */
bool csv_cell_guarded(const char *s, size_t len);
void csv_cell_text(const char *s, size_t len, struct buf *out);

#endif
