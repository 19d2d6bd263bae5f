/*
 * world.h - what one batch touches, in memory: read under the stores' locks, changed by decide.c,
 * written back by post_write.c. Everything in it belongs to it and goes with world_clear().
 */
#ifndef WORLD_H
#define WORLD_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/queue.h>

#include "buf.h"
#include "clock.h"
#include "command.h"
#include "log_tree.h"

#define WORLD_LIST(type)                                                                           \
	struct {                                                                                   \
		type *v;                                                                           \
		int count, cap;                                                                    \
	}

struct world_lot {
	int32_t seq;
	char *number; /* "" when nobody named it */
	clock_date expires;
	int64_t balance;
	bool siblings; /* every lot of its number is here, the empty ones, too */
	bool listed;   /* post_write.c: among the rows to write */
};

struct world_pack {
	char *name;
	int64_t quantity;
};

enum world_cause {
	CAUSE_LOW_STOCK,
	CAUSE_OUT_OF_STOCK,
	CAUSES_OF_STOCK, /* decided with each change; the rest by the clock, when the sweep asks */
	CAUSE_DAYS_OF_COVER = CAUSES_OF_STOCK,
	CAUSE_EXPIRING,
	CAUSE_EXPIRED,
	CAUSE_OVERDUE_COUNT,
	CAUSES
};

/* What the time has come for. */
enum world_clock { CLOCK_NONE, CLOCK_WAKE, CLOCK_ESCALATE };

/* An alert that was open when the batch began, or that it opened. */
struct world_alert {
	struct world_ledger *ledger;
	enum world_cause cause;
	int64_t alert_id;                 /* 0: opened in this batch */
	int64_t opened_seq;               /* its event */
	int64_t opened_by_slip;           /* event of the slip; 0: a threshold or the readiness */
	int64_t on_hand, minimum, target; /* when it opened; minimum -1: none set */
	int64_t value, bound;             /* of its cause (0007_alert_life.sql); bound -1: none */
	int32_t window_days;              /* 0: none */
	int64_t armed_on_hand;            /* when it was opened or last re-armed */
	int escalation;                   /* so many places upwards has it come */
	enum world_clock clock;           /* if the sweep asked */
	int32_t above_id;                 /* the next place upwards */
	char above[33];

	/* What this batch did to it: events, 0 when none; and who. */
	bool changed;
	int64_t closed_seq, armed_seq, acknowledged_seq, snoozed_seq, escalated_seq;
	const struct post_command *acknowledged, *snoozed;
	int32_t escalated_to;
};

/* What the clock makes of a ledger, for one cause: as the database saw it at an entry. */
struct world_fact {
	bool known;
	bool due, stays; /* an alert should open; one that is open should not close */
	int64_t entry_seq;
	int64_t value, bound;
	int32_t window_days;
};

/* A ledger, or an item that the store keeps none of yet. */
struct world_ledger {
	struct world_store *store;
	int32_t item_id;
	char item[65];
	int64_t balance;
	int64_t entry_seq;
	int32_t lot_seq;                      /* the last lot's */
	struct post_thresholds thresholds[2]; /* normal, emergency */
	struct world_alert *alerts[CAUSES];   /* open ones */
	struct world_fact facts[CAUSES];      /* of those by the clock, if the sweep asks */
	int lot_count, lot_cap;
	struct world_lot **lots; /* in FEFO order: expires, then number */
	int pack_count;
	struct world_pack *packs;
	bool thresholds_changed;
	int64_t visited; /* decide.c: event for which its alerts were looked at */
	bool listed;     /* post_write.c: among the rows to write */
};

/* The last slip number given for a kind and business day. */
struct world_series {
	enum slip_kind kind;
	clock_date date;
	int32_t serial;
	bool changed;
};

struct world_store {
	int32_t store_id;
	char code[17];      /* "": no such store */
	int64_t event_seq;  /* the log's last */
	int64_t read_seq;   /* that when the batch began */
	struct merkle tree; /* over the log so far */
	bool emergency;     /* readiness */
	struct post_rules rules;
	bool rules_changed;
	int ledger_count, ledger_cap;
	struct world_ledger **ledgers;
	int series_count, series_cap;
	struct world_series *series;
	int wanted_count, wanted_cap;
	const char **wanted;                     /* items asked for; the commands' */
	WORLD_LIST(struct world_alert *) alerts; /* owned; also those that closed in this batch */

	/* known.c: what an earlier batch left. */
	bool known;     /* it is that … */
	bool stale;     /* … and it no longer holds */
	bool passing;   /* what this batch does to it is not followed */
	clock_date day; /* the business day of that batch */
	TAILQ_ENTRY(world_store) by_age;
};

/* --- What the batch adds --- */

