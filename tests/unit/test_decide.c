/*
 * test_decide.c - the rules: packs, FEFO, reversals, alerts; and random histories held against a
 * model so simple that it is plainly right.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "decide.h"
#include "die.h"

#define DAY(y, m, d) clock_date_make(y, m, d)

static struct world world;
static struct world_store *store;

/* A store of two items, mask (盒 of 50) and gel, on 20 November 2022. */
static int setup(void **state)
{
	(void)state;
	world =
	    (struct world){.at = "2022-11-20T08:00:00.000000+08:00", .today = DAY(2022, 11, 20)};
	store = world_store_add(&world, 7);
	strcpy(store->code, "XT");
	world_ledger_add(store, 1, "mask");
	world_ledger_add(store, 2, "gel");
	world_pack_add(world_ledger(store, "mask"), "盒", 50);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_free(&world);
	return 0;
}

static struct post_command *command(enum post_kind kind)
{
	struct post_command *c = post_command_new(kind);

	c->store_id = 7;
	c->actor_id = 3;
	strcpy(c->actor, "张三");
	strcpy(c->source, "127.0.0.1");
	return c;
}

/* Decide a slip given as JSON. The command must outlive the world's strings: kept, freed at the end. */
static struct post_command *kept[4096];
static int kept_count;

static struct decision decide_json(const char *fmt, ...)
{
	struct decision decision;
	struct problem problem;
	char text[2048];
	va_list ap;
	json_t *json;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	json = json_loads(text, 0, NULL);
	assert_non_null(json);
	kept[kept_count] = command(POST_SLIP);
	kept[kept_count]->slip = slip_decode(json, &problem);
	json_decref(json);
	assert_int_equal(problem.code, PROBLEM_none);
	decide(&world, kept[kept_count++], &decision);
	return decision;
}

static void forget(void)
{
	while (kept_count > 0)
		post_command_free(kept[--kept_count]);
}

#define IN(lines) "{\"kind\":\"in\",\"reason\":\"purchase\",\"lines\":[" lines "]}"
#define OUT(lines) "{\"kind\":\"out\",\"reason\":\"issue\",\"lines\":[" lines "]}"

static void accepted(struct decision d, const char *number)
{
	assert_int_equal(d.problem.code, PROBLEM_none);
	assert_string_equal(d.number, number);
	assert_true(d.event >= 0);
}

static int64_t balance(const char *item)
{
	return world_ledger(store, item)->balance;
}

static void test_packs(void **state)
{
	(void)state;
	accepted(decide_json(IN("{\"item\":\"mask\",\"quantity\":2,\"pack\":\"盒\"}")),
	    "XT-RK-20221120-0001");
	assert_int_equal(balance("mask"), 100);
	assert_int_equal(world.entries.v[0].pack_quantity, 2);

	struct decision d =
	    decide_json(IN("{\"item\":\"gel\",\"quantity\":2,\"pack\":\"盒\"},"
			   "{\"item\":\"nothing\",\"quantity\":1},"
			   "{\"item\":\"mask\",\"quantity\":1000000000,\"pack\":\"盒\"}"));
	assert_int_equal(d.problem.code, PROBLEM_validation_failed);
	assert_int_equal(d.problem.error_count, 3);
	assert_string_equal(d.problem.errors[0].field, "lines[0].pack");
	assert_int_equal(d.problem.errors[0].code, PROBLEM_unknown_pack);
	assert_int_equal(d.problem.errors[1].code, PROBLEM_unknown_item);
	assert_int_equal(d.problem.errors[2].code, PROBLEM_out_of_range);
	forget();
}

