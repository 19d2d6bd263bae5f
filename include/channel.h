/*
 * channel.h - the ways out to people: one table of kinds, one small file each (channel_*.c).
 *
 * A kind writes what goes out for a message and judges what came back; outgoing.h carries it. A
 * message's content is JSON, fixed by the outbox when the message is made:
 *
 * "alert": {"alerts": [{"id": 7, "store": "XT", "store_name_zh", "store_name_en", "item": "n95",
 *     "item_name_zh", "item_name_en", "unit", "unit_en", "cause": "low_stock",
 *     "step": "opened|rearmed|escalated|closed", "escalation": 0, "escalated_to": null or a place,
 *     "escalated_to_zh", "escalated_to_en", "value", "bound", "window_days", "on_hand", "minimum",
 *     "target", "suggested_quantity", "opened_at": RFC 3339}, … the most urgent first],
 *   "more": 0 (alerts beyond those), "counts": {"opened": 1, "rearmed": 0, "escalated": 0,
 *     "closed": 0} (of all), "stores": 1 (that they are of), "link": "https://…/alerts"}
 * "checkpoint": {"store", "origin", "size", "root" (base64), "note" (the signed note, whole)}
 * "test": {"by" (who asked for it), "at": RFC 3339}
 *
 * What is null or absent is not mentioned.
 */
#ifndef CHANNEL_H
#define CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "conf.h"
#include "problem.h"

struct outgoing;
struct channel_kind;

#define CHANNEL_ADDRESS_MAX 2000
#define CHANNEL_SECRET_MAX 200

/* Where to; not kept after the call returns. */
struct channel_target {
	const char *address; /* a mail address or a URL */
	const char *secret;  /* what it is signed with; "" when the kind or the receiver has none */
	const char *language; /* "zh" or "en" */
};

/* What to say. Not kept. */
struct channel_message {
	const char *id;   /* the same each time it is sent; letters, digits and "-" */
	int64_t at_ms;    /* Unix time, when it was made */
	const char *kind; /* "alert", "checkpoint", "test" */
	const json_t *content;
};

/* How it went; valid only during the callback. */
struct channel_outcome {
	bool delivered;
	bool refused;      /* it will not do better if it is tried again as it is */
	bool stopped;      /* outgoing_free() was called meanwhile: it may have arrived or not */
	int retry_after_s; /* the receiver's wish; 0: none */
	char error[256];   /* why it was not delivered, without secrets */
};

typedef void (*channel_cb)(void *arg, const struct channel_outcome *outcome);

/* NULL: there is none of that name, or of that number (from 0, without gaps). */
const struct channel_kind *channel_kind_find(const char *name);
const struct channel_kind *channel_kind_at(int number);
const char *channel_kind_name(const struct channel_kind *kind);

/* Messages a minute that the receiver takes. */
int channel_rate(const struct channel_kind *kind);

/* Is the address itself a secret, to be sealed and never shown again? */
bool channel_address_secret(const struct channel_kind *kind);

/* What of an address may be shown: all of it, or "https://host/…". The caller frees. */
char *channel_address_shown(const struct channel_kind *kind, const char *address);

/* Check address and secret as somebody entered them; adds to problem what is wrong with them, as
   fields "address" and "secret". */
void channel_check(const struct channel_kind *kind, const struct channel_target *target,
    const struct conf *conf, struct problem *problem);

/*
 * Send once; done is called once: from the loop, within outgoing's time limit of the start, or from
 * outgoing_free(), after which nothing may be sent any more.
 */
void channel_send(struct outgoing *outgoing, const struct channel_kind *kind,
    const struct channel_target *target, const struct channel_message *message, channel_cb done,
    void *arg);

#endif
