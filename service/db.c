/* db.c - one PostgreSQL connection: connecting, the pipeline's calls, losing it. */
#include "db.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "conf.h"
#include "diag.h"
#include "die.h"

#define RECONNECT_MIN_MS 50
#define RECONNECT_MAX_MS 2000

enum conn_state {
	CONN_WAITING,    /* the timer starts the next attempt */
	CONN_CONNECTING, /* PQconnectPoll is under way */
	CONN_PREPARING,  /* session settings are under way */
	CONN_READY,
};

/*
 * Plans that were made while a table was small (the triggers' too) would walk over all of it once it
 * is not: what is planned once may only go by key, whatever the statistics say. All else is planned
 * each time: which filters a list is given decides which index it should walk, and one plan for all
 * would walk the log.
 */
enum plan { PLAN_UNKNOWN, PLAN_ONCE, PLAN_EACH };

/* What was sent and not yet answered, in order. */
struct call {
	struct call *next;
	bool sync;     /* ends a unit */
	int prepares;  /* the statement that it prepares; -1: none */
	bool answered; /* the result came, the NULL behind it has not */
	db_cb cb;
	void *arg;
};

struct db_conn {
	struct event_base *base;
	struct db_options options;
	void (*up)(void *arg, bool ready);
	void *up_arg;
	const char *channel; /* NULL: it does not listen */
	void (*notified)(void *arg, const char *payload);

	enum conn_state state;
	PGconn *pg;
	struct event *read, *write; /* of the present socket */
	struct event *timer;        /* reconnecting, connecting, or the head unit's time limit */
	int backoff_ms;
	bool broken;               /* lost, to be noticed at the end of the turn */
	enum plan plan;            /* what the session is set to, once it has done what was sent */
	bool prepared[STMT_COUNT]; /* likewise; a statement is prepared when it is first used */

	struct call *head, **tail;
	PGresult *unit_error; /* the first error of the unit being read */
};

static void conn_start(struct db_conn *conn);
static void conn_poll(struct db_conn *conn);
static void on_connecting(evutil_socket_t fd, short what, void *arg);
static void on_read(evutil_socket_t fd, short what, void *arg);
static void on_write(evutil_socket_t fd, short what, void *arg);

static void timer_set(struct db_conn *conn, int ms)
{
	struct timeval tv = clock_timeval(ms);
	evtimer_add(conn->timer, &tv);
}

static void events_clear(struct db_conn *conn)
{
	if (conn->read)
		event_free(conn->read);
	if (conn->write)
		event_free(conn->write);
	conn->read = conn->write = NULL;
}

/*
 * The connection is of no more use: tell everybody, and try again later. The events go before the
 * socket does (libpq closes it), and the queue is taken off first, as callbacks may look at us.
 */
static void conn_lost(struct db_conn *conn, const char *why)
{
	struct call *call = conn->head, *next;
	bool was_ready = conn->state == CONN_READY;

	diag(DIAG_WARN, NULL, "database_lost", "{s:s,s:s}", "connection",
	    conn->options.application_name, "reason", why);
	events_clear(conn);
	PQfinish(conn->pg);
	conn->pg = NULL;
	PQclear(conn->unit_error);
	conn->unit_error = NULL;
	conn->head = NULL;
	conn->tail = &conn->head;
	conn->broken = false;
	conn->state = CONN_WAITING;
	timer_set(conn, conn->backoff_ms + rand() % conn->backoff_ms); /* spread the herd */
	if (conn->backoff_ms < RECONNECT_MAX_MS)
		conn->backoff_ms *= 2;

	for (; call; call = next) {
		next = call->next;
		if (call->cb)
			call->cb(call->arg, DB_LOST, NULL);
		free(call);
	}
	if (was_ready && conn->up)
		conn->up(conn->up_arg, false);
}

/* Callers may stand inside a callback: the loss is dealt with from the loop. */
static void conn_break(struct db_conn *conn)
{
	conn->broken = true;
	event_active(conn->timer, EV_TIMEOUT, 0);
}

/* Send what libpq holds; EV_WRITE stays on while some is left. */
static void conn_flush(struct db_conn *conn)
{
	int left = PQflush(conn->pg);

	if (left < 0)
		conn_break(conn);
	else if (left > 0)
		event_add(conn->write, NULL);
	else
		event_del(conn->write);
}

static struct call *call_push(struct db_conn *conn, bool sync, db_cb cb, void *arg)
{
	struct call *call = xcalloc(1, sizeof *call);

	call->sync = sync;
	call->prepares = -1;
	call->cb = cb;
	call->arg = arg;
	*conn->tail = call;
	conn->tail = &call->next;
	return call;
}