static void test_first_expired_first_out(void **state)
{
	(void)state;
	decide_json(
	    IN("{\"item\":\"gel\",\"quantity\":5,\"lot\":\"B\",\"expires\":\"2023-06-01\"},"
	       "{\"item\":\"gel\",\"quantity\":5,\"lot\":\"A\",\"expires\":\"2024-01-01\"},"
	       "{\"item\":\"gel\",\"quantity\":5},"
	       "{\"item\":\"gel\",\"quantity\":5,\"lot\":\"OLD\",\"expires\":\"2022-11-19\"}"));
	accepted(decide_json(OUT("{\"item\":\"gel\",\"quantity\":12}")), "XT-CK-20221120-0001");
	/* One line, three entries: the expired lot stays, the one that never expires goes last. */
	assert_int_equal(world.entries.count, 7);
	assert_string_equal(world.entries.v[4].lot->number, "B");
	assert_int_equal(world.entries.v[4].quantity, -5);
	assert_string_equal(world.entries.v[5].lot->number, "A");
	assert_string_equal(world.entries.v[6].lot->number, "");
	assert_int_equal(world.entries.v[6].quantity, -2);
	assert_int_equal(world.entries.v[6].balance_after, 8);

	struct decision d = decide_json(OUT("{\"item\":\"gel\",\"quantity\":4}"));
	assert_int_equal(d.problem.code, PROBLEM_insufficient_stock);
	assert_int_equal(d.problem.available, 3);
	d = decide_json(OUT("{\"item\":\"gel\",\"quantity\":1,\"lot\":\"OLD\"}"));
	assert_int_equal(d.problem.code, PROBLEM_expired_lot);
	d = decide_json(OUT("{\"item\":\"gel\",\"quantity\":1,\"lot\":\"NONE\"}"));
	assert_int_equal(d.problem.errors[0].code, PROBLEM_unknown_lot);
	d = decide_json("{\"kind\":\"out\",\"reason\":\"scrap\",\"lines\":[{\"item\":\"gel\","
			"\"quantity\":5}]}");
	accepted(d, "XT-CK-20221120-0002");
	assert_string_equal(world.entries.v[7].lot->number, "OLD");
	forget();
}

/* A lot expiring today may still go today; a late slip is judged by its own day. */
static void test_expiry_is_of_the_business_day(void **state)
{
	(void)state;
	decide_json(
	    IN("{\"item\":\"gel\",\"quantity\":2,\"lot\":\"T\",\"expires\":\"2022-11-20\"},"
	       "{\"item\":\"gel\",\"quantity\":1,\"lot\":\"Y\",\"expires\":\"2022-11-19\"}"));
	accepted(decide_json(OUT("{\"item\":\"gel\",\"quantity\":1,\"lot\":\"T\"}")),
	    "XT-CK-20221120-0001");
	accepted(
	    decide_json("{\"kind\":\"out\",\"reason\":\"issue\",\"business_date\":\"2022-11-18\","
			"\"lines\":[{\"item\":\"gel\",\"quantity\":2}]}"),
	    "XT-CK-20221118-0001");
	assert_int_equal(balance("gel"), 0);
	assert_int_equal(
	    decide_json("{\"kind\":\"out\",\"reason\":\"issue\",\"business_date\":"
			"\"2022-11-21\",\"lines\":[{\"item\":\"gel\",\"quantity\":1}]}")
		.problem.errors[0]
		.code,
	    PROBLEM_future_date);
	forget();
}

static void test_refused_whole(void **state)
{
	(void)state;
	decide_json(IN("{\"item\":\"mask\",\"quantity\":10},{\"item\":\"gel\",\"quantity\":1}"));
	int entries = world.entries.count, events = world.events.count;
	struct decision d = decide_json(OUT("{\"item\":\"mask\",\"quantity\":4},"
					    "{\"item\":\"mask\",\"quantity\":6},"
					    "{\"item\":\"gel\",\"quantity\":2}"));

	assert_int_equal(d.problem.code, PROBLEM_insufficient_stock);
	assert_int_equal(d.problem.line, 2);
	assert_int_equal(d.problem.available, 1);
	assert_int_equal(balance("mask"), 10);
	assert_int_equal(world_ledger(store, "mask")->entry_seq, 1);
	assert_int_equal(world.entries.count, entries);
	assert_int_equal(world.events.count, events);
	/* The number was not used up. */
	accepted(decide_json(OUT("{\"item\":\"mask\",\"quantity\":10}")), "XT-CK-20221120-0001");
	forget();
}

