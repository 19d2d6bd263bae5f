/*
 * checkpoints.c - making checkpoints: read the ends of the logs, sign, write, commit; one job after
 * the other on a connection of its own. See checkpoints.h.
 */
#include "checkpoints.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>

#include "clock.h"
#include "crypto.h"
#include "diag.h"
#include "die.h"
#include "log_tree.h"
#include "rows.h"
#include "signed_note.h"

#define SCHEDULED (-1)  /* instead of a store: all that are due */
#define DUE_AT_ONCE 200 /* as checkpoint_due.sql */
#define LOOKS 10        /* in an interval, so that no log waits much longer than it */

struct job {
	STAILQ_ENTRY(job) next;
	int32_t store_id;
	checkpoints_cb done; /* NULL: nobody waits */
	void *arg;
};

struct checkpoints {
	const struct conf *conf;
	struct change *change;
	struct db_conn *conn;
	struct event *timer;
	struct event *patience; /* while there is no connection: when who waits is told so */
	struct rows rows;
	struct note_key *key; /* NULL: none is set */
	char key_id[16];      /* of the public key in the table; "": not known yet */
	int64_t last_run;
	STAILQ_HEAD(, job) jobs;
	bool running; /* the first one */

	/* Of the one that runs. */
	int found, signed_count;
	int64_t size;
	char *note;
	struct problem problem;
};

static const struct rows_spec add_spec = {
    STMT_CHECKPOINT_ADD, 4, true, {PGARRAY_INT4, PGARRAY_INT8, PGARRAY_BYTEA, PGARRAY_TEXT}};

static void next_job(struct checkpoints *c);
static void submit(struct checkpoints *c, int32_t store_id, checkpoints_cb done, void *arg);

/* --- The end of a job --- */

static void tell_schedule(struct checkpoints *c)
{
	if (c->problem.code != PROBLEM_none) {
		diag(DIAG_WARN, NULL, "checkpoints_failed", "{s:s}", "reason",
		    problem_code_name(c->problem.code));
		return;
	}
	c->last_run = (int64_t)time(NULL);
	if (c->signed_count > 0)
		diag(DIAG_INFO, NULL, "checkpoints_made", "{s:i}", "logs", c->signed_count);
	if (c->found == DUE_AT_ONCE)
		submit(c, SCHEDULED, NULL, NULL);
}

/* The first one is over: as c->problem says. It leaves the queue before its callback. */
static void finish(struct checkpoints *c)
{
	struct job *job = STAILQ_FIRST(&c->jobs);
	char *note = c->note;
	struct checkpoints_answer answer = {
	    .size = c->size, .note = note, .made = c->signed_count > 0};
	struct problem problem;

	STAILQ_REMOVE_HEAD(&c->jobs, next);
	if (c->problem.code == PROBLEM_none && job->store_id != SCHEDULED && !note)
		problem_set(&c->problem, PROBLEM_internal);
	if (job->store_id == SCHEDULED)
		tell_schedule(c);
	problem = c->problem;
	if (problem.code != PROBLEM_none)
		answer.problem = &problem;
	c->note = NULL;
	c->running = false;
	if (job->done)
		job->done(job->arg, &answer);
	free(note);
	free(job);
	next_job(c);
}

static void fail(struct checkpoints *c, enum problem_code code)
{
	problem_set(&c->problem, code);
	finish(c);
}

/* Not every outcome is a success: says whether it was one, and ends the job where not. */
static bool went_well(struct checkpoints *c, enum db_outcome outcome, const PGresult *result)
{
	if (outcome == DB_OK)
		return true;
	if (outcome == DB_LOST) {
		fail(c, PROBLEM_database_away);
	} else {
		diag(DIAG_ERROR, NULL, "checkpoint_failed", "{s:s}", "reason",
		    result ? PQresultErrorMessage(result) : "");
		fail(c, PROBLEM_internal);
	}
	return false;
}

/* --- Signing --- */

