/*
 * event_record.h - the exact bytes of an event: canonical JSON, keys in order, no white space:
 * {"actor":…,"at":…,"body":…,"seq":…,"source":…,"store":…,"type":…}
 */
#ifndef EVENT_RECORD_H
#define EVENT_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"

struct event_record {
	const char *actor;
	const char *at;   /* RFC 3339 */
	const char *body; /* canonical JSON */
	size_t body_len;
	int64_t seq;
	const char *source;
	const char *store; /* store code; "" is the system's log */
	const char *type;
};

/* Append the record to out and give its leaf hash. Returns where in out the body stands. */
size_t event_record_write(const struct event_record *event, struct buf *out, uint8_t leaf[32]);

/* The body within a record's bytes; NULL when the record is not one of ours. */
const char *event_record_body(const char *record, size_t *len);

#endif
