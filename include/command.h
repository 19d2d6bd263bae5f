/* command.h - one change to one store, as handed to post.h and decided by decide.h. */
#ifndef COMMAND_H
#define COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "problem.h"
#include "slip.h"

enum post_kind {
	POST_SLIP,
	POST_REVERSAL,
	POST_THRESHOLDS,
	POST_READINESS, /* of one store */
	POST_RULES,     /* of one store: the rules of its stock alerts */
	POST_ACKNOWLEDGE,
	POST_SNOOZE,
	POST_SWEEP, /* one ledger, for what the clock did */
	POST_KINDS
};

struct post_thresholds { /* minimum -1: none set */
	int64_t minimum;
	int64_t target;
};

/* When stock alerts open, close and are armed again (table alert_rule). */
struct post_rules {
	bool low_stock, out_of_stock; /* they are wanted */
	int clear_percent;            /* of the minimum, above it: closes after a slip */
	int rearm_percent;            /* of the minimum, below where it was armed; 0: never */
};
#define POST_RULES_DEFAULT ((struct post_rules){true, true, 10, 25}) /* as migration 0007 says */

/* An entry of the slip to reverse. Posted entries never change, so whoever asks reads them first. */
struct post_reversed_entry {
	char item[65];
	int32_t lot_seq;
	int64_t quantity; /* signed, as posted */
};

/* How a command ended. Everything it points to is valid only during the callback. */
struct post_answer {
	int status;       /* 201, 200, or the problem's */
	bool replayed;    /* the key was used before: this is the first answer */
	const char *body; /* the event's body as JSON, when status < 300 */
	size_t body_len;
	const char *number;            /* of the slip, or "" */
	const struct problem *problem; /* when status >= 300, unless refusal below */
	const char *refusal; /* a replayed refusal: its problem document as first answered */
	size_t refusal_len;
	const int *steps; /* that it took alerts, by enum world_step_kind; NULL: none */
};

typedef void (*post_cb)(void *arg, const struct post_answer *answer);

/*
 * What to do. The caller allocates with post_command_new(), fills it, and hands it over with
 * post_submit(), which owns it from then on.
 */
struct post_command {
	enum post_kind kind;
	int32_t store_id;
	int32_t actor_id;
	char actor[65];             /* user name */
	char source[64];            /* address, or "import", "seed" */
	char key[SLIP_KEY_MAX + 1]; /* empty: the command gets a random one */
	uint8_t request_hash[32];
	union {
		struct slip *slip; /* POST_SLIP; owned */
		struct {
			int64_t event_seq; /* the slip to reverse … */
			char number[64];
			enum slip_kind kind;
			bool is_reversal;
			char *counterparty, *receiver; /* … as it says; owned */
			char *note;                    /* owned */
			int entry_count;
			struct post_reversed_entry *entries; /* owned */
		} reversal;
		struct {
			char item[65];
			struct post_thresholds levels[2]; /* normal, emergency */
		} thresholds;
		struct {
			bool emergency;
			char place[33];
			char *reason; /* owned */
		} readiness;
		struct post_rules rules;
		struct { /* POST_ACKNOWLEDGE, POST_SNOOZE */
			int64_t alert_id;
			char item[65];    /* of the alert's ledger */
			char *text;       /* note, reason; owned */
			clock_date until; /* of a snooze */
		} alert;
		struct {
			char item[65];
		} sweep;
	};
	post_cb done;
	void *arg;

	/* posting's own */
	struct post_command *next;
	int64_t deadline_ms;
	bool unknown; /* was in a batch whose commit nobody saw */
};

/* The user "system" of migration 0003, as which the program itself acts. */
#define POST_SYSTEM_USER 1

struct post_command *post_command_new(enum post_kind kind);
void post_command_free(struct post_command *command);

#endif
