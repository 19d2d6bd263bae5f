/*
 * csv_table.h - a CSV file as a table of UTF-8 cells, whatever wrote it: a byte order mark, UTF-8,
 * UTF-16 or GB18030; comma, semicolon or tab; CR, LF or CRLF.
 */
#ifndef CSV_TABLE_H
#define CSV_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define CSV_TABLE_MAX_BYTES (256u << 20)
#define CSV_TABLE_MAX_ROWS 2000000u
#define CSV_TABLE_MAX_COLUMNS 256u
#define CSV_TABLE_MAX_CELLS (32u << 20)
#define CSV_TABLE_MAX_CELL 32768u

struct csv_table {
	const char *encoding; /* "UTF-8", "GB18030", "UTF-16LE", "UTF-16BE" */
	char separator;
	size_t rows, width;
	const char **cells; /* rows × width; short rows end in "" */
	uint32_t *lines;    /* of each row: where it stands in a spreadsheet, counted from 1 */
	char *text;         /* what the cells point into */
};

/* Read a file. On a fault false, with a message in error; table is the caller's, freed either way. */
bool csv_table_read(struct csv_table *table, const char *path, char *error, size_t error_size);

/* The same from bytes in memory; name is for messages. */
bool csv_table_parse(struct csv_table *table, const char *name, const char *bytes, size_t len,
    char *error, size_t error_size);

/* The cells of a row. */
const char *const *csv_table_row(const struct csv_table *table, size_t row);

void csv_table_free(struct csv_table *table);

/* Write one cell as CSV, quoted, and with a separator before it unless it is the first. */
void csv_table_write(FILE *out, const char *cell, bool first);

#endif