/* Sign what the row of checkpoint_due.sql says, into rows and c->note. */
static void sign(struct checkpoints *c, const PGresult *due, int row)
{
	struct checkpoint checkpoint = {.size = db_int(due, row, 2)};
	struct buf text = BUF_EMPTY, note = BUF_EMPTY;
	struct merkle tree;

	log_tree_load(&tree, checkpoint.size, db_text(due, row, 3));
	if (tree.size != checkpoint.size) {
		diag(DIAG_ERROR, NULL, "checkpoint_failed", "{s:s,s:s}", "log",
		    db_text(due, row, 1), "reason", "the tree does not fit the log");
		return;
	}
	merkle_root(&tree, checkpoint.root);
	snprintf(checkpoint.origin, sizeof checkpoint.origin, "%s/%s", c->conf->log_name,
	    db_text(due, row, 1));
	checkpoint_write(&checkpoint, &text);
	note_sign(c->key, checkpoint.origin, buf_str(&text), &note);
	pgarray_int4(&c->rows.columns[0], (int32_t)db_int(due, row, 0));
	pgarray_int8(&c->rows.columns[1], checkpoint.size);
	pgarray_bytes(&c->rows.columns[2], checkpoint.root, sizeof checkpoint.root);
	pgarray_text(&c->rows.columns[3], buf_str(&note));
	free(c->note);
	c->note = buf_take(&note, NULL);
	c->signed_count++;
	buf_free(&text);
}

/* --- The transaction --- */

static void on_added(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct checkpoints *c = arg;

	if (went_well(c, outcome, result))
		finish(c);
}

static void on_due(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct checkpoints *c = arg;

	if (outcome != DB_OK)
		return;
	c->found = PQntuples(result);
	for (int i = 0; i < c->found; i++) {
		c->size = db_int(result, i, 2);
		if (db_text(result, i, 4)) {
			free(c->note);
			c->note = xstrdup(db_text(result, i, 4));
		} else {
			sign(c, result, i);
		}
	}
}

static void on_read(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct checkpoints *c = arg;

	if (outcome != DB_OK)
		rows_clear(&c->rows);
	if (!went_well(c, outcome, result))
		return;
	if (!rows_empty(&c->rows))
		rows_send(&c->rows, c->conn, c->key_id, NULL, NULL);
	db_call(c->conn, STMT_COMMIT, NULL, NULL, NULL);
	db_sync(c->conn, on_added, c);
}

static void begin(struct checkpoints *c)
{
	const struct job *job = STAILQ_FIRST(&c->jobs);
	char store[16], interval[24];

	snprintf(store, sizeof store, "%" PRId32, job->store_id);
	snprintf(interval, sizeof interval, "%" PRId64, c->conf->checkpoint_interval);
	db_call(c->conn, STMT_BEGIN, NULL, NULL, NULL);
	db_call(c->conn, STMT_CHECKPOINT_DUE,
	    (struct db_param[]){job->store_id == SCHEDULED ? DB_NULL : DB_TEXT(store),
		DB_TEXT(interval), DB_TEXT(c->key_id)},
	    on_due, c);
	db_sync(c->conn, on_read, c);
}

static void on_key(void *arg, const struct change_answer *answer)
{
	struct checkpoints *c = arg;

	if (answer->problem) {
		c->problem = *answer->problem;
		finish(c);
	} else if (!db_conn_ready(c->conn)) {
		fail(c, PROBLEM_database_away);
	} else {
		snprintf(c->key_id, sizeof c->key_id, "%s", answer->json);
		begin(c);
	}
}

/* Record the public key, or learn that it is. */
static void record_key(struct checkpoints *c)
{
	uint8_t public[NOTE_PUBLIC_KEY];

	note_key_public(c->key, public);
	change_submit(c->change, &(struct change_request){
				     .stmt = STMT_LOG_KEY_ADD,
				     .params = (struct db_param[]){DB_BYTES(public, sizeof public),
					 DB_NULL, DB_TEXT("f")},
				     .event = "log_key_added",
				     .actor = "system",
				     .source = "checkpoints",
				     .done = on_key,
				     .arg = c,
				 });
}

static void start_job(struct checkpoints *c)
{
	c->running = true;
	c->found = c->signed_count = 0;
	c->problem = (struct problem){.line = -1};
}

