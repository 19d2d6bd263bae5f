/* known.c - stores by their ids, the oldest first. */
#include "known.h"

#include <search.h>
#include <stdlib.h>

#include "die.h"

/* A store with more is read anew each time. */
#define MAX_LOTS 256 /* of a ledger */
#define MAX_SERIES 64

TAILQ_HEAD(stores, world_store);

struct known {
	int max, count;
	void *by_id;
	struct stores ages;
};

static int by_id(const void *a, const void *b)
{
	const struct world_store *x = a, *y = b;

	return (x->store_id > y->store_id) - (x->store_id < y->store_id);
}

struct known *known_new(int max_stores)
{
	struct known *known = xcalloc(1, sizeof *known);

	known->max = max_stores;
	TAILQ_INIT(&known->ages);
	return known;
}

static struct world_store *leave(struct known *known, struct world_store *store)
{
	tdelete(store, &known->by_id, by_id);
	TAILQ_REMOVE(&known->ages, store, by_age);
	known->count--;
	return store;
}

struct world_store *known_take(struct known *known, int32_t store_id)
{
	struct world_store **found =
	    tfind(&(struct world_store){.store_id = store_id}, &known->by_id, by_id);

	return found ? leave(known, *found) : NULL;
}

/* Is it now in memory as it will be in the database? Slips and what they do to stock are followed, but
 * an alert that opened learns its number only there. */
static bool followed(const struct world_store *store)
{
	if (!store->code[0] || store->passing || store->series_count > MAX_SERIES)
		return false;
	for (int i = 0; i < store->alerts.count; i++)
		if (store->alerts.v[i]->changed || store->alerts.v[i]->alert_id == 0)
			return false;
	for (int i = 0; i < store->ledger_count; i++)
		if (store->ledgers[i]->lot_count > MAX_LOTS)
			return false;
	return true;
}

/* What was of the batch alone goes. */
static void settle(struct world_store *store, clock_date day)
{
	for (int i = 0; i < store->ledger_count; i++) {
		struct world_ledger *ledger = store->ledgers[i];

		ledger->listed = false;
		for (int k = 0; k < ledger->lot_count; k++)
			ledger->lots[k]->listed = false;
		world_packs_clear(ledger);
	}
	for (int i = 0; i < store->series_count; i++)
		store->series[i].changed = false;
	store->wanted_count = 0;
	store->known = true;
	store->day = day;
}

void known_keep(struct known *known, struct world *world)
{
	for (int i = 0; i < world->stores.count; i++) {
		struct world_store *store = world->stores.v[i];

		if (!followed(store)) {
			world_store_free(store);
			continue;
		}
		settle(store, world->today);
		if (!tsearch(store, &known->by_id, by_id))
			die("out of memory");
		TAILQ_INSERT_TAIL(&known->ages, store, by_age);
		if (++known->count > known->max)
			world_store_free(leave(known, TAILQ_FIRST(&known->ages)));
	}
	world->stores.count = 0;
}

void known_forget(struct known *known)
{
	while (!TAILQ_EMPTY(&known->ages))
		world_store_free(leave(known, TAILQ_FIRST(&known->ages)));
}

void known_free(struct known *known)
{
	if (!known)
		return;
	known_forget(known);
	free(known);
}