struct world_entry {
	struct world_ledger *ledger;
	struct world_lot *lot;
	bool new_lot; /* it is the lot's first */
	int64_t seq, event_seq, quantity, balance_after;
	int64_t pack_quantity;
	const char *pack; /* the command's; NULL: base units */
	clock_date date;
	int line;
};

struct world_slip {
	struct world_store *store;
	int64_t event_seq;
	enum slip_kind kind;
	enum slip_reason reason;
	clock_date date;
	int32_t serial;
	int32_t posted_by;
	const char *counterparty, *receiver, *handler, *document, *note; /* the command's */
	int64_t reverses; /* event of the slip it undoes; 0: none */
};

struct world_event {
	struct world_store *store;
	int64_t seq;
	const char *type;
	const struct post_command *command; /* whose actor and key it carries */
	bool answer;                        /* it is the command's own, not a consequence */
	size_t record, record_len;          /* in world.bytes */
	size_t body, body_len;              /* within it */
	uint8_t leaf[32];
};

struct world_hash { /* for a tile */
	int32_t store_id;
	struct log_tree_hash hash;
};

/* What became of an alert, of which people are told. */
enum world_step_kind { STEP_OPENED, STEP_REARMED, STEP_ESCALATED, STEP_CLOSED, STEPS };

struct world_step {
	struct world_alert *alert;
	enum world_step_kind kind;
	int64_t event_seq; /* the event that says so */
	int escalation;    /* how many places upwards it has come; 0: the store's own */
};

struct world_reversed { /* a slip that has been reversed */
	int32_t store_id;
	int64_t event_seq;
	char by[SLIP_NUMBER_MAX];
};

struct world {
	char at[40];       /* the batch's time, RFC 3339 with offset */
	clock_date today;  /* business day */
	int backdate_days; /* 0: any */

	WORLD_LIST(struct world_store *) stores;
	WORLD_LIST(struct world_reversed) reversed;

	WORLD_LIST(struct world_entry) entries;
	WORLD_LIST(struct world_slip) slips;
	WORLD_LIST(struct world_event) events;
	WORLD_LIST(struct world_hash) hashes;
	WORLD_LIST(struct world_step) steps;
	WORLD_LIST(struct world_ledger *) thresholds; /* ledgers whose thresholds changed */
	struct buf bytes;                             /* the events' records */
	struct buf scratch;                           /* one body at a time */
};

/* A new element at the end of a list, zeroed. */
#define world_push(list)                                                                           \
	((void)((list)->count == (list)->cap                                                       \
		    ? ((list)->v = world_grow((list)->v, &(list)->cap, sizeof *(list)->v), 0)      \
		    : 0),                                                                          \
	    memset(&(list)->v[(list)->count], 0, sizeof *(list)->v), &(list)->v[(list)->count++])
void *world_grow(void *v, int *cap, size_t size);

struct world_store *world_store_add(struct world *world, int32_t store_id);
struct world_store *world_store(const struct world *world, int32_t store_id); /* NULL: not added */

/* Forget all but which store it is. */
void world_store_clear(struct world_store *store);
void world_store_free(struct world_store *store);

/* Note that an item of the store is asked for; false when it was already. */
bool world_want(struct world_store *store, const char *item);

/* A ledger of that item that is there already is returned as it is. */
struct world_ledger *world_ledger_add(struct world_store *store, int32_t item_id, const char *item);
struct world_ledger *world_ledger(const struct world_store *store, const char *item);
struct world_ledger *world_ledger_by_id(const struct world_store *store, int32_t item_id);

void world_pack_add(struct world_ledger *ledger, const char *name, int64_t quantity);
void world_packs_clear(struct world_ledger *ledger);

/* Adds in FEFO order; a lot of that seq that is there already is returned as it is. */
struct world_lot *world_lot_add(struct world_ledger *ledger, int32_t seq, const char *number,
    clock_date expires, int64_t balance);
void world_lot_drop(struct world_ledger *ledger, struct world_lot *lot);
bool world_lots_all(const struct world_ledger *ledger, const char *number); /* siblings, above */
struct world_lot *world_lot_by_seq(const struct world_ledger *ledger, int32_t seq);

/* The series, made with serial 0 when there is none yet. */
struct world_series *world_series(struct world_store *store, enum slip_kind kind, clock_date date);

struct world_alert *world_alert_add(struct world_ledger *ledger, enum world_cause cause);

void world_reversed_add(struct world *world, int32_t store_id, int64_t event_seq, const char *by);
const char *world_reversed_by(const struct world *world, int32_t store_id, int64_t event_seq);

const char *world_cause_name(enum world_cause cause);
int world_cause_parse(const char *name); /* -1: there is none of that name */

/* Empty it for the next batch; lists keep their memory. */
void world_clear(struct world *world);
void world_free(struct world *world);

#endif
