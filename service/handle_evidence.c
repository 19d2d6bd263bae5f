/*
 * handle_evidence.c - GET …/evidence: a checkpoint of the log's present end, then the file, made and
 * sent as fast as the client takes it.
 */
#include "handlers.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "checkpoints.h"
#include "clock.h"
#include "die.h"
#include "evidence_export.h"
#include "read_query.h"
#include "server.h"

#define RETRY_MS 50 /* when other reads fill the queue midway */

struct sending {
	struct request *req; /* not to be touched once the client is gone */
	struct db_pool *pool;
	struct event *retry;
	struct evidence_export *export;
	bool started; /* the answer has begun: no problem can be told any more */
	bool asking;  /* a result is to come */
	bool wanted;  /* the client has room */
	bool gone;
};

static void step(struct sending *s);

static void sending_free(struct sending *s)
{
	event_free(s->retry);
	evidence_export_free(s->export);
	free(s);
}

static void fail(struct sending *s, const struct problem *problem)
{
	if (s->started)
		request_abort(s->req);
	else
		request_problem(s->req, problem);
	sending_free(s);
}

/* --- Reading --- */

static void on_result(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct sending *s = arg;
	struct problem problem = {.line = -1};

	s->asking = false;
	if (s->gone) {
		sending_free(s);
		return;
	}
	if (outcome != DB_OK) {
		read_query_problem(outcome, result, &problem);
		fail(s, &problem);
	} else if (!evidence_export_take(s->export, result, &problem)) {
		fail(s, &problem);
	} else {
		step(s);
	}
}

/* false: nothing is left to ask. */
static bool ask(struct sending *s)
{
	struct db_param params[EVIDENCE_PACK_PARAMS];
	struct timeval soon = {0, RETRY_MS * 1000};
	struct problem problem;
	enum stmt_id stmt;

	if (!evidence_export_ask(s->export, &stmt, params))
		return false;
	s->asking = true;
	if (db_read(s->pool, stmt, params, on_result, s))
		return true;
	if (s->started && db_pool_ready(s->pool)) {
		event_add(s->retry, &soon);
		return true;
	}
	problem_set(&problem, db_pool_ready(s->pool) ? PROBLEM_busy : PROBLEM_database_away);
	fail(s, &problem);
	return true;
}

static void on_retry(evutil_socket_t fd, short what, void *arg)
{
	struct sending *s = arg;

	(void)fd;
	(void)what;
	if (s->gone)
		sending_free(s);
	else
		ask(s);
}

/* --- Sending --- */

static void on_proceed(void *arg)
{
	struct sending *s = arg;

	s->wanted = true;
	step(s);
}

static void on_gone(void *arg)
{
	struct sending *s = arg;

	s->gone = true;
	if (!s->asking)
		sending_free(s);
}

static void start(struct sending *s)
{
	struct request_source source = {on_proceed, on_gone, s};
	struct buf name = BUF_EMPTY;

	s->started = true;
	buf_printf(&name, "attachment; filename=\"%s-evidence.zip\"", s->req->scope.code);
	request_set_header(s->req, "Content-Disposition", buf_str(&name));
	buf_free(&name);
	request_stream(s->req, 200, "application/zip", &source);
}

/* Send what is ready, or have more of it made, as far as the client wants it. */
static void step(struct sending *s)
{
	struct buf *bytes = evidence_export_bytes(s->export);

	if (bytes && !s->started)
		start(s);
	if (s->asking || (s->started && !s->wanted))
		return;
	if (bytes && bytes->len > 0) {
		s->wanted = false;
		request_chunk(s->req, bytes->data, bytes->len);
		bytes->len = 0;
	} else if (!ask(s)) {
		bytes = evidence_export_bytes(s->export);
		request_end(s->req);
		sending_free(s);
	}
}

/* --- What is asked --- */

static const char *day(struct request *req, const char *name, struct problem *problem)
{
	const char *value = request_query(req, name);
	clock_date date;

	if (value && !clock_date_parse(value, &date))
		problem_add(problem, PROBLEM_bad_date, value, "%s", name);
	return value;
}

static int64_t size(struct request *req, const char *name, struct problem *problem)
{
	const char *value = request_query(req, name);
	char *end;
	long long n;

	if (!value)
		return -1;
	n = strtoll(value, &end, 10);
	if (isdigit((unsigned char)*value) && !*end && n <= MERKLE_MAX_SIZE)
		return n;
	problem_add(problem, PROBLEM_out_of_range, "0…", "%s", name);
	return -1;
}

static void refuse_unknown(const struct request *req, struct problem *problem)
{
	static const char *const names[] = {"from", "to", "since"};
	const char *name;

	for (int i = 0; (name = request_query_name(req, i)); i++)
		if (strcmp(name, names[0]) != 0 && strcmp(name, names[1]) != 0 &&
		    strcmp(name, names[2]) != 0)
			problem_add(problem, PROBLEM_unknown_field, NULL, "%s", name);
}

static bool read_wish(struct request *req, struct evidence_wish *wish, struct problem *problem)
{
	*problem = (struct problem){.line = -1};
	*wish = (struct evidence_wish){
	    .store_id = req->scope.store_id,
	    .store = req->scope.code,
	    .from = day(req, "from", problem),
	    .to = day(req, "to", problem),
	    .since = size(req, "since", problem),
	    .log_name = req->server->conf->log_name,
	};
	refuse_unknown(req, problem);
	return problem->code == PROBLEM_none;
}

static void on_checkpoint(void *arg, const struct checkpoints_answer *answer)
{
	struct request *req = arg;
	struct evidence_wish wish;
	struct problem problem;
	struct sending *s;

	if (answer->problem) {
		request_problem(req, answer->problem);
		return;
	}
	read_wish(req, &wish, &problem);
	wish.checkpoint = answer->note;
	s = xcalloc(1, sizeof *s);
	s->req = req;
	s->pool = req->server->pool;
	s->retry = evtimer_new(req->server->base, on_retry, s);
	if (!s->retry)
		die("out of memory for an evidence file");
	s->export = evidence_export_new(&wish, &problem);
	if (s->export)
		step(s);
	else
		fail(s, &problem);
}

void handle_evidence_get(struct request *req)
{
	struct evidence_wish wish;
	struct problem problem;

	if (read_wish(req, &wish, &problem))
		checkpoints_make(req->server->checkpoints, req->scope.store_id, on_checkpoint, req);
	else
		request_problem(req, &problem);
}