static void test_lot_without_expiry_joins_the_known_one(void **state)
{
	(void)state;
	decide_json(
	    IN("{\"item\":\"gel\",\"quantity\":1,\"lot\":\"L\",\"expires\":\"2023-01-01\"}"));
	decide_json(IN("{\"item\":\"gel\",\"quantity\":1,\"lot\":\"L\"}"));
	assert_int_equal(world_ledger(store, "gel")->lot_count, 1);
	decide_json(
	    IN("{\"item\":\"gel\",\"quantity\":1,\"lot\":\"L\",\"expires\":\"2023-02-01\"}"));
	assert_int_equal(world_ledger(store, "gel")->lot_count, 2);
	forget();
}

static void test_refused_slip_leaves_no_lot(void **state)
{
	struct decision d;

	(void)state;
	world_ledger(store, "mask")->balance = DECIDE_MAX_BALANCE;
	d = decide_json(IN("{\"item\":\"gel\",\"quantity\":1,\"lot\":\"L\"},"
			   "{\"item\":\"mask\",\"quantity\":1}"));
	assert_int_equal(d.problem.code, PROBLEM_balance_too_large);
	assert_int_equal(world_ledger(store, "gel")->lot_count, 0);
	assert_int_equal(world_ledger(store, "gel")->lot_seq, 0);
	d = decide_json(OUT("{\"item\":\"gel\",\"quantity\":1,\"lot\":\"L\"}"));
	assert_int_equal(d.problem.errors[0].code, PROBLEM_unknown_lot);
	forget();
}

static struct decision reverse(int64_t event_seq, enum slip_kind kind, const char *number)
{
	struct decision decision;
	struct post_command *c = command(POST_REVERSAL);

	c->reversal.event_seq = event_seq;
	c->reversal.kind = kind;
	strcpy(c->reversal.number, number);
	c->reversal.counterparty = xstrdup("");
	c->reversal.receiver = xstrdup("");
	c->reversal.note = xstrdup("写错");
	c->reversal.entries = xcalloc((size_t)world.entries.count, sizeof *c->reversal.entries);
	for (int i = 0; i < world.entries.count; i++) {
		struct world_entry *entry = &world.entries.v[i];

		if (entry->event_seq != event_seq)
			continue;
		struct post_reversed_entry *e = &c->reversal.entries[c->reversal.entry_count++];
		strcpy(e->item, entry->ledger->item);
		e->lot_seq = entry->lot->seq;
		e->quantity = entry->quantity;
	}
	kept[kept_count++] = c;
	decide(&world, c, &decision);
	return decision;
}

static void test_reversal(void **state)
{
	(void)state;
	decide_json(
	    IN("{\"item\":\"gel\",\"quantity\":5,\"lot\":\"A\",\"expires\":\"2023-01-01\"},"
	       "{\"item\":\"gel\",\"quantity\":5,\"lot\":\"B\",\"expires\":\"2023-02-01\"}"));
	decide_json(OUT("{\"item\":\"gel\",\"quantity\":7}"));

	struct decision d = reverse(1, SLIP_IN, "XT-RK-20221120-0001");
	assert_int_equal(d.problem.code, PROBLEM_reversal_would_oversell);
	assert_int_equal(d.problem.available, 0);
	assert_int_equal(balance("gel"), 3);
	accepted(reverse(2, SLIP_OUT, "XT-CK-20221120-0001"), "XT-RK-20221120-0002");
	/* The very lots are as they were. */
	assert_int_equal(world_ledger(store, "gel")->lots[0]->balance, 5);
	assert_int_equal(world_ledger(store, "gel")->lots[1]->balance, 5);
	d = reverse(2, SLIP_OUT, "XT-CK-20221120-0001");
	assert_int_equal(d.problem.code, PROBLEM_already_reversed);
	assert_string_equal(d.problem.value, "XT-RK-20221120-0002");
	accepted(reverse(1, SLIP_IN, "XT-RK-20221120-0001"), "XT-CK-20221120-0002");
	assert_int_equal(balance("gel"), 0);
	forget();
}

