/*
 * stream.h - GET /api/v1/stream: server-sent events of what happens at the places that the caller may
 * look at. All streams of a process share its feed (feed.h): an idle one costs little more than its
 * connection.
 */
#ifndef STREAM_H
#define STREAM_H

#include <stdint.h>

#include "server.h"

struct streams;

struct streams *streams_new(struct server *server);

struct stream_stats {
	int open;
	uint64_t cut;    /* streams that fell too far behind */
	uint64_t events; /* sent, over all streams */
	uint64_t resets; /* streams that were told to load anew when they resumed */
};
const struct stream_stats *streams_stats(const struct streams *streams);

/* Ends all of them, as the process is about to stop: clients come back to another. */
void streams_stop(struct streams *streams);

/* After the requests are gone. */
void streams_free(struct streams *streams);

#endif
