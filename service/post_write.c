/*
 * post_write.c - what a batch changed, written set-based: one statement a table, in one round trip.
 *
 * The ledgers are written before the entries, whose trigger holds the two against each other.
 */
#include "post_write.h"

#include <inttypes.h>
#include <stdlib.h>

#include "die.h"
#include "rows.h"

enum write {
	WRITE_EVENTS,
	WRITE_HASHES, /* after the events */
	WRITE_SLIPS,
	WRITE_LEDGERS,
	WRITE_LOTS,
	WRITE_ENTRIES,
	WRITE_SERIES,
	WRITE_HEADS,
	WRITE_RULES,
	WRITE_THRESHOLDS,
	WRITE_NEW_ALERTS,
	WRITE_ALERTS,
	WRITE_NOTICES,
	WRITE_REFUSALS,
	WRITES,
};

#define NOTIFY_MAX 7000 /* a message of NOTIFY holds less than 8000 bytes */

#define INT4 PGARRAY_INT4
#define INT8 PGARRAY_INT8
#define TEXT PGARRAY_TEXT
#define DATE PGARRAY_DATE
#define BYTEA PGARRAY_BYTEA

static const struct rows_spec write_specs[WRITES] = {
    [WRITE_EVENTS] = {STMT_POST_ADD_EVENTS, 9, true,
	{INT4, INT8, TEXT, TEXT, TEXT, BYTEA, TEXT, BYTEA, TEXT}},
    [WRITE_HASHES] = LOG_TREE_ROWS,
    [WRITE_SLIPS] = {STMT_POST_ADD_SLIPS, 13, true,
	{INT4, INT8, TEXT, TEXT, DATE, INT4, INT4, TEXT, TEXT, TEXT, TEXT, TEXT, INT8}},
    [WRITE_LEDGERS] = {STMT_POST_SET_LEDGERS, 5, true, {INT4, INT4, INT8, INT8, INT4}},
    [WRITE_LOTS] = {STMT_POST_SET_LOTS, 6, false, {INT4, INT4, INT4, TEXT, DATE, INT8}},
    [WRITE_ENTRIES] = {STMT_POST_ADD_ENTRIES, 11, false,
	{INT4, INT4, INT8, INT8, INT8, INT8, INT4, INT4, DATE, INT8, TEXT}},
    [WRITE_SERIES] = {STMT_POST_SET_SERIES, 4, false, {INT4, TEXT, DATE, INT4}},
    [WRITE_HEADS] = {STMT_POST_SET_HEADS, 4, false, {INT4, INT8, TEXT, BYTEA}},
    [WRITE_RULES] = {STMT_POST_SET_RULES, 5, false, {INT4, INT4, INT4, INT4, INT4}},
    [WRITE_THRESHOLDS] = {STMT_POST_SET_THRESHOLDS, 6, false, {INT4, INT4, INT8, INT8, INT8, INT8}},
    [WRITE_NEW_ALERTS] = {STMT_POST_ADD_ALERTS, 14, true,
	{INT4, INT4, TEXT, INT8, INT8, INT8, INT8, INT8, INT8, INT8, INT4, INT8, INT8, INT8}},
    [WRITE_ALERTS] = {STMT_POST_SET_ALERTS, 15, true,
	{INT4, INT8, INT8, INT8, INT8, INT8, INT4, TEXT, INT8, INT4, DATE, TEXT, INT8, INT4, INT4}},
    [WRITE_NOTICES] = {STMT_POST_ADD_NOTICES, 6, true, {INT4, INT8, TEXT, TEXT, INT8, INT4}},
    [WRITE_REFUSALS] = {STMT_POST_ADD_REFUSALS, 5, true, {INT4, TEXT, BYTEA, INT4, TEXT}},
};

struct post_write {
	struct rows rows[WRITES];
};

/* 0 stands for SQL NULL. */
static void int8_or_null(struct pgarray *a, int64_t v)
{
	if (v)
		pgarray_int8(a, v);
	else
		pgarray_null(a);
}

static void int4_or_null(struct pgarray *a, int32_t v)
{
	if (v)
		pgarray_int4(a, v);
	else
		pgarray_null(a);
}

