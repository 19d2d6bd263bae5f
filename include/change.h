/*
 * change.h - changes outside the ledgers (users, grants, sign-ins, places, stores, items): one
 * statement and one event of the system's log, in one transaction.
 *
 * The statement returns one row: (problem text, answer json, event json). A problem (a code of
 * problems.def, its value behind a colon: "conflict:XT") rolls back. event NULL: nothing changed,
 * no event is written. One change runs at a time; the rest wait in a bounded queue.
 */
#ifndef CHANGE_H
#define CHANGE_H

#include <stdbool.h>

#include <event2/event.h>

#include "db.h"
#include "problem.h"

struct change;

/* answer is JSON or NULL, valid during the callback; problem is NULL when it was done. */
typedef void (*change_cb)(void *arg, const struct problem *problem, const char *answer);

struct change_request {
	enum stmt_id stmt;
	const struct db_param *params; /* copied */
	const char *event;  /* type: user_added, sign_in, … */
	const char *actor;  /* user name; copied */
	const char *source; /* address; copied */
	change_cb done;
	void *arg;
};

struct change *change_new(struct event_base *base, const struct db_options *db, int max_queue,
    int timeout_ms);
void change_submit(struct change *change, const struct change_request *request);
bool change_idle(const struct change *change);
void change_free(struct change *change);

#endif
