/*
 * deliver.h - the outbox's way out: notices become messages, messages are sent, and how it went is
 * written down.
 *
 * Every process does so over the same queue: a message is taken for a while (a lease) before it is
 * sent, and comes again to whoever looks first when nobody has said how it went by then. So each is
 * delivered at least once, under one id.
 */
#ifndef DELIVER_H
#define DELIVER_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "server.h"

struct deliver;

/* The settings are looked at each time. */
struct deliver *deliver_new(struct server *server);

/* Something may be due: look soon. PostgreSQL says so by itself of what is written with an alert. */
void deliver_look(struct deliver *deliver);

/* Begin nothing more. */
void deliver_stop(struct deliver *deliver);

/* Nothing is under way; or so long after deliver_stop() that what is may come again. */
bool deliver_idle(const struct deliver *deliver);

/* Of the outbox as last looked at, for /metrics. */
struct deliver_figures {
	int64_t waiting, dead; /* messages */
	double oldest_s;       /* for how long the oldest has waited */
};
struct deliver_figures deliver_figures(const struct deliver *deliver);

/* Attempts by kind of channel and outcome, as Prometheus reads them. */
void deliver_write_counts(const struct deliver *deliver, struct buf *out);

/* After outgoing_free(), which answers what is under way. */
void deliver_free(struct deliver *deliver);

#endif
