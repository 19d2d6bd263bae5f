/* seed_plan.h - what a first start is filled with: a few weeks of plausible slips of one store. */
#ifndef SEED_PLAN_H
#define SEED_PLAN_H

#include <jansson.h>

#include "clock.h"
#include "command.h"

struct seed_supply {
	const char *item;
	struct post_thresholds levels[2]; /* normal, emergency */

	/* What comes in: whole cases, every so many days, until so many days before the last. */
	const char *pack;
	int pack_quantity, opening_packs, delivery_packs, every, until;
	const char *lot; /* what its lot numbers begin with */
	int shelf_days;

	/* What goes out: so many units a time at most; never below the floor. */
	int issue_most, floor;
};

#define SEED_SUPPLIES 7
extern const struct seed_supply seed_supplies[SEED_SUPPLIES];

#define SEED_GRIDS 47
#define SEED_GROUPS 3
struct seed_group {
	const char *code, *name_zh, *name_en;
};
extern const struct seed_group seed_groups[SEED_GROUPS];

/*
 * The slips of the weeks that end with the last day, in order: always the same ones. Each is given
 * to take() with its idempotency key, as the API would take it; take() owns slip.
 */
void seed_plan(clock_date last, void (*take)(void *arg, const char *key, json_t *slip), void *arg);

#endif
