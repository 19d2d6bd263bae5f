/* change.c - changes outside the ledgers: queue, transaction, event, and the doubt after a crash. */
#include "change.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <jansson.h>

#include "clock.h"
#include "crypto.h"
#include "diag.h"
#include "die.h"
#include "event_record.h"
#include "log_tree.h"

struct job {
	STAILQ_ENTRY(job) next;
	enum stmt_id stmt;
	struct db_param *params;
	const char *event;
	char *actor, *source, *key;
	uint8_t request_hash[CRYPTO_SHA256_LEN];
	change_cb done; /* NULL: answered, as its time was up */
	void *arg;
	int64_t deadline_ms;
	bool unknown; /* its commit was sent and nobody saw the outcome */
	char *answer; /* its own, once the statement has run; NULL: the event's body */
};

struct change {
	struct event_base *base;
	struct db_conn *conn;
	struct event *timer; /* the earliest deadline of those that wait */
	struct rows hashes;  /* that its event completes */
	int max_queue, timeout_ms, depth;
	STAILQ_HEAD(, job) jobs; /* in order of their deadlines; the first one runs */
	bool running;

	/* Of the one that runs. */
	int64_t seq;
	struct merkle tree; /* of the system's log */
	char *at;
	char *found; /* the record of an event with its key */
	bool found_same;
	struct problem problem;
	char *body; /* of its event, canonical; NULL: none */
};

static const struct rows_spec hash_rows = LOG_TREE_ROWS;

static void change_next(struct change *change);

/* --- The queue --- */

static void job_free(struct job *job)
{
	free(job->params);
	free(job->actor);
	free(job->source);
	free(job->key);
	free(job->answer);
	free(job);
}

static void run_clear(struct change *change)
{
	free(change->at);
	free(change->found);
	free(change->body);
	change->at = change->found = change->body = NULL;
	change->found_same = false;
	change->problem = (struct problem){0};
}

static void job_answer(struct job *job, const struct change_answer *answer)
{
	change_cb done = job->done;

	job->done = NULL;
	if (done)
		done(job->arg, answer);
}

static void job_refuse(struct job *job, enum problem_code code)
{
	struct problem problem;

	problem_set(&problem, code);
	job_answer(job, &(struct change_answer){.problem = &problem});
}

static void timer_set(struct change *change)
{
	struct job *job = STAILQ_FIRST(&change->jobs);
	struct timeval tv;
	int64_t ms;

	while (job && !job->done)
		job = STAILQ_NEXT(job, next);
	if (!job) {
		evtimer_del(change->timer);
		return;
	}
	ms = job->deadline_ms - clock_ms();
	if (ms < 0)
		ms = 0;
	tv = clock_timeval(ms);
	evtimer_add(change->timer, &tv);
}

/*
 * Time is up: whoever waits is told that the database is away. The one that runs stays, so that its
 * outcome is taken in; the others go.
 */
static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct change *change = arg;
	struct job *job = STAILQ_FIRST(&change->jobs), *next;
	int64_t now = clock_ms();

	(void)fd;
	(void)what;
	for (; job && job->deadline_ms <= now; job = next) {
		bool runs = change->running && job == STAILQ_FIRST(&change->jobs);

		next = STAILQ_NEXT(job, next);
		if (!runs) {
			STAILQ_REMOVE(&change->jobs, job, job, next);
			change->depth--;
		}
		job_refuse(job, PROBLEM_database_away);
		if (!runs)
			job_free(job);
	}
	timer_set(change);
}

/* The first one is over. It leaves the queue before its callback, which may submit another. */
static void finish(struct change *change, const struct change_answer *answer)
{
	struct job *job = STAILQ_FIRST(&change->jobs);

	STAILQ_REMOVE_HEAD(&change->jobs, next);
	change->depth--;
	job_answer(job, answer);
	job_free(job);
	run_clear(change);
	change->running = false;
	timer_set(change);
	change_next(change);
}

static void finish_refused(struct change *change)
{
	finish(change, &(struct change_answer){.problem = &change->problem});
}

/* The connection went. What was not committed for certain runs again once there is another. */
static void lost(struct change *change)
{
	struct job *job = STAILQ_FIRST(&change->jobs);

	run_clear(change);
	change->running = false;
	if (job->done)
		return;
	STAILQ_REMOVE_HEAD(&change->jobs, next);
	change->depth--;
	job_free(job);
}

