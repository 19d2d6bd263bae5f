/*
 * xlsx.h - rows, as JSON objects, into an Excel file. Memory does not grow with them: they lie in
 * temporary files until the end. Runs in a process of its own (cmd_xlsx.c).
 */
#ifndef XLSX_H
#define XLSX_H

#include <stdbool.h>

#include <jansson.h>

struct xlsx;

/* dir: where the temporary files go. NULL: it cannot be made. */
struct xlsx *xlsx_new(const char *path, const char *dir);

/* The columns, in order, by the names of the rows' members; comes first. A column "lines" stands for
   those of a slip's lines: such a row is one for each of its lines. */
void xlsx_columns(struct xlsx *xlsx, const json_t *names);

void xlsx_row(struct xlsx *xlsx, const json_t *row);

/* Completes the file. NULL, or why it is no good. xlsx is gone in any case. */
const char *xlsx_close(struct xlsx *xlsx);

#endif