static void call_pop(struct db_conn *conn)
{
	struct call *call = conn->head;

	conn->head = call->next;
	if (!conn->head)
		conn->tail = &conn->head;
	free(call);
}

/* A statement known only by its text, for the connection's own use. */
static void call_text(struct db_conn *conn, const char *sql, int count, const char *const *values)
{
	if (!PQsendQueryParams(conn->pg, sql, count, NULL, values, NULL, NULL, 0))
		conn_break(conn);
	call_push(conn, false, NULL, NULL);
}

static void prepare(struct db_conn *conn, enum stmt_id id)
{
	const struct stmt *stmt = &stmt_table[id];

	if (!conn->pg || !PQsendPrepare(conn->pg, stmt->name, stmt->sql, 0, NULL))
		conn_break(conn);
	call_push(conn, false, NULL, NULL)->prepares = (int)id;
	conn->prepared[id] = true;
}

static void call_prepared(
    struct db_conn *conn, enum stmt_id id, const struct db_param *params, db_cb cb, void *arg)
{
	const struct stmt *stmt = &stmt_table[id];
	const char *values[DB_MAX_PARAMS];
	int lengths[DB_MAX_PARAMS], formats[DB_MAX_PARAMS];

	for (int i = 0; i < stmt->params; i++) {
		values[i] = params[i].data;
		lengths[i] = params[i].len;
		formats[i] = params[i].binary;
	}
	if (!conn->prepared[id])
		prepare(conn, id);
	if (!conn->pg ||
	    !PQsendQueryPrepared(conn->pg, stmt->name, stmt->params, values, lengths, formats, 0))
		conn_break(conn);
	call_push(conn, false, cb, arg);
}

static void plan_set(struct db_conn *conn, enum plan plan)
{
	const char *once = plan == PLAN_ONCE ? "on" : "off";

	call_prepared(conn, STMT_DB_PLAN, (struct db_param[]){DB_TEXT(once)}, NULL, NULL);
	conn->plan = plan;
}

static bool planned_once(enum stmt_id id, const struct db_param *params)
{
	const struct stmt *stmt = &stmt_table[id];

	for (int i = 0; i < stmt->params; i++)
		if (stmt->once & 2U << i && params[i].data)
			return false;
	return stmt->once;
}

void db_call(
    struct db_conn *conn, enum stmt_id id, const struct db_param *params, db_cb cb, void *arg)
{
	enum plan plan = conn->options.by_key || planned_once(id, params) ? PLAN_ONCE : PLAN_EACH;

	if (plan != conn->plan)
		plan_set(conn, plan);
	call_prepared(conn, id, params, cb, arg);
}

void db_flush(struct db_conn *conn)
{
	if (!conn->pg || !PQsendFlushRequest(conn->pg))
		conn_break(conn);
}

void db_sync(struct db_conn *conn, db_cb cb, void *arg)
{
	bool idle = !event_pending(conn->timer, EV_TIMEOUT, NULL);

	call_push(conn, true, cb, arg);
	if (conn->broken || !conn->pg || !PQpipelineSync(conn->pg)) {
		conn_break(conn);
		return;
	}
	conn_flush(conn);
	if (idle)
		timer_set(conn, conn->options.timeout_ms);
}

/* --- Results --- */

static void on_prepared(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct db_conn *conn = arg;

	if (outcome == DB_LOST)
		return;
	if (outcome != DB_OK) {
		diag(DIAG_ERROR, NULL, "database_prepare_failed", "{s:s}", "reason",
		    PQresultErrorMessage(result));
		conn_break(conn);
		return;
	}
	conn->state = CONN_READY;
	conn->backoff_ms = RECONNECT_MIN_MS;
	diag(DIAG_INFO, NULL, "database_ready", "{s:s,s:s}", "connection",
	    conn->options.application_name, "host", PQhost(conn->pg));
	if (conn->up)
		conn->up(conn->up_arg, true);
}

/* The unit is over. What its failure left open is undone before anything else is sent. */
static void unit_done(struct db_conn *conn)
{
	struct call call = *conn->head;
	PGresult *error = conn->unit_error;

	call_pop(conn);
	conn->unit_error = NULL;
	if (error && !conn->options.by_key) /* what the unit may have set was undone with it */
		conn->plan = PLAN_UNKNOWN;
	if (PQtransactionStatus(conn->pg) == PQTRANS_INERROR) {
		call_text(conn, "ROLLBACK", 0, NULL);
		db_sync(conn, NULL, NULL);
	}
	evtimer_del(conn->timer);
	if (conn->head)
		timer_set(conn, conn->options.timeout_ms);
	if (call.cb)
		call.cb(call.arg, error ? DB_FAILED : DB_OK, error);
	PQclear(error);
}