static void level(struct pgarray *a, int64_t v)
{
	if (v >= 0)
		pgarray_int8(a, v);
	else
		pgarray_null(a);
}

static void add_event(struct pgarray *c, const struct world *world, const struct world_event *event)
{
	const struct post_command *command = event->command;

	pgarray_int4(&c[0], event->store->store_id);
	pgarray_int8(&c[1], event->seq);
	pgarray_text(&c[2], event->type);
	pgarray_text(&c[3], command->actor);
	pgarray_bytes(&c[4], world->bytes.data + event->record, event->record_len);
	pgarray_bytes(&c[5], event->leaf, sizeof event->leaf);
	pgarray_text(&c[6], event->answer ? command->key : NULL);
	pgarray_bytes(&c[7], event->answer ? command->request_hash : NULL, 32);
}

/* Did the batch write to its log? Whatever it changed, it did. */
static bool grew(const struct world_store *store)
{
	return store->event_seq > store->read_seq;
}

/* As feed.c reads them: "12:34-36 13:5-5". */
static void add_grown(struct pgarray *grown, const struct world *world)
{
	struct buf message = BUF_EMPTY;

	for (int i = 0; i < world->stores.count; i++) {
		const struct world_store *store = world->stores.v[i];

		if (!grew(store))
			continue;
		buf_printf(&message, "%s%d:%" PRId64 "-%" PRId64, message.len ? " " : "",
		    store->store_id, store->read_seq + 1, store->event_seq);
		if (message.len < NOTIFY_MAX)
			continue;
		pgarray_bytes(grown, message.data, message.len);
		message.len = 0;
	}
	if (message.len)
		pgarray_bytes(grown, message.data, message.len);
	buf_free(&message);
}

static void add_slip(struct pgarray *c, const struct world_slip *slip)
{
	pgarray_int4(&c[0], slip->store->store_id);
	pgarray_int8(&c[1], slip->event_seq);
	pgarray_text(&c[2], slip_kind_name(slip->kind));
	pgarray_text(&c[3], slip_reason_name(slip->reason));
	pgarray_date(&c[4], slip->date);
	pgarray_int4(&c[5], slip->serial);
	pgarray_int4(&c[6], slip->posted_by);
	pgarray_text(&c[7], slip->counterparty);
	pgarray_text(&c[8], slip->receiver);
	pgarray_text(&c[9], slip->handler);
	pgarray_text(&c[10], slip->document);
	pgarray_text(&c[11], slip->note);
	int8_or_null(&c[12], slip->reverses);
}

static void set_ledger(struct pgarray *c, struct world_ledger *ledger)
{
	if (ledger->listed)
		return;
	ledger->listed = true;
	pgarray_int4(&c[0], ledger->store->store_id);
	pgarray_int4(&c[1], ledger->item_id);
	pgarray_int8(&c[2], ledger->balance);
	pgarray_int8(&c[3], ledger->entry_seq);
	pgarray_int4(&c[4], ledger->lot_seq);
}

static void set_lot(struct pgarray *c, const struct world_ledger *ledger, struct world_lot *lot)
{
	if (lot->listed)
		return;
	lot->listed = true;
	pgarray_int4(&c[0], ledger->store->store_id);
	pgarray_int4(&c[1], ledger->item_id);
	pgarray_int4(&c[2], lot->seq);
	pgarray_text(&c[3], lot->number);
	pgarray_date(&c[4], lot->expires);
	pgarray_int8(&c[5], lot->balance);
}

static void add_entry(struct pgarray *c, const struct world_entry *entry)
{
	pgarray_int4(&c[0], entry->ledger->store->store_id);
	pgarray_int4(&c[1], entry->ledger->item_id);
	pgarray_int8(&c[2], entry->seq);
	pgarray_int8(&c[3], entry->event_seq);
	pgarray_int8(&c[4], entry->quantity);
	pgarray_int8(&c[5], entry->balance_after);
	pgarray_int4(&c[6], entry->lot->seq);
	pgarray_int4(&c[7], entry->line);
	pgarray_date(&c[8], entry->date);
	int8_or_null(&c[9], entry->pack ? entry->pack_quantity : 0);
	pgarray_text(&c[10], entry->pack);
}