static void set_levels(const char *item, int64_t normal, int64_t emergency)
{
	struct decision decision;
	struct post_command *c = command(POST_THRESHOLDS);

	strcpy(c->thresholds.item, item);
	c->thresholds.levels[0] = (struct post_thresholds){normal, normal * 2};
	c->thresholds.levels[1] = (struct post_thresholds){emergency, emergency * 2};
	kept[kept_count++] = c;
	decide(&world, c, &decision);
	assert_int_equal(decision.problem.code, PROBLEM_none);
}

static const char *event_type(int from_end)
{
	return world.events.v[world.events.count - from_end].type;
}

static void test_alerts(void **state)
{
	struct world_ledger *gel = world_ledger(store, "gel");
	struct post_command *c = command(POST_READINESS);
	struct decision decision;

	(void)state;
	decide_json(IN("{\"item\":\"gel\",\"quantity\":20}"));
	set_levels("gel", 10, 30);
	assert_null(gel->alerts[CAUSE_LOW_STOCK]);
	decide_json(OUT("{\"item\":\"gel\",\"quantity\":10}"));
	assert_null(gel->alerts[CAUSE_LOW_STOCK]); /* at the minimum is not below it */
	decide_json(OUT("{\"item\":\"gel\",\"quantity\":1}"));
	assert_non_null(gel->alerts[CAUSE_LOW_STOCK]);
	assert_int_equal(gel->alerts[CAUSE_LOW_STOCK]->on_hand, 9);
	assert_int_equal(gel->alerts[CAUSE_LOW_STOCK]->opened_by_slip, 4);
	assert_string_equal(event_type(1), "alert_opened");
	decide_json(OUT("{\"item\":\"gel\",\"quantity\":1}"));
	assert_int_equal(store->alerts.count, 1); /* one open alert a cause */
	decide_json(OUT("{\"item\":\"gel\",\"quantity\":8}"));
	assert_non_null(gel->alerts[CAUSE_OUT_OF_STOCK]);
	decide_json(IN("{\"item\":\"gel\",\"quantity\":15}"));
	assert_null(gel->alerts[CAUSE_LOW_STOCK]);
	assert_null(gel->alerts[CAUSE_OUT_OF_STOCK]);
	assert_string_equal(event_type(2), "alert_closed");
	/* In an emergency 15 is below 30. */
	c->readiness.emergency = true;
	c->readiness.reason = xstrdup("封控");
	kept[kept_count++] = c;
	decide(&world, c, &decision);
	assert_int_equal(decision.problem.code, PROBLEM_none);
	assert_non_null(gel->alerts[CAUSE_LOW_STOCK]);
	assert_int_equal(gel->alerts[CAUSE_LOW_STOCK]->minimum, 30);
	set_levels("gel", 10, 15);
	assert_null(gel->alerts[CAUSE_LOW_STOCK]);
	forget();
}

/* --- The life of an alert --- */

static int steps_of(enum world_step_kind kind)
{
	int n = 0;

	for (int i = 0; i < world.steps.count; i++)
		n += world.steps.v[i].kind == kind;
	return n;
}

static const char *last_body(void)
{
	const struct world_event *event = &world.events.v[world.events.count - 1];

	return world.bytes.data + event->body;
}

#define BODY(text) assert_memory_equal(last_body(), text, strlen(text))

