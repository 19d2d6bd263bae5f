/*
 * db.h - a PostgreSQL connection on the event loop, in libpq pipeline mode.
 *
 * A connection is a straight line: calls are sent in order, results come back in order, and each
 * call's callback runs exactly once, from the loop. A run of calls ended by db_sync() is a unit:
 * when one of them fails, the rest of that unit come back DB_ABORTED, and a transaction left open by
 * the failure is rolled back before the next unit starts.
 *
 * Connections reconnect by themselves. When one is lost, every call under way on it comes back
 * DB_LOST: it may have happened or not.
 */
#ifndef DB_H
#define DB_H

#include <stdbool.h>
#include <stddef.h>

#include <event2/event.h>
#include <libpq-fe.h>

#include "stmt.h"

struct db_conn;

enum db_outcome {
	DB_OK,      /* result holds rows or a command tag */
	DB_FAILED,  /* the server refused this call; result holds the error */
	DB_ABORTED, /* an earlier call of the unit failed */
	DB_LOST,    /* the connection was lost, or the unit took too long: outcome unknown */
};

/*
 * One parameter. data NULL is SQL NULL. Text parameters need no len; binary ones are as
 * PostgreSQL's binary formats (pgarray.h makes arrays). Not kept after the call returns.
 */
struct db_param {
	const char *data;
	int len;
	bool binary;
};

#define DB_TEXT(s) ((struct db_param){.data = (s)})
#define DB_BYTES(p, n)                                                                             \
	((struct db_param){.data = (const char *)(p), .len = (int)(n), .binary = true})
#define DB_NULL ((struct db_param){0})

#define DB_MAX_PARAMS 32

/* A statement's parameters with their bytes, in one block: the caller frees it. */
struct db_param *db_params_copy(enum stmt_id stmt, const struct db_param *params);

/* result is freed by db after the callback; it is NULL unless outcome is DB_OK or DB_FAILED. */
typedef void (*db_cb)(void *arg, enum db_outcome outcome, const PGresult *result);

struct db_options {
	const char *conninfo; /* libpq's; these strings must outlive what is made with them */
	const char *application_name;
	const char *time_zone; /* the session's, so that CURRENT_DATE is the business day */
	bool by_key; /* plan once, and look everything up by its key: the fixed work of posting */
	bool first;  /* what comes of it is seen to before requests are */
	int timeout_ms; /* of a unit, and of connecting */
	int max_queue;  /* of a pool: reads waiting or under way, over all connections */
};

/* As the settings say, whose strings must outlive what is made with it. */
struct conf;
struct db_options db_options(const struct conf *conf, const char *application_name);

/* up(arg, true) each time the connection is ready, up(arg, false) when it was lost; may be NULL. */
struct db_conn *db_conn_new(struct event_base *base, const struct db_options *options,
    void (*up)(void *arg, bool ready), void *arg);
bool db_conn_ready(const struct db_conn *conn);

/*
 * Listen on a channel of NOTIFY whenever the connection is up; said once, after db_conn_new(), whose
 * arg notified gets. What was told while it was down is lost.
 */
void db_conn_listen(
    struct db_conn *conn, const char *channel, void (*notified)(void *arg, const char *payload));

/* Queue one call. cb may be NULL when only the unit's outcome matters. Only when ready. */
void db_call(
    struct db_conn *conn, enum stmt_id stmt, const struct db_param *params, db_cb cb, void *arg);

/* What is called so far comes back as soon as it is done, not with the end of its unit. */
void db_flush(struct db_conn *conn);

/* End the unit and send it: cb gets DB_OK, DB_FAILED (a call failed; the first error), or DB_LOST. */
void db_sync(struct db_conn *conn, db_cb cb, void *arg);

/* Close and connect again, from the loop: what was under way comes back DB_LOST. */
void db_conn_reset(struct db_conn *conn);

/* Close for good; callbacks of what is under way do not run. */
void db_conn_free(struct db_conn *conn);

/* One result cell as text, NULL when SQL NULL; owned by the result. */
const char *db_text(const PGresult *result, int row, int column);
long long db_int(const PGresult *result, int row, int column); /* 0 when NULL */

/* The five characters of an error's SQLSTATE, "" when it has none (a broken connection). */
const char *db_sqlstate(const PGresult *error);

#endif
