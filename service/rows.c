/* rows.c - arrays side by side. */
#include "rows.h"

void rows_init(struct rows *rows, const struct rows_spec *spec)
{
	rows->spec = spec;
	for (int i = 0; i < spec->columns; i++)
		rows->columns[i] = (struct pgarray){.type = spec->types[i]};
}

void rows_send(struct rows *rows, struct db_conn *conn, const char *last, db_cb cb, void *arg)
{
	struct db_param params[ROWS_MAX_COLUMNS + 1];
	size_t ends[ROWS_MAX_COLUMNS];
	struct buf bytes = BUF_EMPTY;
	size_t start = 0;
	int n = rows->spec->columns;

	for (int i = 0; i < n; i++) {
		pgarray_finish(&rows->columns[i], &bytes);
		ends[i] = bytes.len;
	}
	for (int i = 0; i < n; i++) {
		params[i] = DB_BYTES(bytes.data + start, ends[i] - start);
		start = ends[i];
	}
	if (rows->spec->has_last)
		params[n] = DB_TEXT(last);
	db_call(conn, rows->spec->stmt, params, cb, arg);
	rows_clear(rows);
	buf_free(&bytes);
}

void rows_clear(struct rows *rows)
{
	for (int i = 0; i < rows->spec->columns; i++)
		pgarray_reset(&rows->columns[i]);
}

bool rows_empty(const struct rows *rows)
{
	for (int i = 0; i < rows->spec->columns; i++)
		if (rows->columns[i].count > 0)
			return false;
	return true;
}

void rows_free(struct rows *rows)
{
	for (int i = 0; i < rows->spec->columns; i++)
		pgarray_free(&rows->columns[i]);
}