static void next_job(struct checkpoints *c)
{
	const struct timeval patience = clock_timeval(c->conf->post_timeout);

	if (c->running || STAILQ_EMPTY(&c->jobs))
		return;
	if (c->key && !db_conn_ready(c->conn)) {
		if (!event_pending(c->patience, EV_TIMEOUT, NULL))
			evtimer_add(c->patience, &patience);
		return;
	}
	evtimer_del(c->patience);
	start_job(c);
	if (!c->key)
		fail(c, PROBLEM_no_signing_key);
	else if (!*c->key_id)
		record_key(c);
	else
		begin(c);
}

static void on_patience(evutil_socket_t fd, short what, void *arg)
{
	struct checkpoints *c = arg;

	(void)fd;
	(void)what;
	while (!c->running && !STAILQ_EMPTY(&c->jobs)) {
		start_job(c);
		fail(c, PROBLEM_database_away);
	}
	evtimer_del(c->patience);
}

static void on_up(void *arg, bool ready)
{
	if (ready)
		next_job(arg);
}

static void submit(struct checkpoints *c, int32_t store_id, checkpoints_cb done, void *arg)
{
	struct job *job = xcalloc(1, sizeof *job);

	job->store_id = store_id;
	job->done = done;
	job->arg = arg;
	STAILQ_INSERT_TAIL(&c->jobs, job, next);
	next_job(c);
}

/* --- The schedule --- */

static void timer_set(struct checkpoints *c)
{
	int64_t ms = c->conf->checkpoint_interval / LOOKS;
	struct timeval tv = clock_timeval(ms);

	evtimer_add(c->timer, &tv);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct checkpoints *c = arg;

	(void)fd;
	(void)what;
	timer_set(c);
	if (c->key && db_conn_ready(c->conn) && STAILQ_EMPTY(&c->jobs))
		submit(c, SCHEDULED, NULL, NULL);
}

/* --- From outside --- */

struct checkpoints *checkpoints_new(struct event_base *base, const struct conf *conf,
    struct change *change, char *error, size_t error_size)
{
	struct db_options db = db_options(conf, "taizhang checkpoints");
	struct note_key *key = NULL;
	struct checkpoints *c;

	if (*conf->signing_key) {
		key = note_key_load(conf->signing_key, error, error_size);
		if (!key)
			return NULL;
	}
	if (!note_log_name_ok(conf->log_name)) {
		snprintf(error, error_size,
		    "设置 log_name 不可用：不能为空，不能含空格和加号\n"
		    "the setting log_name cannot be used: not empty, no spaces, no pluses");
		note_key_free(key);
		return NULL;
	}
	c = xcalloc(1, sizeof *c);
	c->conf = conf;
	c->change = change;
	c->key = key;
	STAILQ_INIT(&c->jobs);
	rows_init(&c->rows, &add_spec);
	c->timer = evtimer_new(base, on_timer, c);
	c->patience = evtimer_new(base, on_patience, c);
	if (!c->timer || !c->patience)
		die("cannot make a timer");
	c->conn = db_conn_new(base, &db, on_up, c);
	return c;
}

void checkpoints_schedule(struct checkpoints *c)
{
	timer_set(c);
}

void checkpoints_make(struct checkpoints *c, int32_t store_id, checkpoints_cb done, void *arg)
{
	submit(c, store_id, done, arg);
}

int64_t checkpoints_last_run(const struct checkpoints *c)
{
	return c->last_run;
}

bool checkpoints_signs(const struct checkpoints *c)
{
	return c->key;
}

void checkpoints_free(struct checkpoints *c)
{
	struct job *job;

	if (!c)
		return;
	db_conn_free(c->conn);
	event_free(c->timer);
	event_free(c->patience);
	while ((job = STAILQ_FIRST(&c->jobs)) != NULL) {
		STAILQ_REMOVE_HEAD(&c->jobs, next);
		free(job);
	}
	rows_free(&c->rows);
	note_key_free(c->key);
	free(c->note);
	free(c);
}