static void test_alert_lingers_until_it_is_clear_of_the_minimum(void **state)
{
	struct world_ledger *gel = world_ledger(store, "gel");

	(void)state;
	set_levels("gel", 100, 300);
	assert_non_null(gel->alerts[CAUSE_LOW_STOCK]);
	decide_json(IN("{\"item\":\"gel\",\"quantity\":109}"));
	assert_non_null(gel->alerts[CAUSE_LOW_STOCK]);
	decide_json(IN("{\"item\":\"gel\",\"quantity\":1}"));
	assert_null(gel->alerts[CAUSE_LOW_STOCK]);
	decide_json(OUT("{\"item\":\"gel\",\"quantity\":10}"));
	assert_null(gel->alerts[CAUSE_LOW_STOCK]); /* it opens below the minimum, as ever */
	decide_json(OUT("{\"item\":\"gel\",\"quantity\":1}"));
	assert_non_null(gel->alerts[CAUSE_LOW_STOCK]);
	decide_json(IN("{\"item\":\"gel\",\"quantity\":5}"));
	assert_non_null(gel->alerts[CAUSE_LOW_STOCK]);
	set_levels("gel", 100, 300); /* judged anew */
	assert_null(gel->alerts[CAUSE_LOW_STOCK]);
	/* Never above the target. */
	decide_json(OUT("{\"item\":\"gel\",\"quantity\":5}"));
	gel->thresholds[0].target = 102;
	decide_json(IN("{\"item\":\"gel\",\"quantity\":3}"));
	assert_null(gel->alerts[CAUSE_LOW_STOCK]);
	/* Without a minimum nothing is low, and what was is over. */
	decide_json(OUT("{\"item\":\"gel\",\"quantity\":50}"));
	assert_non_null(gel->alerts[CAUSE_LOW_STOCK]);
	set_levels("gel", -1, -1);
	assert_null(gel->alerts[CAUSE_LOW_STOCK]);
	forget();
}

/* An alert that has an id, as if read from the database. */
static struct world_alert *known_alert(const char *item, enum world_cause cause)
{
	struct world_alert *alert = world_ledger(store, item)->alerts[cause];

	assert_non_null(alert);
	alert->alert_id = 5;
	alert->armed_seq = 0;
	return alert;
}

static struct decision person(enum post_kind kind, const char *text, clock_date until)
{
	struct decision decision;
	struct post_command *c = command(kind);

	c->alert.alert_id = 5;
	strcpy(c->alert.item, "gel");
	c->alert.text = xstrdup(text);
	c->alert.until = until;
	kept[kept_count++] = c;
	decide(&world, c, &decision);
	return decision;
}

static struct decision sweep(const char *item)
{
	struct decision decision;
	struct post_command *c = command(POST_SWEEP);

	strcpy(c->sweep.item, item);
	kept[kept_count++] = c;
	decide(&world, c, &decision);
	assert_int_equal(decision.problem.code, PROBLEM_none);
	assert_int_equal(decision.event, -1);
	return decision;
}

static void test_alert_is_armed_again_as_stock_falls_further(void **state)
{
	struct world_alert *alert;

	(void)state;
	decide_json(IN("{\"item\":\"gel\",\"quantity\":100}"));
	set_levels("gel", 100, 100);
	decide_json(OUT("{\"item\":\"gel\",\"quantity\":1}"));
	alert = known_alert("gel", CAUSE_LOW_STOCK);
	assert_int_equal(person(POST_ACKNOWLEDGE, "已下单", 0).problem.code, PROBLEM_none);
	assert_int_equal(alert->acknowledged_seq, store->event_seq);
	decide_json(OUT("{\"item\":\"gel\",\"quantity\":24}"));
	assert_int_equal(steps_of(STEP_REARMED), 0);
	assert_non_null(alert->acknowledged);
	alert->escalation = 1;
	decide_json(OUT("{\"item\":\"gel\",\"quantity\":1}")); /* 25 below 99 */
	assert_int_equal(steps_of(STEP_REARMED), 1);
	assert_string_equal(event_type(1), "alert_rearmed");
	BODY("{\"cause\":\"low_stock\",\"item\":\"gel\",\"on_hand\":74,\"opened_seq\":4,"
	     "\"reason\":\"stock\"}");
	assert_null(alert->acknowledged);
	assert_int_equal(alert->acknowledged_seq, 0);
	assert_int_equal(alert->armed_seq, store->event_seq);
	assert_int_equal(alert->escalation, 0);
	decide_json(OUT("{\"item\":\"gel\",\"quantity\":24}"));
	assert_int_equal(steps_of(STEP_REARMED), 1); /* counted from where it was last armed */
	store->rules.rearm_percent = 0;
	decide_json(OUT("{\"item\":\"gel\",\"quantity\":24}"));
	assert_int_equal(steps_of(STEP_REARMED), 1);
	assert_int_equal(steps_of(STEP_OPENED), 1);
	forget();
}