static void call_done(struct db_conn *conn, PGresult *result)
{
	struct call *call = conn->head;
	enum db_outcome outcome = DB_OK;

	switch (PQresultStatus(result)) {
	case PGRES_PIPELINE_ABORTED:
		outcome = DB_ABORTED;
		break;
	case PGRES_COMMAND_OK:
	case PGRES_TUPLES_OK:
		break;
	default:
		outcome = DB_FAILED;
	}
	call->answered = true;
	if (call->prepares >= 0 && outcome != DB_OK)
		conn->prepared[call->prepares] = false;
	if (call->cb)
		call->cb(call->arg, outcome, outcome == DB_ABORTED ? NULL : result);
	if (outcome == DB_FAILED && !conn->unit_error)
		conn->unit_error = result;
	else
		PQclear(result);
}

/* The server ends the session: that is not an answer to the call. */
static bool is_fatal(const PGresult *result)
{
	const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);

	return severity && (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0);
}

/* Take in whatever has come. Never waits: PQgetResult is asked only while libpq is not busy. */
static void conn_results(struct db_conn *conn)
{
	while (conn->head && !conn->broken && !PQisBusy(conn->pg)) {
		PGresult *result = PQgetResult(conn->pg);

		if (!result) {
			if (!conn->head->answered)
				return;
			call_pop(conn);
		} else if (PQstatus(conn->pg) == CONNECTION_BAD || is_fatal(result)) {
			PQclear(result);
			conn->broken = true;
		} else if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
			PQclear(result);
			unit_done(conn);
		} else {
			call_done(conn, result);
		}
	}
}

static void conn_notices(struct db_conn *conn)
{
	PGnotify *notice;

	while (conn->channel && !conn->broken && (notice = PQnotifies(conn->pg))) {
		conn->notified(conn->up_arg, notice->extra);
		PQfreemem(notice);
	}
}

static void on_read(evutil_socket_t fd, short what, void *arg)
{
	struct db_conn *conn = arg;

	(void)fd;
	(void)what;
	if (!PQconsumeInput(conn->pg)) {
		conn_lost(conn, PQerrorMessage(conn->pg));
		return;
	}
	conn_results(conn);
	conn_notices(conn);
	if (conn->broken)
		conn_lost(conn, PQerrorMessage(conn->pg));
	else
		conn_flush(conn);
}

static void on_write(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	conn_flush(arg);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct db_conn *conn = arg;

	(void)fd;
	(void)what;
	if (conn->state == CONN_WAITING)
		conn_start(conn);
	else if (conn->broken)
		conn_lost(conn, PQerrorMessage(conn->pg));
	else
		conn_lost(conn, "no answer within the time limit");
}

/* --- Connecting --- */

static void conn_watch(struct db_conn *conn, event_callback_fn on_readable,
    event_callback_fn on_writable, short persist)
{
	events_clear(conn);
	conn->read =
	    event_new(conn->base, PQsocket(conn->pg), EV_READ | persist, on_readable, conn);
	conn->write =
	    event_new(conn->base, PQsocket(conn->pg), EV_WRITE | persist, on_writable, conn);
	if (!conn->read || !conn->write)
		die("cannot watch the database connection");
	if (conn->options.first)
		event_priority_set(conn->read, 0);
}

/* Connected: set up the session. Nothing runs for so long that it would be worth compiling. */
static void conn_prepare(struct db_conn *conn)
{
	static const char settings[] =
	    "SELECT set_config('statement_timeout', $1, false),"
	    " set_config('idle_in_transaction_session_timeout', $1, false),"
	    " set_config('TimeZone', $2, false),"
	    " set_config('jit', 'off', false),"
	    " set_config('synchronous_commit', CASE current_setting('synchronous_commit')"
	    " WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false)";
	char timeout[16];
	const char *values[] = {timeout, conn->options.time_zone};

	evutil_snprintf(timeout, sizeof timeout, "%d", conn->options.timeout_ms);
	conn->state = CONN_PREPARING;
	conn_watch(conn, on_read, on_write, EV_PERSIST);
	event_add(conn->read, NULL);
	if (PQsetnonblocking(conn->pg, 1) != 0 || !PQenterPipelineMode(conn->pg)) {
		conn_break(conn);
		return;
	}
	evtimer_del(conn->timer);
	call_text(conn, settings, 2, values);
	memset(conn->prepared, 0, sizeof conn->prepared);
	plan_set(conn, conn->options.by_key ? PLAN_ONCE : PLAN_EACH);
	if (conn->channel) {
		char *listen = xasprintf("LISTEN %s", conn->channel);

		call_text(conn, listen, 0, NULL);
		free(listen);
	}
	db_sync(conn, on_prepared, conn);
}

