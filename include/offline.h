/*
 * offline.h - what a subcommand that posts without HTTP needs (seed, import, user, token): the
 * loop and the same posting and changes as the server, run until the work is done.
 */
#ifndef OFFLINE_H
#define OFFLINE_H

#include "change.h"
#include "conf.h"
#include "db_pool.h"
#include "post.h"

struct offline {
	struct event_base *base;
	struct post *post;
	struct change *change;
	struct db_pool *pool;
	const char *source; /* of the events: "cli", unless set after opening */
};

/* Connect and check the schema; dies with a plain message when that fails. */
void offline_open(struct offline *o, const struct conf *conf);

/* Run the loop until *done. */
void offline_wait(struct offline *o, const bool *done);

/* Read and wait. The caller PQclears (the result is a copy); NULL when it failed, which was printed. */
PGresult *offline_read(struct offline *o, enum stmt_id stmt, const struct db_param *params);

/* Make a change as "system" and wait. false: *problem says why not. *answer is the caller's to free;
   NULL: not wanted. */
bool offline_change(struct offline *o, enum stmt_id stmt, const struct db_param *params,
    const char *event, struct problem *problem, char **answer);

/* Tell on standard error what is wrong, in both languages, every field of it. */
void offline_complain(const char *command, const struct problem *problem);

void offline_close(struct offline *o);

#endif
