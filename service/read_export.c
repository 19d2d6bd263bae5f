/*
 * read_export.c - the page's own statement again and again, each time after the last row, so that a
 * file holds what the pages hold. One chunk is in memory at a time, and the next is asked for when
 * the client has taken it; or, where it wants an Excel file, when the one that makes it has.
 */
#include "read_export.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "die.h"
#include "read_xlsx.h"
#include "render.h"
#include "route.h"

/* Rows differ much in size: as many are asked for as make about so many bytes. */
#define CHUNK_BYTES (1 << 20)
#define CHUNK_ROWS 100 /* at first */
#define CHUNK_ROWS_MIN 10
#define CHUNK_ROWS_MAX 1000
#define RETRY_MS 50 /* when other reads fill the queue midway */
#define BOM "\xef\xbb\xbf"

struct export
{
	struct request *req; /* not to be touched once the client is gone */
	struct db_pool *pool;
	struct event *retry;
	struct read_query *query;
	enum render_format format;
	iconv_t gb18030; /* NULL: UTF-8 */
	bool to_xlsx;
	struct read_xlsx *xlsx; /* what the rows go to, once it has started; NULL: the client */
	struct buf chunk;
	int rows;     /* asked for */
	bool started; /* the answer has begun: no problem can be told any more */
	bool asking;  /* a result is to come */
	bool wanted;  /* the client has room for a chunk */
	bool last;    /* no rows are left */
	bool gone;
};

static void on_result(void *arg, enum db_outcome outcome, const PGresult *result);

static void export_free(struct export *x)
{
	if (x->gb18030)
		iconv_close(x->gb18030);
	event_free(x->retry);
	read_query_free(x->query);
	buf_free(&x->chunk);
	free(x);
}

static void fail(struct export *x, const struct problem *problem)
{
	if (x->xlsx)
		read_xlsx_abort(x->xlsx);
	else if (x->started)
		request_abort(x->req);
	else
		request_problem(x->req, problem);
	export_free(x);
}

static void ask(struct export *x)
{
	struct problem problem;
	struct timeval soon = {0, RETRY_MS * 1000};

	x->asking = true;
	if (read_query_ask(x->query, x->pool, on_result, x, &problem))
		return;
	if (x->started && problem.code == PROBLEM_busy)
		event_add(x->retry, &soon);
	else
		fail(x, &problem);
}

static void on_retry(evutil_socket_t fd, short what, void *arg)
{
	struct export *x = arg;

	(void)fd;
	(void)what;
	if (x->gone)
		export_free(x);
	else
		ask(x);
}

/* Hand over what is there, as far as the client wants it. */
static void step(struct export *x)
{
	if (!x->wanted || x->asking)
		return;
	if (x->chunk.len) {
		x->wanted = false;
		if (x->xlsx)
			read_xlsx_chunk(x->xlsx, x->chunk.data, x->chunk.len);
		else
			request_chunk(x->req, x->chunk.data, x->chunk.len);
		x->chunk.len = 0;
	} else if (x->last) {
		if (x->xlsx)
			read_xlsx_end(x->xlsx);
		else
			request_end(x->req);
		export_free(x);
	} else {
		ask(x);
	}
}

static void on_proceed(void *arg)
{
	struct export *x = arg;

	x->wanted = true;
	step(x);
}

static void on_gone(void *arg)
{
	struct export *x = arg;

	x->gone = true;
	if (!x->asking)
		export_free(x);
}

/* Where the next chunk begins, and how large it will be. */
static void go_on(struct export *x, const PGresult *result, int rows)
{
	int fit = (int)(CHUNK_BYTES / (x->chunk.len / (size_t)rows + 1));

	x->rows = fit < CHUNK_ROWS_MIN   ? CHUNK_ROWS_MIN
		  : fit > CHUNK_ROWS_MAX ? CHUNK_ROWS_MAX
					 : fit;
	read_query_limit(x->query, x->rows);
	read_query_after(x->query, result, rows - 1);
}

/* GB18030 has every character of Unicode, in four bytes at most where UTF-8 takes two. */
static bool to_gb18030(struct export *x)
{
	struct buf *chunk = &x->chunk;
	size_t left = chunk->len, room = 2 * chunk->len;
	char *in = chunk->data, *converted = xmalloc(room), *out = converted;
	bool ok = iconv(x->gb18030, &in, &left, &out, &room) != (size_t)-1;

	chunk->len = 0;
	buf_add(chunk, converted, (size_t)(out - converted));
	free(converted);
	return ok;
}

