/*
 * feed.h - what happens in the stores, as it happens, whichever process posted it.
 *
 * PostgreSQL tells each process which logs grew. While somebody watches, the new events are read,
 * once a process, and kept as messages, numbered without gaps, until there are too many bytes of
 * them. Watchers go through them by number, each at their own pace; whoever comes too late has to
 * look for themselves.
 */
#ifndef FEED_H
#define FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth.h"
#include "buf.h"
#include "db.h"

struct feed_message {
	int depth; /* of the place that it is about; 0: it is for everybody */
	int32_t path[PLACE_MAX_DEPTH];
	size_t len;
	char *text; /* a server-sent event: id, event, data */
};

struct feed_watcher {
	void (*news)(void *arg);   /* there are new messages */
	void (*people)(void *arg); /* somebody may have lost a session or a grant */
	void *arg;
};

struct feed;

/* Keeps messages of so many bytes. */
struct feed *feed_new(struct event_base *base, const struct db_options *db, size_t max_bytes,
    const struct feed_watcher *watcher);

/* Is PostgreSQL listened to? */
bool feed_ready(const struct feed *feed);

/* PostgreSQL's clock, which events carry, in microseconds of 1970. While ready. */
int64_t feed_now_us(const struct feed *feed);

/* Somebody watches, or nobody does any more: then nothing is read, nor kept. */
void feed_watch(struct feed *feed, bool watched);

/* The number of the oldest message that is kept, and the one after the newest. */
uint64_t feed_oldest(const struct feed *feed);
uint64_t feed_end(const struct feed *feed);
const struct feed_message *feed_message(const struct feed *feed, uint64_t number);

/* A row of stream_events.sql as a server-sent event. */
void feed_write(const PGresult *result, int row, struct buf *out);

/* The server-sent event that says that some were missed: whoever gets it loads anew what they show. */
void feed_write_reset(const struct feed *feed, struct buf *out);

void feed_free(struct feed *feed);

#endif