static void test_snooze(void **state)
{
	struct world_alert *alert;
	struct decision d;

	(void)state;
	set_levels("gel", 10, 10);
	alert = known_alert("gel", CAUSE_LOW_STOCK);
	d = person(POST_SNOOZE, "等货", world.today);
	assert_int_equal(d.problem.errors[0].code, PROBLEM_out_of_range);
	assert_string_equal(d.problem.errors[0].field, "until");
	assert_string_equal(d.problem.errors[0].value, "2022-11-21–2023-11-21");
	assert_int_equal(
	    person(POST_SNOOZE, "等货", world.today + 367).problem.code, PROBLEM_validation_failed);
	alert->clock = CLOCK_ESCALATE; /* in the same batch, but later */
	assert_int_equal(person(POST_SNOOZE, "等货", world.today + 1).problem.code, PROBLEM_none);
	BODY("{\"cause\":\"low_stock\",\"id\":5,\"item\":\"gel\",\"opened_seq\":2,\"reason\":"
	     "\"等货\","
	     "\"until\":\"2022-11-21\"}");
	sweep("gel");
	assert_int_equal(steps_of(STEP_ESCALATED), 0);
	alert->clock = CLOCK_WAKE;
	sweep("gel");
	assert_string_equal(event_type(1), "alert_rearmed");
	assert_null(alert->snoozed);
	assert_int_equal(steps_of(STEP_REARMED), 1);
	sweep("gel");
	assert_int_equal(steps_of(STEP_REARMED), 1);
	decide_json(IN("{\"item\":\"gel\",\"quantity\":20}"));
	assert_int_equal(
	    person(POST_SNOOZE, "等货", world.today + 1).problem.code, PROBLEM_alert_closed);
	forget();
}

static void test_escalation(void **state)
{
	struct world_alert *alert;

	(void)state;
	set_levels("gel", 10, 10);
	alert = known_alert("gel", CAUSE_LOW_STOCK);
	alert->clock = CLOCK_ESCALATE;
	alert->above_id = 2;
	strcpy(alert->above, "malan");
	sweep("gel");
	assert_string_equal(event_type(1), "alert_escalated");
	BODY("{\"cause\":\"low_stock\",\"escalation\":1,\"item\":\"gel\",\"on_hand\":0,"
	     "\"opened_seq\":2,\"place\":\"malan\"}");
	assert_int_equal(alert->escalated_to, 2);
	assert_int_equal(world.steps.v[world.steps.count - 1].escalation, 1);
	sweep("gel"); /* once for each time that the clock says so */
	assert_int_equal(steps_of(STEP_ESCALATED), 1);
	alert->clock = CLOCK_ESCALATE;
	person(POST_ACKNOWLEDGE, "", 0);
	sweep("gel");
	assert_int_equal(steps_of(STEP_ESCALATED), 1);
	forget();
}

static void test_causes_by_the_clock(void **state)
{
	struct world_ledger *gel = world_ledger(store, "gel");
	struct world_fact *cover = &gel->facts[CAUSE_DAYS_OF_COVER];
	struct world_fact *expired = &gel->facts[CAUSE_EXPIRED];

	(void)state;
	decide_json(IN("{\"item\":\"gel\",\"quantity\":20}"));
	*cover = (struct world_fact){true, true, true, 1, 3, 7, 14};
	*expired = (struct world_fact){true, true, true, 1, 4, -1, 0};
	sweep("gel");
	assert_string_equal(event_type(2), "alert_opened");
	BODY("{\"bound\":null,\"cause\":\"expired\",\"item\":\"gel\",\"minimum\":null,\"on_hand\":"
	     "20,"
	     "\"target\":null,\"value\":4,\"window_days\":null}");
	assert_int_equal(gel->alerts[CAUSE_DAYS_OF_COVER]->window_days, 14);
	sweep("gel");
	assert_int_equal(steps_of(STEP_OPENED), 2); /* one open alert a cause */
	cover->due = false;                         /* back over the bound, but not clear of it */
	sweep("gel");
	assert_int_equal(steps_of(STEP_CLOSED), 0);
	cover->stays = false;
	sweep("gel");
	assert_int_equal(steps_of(STEP_CLOSED), 1);
	assert_null(gel->alerts[CAUSE_DAYS_OF_COVER]);
	/* Facts of before a slip of the same batch say nothing any more. */
	expired->due = expired->stays = false;
	decide_json(IN("{\"item\":\"gel\",\"quantity\":1}"));
	sweep("gel");
	assert_non_null(gel->alerts[CAUSE_EXPIRED]);
	sweep("nothing");
	forget();
}

