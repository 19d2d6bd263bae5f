/*
 * decide.c - the rules of the ledger. See decide.h.
 *
 * A slip is applied line by line; every step is an entry in world.entries, so that undoing a slip
 * that turns out to be refused is walking its entries backwards.
 */
#include "decide.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decide_alert.h"
#include "decide_event.h"
#include "die.h"
#include "slip_body.h"

/* A line with its item and pack resolved. */
struct plan_line {
	struct world_ledger *ledger;
	int64_t quantity; /* base units */
};

/* --- Entries --- */

static struct world_entry *apply(struct world *world, struct world_ledger *ledger,
    struct world_lot *lot, int64_t quantity, int line)
{
	struct world_entry *entry = world_push(&world->entries);

	ledger->balance += quantity;
	ledger->entry_seq++;
	lot->balance += quantity;
	entry->ledger = ledger;
	entry->lot = lot;
	entry->seq = ledger->entry_seq;
	entry->quantity = quantity;
	entry->balance_after = ledger->balance;
	entry->line = line;
	return entry;
}

/* Take back every entry from the mark on, the last first. */
static void undo(struct world *world, int mark)
{
	while (world->entries.count > mark) {
		struct world_entry *entry = &world->entries.v[--world->entries.count];

		entry->ledger->balance -= entry->quantity;
		entry->ledger->entry_seq--;
		entry->lot->balance -= entry->quantity;
		if (entry->new_lot) {
			world_lot_drop(entry->ledger, entry->lot);
			entry->ledger->lot_seq--;
		}
	}
}

/* --- Slips --- */

/* Accept what the entries from mark on did: number it, and write it down. */
static void accept_slip(struct world *world, struct world_store *store,
    const struct post_command *command, const struct world_slip *draft, int mark,
    const char *reverses, struct decision *decision)
{
	struct world_series *series = world_series(store, draft->kind, draft->date);
	struct world_slip *slip = world_push(&world->slips);
	int count = world->entries.count - mark;

	*slip = *draft;
	slip->store = store;
	slip->serial = ++series->serial;
	series->changed = true;
	slip->event_seq = store->event_seq + 1;
	slip->posted_by = command->actor_id;
	slip_number(store->code, slip->kind, slip->date, slip->serial, decision->number);
	for (int i = mark; i < world->entries.count; i++) {
		world->entries.v[i].event_seq = slip->event_seq;
		world->entries.v[i].date = slip->date;
	}
	slip_body_write(world, slip, &world->entries.v[mark], count, decision->number,
	    command->actor, reverses, &world->scratch);
	decide_answer(world, store, command, reverses ? "slip_reversed" : "slip_posted", decision);

	for (int i = mark; i < mark + count; i++) {
		struct world_ledger *ledger = world->entries.v[i].ledger;

		if (ledger->visited == slip->event_seq)
			continue;
		ledger->visited = slip->event_seq;
		decide_alerts(world, ledger, command, slip->event_seq);
	}
}

static void check_date(const struct world *world, const struct slip *slip, struct problem *problem)
{
	char text[32], oldest[11];

	clock_date_format(world->today, text);
	if (slip->business_date == CLOCK_DATE_NEVER)
		return;
	if (slip->business_date > world->today) {
		problem_add(problem, PROBLEM_future_date, text, "business_date");
	} else if (world->backdate_days > 0 &&
		   slip->business_date < world->today - world->backdate_days) {
		clock_date_format(world->today - world->backdate_days, oldest);
		snprintf(text + 10, sizeof text - 10, "–%s", oldest);
		problem_add(problem, PROBLEM_out_of_range, text, "business_date");
	}
}

/* Find the line's ledger and turn packs into base units; adds to problem what does not fit. */
static void plan(struct world_store *store, const struct slip *slip, int i, struct plan_line *out,
    struct problem *problem)
{
	const struct slip_line *line = &slip->lines[i];
	int64_t pack = line->pack ? 0 : 1;

	out->ledger = world_ledger(store, line->item);
	if (!out->ledger) {
		problem_add(problem, PROBLEM_unknown_item, line->item, "lines[%d].item", i);
		return;
	}
	for (int k = 0; k < out->ledger->pack_count && line->pack; k++)
		if (strcmp(out->ledger->packs[k].name, line->pack) == 0)
			pack = out->ledger->packs[k].quantity;
	if (pack == 0)
		problem_add(problem, PROBLEM_unknown_pack, line->pack, "lines[%d].pack", i);
	else if (line->quantity > SLIP_MAX_QUANTITY / pack)
		problem_add(problem, PROBLEM_out_of_range, "1–1000000000", "lines[%d].quantity", i);
	else
		out->quantity = line->quantity * pack;
	if (slip->kind == SLIP_IN || !line->lot)
		return;
	for (int k = 0; k < out->ledger->lot_count; k++)
		if (strcmp(out->ledger->lots[k]->number, line->lot) == 0)
			return;
	problem_add(problem, PROBLEM_unknown_lot, line->lot, "lines[%d].lot", i);
}

