/* test_known.c - what is kept of a batch's stores, and what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "known.h"

#define MAX 3
#define TODAY 1000

static struct known *known;
static struct world world;

static int setup(void **state)
{
	(void)state;
	known = known_new(MAX);
	world = (struct world){.today = TODAY};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_free(&world);
	known_free(known);
	return 0;
}

static struct world_store *store_add(int32_t id)
{
	struct world_store *store = world_store_add(&world, id);

	snprintf(store->code, sizeof store->code, "S%d", id);
	return store;
}

static bool knows(int32_t id)
{
	struct world_store *store = known_take(known, id);

	if (store)
		world_store_free(store);
	return store != NULL;
}

static void test_taken_once(void **state)
{
	struct world_store *store = store_add(7), *taken;

	(void)state;
	store->event_seq = 12;
	known_keep(known, &world);
	assert_int_equal(world.stores.count, 0);
	assert_null(known_take(known, 8));
	taken = known_take(known, 7);
	assert_ptr_equal(taken, store);
	assert_true(taken->known);
	assert_false(taken->stale);
	assert_int_equal(taken->event_seq, 12);
	assert_int_equal(taken->day, TODAY);
	assert_null(known_take(known, 7));
	world_store_free(taken);
}

static void test_marks_of_the_batch_go(void **state)
{
	struct world_store *store = store_add(7);
	struct world_ledger *ledger = world_ledger_add(store, 1, "mask");
	struct world_lot *lot = world_lot_add(ledger, 1, "L", TODAY, 5);

	(void)state;
	ledger->listed = lot->listed = lot->siblings = true;
	world_series(store, SLIP_IN, TODAY)->changed = true;
	world_pack_add(ledger, "盒", 50);
	world_want(store, "mask");
	known_keep(known, &world);
	store = known_take(known, 7);
	assert_false(ledger->listed || lot->listed);
	assert_true(lot->siblings);
	assert_false(world_series(store, SLIP_IN, TODAY)->changed);
	assert_int_equal(ledger->pack_count, 0); /* these may be given anew at any time */
	assert_true(world_want(store, "mask"));
	world_store_free(store);
}

static void test_the_oldest_makes_room(void **state)
{
	(void)state;
	for (int32_t id = 1; id <= MAX; id++)
		store_add(id);
	known_keep(known, &world);
	*world_push(&world.stores) = known_take(known, 1); /* used: it is the newest again */
	store_add(MAX + 1);
	known_keep(known, &world);
	assert_false(knows(2));
	for (int32_t id = 1; id <= MAX + 1; id++)
		if (id != 2)
			assert_true(knows(id));
}

static void test_what_is_not_followed(void **state)
{
	struct world_ledger *ledger;
	struct world_store *series;
	struct world_alert *alert;

	(void)state;
	store_add(1)->code[0] = '\0'; /* there is no such store */
	store_add(2)->passing = true;
	world_alert_add(world_ledger_add(store_add(3), 1, "mask"), CAUSE_LOW_STOCK);
	world_alert_add(world_ledger_add(store_add(4), 1, "mask"), CAUSE_LOW_STOCK)->alert_id = 9;
	ledger = world_ledger_add(store_add(5), 1, "mask");
	for (int i = 0; i < 1000; i++)
		world_lot_add(ledger, i + 1, "L", TODAY + i, 1);
	series = store_add(6);
	for (int i = 0; i < 100; i++)
		world_series(series, SLIP_OUT, TODAY - i);
	alert = world_alert_add(world_ledger_add(store_add(7), 1, "mask"), CAUSE_LOW_STOCK);
	alert->alert_id = 10;
	alert->changed = true;
	known_keep(known, &world);
	for (int32_t id = 1; id <= 7; id++)
		assert_int_equal(knows(id), id == 4);
}

static void test_forget(void **state)
{
	(void)state;
	for (int32_t id = 1; id <= MAX; id++)
		store_add(id);
	known_keep(known, &world);
	known_forget(known);
	for (int32_t id = 1; id <= MAX; id++)
		assert_false(knows(id));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_taken_once, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_marks_of_the_batch_go, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_the_oldest_makes_room, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_what_is_not_followed, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_forget, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