static void set_rules(bool low, bool out, int clear, int rearm, int event)
{
	struct decision decision;
	struct post_command *c = command(POST_RULES);

	c->rules = (struct post_rules){low, out, clear, rearm};
	kept[kept_count++] = c;
	decide(&world, c, &decision);
	assert_int_equal(decision.problem.code, PROBLEM_none);
	assert_int_equal(decision.event >= 0, event);
}

static void test_rules(void **state)
{
	struct world_ledger *gel = world_ledger(store, "gel");

	(void)state;
	set_levels("gel", 10, 10);
	assert_int_equal(steps_of(STEP_OPENED), 2);
	set_rules(true, true, 10, 25, false); /* as they are */
	set_rules(true, false, 0, 25, true);
	assert_non_null(gel->alerts[CAUSE_LOW_STOCK]);
	assert_null(gel->alerts[CAUSE_OUT_OF_STOCK]);
	assert_true(store->rules_changed);
	decide_json(IN("{\"item\":\"gel\",\"quantity\":10}"));
	assert_null(gel->alerts[CAUSE_LOW_STOCK]); /* clear at the minimum itself */
	decide_json(OUT("{\"item\":\"gel\",\"quantity\":10}"));
	assert_null(gel->alerts[CAUSE_OUT_OF_STOCK]);
	set_rules(false, true, 0, 25, true);
	assert_null(gel->alerts[CAUSE_LOW_STOCK]);
	assert_non_null(gel->alerts[CAUSE_OUT_OF_STOCK]);
	forget();
}

static void test_event_is_the_slip(void **state)
{
	(void)state;
	struct decision d = decide_json(
	    IN("{\"item\":\"gel\",\"quantity\":5,\"lot\":\"A\",\"expires\":\"2023-01-01\"}"));
	const struct world_event *event = &world.events.v[d.event];
	static const char expected[] =
	    "{\"actor\":\"张三\",\"at\":\"2022-11-20T08:00:00.000000+08:00\",\"body\":"
	    "{\"business_date\":\"2022-11-20\",\"counterparty\":\"\",\"document\":\"\",\"event_"
	    "seq\":1,"
	    "\"handler\":\"\",\"kind\":\"in\",\"lines\":[{\"balance_after\":5,\"expires\":"
	    "\"2023-01-01\",\"item\":\"gel\",\"ledger_seq\":1,\"line\":0,\"lot\":\"A\",\"pack\":"
	    "null,"
	    "\"pack_quantity\":null,\"quantity\":5}],\"note\":\"\",\"number\":\"XT-RK-20221120-"
	    "0001\","
	    "\"posted_at\":\"2022-11-20T08:00:00.000000+08:00\",\"posted_by\":\"张三\",\"reason\":"
	    "\"purchase\",\"receiver\":\"\",\"reversed_by\":null,\"reverses\":null,\"store\":"
	    "\"XT\"},"
	    "\"seq\":1,\"source\":\"127.0.0.1\",\"store\":\"XT\",\"type\":\"slip_posted\"}";

	assert_int_equal(event->record_len, strlen(expected));
	assert_memory_equal(world.bytes.data + event->record, expected, event->record_len);
	/* RFC 8785: exactly what a canonical serialiser makes of it. */
	json_t *json = json_loadb(world.bytes.data + event->record, event->record_len, 0, NULL);
	char *again = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(again, expected);
	free(again);
	json_decref(json);
	forget();
}

/* --- Random histories --- */

enum { MODEL_LOTS = 4 };

/* What a child would keep on paper: a heap of pieces by lot; lots 0 and 1 have expired. */
struct model {
	int64_t heap[2][MODEL_LOTS];
};