/*
 * The lot that goods come into. Without an expiry date, a known number with one expiry means that
 * lot: or else goods that nobody dated would never expire.
 */
static struct world_lot *lot_for_in(struct world_ledger *ledger, const struct slip_line *line)
{
	const char *number = line->lot ? line->lot : "";
	struct world_lot *same = NULL;
	int found = 0;

	for (int i = 0; i < ledger->lot_count; i++) {
		struct world_lot *lot = ledger->lots[i];

		if (strcmp(lot->number, number) != 0)
			continue;
		if (lot->expires == line->expires)
			return lot;
		same = lot;
		found++;
	}
	if (found == 1 && line->lot && line->expires == CLOCK_DATE_NEVER)
		return same;
	return world_lot_add(ledger, ++ledger->lot_seq, number, line->expires, 0);
}

static void refuse_line(
    struct problem *problem, enum problem_code code, int line, const char *item, int64_t available)
{
	problem_set(problem, code);
	problem->line = line;
	problem->available = available;
	problem_copy(problem->item, sizeof problem->item, item);
}

static bool put_in(struct world *world, const struct plan_line *plan, const struct slip_line *line,
    int i, struct problem *problem)
{
	struct world_ledger *ledger = plan->ledger;
	int32_t lots = ledger->lot_seq;
	struct world_lot *lot;

	if (ledger->balance > DECIDE_MAX_BALANCE - plan->quantity) {
		refuse_line(problem, PROBLEM_balance_too_large, i, line->item, 0);
		return false;
	}
	lot = lot_for_in(ledger, line);
	lot->siblings = true; /* all of its number were looked at */
	apply(world, ledger, lot, plan->quantity, i)->new_lot = ledger->lot_seq != lots;
	return true;
}

/* First expired, first out, over the lots that may leave: the named one's, or all; expired only as scrap. */
static bool take_out(struct world *world, const struct slip *slip, clock_date date,
    const struct plan_line *plan, int i, struct problem *problem)
{
	const struct slip_line *line = &slip->lines[i];
	struct world_ledger *ledger = plan->ledger;
	int64_t available = 0, expired = 0, need = plan->quantity;

	for (int pass = 0; pass < 2; pass++) {
		for (int k = 0; k < ledger->lot_count && need > 0; k++) {
			struct world_lot *lot = ledger->lots[k];
			int64_t part = lot->balance < need ? lot->balance : need;

			if (lot->balance == 0 || (line->lot && strcmp(lot->number, line->lot) != 0))
				continue;
			if (lot->expires < date && slip->reason != SLIP_SCRAP) {
				expired += lot->balance;
			} else if (pass == 0) {
				available += lot->balance;
			} else {
				apply(world, ledger, lot, -part, i);
				need -= part;
			}
		}
		if (available < plan->quantity)
			break;
	}
	if (need == 0)
		return true;
	if (line->lot && available == 0 && expired > 0) {
		refuse_line(problem, PROBLEM_expired_lot, i, line->item, 0);
		problem_copy(problem->value, sizeof problem->value, line->lot);
	} else {
		refuse_line(problem, PROBLEM_insufficient_stock, i, line->item, available);
	}
	return false;
}

static void decide_slip(struct world *world, struct world_store *store,
    const struct post_command *command, struct decision *decision)
{
	const struct slip *slip = command->slip;
	struct problem *problem = &decision->problem;
	struct plan_line *lines = xcalloc((size_t)slip->line_count, sizeof *lines);
	struct world_slip draft = {
	    .kind = slip->kind,
	    .reason = slip->reason,
	    .date = slip->business_date == CLOCK_DATE_NEVER ? world->today : slip->business_date,
	    .counterparty = slip->counterparty,
	    .receiver = slip->receiver,
	    .handler = slip->handler,
	    .document = slip->document,
	    .note = slip->note,
	};
	int mark = world->entries.count;

	check_date(world, slip, problem);
	for (int i = 0; i < slip->line_count; i++)
		plan(store, slip, i, &lines[i], problem);
	if (problem->code != PROBLEM_none)
		goto out;
	for (int i = 0; i < slip->line_count; i++) {
		const struct slip_line *line = &slip->lines[i];
		int first = world->entries.count;
		bool done = slip->kind == SLIP_IN
				? put_in(world, &lines[i], line, i, problem)
				: take_out(world, slip, draft.date, &lines[i], i, problem);

		if (!done) {
			undo(world, mark);
			goto out;
		}
		for (int k = first; k < world->entries.count; k++) {
			world->entries.v[k].pack = line->pack;
			world->entries.v[k].pack_quantity = line->quantity;
		}
	}
	accept_slip(world, store, command, &draft, mark, NULL, decision);
out:
	free(lines);
}