static void set_series(
    struct pgarray *c, const struct world_store *store, const struct world_series *series)
{
	pgarray_int4(&c[0], store->store_id);
	pgarray_text(&c[1], slip_kind_name(series->kind));
	pgarray_date(&c[2], series->date);
	pgarray_int4(&c[3], series->serial);
}

static void set_thresholds(struct pgarray *c, const struct world_ledger *ledger)
{
	pgarray_int4(&c[0], ledger->store->store_id);
	pgarray_int4(&c[1], ledger->item_id);
	for (int i = 0; i < 2; i++) {
		level(&c[2 + 2 * i], ledger->thresholds[i].minimum);
		level(&c[3 + 2 * i], ledger->thresholds[i].target);
	}
}

static void add_alert(struct pgarray *c, const struct world_alert *alert)
{
	pgarray_int4(&c[0], alert->ledger->store->store_id);
	pgarray_int4(&c[1], alert->ledger->item_id);
	pgarray_text(&c[2], world_cause_name(alert->cause));
	pgarray_int8(&c[3], alert->opened_seq);
	int8_or_null(&c[4], alert->opened_by_slip);
	pgarray_int8(&c[5], alert->on_hand);
	level(&c[6], alert->minimum);
	level(&c[7], alert->target);
	pgarray_int8(&c[8], alert->value);
	level(&c[9], alert->bound);
	int4_or_null(&c[10], alert->window_days);
	pgarray_int8(&c[11], alert->armed_seq);
	pgarray_int8(&c[12], alert->armed_on_hand);
	int8_or_null(&c[13], alert->closed_seq);
}

static void set_alert(struct pgarray *c, const struct world_alert *alert)
{
	const struct post_command *acknowledged = alert->acknowledged, *snoozed = alert->snoozed;

	pgarray_int4(&c[0], alert->ledger->store->store_id);
	pgarray_int8(&c[1], alert->alert_id);
	int8_or_null(&c[2], alert->closed_seq);
	int8_or_null(&c[3], alert->armed_seq);
	pgarray_int8(&c[4], alert->armed_on_hand);
	int8_or_null(&c[5], alert->acknowledged_seq);
	int4_or_null(&c[6], acknowledged ? acknowledged->actor_id : 0);
	pgarray_text(&c[7], acknowledged ? acknowledged->alert.text : NULL);
	int8_or_null(&c[8], alert->snoozed_seq);
	int4_or_null(&c[9], snoozed ? snoozed->actor_id : 0);
	if (snoozed)
		pgarray_date(&c[10], snoozed->alert.until);
	else
		pgarray_null(&c[10]);
	pgarray_text(&c[11], snoozed ? snoozed->alert.text : NULL);
	int8_or_null(&c[12], alert->escalated_seq);
	int4_or_null(&c[13], alert->escalated_to);
	pgarray_int4(&c[14], alert->escalation);
}

static void set_rules(struct pgarray *c, const struct world_store *store)
{
	pgarray_int4(&c[0], store->store_id);
	pgarray_int4(&c[1], store->rules.low_stock);
	pgarray_int4(&c[2], store->rules.out_of_stock);
	pgarray_int4(&c[3], store->rules.clear_percent);
	pgarray_int4(&c[4], store->rules.rearm_percent);
}

/* What people are to be told of it; the statement finds out who. */
static void add_notices(struct pgarray *c, const struct world_step *step)
{
	static const char *const kinds[STEPS] = {
	    [STEP_OPENED] = "opened",
	    [STEP_REARMED] = "rearmed",
	    [STEP_ESCALATED] = "escalated",
	    [STEP_CLOSED] = "closed",
	};
	const struct world_alert *alert = step->alert;

	pgarray_int4(&c[0], alert->ledger->store->store_id);
	pgarray_int8(&c[1], alert->opened_seq);
	pgarray_text(&c[2], world_cause_name(alert->cause));
	pgarray_text(&c[3], kinds[step->kind]);
	pgarray_int8(&c[4], step->event_seq);
	pgarray_int4(&c[5], step->escalation);
}

