/* batch.h - the commands of one posting transaction, and what became of each. */
#ifndef BATCH_H
#define BATCH_H

#include "command.h"
#include "world.h"

struct batch_item {
	struct post_command *command; /* owned */
	/* Decided now … */
	int event; /* index in world.events, or -1 */
	char number[SLIP_NUMBER_MAX];
	struct problem *problem; /* refused; owned */
	int steps[STEPS];        /* that it took alerts */
	/* … or answered before, with the same key. */
	bool prior;
	int prior_status;
	char *prior_body; /* owned; the event's body, or the refusal's document */
	size_t prior_len;
};

struct batch {
	struct batch_item *items;
	int count, cap;
	struct world world;
};

#endif