/* One step of connecting. The socket may be another one after each: several hosts, or a retry. */
static void conn_poll(struct db_conn *conn)
{
	switch (PQconnectPoll(conn->pg)) {
	case PGRES_POLLING_OK:
		conn_prepare(conn);
		break;
	case PGRES_POLLING_READING:
		conn_watch(conn, on_connecting, on_connecting, 0);
		event_add(conn->read, NULL);
		break;
	case PGRES_POLLING_WRITING:
		conn_watch(conn, on_connecting, on_connecting, 0);
		event_add(conn->write, NULL);
		break;
	default:
		conn_lost(conn, PQerrorMessage(conn->pg));
	}
}

static void on_connecting(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	/* Before libpq may close the socket. */
	struct db_conn *conn = arg;

	events_clear(conn);
	conn_poll(conn);
}

static void conn_start(struct db_conn *conn)
{
	const char *const keywords[] = {"dbname", "fallback_application_name", NULL};
	const char *const values[] = {conn->options.conninfo, conn->options.application_name, NULL};

	conn->state = CONN_CONNECTING;
	conn->pg = PQconnectStartParams(keywords, values, 1);
	if (!conn->pg)
		die("out of memory");
	if (PQstatus(conn->pg) == CONNECTION_BAD) {
		conn_lost(conn, PQerrorMessage(conn->pg));
		return;
	}
	timer_set(conn, conn->options.timeout_ms);
	conn_watch(conn, on_connecting, on_connecting, 0);
	event_add(conn->write, NULL);
}

struct db_options db_options(const struct conf *conf, const char *application_name)
{
	return (struct db_options){
	    .conninfo = conf->database,
	    .application_name = application_name,
	    .time_zone = conf->time_zone,
	    .timeout_ms = (int)conf->database_timeout,
	    .max_queue = (int)conf->read_queue,
	};
}

struct db_conn *db_conn_new(struct event_base *base, const struct db_options *options,
    void (*up)(void *arg, bool ready), void *arg)
{
	struct db_conn *conn = xcalloc(1, sizeof *conn);

	conn->base = base;
	conn->options = *options;
	conn->up = up;
	conn->up_arg = arg;
	conn->tail = &conn->head;
	conn->backoff_ms = RECONNECT_MIN_MS;
	conn->timer = evtimer_new(base, on_timer, conn);
	if (!conn->timer)
		die("cannot make a timer");
	timer_set(conn, 0);
	return conn;
}

void db_conn_listen(
    struct db_conn *conn, const char *channel, void (*notified)(void *arg, const char *payload))
{
	conn->channel = channel;
	conn->notified = notified;
}

bool db_conn_ready(const struct db_conn *conn)
{
	return conn->state == CONN_READY && !conn->broken;
}

void db_conn_reset(struct db_conn *conn)
{
	if (conn->state != CONN_WAITING)
		conn_break(conn);
}

void db_conn_free(struct db_conn *conn)
{
	if (!conn)
		return;
	events_clear(conn);
	event_free(conn->timer);
	while (conn->head)
		call_pop(conn);
	PQclear(conn->unit_error);
	PQfinish(conn->pg);
	free(conn);
}

static size_t param_size(const struct db_param *p)
{
	return !p->data ? 0 : p->binary ? (size_t)p->len : strlen(p->data) + 1;
}

struct db_param *db_params_copy(enum stmt_id stmt, const struct db_param *params)
{
	int count = stmt_table[stmt].params;
	size_t size = (size_t)count * sizeof params[0];
	struct db_param *copy;
	char *bytes;

	for (int i = 0; i < count; i++)
		size += param_size(&params[i]);
	copy = xmalloc(size + 1); /* never of no bytes */
	bytes = (char *)&copy[count];
	for (int i = 0; i < count; i++) {
		copy[i] = params[i];
		if (!params[i].data)
			continue;
		copy[i].data = memcpy(bytes, params[i].data, param_size(&params[i]));
		bytes += param_size(&params[i]);
	}
	return copy;
}

const char *db_text(const PGresult *result, int row, int column)
{
	return PQgetisnull(result, row, column) ? NULL : PQgetvalue(result, row, column);
}

long long db_int(const PGresult *result, int row, int column)
{
	return strtoll(PQgetvalue(result, row, column), NULL, 10); /* NULL reads as "" */
}

const char *db_sqlstate(const PGresult *error)
{
	const char *state = PQresultErrorField(error, PG_DIAG_SQLSTATE);

	return state ? state : "";
}