/* stores/XT/ledgers/n95/entries.csv is saved as XT-n95-entries.csv. Codes need no quoting. */
static void set_file_name(struct request *req)
{
	const char *name = strrchr(req->route->path, '/') + 1;
	struct buf value = BUF_EMPTY;

	buf_puts(&value, "attachment; filename=\"");
	for (int i = 0; i < REQUEST_MAX_ARGS && req->args[i]; i++)
		buf_printf(&value, "%s-", req->args[i]);
	buf_printf(&value, "%s.%s\"", name, req->format);
	request_set_header(req, "Content-Disposition", buf_str(&value));
	buf_free(&value);
}

static const char *type_of(const struct export *x)
{
	if (x->xlsx)
		return READ_XLSX_TYPE;
	if (x->format == RENDER_NDJSON)
		return "application/x-ndjson";
	return x->gb18030 ? "text/csv; charset=gb18030" : "text/csv; charset=utf-8";
}

static void start(struct export *x)
{
	struct request_source source = {on_proceed, on_gone, x};
	struct problem problem;

	if (x->to_xlsx && !(x->xlsx = read_xlsx_new(x->req, &source, &problem))) {
		fail(x, &problem);
		return;
	}
	x->started = true;
	set_file_name(x->req);
	request_stream(x->req, 200, type_of(x), &source);
}

/* Make the rows of a result the next chunk. */
static bool take_chunk(struct export *x, const PGresult *result, struct problem *problem)
{
	struct read_shape shape;

	read_query_shape(x->query, result, &shape);
	if (!shape.found) {
		problem_set(problem, PROBLEM_not_found);
		return false;
	}
	if (!x->started && x->format == RENDER_CSV) {
		if (!x->gb18030)
			buf_puts(&x->chunk, BOM);
		render_csv_header(result, shape.fields, &x->chunk);
	}
	if (!x->started && x->to_xlsx)
		render_names(result, shape.fields, &x->chunk);
	render_rows(result, shape.rows, shape.fields, x->format, &x->chunk);
	x->last = shape.rows < x->rows;
	if (!x->last)
		go_on(x, result, shape.rows);
	if (x->gb18030 && !to_gb18030(x)) {
		problem_set(problem, PROBLEM_internal);
		return false;
	}
	return true;
}

static void on_result(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct export *x = arg;
	struct problem problem;

	x->asking = false;
	if (x->gone) {
		export_free(x);
		return;
	}
	if (outcome != DB_OK) {
		read_query_problem(outcome, result, &problem);
		fail(x, &problem);
	} else if (!take_chunk(x, result, &problem)) {
		fail(x, &problem);
	} else if (x->started) {
		step(x);
	} else {
		start(x);
	}
}

static bool choose_encoding(struct export *x, struct problem *problem)
{
	const char *encoding = request_query(x->req, "encoding");
	iconv_t gb18030;

	if (!encoding || !strcmp(encoding, "utf-8"))
		return true;
	if (strcmp(encoding, "gb18030") != 0) {
		*problem = (struct problem){.line = -1};
		problem_add(problem, PROBLEM_unknown_value, "utf-8 gb18030", "encoding");
		return false;
	}
	gb18030 = iconv_open("GB18030", "UTF-8");
	if (gb18030 == (iconv_t)-1) {
		diag(DIAG_ERROR, x->req->id, "no_gb18030", "{s:s}", "reason", strerror(errno));
		problem_set(problem, PROBLEM_internal);
		return false;
	}
	x->gb18030 = gb18030;
	return true;
}

void read_export_run(struct request *req, struct read_query *query)
{
	struct export *x = xcalloc(1, sizeof *x);
	struct problem problem;

	x->req = req;
	x->pool = req->server->pool;
	x->query = query;
	x->format = strcmp(req->format, "csv") == 0 ? RENDER_CSV : RENDER_NDJSON;
	x->to_xlsx = strcmp(req->format, "xlsx") == 0;
	x->retry = evtimer_new(req->server->base, on_retry, x);
	if (!x->retry)
		die("out of memory for an export");
	x->rows = CHUNK_ROWS;
	read_query_limit(query, x->rows);
	if (choose_encoding(x, &problem))
		ask(x);
	else
		fail(x, &problem);
}
