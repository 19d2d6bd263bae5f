/* decide_alert.c - see decide_alert.h. Members of bodies stand in the order of RFC 8785 (sorted). */
#include "decide_alert.h"

#include <stdio.h>

#include "decide_event.h"

#define SNOOZE_MAX_DAYS 366

/* --- Steps --- */

/* Of the alert's next event. */
static int64_t next_seq(const struct world_alert *alert)
{
	return alert->ledger->store->event_seq + 1;
}

/* The alert's next event is a step that people are told of. */
static void add_step(struct world *world, struct world_alert *alert, enum world_step_kind kind)
{
	*world_push(&world->steps) = (struct world_step){
	    .alert = alert,
	    .kind = kind,
	    .event_seq = next_seq(alert),
	    .escalation = alert->escalation,
	};
}

/* A number, or null when it is below that. */
static void write_number(struct buf *out, const char *before, int64_t least, int64_t n)
{
	if (n < least)
		buf_printf(out, "%snull", before);
	else
		buf_printf(out, "%s%lld", before, (long long)n);
}

static void open_alert(struct world *world, struct world_ledger *ledger, enum world_cause cause,
    const struct world_fact *fact, const struct post_command *command, int64_t slip)
{
	const struct post_thresholds *levels = &ledger->thresholds[ledger->store->emergency];
	struct world_alert *alert = world_alert_add(ledger, cause);
	struct buf *body = &world->scratch;

	alert->opened_seq = alert->armed_seq = next_seq(alert);
	alert->opened_by_slip = slip;
	alert->on_hand = alert->armed_on_hand = ledger->balance;
	alert->minimum = levels->minimum;
	alert->target = levels->target;
	alert->value = fact->value;
	alert->bound = fact->bound;
	alert->window_days = fact->window_days;
	write_number(body, "{\"bound\":", 0, alert->bound);
	buf_printf(
	    body, ",\"cause\":\"%s\",\"item\":\"%s\"", world_cause_name(cause), ledger->item);
	write_number(body, ",\"minimum\":", 0, alert->minimum);
	write_number(body, ",\"on_hand\":", 0, alert->on_hand);
	write_number(body, ",\"target\":", 0, alert->target);
	write_number(body, ",\"value\":", 0, alert->value);
	write_number(body, ",\"window_days\":", 1, alert->window_days);
	buf_putc(body, '}');
	add_step(world, alert, STEP_OPENED);
	decide_event(world, ledger->store, command, "alert_opened");
}

static void close_alert(
    struct world *world, struct world_alert *alert, const struct post_command *command)
{
	struct world_ledger *ledger = alert->ledger;

	alert->changed = true;
	alert->closed_seq = next_seq(alert);
	ledger->alerts[alert->cause] = NULL;
	buf_printf(&world->scratch,
	    "{\"cause\":\"%s\",\"item\":\"%s\",\"on_hand\":%lld,\"opened_seq\":%lld}",
	    world_cause_name(alert->cause), ledger->item, (long long)ledger->balance,
	    (long long)alert->opened_seq);
	add_step(world, alert, STEP_CLOSED);
	decide_event(world, ledger->store, command, "alert_closed");
}

/* As if it had just opened: nobody has seen it, and the store's own place is told first. */
static void rearm_alert(struct world *world, struct world_alert *alert, const char *why,
    const struct post_command *command)
{
	struct world_ledger *ledger = alert->ledger;

	alert->changed = true;
	alert->armed_seq = next_seq(alert);
	alert->armed_on_hand = ledger->balance;
	alert->escalation = 0;
	alert->acknowledged_seq = alert->snoozed_seq = alert->escalated_seq = 0;
	alert->acknowledged = alert->snoozed = NULL;
	alert->clock = CLOCK_NONE;
	buf_printf(&world->scratch,
	    "{\"cause\":\"%s\",\"item\":\"%s\",\"on_hand\":%lld,\"opened_seq\":%lld,"
	    "\"reason\":\"%s\"}",
	    world_cause_name(alert->cause), ledger->item, (long long)ledger->balance,
	    (long long)alert->opened_seq, why);
	add_step(world, alert, STEP_REARMED);
	decide_event(world, ledger->store, command, "alert_rearmed");
}