/* Undo a slip into and out of the very lots that it touched. */
static void decide_reversal(struct world *world, struct world_store *store,
    const struct post_command *command, struct decision *decision)
{
	struct problem *problem = &decision->problem;
	const char *by = world_reversed_by(world, store->store_id, command->reversal.event_seq);
	struct world_slip draft = {
	    .kind = command->reversal.kind == SLIP_IN ? SLIP_OUT : SLIP_IN,
	    .reason = SLIP_REVERSAL,
	    .date = world->today,
	    .counterparty = command->reversal.counterparty,
	    .receiver = command->reversal.receiver,
	    .handler = "",
	    .document = "",
	    .note = command->reversal.note,
	    .reverses = command->reversal.event_seq,
	};
	int mark = world->entries.count;

	if (command->reversal.is_reversal || by) {
		problem_set(problem, by ? PROBLEM_already_reversed : PROBLEM_reversal_of_reversal);
		problem_copy(
		    problem->value, sizeof problem->value, by ? by : command->reversal.number);
		return;
	}
	for (int i = 0; i < command->reversal.entry_count; i++) {
		const struct post_reversed_entry *entry = &command->reversal.entries[i];
		struct world_ledger *ledger = world_ledger(store, entry->item);
		struct world_lot *lot = ledger ? world_lot_by_seq(ledger, entry->lot_seq) : NULL;

		if (!lot) { /* it was posted, so it must be there */
			problem_set(problem, PROBLEM_internal);
		} else if (lot->balance < entry->quantity) {
			refuse_line(
			    problem, PROBLEM_reversal_would_oversell, i, entry->item, lot->balance);
		} else if (ledger->balance > DECIDE_MAX_BALANCE + entry->quantity) {
			refuse_line(problem, PROBLEM_balance_too_large, i, entry->item, 0);
		} else {
			apply(world, ledger, lot, -entry->quantity, i);
			continue;
		}
		undo(world, mark);
		return;
	}
	accept_slip(world, store, command, &draft, mark, command->reversal.number, decision);

	world_reversed_add(world, store->store_id, draft.reverses, decision->number);
}

/* --- The other changes --- */

static void write_levels(struct buf *out, const char *name, const struct post_thresholds *levels)
{
	if (levels->minimum < 0)
		buf_printf(out, "\"%s\":null", name);
	else
		buf_printf(out, "\"%s\":{\"minimum\":%lld,\"target\":%lld}", name,
		    (long long)levels->minimum, (long long)levels->target);
}

static void decide_thresholds(struct world *world, struct world_store *store,
    const struct post_command *command, struct decision *decision)
{
	struct world_ledger *ledger = world_ledger(store, command->thresholds.item);
	struct buf *body = &world->scratch;

	if (!ledger) {
		problem_set(&decision->problem, PROBLEM_not_found);
		return;
	}
	memcpy(ledger->thresholds, command->thresholds.levels, sizeof ledger->thresholds);
	if (!ledger->thresholds_changed)
		*world_push(&world->thresholds) = ledger;
	ledger->thresholds_changed = true;
	buf_putc(body, '{');
	write_levels(body, "emergency", &ledger->thresholds[1]);
	buf_printf(body, ",\"item\":\"%s\",", ledger->item);
	write_levels(body, "normal", &ledger->thresholds[0]);
	buf_putc(body, '}');
	decide_answer(world, store, command, "thresholds_set", decision);
	decide_alerts(world, ledger, command, 0);
}

static void decide_readiness(struct world *world, struct world_store *store,
    const struct post_command *command, struct decision *decision)
{
	struct buf *body = &world->scratch;

	if (store->emergency == command->readiness.emergency)
		return;
	store->emergency = command->readiness.emergency;
	buf_printf(body,
	    "{\"place\":\"%s\",\"readiness\":\"%s\",\"reason\":", command->readiness.place,
	    store->emergency ? "emergency" : "normal");
	buf_json(body, command->readiness.reason);
	buf_putc(body, '}');
	decide_answer(world, store, command, "readiness_set", decision);
	for (int i = 0; i < store->ledger_count; i++)
		decide_alerts(world, store->ledgers[i], command, 0);
}

void decide(struct world *world, const struct post_command *command, struct decision *decision)
{
	static void (*const rules[POST_KINDS])(struct world *, struct world_store *,
	    const struct post_command *, struct decision *) = {
	    [POST_SLIP] = decide_slip,
	    [POST_REVERSAL] = decide_reversal,
	    [POST_THRESHOLDS] = decide_thresholds,
	    [POST_READINESS] = decide_readiness,
	    [POST_RULES] = decide_rules,
	    [POST_ACKNOWLEDGE] = decide_acknowledge,
	    [POST_SNOOZE] = decide_snooze,
	    [POST_SWEEP] = decide_sweep,
	};
	struct world_store *store = world_store(world, command->store_id);

	decision->problem.code = PROBLEM_none;
	decision->problem.line = -1;
	decision->problem.error_count = 0;
	decision->event = -1;
	decision->number[0] = '\0';
	if (store && store->code[0])
		rules[command->kind](world, store, command, decision);
	else
		problem_set(&decision->problem, PROBLEM_not_found);
}
