/*
 * post.h - posting: the one way anything in a store changes.
 *
 * Commands that arrive while a batch is in flight form the next one. A batch is one transaction:
 * lock the stores, read what the commands touch, decide each in order (decide.c), write set-based,
 * commit; then the callbacks run. See DESIGN.md, "Shape".
 */
#ifndef POST_H
#define POST_H

#include <stdbool.h>
#include <stdint.h>

#include <event2/event.h>

#include "db.h"
#include "problem.h"
#include "slip.h"

enum post_kind {
	POST_SLIP,
	POST_REVERSAL,
	POST_THRESHOLDS,
	POST_READINESS, /* of one store */
	POST_ACKNOWLEDGE,
	POST_KINDS
};

struct post_thresholds { /* minimum -1: leave none */
	int64_t minimum;
	int64_t target;
};

/* How a command ended. body is valid only during the callback. */
struct post_answer {
	int status;              /* 201, 200, or the problem's */
	bool replayed;           /* the key was used before: this is the first answer */
	const char *body;        /* the slip or other result as JSON, when status < 300 */
	size_t body_len;
	const char *number;      /* of the slip, or "" */
	const struct problem *problem; /* when status >= 300, unless refusal below */
	const char *refusal;     /* a replayed refusal: its problem document as first answered */
	size_t refusal_len;
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
	char actor[65];   /* user name */
	char source[64];  /* address, or "import", "seed" */
	char key[SLIP_KEY_MAX + 1]; /* empty: the command gets a random one */
	uint8_t request_hash[32];
	union {
		struct slip *slip;                                   /* POST_SLIP; owned */
		struct { char number[64]; char *note; } reversal;    /* note owned */
		struct { char item[65]; struct post_thresholds levels[2]; } thresholds; /* normal, emergency */
		struct { bool emergency; char *reason; char place[33]; } readiness; /* reason owned */
		struct { int64_t alert_id; char *note; } acknowledge; /* note owned */
	};
	post_cb done;
	void *arg;

	/* posting's own */
	struct post_command *next;
	int64_t deadline_ms;
	bool unknown; /* was in a batch whose commit nobody saw */
};

struct post;

struct post_options {
	int max_queue;    /* commands waiting */
	int max_batch;    /* commands in one transaction */
	int timeout_ms;   /* from submit to answer */
	int backdate_days; /* how old a business date may be; 0: no bound */
	const char *time_zone; /* business days are of this zone */
};

struct post *post_new(struct event_base *base, const struct db_options *db,
    const struct post_options *options);

struct post_command *post_command_new(enum post_kind kind);
void post_command_free(struct post_command *command);

/*
 * Take the command; done is called once, never from within this call. Within the time limit it is
 * answered one way or another; an answer of database_away leaves open whether it was posted.
 */
void post_submit(struct post *post, struct post_command *command);

bool post_ready(const struct post *post); /* the connection is up */
int post_depth(const struct post *post);  /* commands waiting or in flight */
bool post_idle(const struct post *post);

/* Totals since the start, for /metrics. */
struct post_stats {
	uint64_t posted[2]; /* by slip kind */
	uint64_t refused, replayed, batches, batch_commands, unknown;
};
const struct post_stats *post_stats(const struct post *post);

void post_free(struct post *post);

#endif