static void escalate_alert(
    struct world *world, struct world_alert *alert, const struct post_command *command)
{
	struct world_ledger *ledger = alert->ledger;

	alert->changed = true;
	alert->escalated_seq = next_seq(alert);
	alert->escalated_to = alert->above_id;
	alert->escalation++;
	alert->clock = CLOCK_NONE;
	buf_printf(&world->scratch,
	    "{\"cause\":\"%s\",\"escalation\":%d,\"item\":\"%s\",\"on_hand\":%lld,"
	    "\"opened_seq\":%lld,\"place\":\"%s\"}",
	    world_cause_name(alert->cause), alert->escalation, ledger->item,
	    (long long)ledger->balance, (long long)alert->opened_seq, alert->above);
	add_step(world, alert, STEP_ESCALATED);
	decide_event(world, ledger->store, command, "alert_escalated");
}

/* --- Stock --- */

/* So many percent of the minimum, rounded up. */
static int64_t percent(int64_t minimum, int percent)
{
	return (minimum * percent + 99) / 100;
}

/* Where an open alert of low stock closes after a slip: clear of the minimum, if the target allows. */
static int64_t clearing_level(const struct world_ledger *ledger)
{
	const struct post_thresholds *levels = &ledger->thresholds[ledger->store->emergency];
	int64_t level =
	    levels->minimum + percent(levels->minimum, ledger->store->rules.clear_percent);

	return level < levels->target ? level : levels->target;
}

static bool fell_further(const struct world_ledger *ledger, const struct world_alert *alert)
{
	int64_t step = percent(ledger->thresholds[ledger->store->emergency].minimum,
	    ledger->store->rules.rearm_percent);

	return step > 0 && ledger->balance <= alert->armed_on_hand - step;
}

void decide_alerts(struct world *world, struct world_ledger *ledger,
    const struct post_command *command, int64_t slip)
{
	const struct post_thresholds *levels = &ledger->thresholds[ledger->store->emergency];
	const struct post_rules *rules = &ledger->store->rules;
	const struct world_fact fact = {.value = ledger->balance, .bound = levels->minimum};
	const bool due[CAUSES_OF_STOCK] = {
	    [CAUSE_LOW_STOCK] = rules->low_stock && ledger->balance < levels->minimum,
	    [CAUSE_OUT_OF_STOCK] =
		rules->out_of_stock && ledger->balance == 0 && levels->minimum > 0,
	};

	for (enum world_cause cause = 0; cause < CAUSES_OF_STOCK; cause++) {
		struct world_alert *alert = ledger->alerts[cause];
		bool lingers = slip && cause == CAUSE_LOW_STOCK && levels->minimum > 0 &&
			       rules->low_stock && ledger->balance < clearing_level(ledger);

		if (due[cause] && !alert)
			open_alert(world, ledger, cause, &fact, command, slip);
		else if (!due[cause] && !lingers && alert)
			close_alert(world, alert, command);
		else if (due[cause] && slip && fell_further(ledger, alert))
			rearm_alert(world, alert, "stock", command);
	}
}

void decide_rules(struct world *world, struct world_store *store,
    const struct post_command *command, struct decision *decision)
{
	static const char *const words[] = {"false", "true"};
	const struct post_rules *rules = &command->rules, *old = &store->rules;

	if (rules->low_stock == old->low_stock && rules->out_of_stock == old->out_of_stock &&
	    rules->clear_percent == old->clear_percent &&
	    rules->rearm_percent == old->rearm_percent)
		return;
	store->rules = *rules;
	store->rules_changed = true;
	buf_printf(&world->scratch,
	    "{\"clear_percent\":%d,\"low_stock\":%s,\"out_of_stock\":%s,\"rearm_percent\":%d}",
	    rules->clear_percent, words[rules->low_stock], words[rules->out_of_stock],
	    rules->rearm_percent);
	decide_answer(world, store, command, "alert_rules_applied", decision);
	for (int i = 0; i < store->ledger_count; i++)
		decide_alerts(world, store->ledgers[i], command, 0);
}

