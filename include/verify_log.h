/* verify_log.h - a store's log, walked in order beside its slips and entries. */
#ifndef VERIFY_LOG_H
#define VERIFY_LOG_H

#include <stdint.h>

#include <libpq-fe.h>

/* The first fault of a kind, and how many there were. */
struct finding {
	int64_t faults;
	char store[48], place[120], found[120], expected[120];
};

enum log_fault {
	LOG_SEQUENCE,     /* the log has a gap */
	LOG_HEAD,         /* its head is not the last event */
	LOG_LEAF,         /* the hash is not that of the record's bytes */
	LOG_RECORD,       /* the record says other than the row it stands in */
	LOG_EVENT_SLIP,   /* an event of a slip that is not there */
	LOG_SLIP_EVENT,   /* a slip without its event */
	LOG_BODY,         /* the body is not the slip and its entries */
	LOG_ENTRY_SLIP,   /* an entry without its slip, or against its direction or date */
	LOG_SLIP_ENTRIES, /* a slip without entries */
	LOG_FAULTS
};

struct log_store {
	const char *id;    /* store_id */
	const char *name;  /* for messages */
	const char *code;  /* as in records; "" is the system's log, NULL: no such store */
	int64_t event_seq; /* the log's head */
};

/* Three connections within one snapshot, so that three streams can be read side by side. */
struct log_streams {
	PGconn *events, *slips, *entries;
};

void verify_log(const struct log_streams *streams, const struct log_store *store,
    struct finding findings[LOG_FAULTS]);

#endif
