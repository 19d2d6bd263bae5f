/*
 * change.h - changes outside the ledgers (users, grants, sign-ins, places, stores, items): one
 * statement and one event of the system's log, in one transaction.
 *
 * The statement returns one row: (problem text, answer json, event json). A problem (as
 * problem_parse() reads it) rolls back. event is the body of the event, NULL when nothing changed;
 * answer NULL stands for the event's body, which is also what a repeated key is answered.
 *
 * One change runs at a time; the rest wait in a bounded queue. A change whose commit nobody saw is
 * looked for by its key before anything else runs, and done again when it is not there.
 */
#ifndef CHANGE_H
#define CHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include <event2/event.h>

#include "db.h"
#include "problem.h"

struct change;

/* How it ended; everything is valid only during the callback. */
struct change_answer {
	const struct problem *problem; /* NULL: it was done */
	const char *json;              /* the answer, when it was done */
	bool replayed;                 /* the key was used before: this is the first answer */
};

typedef void (*change_cb)(void *arg, const struct change_answer *answer);

/* Everything that it points to is copied, but for the event's type. */
struct change_request {
	enum stmt_id stmt;
	const struct db_param *params;
	const char *event;           /* type, a literal: user_added, sign_in, … */
	const char *actor;           /* user name */
	const char *source;          /* address, or "cli" */
	const char *key;             /* the client's, or NULL: a random one */
	const uint8_t *request_hash; /* 32 bytes, with a key */
	change_cb done;
	void *arg;
};

struct change *change_new(
    struct event_base *base, const struct db_options *db, int max_queue, int timeout_ms);

/* done is called once, at once when the queue is full. An answer of database_away leaves open
   whether it was done. */
void change_submit(struct change *change, const struct change_request *request);

bool change_ready(const struct change *change); /* the connection is up */
bool change_idle(const struct change *change);  /* nothing waits or runs */

/* Callbacks of what waits or runs do not run. */
void change_free(struct change *change);

#endif
