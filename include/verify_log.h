/* verify_log.h - a store's log, walked in order beside its slips and entries. */
#ifndef VERIFY_LOG_H
#define VERIFY_LOG_H

#include <stdint.h>

#include <libpq-fe.h>

#include "verify_tree.h"

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
	LOG_TREE,         /* the head's nodes are not the tree's */
	LOG_TILES,        /* nor are the tiles' hashes */
	LOG_ROOT,         /* a checkpoint's root is not the log's at its size */
	LOG_SIGNATURE,    /* a checkpoint's note is not what was signed */
	LOG_KEPT,         /* the checkpoint kept outside is not of this log */
	LOG_FAULTS
};

struct log_store {
	const char *id;       /* store_id */
	const char *name;     /* for messages */
	const char *code;     /* as in records; "" is the system's log, NULL: no such store */
	int64_t event_seq;    /* the log's head */
	const char *frontier; /* the head's nodes, in hex; NULL: no head */
	const struct verify_keys *keys;
	const struct checkpoint *kept; /* a checkpoint of this log, kept outside; NULL: none */
};

/* Connections within one snapshot, so that streams can be read side by side. */
struct log_streams {
	PGconn *events, *slips, *entries, *checkpoints;
};

void verify_log(const struct log_streams *streams, const struct log_store *store,
    struct finding findings[LOG_FAULTS]);

#endif
