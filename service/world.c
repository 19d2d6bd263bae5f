/* world.c - finding and adding what a batch touches. */
#include "world.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"

void *world_grow(void *v, int *cap, size_t size)
{
	*cap = *cap ? *cap * 2 : 16;
	return xrealloc(v, (size_t)*cap * size);
}

struct world_store *world_store_add(struct world *world, int32_t store_id)
{
	struct world_store *store = xcalloc(1, sizeof *store);

	store->store_id = store_id;
	store->rules = POST_RULES_DEFAULT;
	*world_push(&world->stores) = store;
	return store;
}

struct world_store *world_store(const struct world *world, int32_t store_id)
{
	for (int i = 0; i < world->stores.count; i++)
		if (world->stores.v[i]->store_id == store_id)
			return world->stores.v[i];
	return NULL;
}

bool world_want(struct world_store *store, const char *item)
{
	for (int i = 0; i < store->wanted_count; i++)
		if (strcmp(store->wanted[i], item) == 0)
			return false;
	if (store->wanted_count == store->wanted_cap)
		store->wanted =
		    world_grow(store->wanted, &store->wanted_cap, sizeof *store->wanted);
	store->wanted[store->wanted_count++] = item;
	return true;
}

struct world_ledger *world_ledger_add(struct world_store *store, int32_t item_id, const char *item)
{
	struct world_ledger *ledger = world_ledger_by_id(store, item_id);

	if (ledger)
		return ledger;
	ledger = xcalloc(1, sizeof *ledger);
	ledger->store = store;
	ledger->item_id = item_id;
	strncpy(ledger->item, item, sizeof ledger->item - 1);
	for (int i = 0; i < 2; i++)
		ledger->thresholds[i] = (struct post_thresholds){-1, -1};
	if (store->ledger_count == store->ledger_cap)
		store->ledgers =
		    world_grow(store->ledgers, &store->ledger_cap, sizeof *store->ledgers);
	store->ledgers[store->ledger_count++] = ledger;
	return ledger;
}

struct world_ledger *world_ledger(const struct world_store *store, const char *item)
{
	for (int i = 0; i < store->ledger_count; i++)
		if (strcmp(store->ledgers[i]->item, item) == 0)
			return store->ledgers[i];
	return NULL;
}

struct world_ledger *world_ledger_by_id(const struct world_store *store, int32_t item_id)
{
	for (int i = 0; i < store->ledger_count; i++)
		if (store->ledgers[i]->item_id == item_id)
			return store->ledgers[i];
	return NULL;
}

void world_pack_add(struct world_ledger *ledger, const char *name, int64_t quantity)
{
	int n = ledger->pack_count++;

	ledger->packs =
	    xrealloc(ledger->packs, (size_t)ledger->pack_count * sizeof ledger->packs[0]);
	ledger->packs[n] = (struct world_pack){xstrdup(name), quantity};
}

void world_packs_clear(struct world_ledger *ledger)
{
	for (int i = 0; i < ledger->pack_count; i++)
		free(ledger->packs[i].name);
	ledger->pack_count = 0;
}

static void lot_free(struct world_lot *lot)
{
	free(lot->number);
	free(lot);
}

static int fefo_order(const struct world_lot *lot, clock_date expires, const char *number)
{
	if (lot->expires != expires)
		return lot->expires < expires ? -1 : 1;
	return strcmp(lot->number, number);
}

struct world_lot *world_lot_add(struct world_ledger *ledger, int32_t seq, const char *number,
    clock_date expires, int64_t balance)
{
	struct world_lot *lot = world_lot_by_seq(ledger, seq);
	int at = ledger->lot_count;

	if (lot)
		return lot;
	lot = xcalloc(1, sizeof *lot);
	lot->seq = seq;
	lot->number = xstrdup(number);
	lot->expires = expires;
	lot->balance = balance;
	if (ledger->lot_count == ledger->lot_cap)
		ledger->lots = world_grow(ledger->lots, &ledger->lot_cap, sizeof *ledger->lots);
	for (; at > 0 && fefo_order(ledger->lots[at - 1], expires, number) > 0; at--)
		ledger->lots[at] = ledger->lots[at - 1];
	ledger->lots[at] = lot;
	ledger->lot_count++;
	return lot;
}

void world_lot_drop(struct world_ledger *ledger, struct world_lot *lot)
{
	int at = 0;

	while (ledger->lots[at] != lot)
		at++;
	ledger->lot_count--;
	memmove(&ledger->lots[at], &ledger->lots[at + 1],
	    (size_t)(ledger->lot_count - at) * sizeof ledger->lots[0]);
	lot_free(lot);
}

