/*
 * post.h - posting: the one way anything in a store changes.
 *
 * A store's commands all take the same lane (lane.h), in order; stores in different lanes do not wait
 * for each other.
 */
#ifndef POST_H
#define POST_H

#include <stdbool.h>
#include <stdint.h>

#include <event2/event.h>

#include "command.h"
#include "db.h"

struct post;

struct post_options {
	int lanes;         /* each has a connection */
	int max_queue;     /* commands waiting in a lane */
	int max_batch;     /* commands in one transaction */
	int timeout_ms;    /* from submit to answer */
	int backdate_days; /* how old a business date may be; 0: no bound */
};

/* As the settings say. */
struct conf;
struct post_options post_options(const struct conf *conf);

struct post *post_new(
    struct event_base *base, const struct db_options *db, const struct post_options *options);

/* Take over what may change while running: timeout_ms, backdate_days. */
void post_reload(struct post *post, const struct post_options *options);

/*
 * Take the command; done is called once, never from within this call. Within the time limit it is
 * answered one way or another; an answer of database_away leaves open whether it was posted.
 */
void post_submit(struct post *post, struct post_command *command);

bool post_ready(const struct post *post); /* the connections are up */
int post_depth(const struct post *post);  /* commands waiting or in flight */

/* Totals since the start, for /metrics. */
struct post_stats {
	uint64_t posted[2]; /* by slip kind */
	uint64_t refused, replayed, batches, batch_commands, unknown;
};
struct post_stats post_stats(const struct post *post);

void post_free(struct post *post);

#endif
