/*
 * channel.h - the ways out to people: one table of kinds, one small file each (channel_*.c).
 *
 * A kind writes what goes out for a message and judges what came back; outgoing.h carries it.
 */
#ifndef CHANNEL_H
#define CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "problem.h"

struct outgoing;
struct channel_kind;

/* Where to; not kept after the call returns. */
struct channel_target {
	const char *address; /* a mail address or a URL */
	const char *secret;  /* what it is signed with; "" when the kind or the receiver has none */
	const char *language; /* "zh" or "en" */
};

/* What to say; content is as the outbox fixed it (see sql/queries/outbox_bundle.sql). Not kept. */
struct channel_message {
	const char *id;   /* the same each time it is sent */
	int64_t at_ms;    /* Unix time, when it was made */
	const char *kind; /* "alert", "checkpoint", "test" */
	const json_t *content;
};

/* How it went; valid only during the callback. */
struct channel_outcome {
	bool delivered;
	bool refused;      /* it will not do better if it is tried again as it is */
	int retry_after_s; /* the receiver's wish; 0: none */
	char error[256];   /* why it was not delivered, without secrets */
};

typedef void (*channel_cb)(void *arg, const struct channel_outcome *outcome);

/* NULL: there is none of that name. */
const struct channel_kind *channel_kind_find(const char *name);

/* Messages a minute that the receiver takes. */
int channel_rate(const struct channel_kind *kind);

/* Check address and secret as somebody entered them; adds to problem what is wrong with them. */
void channel_check(
    const struct channel_kind *kind, const struct channel_target *target, struct problem *problem);

/* Send once; done is called once, from the loop, within outgoing's time limit. */
void channel_send(struct outgoing *outgoing, const struct channel_kind *kind,
    const struct channel_target *target, const struct channel_message *message, channel_cb done,
    void *arg);

#endif