bool world_lots_all(const struct world_ledger *ledger, const char *number)
{
	for (int i = 0; i < ledger->lot_count; i++)
		if (ledger->lots[i]->siblings && strcmp(ledger->lots[i]->number, number) == 0)
			return true;
	return false;
}

struct world_lot *world_lot_by_seq(const struct world_ledger *ledger, int32_t seq)
{
	for (int i = 0; i < ledger->lot_count; i++)
		if (ledger->lots[i]->seq == seq)
			return ledger->lots[i];
	return NULL;
}

struct world_series *world_series(struct world_store *store, enum slip_kind kind, clock_date date)
{
	struct world_series *series;

	for (int i = 0; i < store->series_count; i++) {
		series = &store->series[i];
		if (series->kind == kind && series->date == date)
			return series;
	}
	if (store->series_count == store->series_cap)
		store->series =
		    world_grow(store->series, &store->series_cap, sizeof *store->series);
	series = &store->series[store->series_count++];
	*series = (struct world_series){.kind = kind, .date = date};
	return series;
}

struct world_alert *world_alert_add(struct world_ledger *ledger, enum world_cause cause)
{
	struct world_alert *alert = xcalloc(1, sizeof *alert);

	alert->ledger = ledger;
	alert->cause = cause;
	ledger->alerts[cause] = alert;
	*world_push(&ledger->store->alerts) = alert;
	return alert;
}

void world_reversed_add(struct world *world, int32_t store_id, int64_t event_seq, const char *by)
{
	struct world_reversed *reversed = world_push(&world->reversed);

	reversed->store_id = store_id;
	reversed->event_seq = event_seq;
	problem_copy(reversed->by, sizeof reversed->by, by);
}

const char *world_reversed_by(const struct world *world, int32_t store_id, int64_t event_seq)
{
	for (int i = 0; i < world->reversed.count; i++) {
		const struct world_reversed *r = &world->reversed.v[i];

		if (r->store_id == store_id && r->event_seq == event_seq)
			return r->by;
	}
	return NULL;
}

static const char *const cause_names[CAUSES] = {
    [CAUSE_LOW_STOCK] = "low_stock",
    [CAUSE_OUT_OF_STOCK] = "out_of_stock",
    [CAUSE_DAYS_OF_COVER] = "days_of_cover",
    [CAUSE_EXPIRING] = "expiring",
    [CAUSE_EXPIRED] = "expired",
    [CAUSE_OVERDUE_COUNT] = "overdue_count",
};

const char *world_cause_name(enum world_cause cause)
{
	return cause_names[cause];
}

int world_cause_parse(const char *name)
{
	for (int i = 0; i < CAUSES; i++)
		if (strcmp(cause_names[i], name) == 0)
			return i;
	return -1;
}

static void ledger_free(struct world_ledger *ledger)
{
	for (int i = 0; i < ledger->lot_count; i++)
		lot_free(ledger->lots[i]);
	world_packs_clear(ledger);
	free(ledger->lots);
	free(ledger->packs);
	free(ledger);
}

void world_store_clear(struct world_store *store)
{
	for (int i = 0; i < store->ledger_count; i++)
		ledger_free(store->ledgers[i]);
	for (int i = 0; i < store->alerts.count; i++)
		free(store->alerts.v[i]);
	store->ledger_count = store->alerts.count = store->series_count = store->wanted_count = 0;
}

void world_store_free(struct world_store *store)
{
	world_store_clear(store);
	free(store->ledgers);
	free(store->alerts.v);
	free(store->series);
	free(store->wanted);
	free(store);
}

void world_clear(struct world *world)
{
	for (int i = 0; i < world->stores.count; i++)
		world_store_free(world->stores.v[i]);
	world->stores.count = world->reversed.count = 0;
	world->entries.count = world->slips.count = world->events.count = 0;
	world->steps.count = world->hashes.count = 0;
	world->thresholds.count = 0;
	world->bytes.len = world->scratch.len = 0;
}

void world_free(struct world *world)
{
	world_clear(world);
	free(world->stores.v);
	free(world->reversed.v);
	free(world->entries.v);
	free(world->slips.v);
	free(world->events.v);
	free(world->hashes.v);
	free(world->steps.v);
	free(world->thresholds.v);
	buf_free(&world->bytes);
	buf_free(&world->scratch);
}
