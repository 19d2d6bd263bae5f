/* read.c - declared reads: one document, or a page of a list; whole lists are read_export.c's. */
#include "read.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "read_export.h"
#include "read_query.h"
#include "render.h"
#include "route.h"

#define MEMBER "page."

struct read {
	struct request *req;
	struct read_query *query;
};

static void write_cursor(const struct read_query *query, const PGresult *result, int row,
    const struct read_shape *shape, struct buf *out)
{
	int64_t keys[CURSOR_MAX_KEYS];
	char cursor[CURSOR_MAX];

	for (int i = 0; i < query->key_count; i++)
		keys[i] = db_int(result, row, shape->fields + i);
	cursor_write(keys, query->key_count, cursor);
	buf_json(out, cursor);
}

static void write_members(const PGresult *result, const struct read_shape *shape, struct buf *out)
{
	for (int i = shape->members; i < PQnfields(result); i++) {
		if (PQgetisnull(result, 0, i))
			continue;
		buf_putc(out, ',');
		buf_json(out, PQfname(result, i) + strlen(MEMBER));
		buf_putc(out, ':');
		render_value(result, 0, i, out);
	}
}

/* One row more than the page holds was asked for: whether it came tells if there is a next page. */
static void write_page(const struct read_query *query, const PGresult *result,
    const struct read_shape *shape, struct buf *out)
{
	int rows = shape->rows < query->rows ? shape->rows : query->rows;

	buf_puts(out, "{\"items\":[");
	render_rows(result, rows, shape->fields, RENDER_JSON, out);
	buf_puts(out, "],\"next_cursor\":");
	if (shape->rows > rows)
		write_cursor(query, result, rows - 1, shape, out);
	else
		buf_puts(out, "null");
	write_members(result, shape, out);
	buf_putc(out, '}');
}

static void answer(struct read *read, const PGresult *result)
{
	bool list = read->req->route->flags & (ROUTE_LIST | ROUTE_PAGE);
	struct read_shape shape;
	struct buf out = BUF_EMPTY;

	read_query_shape(read->query, result, &shape);
	if (!shape.found || (!list && !shape.rows)) {
		request_refuse(read->req, PROBLEM_not_found);
		return;
	}
	if (list)
		write_page(read->query, result, &shape, &out);
	else
		render_rows(result, 1, shape.fields, RENDER_JSON, &out);
	request_answer(read->req, 200, NULL, out.data, out.len);
	buf_free(&out);
}

static void read_free(struct read *read)
{
	read_query_free(read->query);
	free(read);
}

static void on_result(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct read *read = arg;
	struct problem problem;

	if (outcome == DB_OK) {
		answer(read, result);
	} else {
		read_query_problem(outcome, result, &problem);
		request_problem(read->req, &problem);
	}
	read_free(read);
}

void read_run(struct request *req)
{
	struct problem problem;
	struct read_query *query = read_query_new(req, &problem);
	struct read *read;

	if (!query) {
		request_problem(req, &problem);
		return;
	}
	if (req->format) {
		read_export_run(req, query);
		return;
	}
	read = xcalloc(1, sizeof *read);
	*read = (struct read){req, query};
	if (!read_query_ask(query, req->server->pool, on_result, read, &problem)) {
		request_problem(req, &problem);
		read_free(read);
	}
}
