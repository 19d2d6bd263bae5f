/*
 * known.h - what a lane knows of stores: as its last batches left them, so that the next ones need not
 * ask for it again. It holds as long as the store's log has not grown since (every change is an event)
 * and the day is the same; whoever takes it compares these once the store is locked.
 */
#ifndef KNOWN_H
#define KNOWN_H

#include "world.h"

struct known;

struct known *known_new(int max_stores); /* beyond these, what was put in first goes */

/* Take over the world's stores as the batch leaves them; those that it is hard to follow are freed. */
void known_keep(struct known *known, struct world *world);

/* The store, the caller's from now on; NULL: it is not known. */
struct world_store *known_take(struct known *known, int32_t store_id);

void known_forget(struct known *known); /* all */
void known_free(struct known *known);

#endif
