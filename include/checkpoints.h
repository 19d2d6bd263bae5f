/*
 * checkpoints.h - checkpoints of logs: made on a schedule by one process at a time, and when asked for.
 *
 * The public key is recorded the first time that it signs. What a checkpoint says follows from the
 * log alone, so that making one twice does no harm.
 */
#ifndef CHECKPOINTS_H
#define CHECKPOINTS_H

#include "change.h"
#include "conf.h"

struct checkpoints;

/* Loads the signing key, if the settings name one; NULL with a message in two languages when it cannot.
   conf and change must outlive it. */
struct checkpoints *checkpoints_new(struct event_base *base, const struct conf *conf,
    struct change *change, char *error, size_t error_size);

/* From now on, every checkpoint_interval, for every log that grew. */
void checkpoints_schedule(struct checkpoints *checkpoints);

/* Valid only during the callback. */
struct checkpoints_answer {
	const struct problem *problem; /* NULL: there is one */
	int64_t size;                  /* all of the log's events */
	const char *note;              /* as signed */
	bool made;                     /* just now; it was not there before */
};

typedef void (*checkpoints_cb)(void *arg, const struct checkpoints_answer *answer);

/* Make sure that there is a checkpoint at the log's present end, signed by the present key. Store 0 is
   the system. */
void checkpoints_make(
    struct checkpoints *checkpoints, int32_t store_id, checkpoints_cb done, void *arg);

/* When the schedule last looked with success, in seconds since 1970; 0: never. */
int64_t checkpoints_last_run(const struct checkpoints *checkpoints);
bool checkpoints_signs(const struct checkpoints *checkpoints); /* there is a key */

/* Callbacks of what waits or runs do not run. After change_free(). */
void checkpoints_free(struct checkpoints *checkpoints);

#endif