static const char *const model_items[] = {"mask", "gel"};
static const char *const model_expires[MODEL_LOTS] = {
    "2022-01-01", "2022-11-19", "2022-11-20", "2023-01-01"};

static int64_t model_out(struct model *m, int item, int64_t need, bool scrap)
{
	int64_t available = 0;

	for (int lot = scrap ? 0 : 2; lot < MODEL_LOTS; lot++)
		available += m->heap[item][lot];
	if (available < need)
		return available;
	for (int lot = scrap ? 0 : 2; lot < MODEL_LOTS; lot++) {
		int64_t part = m->heap[item][lot] < need ? m->heap[item][lot] : need;

		m->heap[item][lot] -= part;
		need -= part;
	}
	return -1;
}

static void check_against(const struct model *m)
{
	for (int item = 0; item < 2; item++) {
		const struct world_ledger *ledger = world_ledger(store, model_items[item]);
		int64_t sum = 0, entries = 0, seq = 0;

		for (int i = 0; i < ledger->lot_count; i++) {
			int lot = ledger->lots[i]->number[1] - '0';

			assert_int_equal(ledger->lots[i]->balance, m->heap[item][lot]);
			assert_true(ledger->lots[i]->balance >= 0);
		}
		for (int lot = 0; lot < MODEL_LOTS; lot++)
			sum += m->heap[item][lot];
		assert_int_equal(ledger->balance, sum);
		for (int i = 0; i < world.entries.count; i++) {
			const struct world_entry *entry = &world.entries.v[i];

			if (entry->ledger != ledger)
				continue;
			assert_int_equal(entry->seq, ++seq);
			entries += entry->quantity;
			assert_int_equal(entry->balance_after, entries);
		}
		assert_int_equal(entries, sum);
	}
}

static void test_random_histories(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 40; seed++) {
		struct model model = {{{0}}};
		int serial[2] = {0, 0};

		teardown(NULL);
		setup(NULL);
		srandom(seed);
		for (int step = 0; step < 90; step++) {
			struct model before = model;
			bool in = random() % 2, scrap = !in && random() % 4 == 0;
			char lines[512] = "";
			bool refused = false;

			for (int n = (int)(random() % 3) + 1; n > 0; n--) {
				int item = (int)(random() % 2), lot = (int)(random() % MODEL_LOTS);
				int quantity = (int)(random() % 30) + 1;
				size_t len = strlen(lines);

				snprintf(lines + len, sizeof lines - len,
				    in ? "%s{\"item\":\"%s\",\"quantity\":%d,\"lot\":\"L%d\","
					 "\"expires\":\"%s\"}"
				       : "%s{\"item\":\"%s\",\"quantity\":%d}",
				    len ? "," : "", model_items[item], quantity, lot,
				    model_expires[lot]);
				if (in)
					model.heap[item][lot] += quantity;
				else if (!refused)
					refused = model_out(&model, item, quantity, scrap) >= 0;
			}
			struct decision d = decide_json(
			    "{\"kind\":\"%s\",\"reason\":\"%s\",\"lines\":[%s]}", in ? "in" : "out",
			    in      ? "donation"
			    : scrap ? "scrap"
				    : "issue",
			    lines);

			assert_int_equal(
			    d.problem.code, refused ? PROBLEM_insufficient_stock : PROBLEM_none);
			if (refused)
				model = before;
			else
				assert_int_equal(atoi(strrchr(d.number, '-') + 1), ++serial[in]);
			check_against(&model);
		}
		assert_int_equal(store->event_seq, world.events.count);
		forget();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_packs, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_first_expired_first_out, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_expiry_is_of_the_business_day, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_refused_whole, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_refused_slip_leaves_no_lot, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		test_lot_without_expiry_joins_the_known_one, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_reversal, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_alerts, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		test_alert_lingers_until_it_is_clear_of_the_minimum, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		test_alert_is_armed_again_as_stock_falls_further, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_snooze, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_escalation, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_causes_by_the_clock, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_rules, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_event_is_the_slip, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_random_histories, setup, teardown),
	};

	return cmocka_run_group_tests_name("decide", tests, NULL, NULL);
}