static void set_store(struct rows *rows, const struct world_store *store)
{
	struct pgarray *c = rows[WRITE_HEADS].columns;

	if (grew(store)) {
		pgarray_int4(&c[0], store->store_id);
		pgarray_int8(&c[1], store->event_seq);
		pgarray_text(&c[2], store->emergency ? "emergency" : "normal");
		pgarray_bytes(&c[3], store->tree.nodes, (size_t)store->tree.count * MERKLE_HASH);
	}
	if (store->rules_changed)
		set_rules(rows[WRITE_RULES].columns, store);
	for (int i = 0; i < store->series_count; i++)
		if (store->series[i].changed)
			set_series(rows[WRITE_SERIES].columns, store, &store->series[i]);
	for (int i = 0; i < store->alerts.count; i++) {
		const struct world_alert *alert = store->alerts.v[i];

		if (alert->alert_id == 0)
			add_alert(rows[WRITE_NEW_ALERTS].columns, alert);
		else if (alert->changed)
			set_alert(rows[WRITE_ALERTS].columns, alert);
	}
}

/* Only what was decided against the stock is remembered: bad input may become good. */
static void add_refusal(struct pgarray *c, const struct batch_item *item)
{
	const struct post_command *command = item->command;
	struct buf document = BUF_EMPTY;

	if (!item->problem || problem_status(item->problem) != 409)
		return;
	problem_json(item->problem, NULL, &document);
	pgarray_int4(&c[0], command->store_id);
	pgarray_text(&c[1], command->key);
	pgarray_bytes(&c[2], command->request_hash, sizeof command->request_hash);
	pgarray_int4(&c[3], 409);
	pgarray_bytes(&c[4], document.data, document.len);
	buf_free(&document);
}

void post_write_send(
    struct post_write *write, struct db_conn *conn, struct batch *batch, db_cb written, void *arg)
{
	struct world *world = &batch->world;
	struct rows *rows = write->rows;
	int last = -1;

	for (int i = 0; i < world->events.count; i++)
		add_event(rows[WRITE_EVENTS].columns, world, &world->events.v[i]);
	add_grown(&rows[WRITE_EVENTS].columns[8], world);
	for (int i = 0; i < world->hashes.count; i++)
		log_tree_row(rows[WRITE_HASHES].columns, world->hashes.v[i].store_id,
		    &world->hashes.v[i].hash);
	for (int i = 0; i < world->slips.count; i++)
		add_slip(rows[WRITE_SLIPS].columns, &world->slips.v[i]);
	for (int i = 0; i < world->entries.count; i++) {
		struct world_entry *entry = &world->entries.v[i];

		set_ledger(rows[WRITE_LEDGERS].columns, entry->ledger);
		set_lot(rows[WRITE_LOTS].columns, entry->ledger, entry->lot);
		add_entry(rows[WRITE_ENTRIES].columns, entry);
	}
	for (int i = 0; i < world->stores.count; i++)
		set_store(rows, world->stores.v[i]);
	for (int i = 0; i < world->thresholds.count; i++)
		set_thresholds(rows[WRITE_THRESHOLDS].columns, world->thresholds.v[i]);
	for (int i = 0; i < world->steps.count; i++)
		add_notices(rows[WRITE_NOTICES].columns, &world->steps.v[i]);
	for (int i = 0; i < batch->count; i++)
		add_refusal(rows[WRITE_REFUSALS].columns, &batch->items[i]);

	for (int w = 0; w < WRITES; w++)
		if (!rows_empty(&rows[w]))
			last = w;
	for (int w = 0; w <= last; w++)
		if (!rows_empty(&rows[w]))
			rows_send(&rows[w], conn, world->at, w == last ? written : NULL, arg);
	if (last >= 0)
		db_flush(conn);
	db_call(conn, STMT_COMMIT, NULL, NULL, NULL);
}

struct post_write *post_write_new(void)
{
	struct post_write *write = xcalloc(1, sizeof *write);

	for (int w = 0; w < WRITES; w++)
		rows_init(&write->rows[w], &write_specs[w]);
	return write;
}

void post_write_free(struct post_write *write)
{
	if (!write)
		return;
	for (int w = 0; w < WRITES; w++)
		rows_free(&write->rows[w]);
	free(write);
}