/* --- People --- */

/* The alert that the command is about, while it is open; or the problem. */
static struct world_alert *find_alert(
    struct world_store *store, const struct post_command *command, struct problem *problem)
{
	struct world_ledger *ledger = world_ledger(store, command->alert.item);

	for (int cause = 0; ledger && cause < CAUSES; cause++) {
		struct world_alert *alert = ledger->alerts[cause];

		if (alert && alert->alert_id == command->alert.alert_id)
			return alert;
	}
	problem_set(problem, PROBLEM_alert_closed);
	return NULL;
}

void decide_acknowledge(struct world *world, struct world_store *store,
    const struct post_command *command, struct decision *decision)
{
	struct world_alert *alert = find_alert(store, command, &decision->problem);
	struct buf *body = &world->scratch;

	if (!alert)
		return;
	alert->changed = true;
	alert->acknowledged = command;
	alert->acknowledged_seq = next_seq(alert);
	if (alert->clock == CLOCK_ESCALATE)
		alert->clock = CLOCK_NONE;
	buf_printf(body, "{\"cause\":\"%s\",\"id\":%lld,\"item\":\"%s\",\"note\":",
	    world_cause_name(alert->cause), (long long)alert->alert_id, alert->ledger->item);
	buf_json(body, command->alert.text);
	buf_printf(body, ",\"opened_seq\":%lld}", (long long)alert->opened_seq);
	decide_answer(world, store, command, "alert_acknowledged", decision);
}

void decide_snooze(struct world *world, struct world_store *store,
    const struct post_command *command, struct decision *decision)
{
	struct world_alert *alert = find_alert(store, command, &decision->problem);
	struct buf *body = &world->scratch;
	char until[32], last[11];

	if (!alert)
		return;
	if (command->alert.until <= world->today ||
	    command->alert.until > world->today + SNOOZE_MAX_DAYS) {
		clock_date_format(world->today + 1, until);
		clock_date_format(world->today + SNOOZE_MAX_DAYS, last);
		snprintf(until + 10, sizeof until - 10, "–%s", last);
		problem_add(&decision->problem, PROBLEM_out_of_range, until, "until");
		return;
	}
	alert->changed = true;
	alert->snoozed = command;
	alert->snoozed_seq = next_seq(alert);
	alert->clock = CLOCK_NONE;
	clock_date_format(command->alert.until, until);
	buf_printf(body,
	    "{\"cause\":\"%s\",\"id\":%lld,\"item\":\"%s\",\"opened_seq\":%lld,\"reason\":",
	    world_cause_name(alert->cause), (long long)alert->alert_id, alert->ledger->item,
	    (long long)alert->opened_seq);
	buf_json(body, command->alert.text);
	buf_printf(body, ",\"until\":\"%s\"}", until);
	decide_answer(world, store, command, "alert_snoozed", decision);
}

/* --- The clock --- */

/* One that moved on within the batch is left to the next sweep: the facts are of before. */
void decide_sweep(struct world *world, struct world_store *store,
    const struct post_command *command, struct decision *decision)
{
	struct world_ledger *ledger = world_ledger(store, command->sweep.item);

	(void)decision; /* everything it writes is a consequence of the time */
	if (!ledger)
		return;
	for (enum world_cause cause = CAUSES_OF_STOCK; cause < CAUSES; cause++) {
		const struct world_fact *fact = &ledger->facts[cause];
		struct world_alert *alert = ledger->alerts[cause];

		if (!fact->known || fact->entry_seq != ledger->entry_seq)
			continue;
		if (fact->due && !alert)
			open_alert(world, ledger, cause, fact, command, 0);
		else if (!fact->stays && alert)
			close_alert(world, alert, command);
	}
	for (enum world_cause cause = 0; cause < CAUSES; cause++) {
		struct world_alert *alert = ledger->alerts[cause];

		if (alert && alert->clock == CLOCK_WAKE)
			rearm_alert(world, alert, "snooze_over", command);
		else if (alert && alert->clock == CLOCK_ESCALATE)
			escalate_alert(world, alert, command);
	}
}
