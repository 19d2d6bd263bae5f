/* rows.h - the array parameters of a set-based statement, filled row by row, sent as one call. */
#ifndef ROWS_H
#define ROWS_H

#include "db.h"
#include "pgarray.h"

#define ROWS_MAX_COLUMNS 16

/* A statement and the types of its parameters $1…; a last text parameter may follow the arrays. */
struct rows_spec {
	enum stmt_id stmt;
	int columns;
	bool has_last;
	enum pgarray_type types[ROWS_MAX_COLUMNS];
};

struct rows {
	const struct rows_spec *spec;
	struct pgarray columns[ROWS_MAX_COLUMNS]; /* the caller appends to each of them */
};

void rows_init(struct rows *rows, const struct rows_spec *spec);

/* Queue the call on the connection and empty the rows, keeping their memory. */
void rows_send(struct rows *rows, struct db_conn *conn, const char *last, db_cb cb, void *arg);
void rows_clear(struct rows *rows);
bool rows_empty(const struct rows *rows); /* no column holds anything */
void rows_free(struct rows *rows);

#endif