/* --- Its transaction --- */

static void failed(struct change *change, const PGresult *result)
{
	problem_from_sql(&change->problem, result);
	if (change->problem.code == PROBLEM_internal)
		diag(DIAG_ERROR, NULL, "change_failed", "{s:s,s:s}", "statement",
		    stmt_table[STAILQ_FIRST(&change->jobs)->stmt].name, "reason",
		    PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
	finish_refused(change);
}

static void on_committed(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct change *change = arg;
	struct job *job = STAILQ_FIRST(&change->jobs);

	if (outcome == DB_LOST) {
		job->unknown = true;
		lost(change);
	} else if (outcome == DB_FAILED) {
		failed(change, result);
	} else {
		finish(change,
		    &(struct change_answer){.json = job->answer ? job->answer : change->body});
	}
}

/* The key was used before: by this very change, when its commit was in doubt, or by an earlier one. */
static void answer_found(struct change *change)
{
	struct job *job = STAILQ_FIRST(&change->jobs);
	size_t len;
	const char *body = event_record_body(change->found, &len);
	char *copy;

	if (!change->found_same || !body) {
		problem_set(
		    &change->problem, body ? PROBLEM_idempotency_key_reused : PROBLEM_internal);
		finish_refused(change);
		return;
	}
	copy = xstrndup(body, len);
	finish(change, &(struct change_answer){
			   .json = job->unknown && job->answer ? job->answer : copy,
			   .replayed = !job->unknown,
		       });
	free(copy);
}

/* The log's tree grows by the event. */
static void write_tree(struct change *change, const uint8_t leaf[CRYPTO_SHA256_LEN])
{
	struct log_tree_hash completed[MERKLE_MAX_LEVELS];
	int count = log_tree_append(&change->tree, leaf, completed);

	for (int i = 0; i < count; i++)
		log_tree_row(change->hashes.columns, 0, &completed[i]);
}

static void write_event(struct change *change)
{
	struct job *job = STAILQ_FIRST(&change->jobs);
	struct buf record = BUF_EMPTY;
	uint8_t leaf[CRYPTO_SHA256_LEN];
	char seq[24];

	event_record_write(
	    &(struct event_record){
		.actor = job->actor,
		.at = change->at,
		.body = change->body,
		.body_len = strlen(change->body),
		.seq = change->seq,
		.source = job->source,
		.store = "",
		.type = job->event,
	    },
	    &record, leaf);
	write_tree(change, leaf);
	evutil_snprintf(seq, sizeof seq, "%lld", (long long)change->seq);
	db_call(change->conn, STMT_CHANGE_EVENT,
	    (struct db_param[]){DB_TEXT(seq), DB_TEXT(change->at), DB_TEXT(job->event),
		DB_TEXT(job->actor), DB_TEXT(buf_str(&record)), DB_BYTES(leaf, sizeof leaf),
		DB_TEXT(job->key), DB_BYTES(job->request_hash, sizeof job->request_hash),
		DB_BYTES(change->tree.nodes, change->tree.count * MERKLE_HASH)},
	    NULL, NULL);
	if (!rows_empty(&change->hashes))
		rows_send(&change->hashes, change->conn, NULL, NULL, NULL);
	buf_free(&record);
}

static void on_decided(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct change *change = arg;

	if (outcome == DB_LOST) {
		lost(change);
	} else if (change->found || outcome == DB_FAILED || change->problem.code) {
		if (outcome == DB_OK) { /* after a failure db.c has done so */
			db_call(change->conn, STMT_CHANGE_ROLLBACK, NULL, NULL, NULL);
			db_sync(change->conn, NULL, NULL);
		}
		if (change->found)
			answer_found(change);
		else if (outcome == DB_FAILED)
			failed(change, result);
		else
			finish_refused(change);
	} else {
		if (change->body)
			write_event(change);
		db_call(change->conn, STMT_COMMIT, NULL, NULL, NULL);
		db_sync(change->conn, on_committed, change);
	}
}

static void on_locked(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct change *change = arg;

	if (outcome != DB_OK)
		return;
	change->seq = db_int(result, 0, 0) + 1;
	change->at = xstrdup(db_text(result, 0, 1));
	log_tree_load(&change->tree, change->seq - 1, db_text(result, 0, 2));
}

static void on_found(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct change *change = arg;

	if (outcome != DB_OK || PQntuples(result) == 0)
		return;
	change->found = xstrdup(db_text(result, 0, 0));
	change->found_same = *db_text(result, 0, 1) == 't';
}

/*
 * PostgreSQL's JSON made canonical (RFC 8785). Sorting and no white space do: keys are ASCII, numbers
 * integers, and texts hold no control characters that jansson would spell otherwise.
 */
static char *canonical(const char *text)
{
	json_t *json = json_loads(text, 0, NULL);
	char *out = json_dumps(json, JSON_SORT_KEYS | JSON_COMPACT);

	json_decref(json);
	if (!out)
		die("a statement gave an event that is not JSON");
	return out;
}

static void on_statement(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct change *change = arg;
	struct job *job = STAILQ_FIRST(&change->jobs);

	if (outcome != DB_OK || change->found)
		return;
	if (PQntuples(result) != 1) {
		problem_set(&change->problem, PROBLEM_internal);
		return;
	}
	if (db_text(result, 0, 0)) {
		problem_parse(&change->problem, db_text(result, 0, 0));
		return;
	}
	free(job->answer);
	job->answer = db_text(result, 0, 1) ? xstrdup(db_text(result, 0, 1)) : NULL;
	change->body = db_text(result, 0, 2) ? canonical(db_text(result, 0, 2)) : NULL;
}

static void change_next(struct change *change)
{
	struct job *job = STAILQ_FIRST(&change->jobs);

	if (!job || change->running || !db_conn_ready(change->conn))
		return;
	change->running = true;
	db_call(change->conn, STMT_BEGIN, NULL, NULL, NULL);
	db_call(change->conn, STMT_CHANGE_LOCK, NULL, on_locked, change);
	db_call(change->conn, STMT_CHANGE_FIND,
	    (struct db_param[]){
		DB_TEXT(job->key), DB_BYTES(job->request_hash, sizeof job->request_hash)},
	    on_found, change);
	db_call(change->conn, job->stmt, job->params, on_statement, change);
	db_sync(change->conn, on_decided, change);
}

static void on_up(void *arg, bool ready)
{
	if (ready)
		change_next(arg);
}

/* --- From outside --- */

struct change *change_new(
    struct event_base *base, const struct db_options *db, int max_queue, int timeout_ms)
{
	struct change *change = xcalloc(1, sizeof *change);

	change->base = base;
	change->max_queue = max_queue;
	change->timeout_ms = timeout_ms;
	rows_init(&change->hashes, &hash_rows);
	STAILQ_INIT(&change->jobs);
	change->timer = evtimer_new(base, on_timer, change);
	if (!change->timer)
		die("cannot make a timer");
	change->conn = db_conn_new(base, db, on_up, change);
	return change;
}

/* Nobody else knows a random key, so what it was asked for does not matter. */
static char *random_key(void)
{
	uint8_t bytes[16];

	crypto_random(bytes, sizeof bytes);
	return crypto_base64url(bytes, sizeof bytes);
}

void change_submit(struct change *change, const struct change_request *request)
{
	struct job *job = xcalloc(1, sizeof *job);

	job->stmt = request->stmt;
	job->params = db_params_copy(request->stmt, request->params);
	job->event = request->event;
	job->actor = xstrdup(request->actor);
	job->source = xstrdup(request->source);
	job->key = request->key ? xstrdup(request->key) : random_key();
	if (request->key)
		memcpy(job->request_hash, request->request_hash, sizeof job->request_hash);
	job->done = request->done;
	job->arg = request->arg;
	job->deadline_ms = clock_ms() + change->timeout_ms;

	if (change->depth >= change->max_queue) {
		job_refuse(job, PROBLEM_busy);
		job_free(job);
		return;
	}
	STAILQ_INSERT_TAIL(&change->jobs, job, next);
	change->depth++;
	timer_set(change);
	change_next(change);
}

bool change_ready(const struct change *change)
{
	return db_conn_ready(change->conn);
}

bool change_idle(const struct change *change)
{
	return change->depth == 0;
}

void change_free(struct change *change)
{
	struct job *job;

	if (!change)
		return;
	db_conn_free(change->conn);
	event_free(change->timer);
	rows_free(&change->hashes);
	while ((job = STAILQ_FIRST(&change->jobs)) != NULL) {
		STAILQ_REMOVE_HEAD(&change->jobs, next);
		job_free(job);
	}
	run_clear(change);
	free(change);
}
