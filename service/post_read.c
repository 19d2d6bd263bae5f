/*
 * post_read.c - what a batch touches, asked for in one round trip. What is known of a store from the
 * batch before is not asked for again; should it no longer hold, all of that store is, in a second trip.
 *
 * The stores that the commands name go into the world first, without a code; the answers fill them.
 * What gets no answer does not exist.
 */
#include "post_read.h"

#include <stdlib.h>
#include <string.h>

#include "crypto.h"
#include "die.h"
#include "event_record.h"
#include "rows.h"

enum read {
	READ_KEYS,
	READ_LEDGERS, /* before what hangs on ledgers */
	READ_LOTS,
	READ_ALERTS,
	READ_PACKS,
	READ_SERIES,
	READ_REVERSED,
	READ_FACTS, /* behind the alerts */
	READ_CLOCKS,
	READS,
};

#define INT4 PGARRAY_INT4
#define INT8 PGARRAY_INT8
#define TEXT PGARRAY_TEXT
#define DATE PGARRAY_DATE

static const struct rows_spec lock_spec = {STMT_POST_LOCK, 1, false, {INT4}};

static const struct rows_spec read_specs[READS] = {
    [READ_KEYS] = {STMT_POST_KEYS, 2, false, {INT4, TEXT}},
    [READ_LEDGERS] = {STMT_POST_LEDGERS, 3, false, {INT4, TEXT, INT4}},
    [READ_PACKS] = {STMT_POST_PACKS, 1, false, {TEXT}},
    [READ_LOTS] = {STMT_POST_LOTS, 8, false, {INT4, TEXT, INT4, TEXT, TEXT, INT4, TEXT, INT4}},
    [READ_ALERTS] = {STMT_POST_ALERTS, 3, false, {INT4, TEXT, INT4}},
    [READ_SERIES] = {STMT_POST_SERIES, 3, false, {INT4, TEXT, DATE}},
    [READ_REVERSED] = {STMT_POST_REVERSED, 2, false, {INT4, INT8}},
    [READ_FACTS] = {STMT_POST_FACTS, 2, false, {INT4, TEXT}},
    [READ_CLOCKS] = {STMT_POST_CLOCKS, 2, false, {INT4, TEXT}},
};

struct post_read {
	struct rows lock;
	struct rows rows[READS];
	struct batch *batch; /* being read */
	struct known *known; /* borrowed */
	bool packs;          /* a line of it is written in packs */
};

/* --- Answers --- */

static clock_date date_cell(const PGresult *result, int row, int column)
{
	clock_date date = CLOCK_DATE_NEVER;

	clock_date_parse(
	    db_text(result, row, column), &date); /* "infinity" is no date: stays NEVER */
	return date;
}

/* A count that may be null, for which none is set. */
static int64_t level_cell(const PGresult *result, int row, int column)
{
	return PQgetisnull(result, row, column) ? -1 : db_int(result, row, column);
}

static bool bool_cell(const PGresult *result, int row, int column)
{
	return *PQgetvalue(result, row, column) == 't';
}

static struct world_store *store_cell(const struct batch *batch, const PGresult *result, int row)
{
	return world_store(&batch->world, (int32_t)db_int(result, row, 0));
}

static struct world_ledger *ledger_cell(const struct batch *batch, const PGresult *result, int row)
{
	struct world_store *store = store_cell(batch, result, row);

	return store ? world_ledger_by_id(store, (int32_t)db_int(result, row, 1)) : NULL;
}

static void on_lock(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct post_read *read = arg;

	if (outcome != DB_OK)
		return;
	for (int i = 0; i < PQntuples(result); i++) {
		struct world_store *store = store_cell(read->batch, result, i);
		int64_t event_seq = db_int(result, i, 2);

		store->stale |= store->known && store->event_seq != event_seq;
		problem_copy(store->code, sizeof store->code, db_text(result, i, 1));
		store->event_seq = store->read_seq = event_seq;
		store->emergency = strcmp(db_text(result, i, 3), "emergency") == 0;
		if (!store->known || store->stale)
			log_tree_load(&store->tree, event_seq, db_text(result, i, 4));
		store->rules = (struct post_rules){
		    .low_stock = bool_cell(result, i, 5),
		    .out_of_stock = bool_cell(result, i, 6),
		    .clear_percent = (int)db_int(result, i, 7),
		    .rearm_percent = (int)db_int(result, i, 8),
		};
	}
}

static void on_now(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct post_read *read = arg;
	struct world *world = &read->batch->world;

	if (outcome != DB_OK)
		return;
	strncpy(world->at, db_text(result, 0, 0), sizeof world->at - 1);
	world->today = date_cell(result, 0, 1);
	for (int i = 0; i < world->stores.count; i++) {
		struct world_store *store = world->stores.v[i];

		store->stale |= store->known && store->day != world->today;
	}
}

/* Does "\x…" spell the hash? */
static bool hash_is(const char *text, const uint8_t hash[32])
{
	char hex[65];

	crypto_hex(hash, 32, hex);
	return text && strcmp(text + 2, hex) == 0;
}

static void on_keys(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct post_read *read = arg;

	if (outcome != DB_OK)
		return;
	for (int i = 0; i < PQntuples(result); i++) {
		struct batch_item *item = &read->batch->items[db_int(result, i, 0) - 1];
		const char *type = db_text(result, i, 2);
		const char *body = db_text(result, i, 6);
		const char *number = db_text(result, i, 4);

		if (!hash_is(db_text(result, i, 1), item->command->request_hash)) {
			item->problem = xcalloc(1, sizeof *item->problem);
			problem_set(item->problem, PROBLEM_idempotency_key_reused);
			continue;
		}
		item->prior = true;
		if (type) {
			body = event_record_body(db_text(result, i, 3), &item->prior_len);
			item->prior_status = strncmp(type, "slip_", 5) == 0 ? 201 : 200;
		} else {
			item->prior_len = strlen(body);
			item->prior_status = (int)db_int(result, i, 5);
		}
		if (!body)
			die("event of key %s cannot be read", item->command->key);
		item->prior_body = xstrndup(body, item->prior_len);
		if (number)
			problem_copy(item->number, sizeof item->number, number);
	}
}

static void on_ledgers(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct post_read *read = arg;

	if (outcome != DB_OK)
		return;
	for (int i = 0; i < PQntuples(result); i++) {
		struct world_store *store = store_cell(read->batch, result, i);
		struct world_ledger *ledger =
		    world_ledger_add(store, (int32_t)db_int(result, i, 1), db_text(result, i, 2));

		ledger->balance = db_int(result, i, 3);
		ledger->entry_seq = db_int(result, i, 4);
		ledger->lot_seq = (int32_t)db_int(result, i, 5);
		for (int level = 0; level < 2; level++)
			ledger->thresholds[level] =
			    (struct post_thresholds){level_cell(result, i, 6 + 2 * level),
				level_cell(result, i, 7 + 2 * level)};
	}
}

static void on_packs(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct post_read *read = arg;
	struct world *world = &read->batch->world;

	if (outcome != DB_OK)
		return;
	for (int s = 0; s < world->stores.count; s++)
		for (int i = 0; i < PQntuples(result); i++) {
			struct world_ledger *ledger =
			    world_ledger(world->stores.v[s], db_text(result, i, 0));

			if (ledger)
				world_pack_add(ledger, db_text(result, i, 1), db_int(result, i, 2));
		}
}

static void on_lots(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct post_read *read = arg;

	if (outcome != DB_OK)
		return;
	for (int i = 0; i < PQntuples(result); i++)
		world_lot_add(ledger_cell(read->batch, result, i), (int32_t)db_int(result, i, 2),
		    db_text(result, i, 3), date_cell(result, i, 4), db_int(result, i, 5));
}

static void on_alerts(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct post_read *read = arg;

	if (outcome != DB_OK)
		return;
	for (int i = 0; i < PQntuples(result); i++) {
		struct world_ledger *ledger = ledger_cell(read->batch, result, i);
		int cause = world_cause_parse(db_text(result, i, 3));
		struct world_alert *alert;

		if (cause < 0 || ledger->alerts[cause])
			continue; /* named twice */
		alert = world_alert_add(ledger, (enum world_cause)cause);
		alert->alert_id = db_int(result, i, 2);
		alert->opened_seq = db_int(result, i, 4);
		alert->on_hand = db_int(result, i, 5);
		alert->minimum = level_cell(result, i, 6);
		alert->target = level_cell(result, i, 7);
		alert->value = db_int(result, i, 8);
		alert->bound = level_cell(result, i, 9);
		alert->window_days = (int32_t)db_int(result, i, 10);
		alert->armed_on_hand = db_int(result, i, 11);
		alert->escalation = (int)db_int(result, i, 12);
	}
}

static void on_series(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct post_read *read = arg;

	if (outcome != DB_OK)
		return;
	for (int i = 0; i < PQntuples(result); i++) {
		enum slip_kind kind = strcmp(db_text(result, i, 1), "in") == 0 ? SLIP_IN : SLIP_OUT;

		world_series(store_cell(read->batch, result, i), kind, date_cell(result, i, 2))
		    ->serial = (int32_t)db_int(result, i, 3);
	}
}

static void on_reversed(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct post_read *read = arg;

	if (outcome != DB_OK)
		return;
	for (int i = 0; i < PQntuples(result); i++)
		world_reversed_add(&read->batch->world, (int32_t)db_int(result, i, 0),
		    db_int(result, i, 1), db_text(result, i, 2));
}

static void on_facts(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct post_read *read = arg;

	if (outcome != DB_OK)
		return;
	for (int i = 0; i < PQntuples(result); i++) {
		struct world_ledger *ledger = ledger_cell(read->batch, result, i);
		int cause = world_cause_parse(db_text(result, i, 2));

		if (ledger && cause >= CAUSES_OF_STOCK)
			ledger->facts[cause] = (struct world_fact){
			    .known = true,
			    .entry_seq = db_int(result, i, 3),
			    .due = bool_cell(result, i, 4),
			    .stays = bool_cell(result, i, 5),
			    .value = db_int(result, i, 6),
			    .bound = level_cell(result, i, 7),
			    .window_days = (int32_t)db_int(result, i, 8),
			};
	}
}

static void on_clocks(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct post_read *read = arg;

	if (outcome != DB_OK)
		return;
	for (int i = 0; i < PQntuples(result); i++) {
		struct world_ledger *ledger = ledger_cell(read->batch, result, i);
		int cause = world_cause_parse(db_text(result, i, 2));
		struct world_alert *alert = ledger && cause >= 0 ? ledger->alerts[cause] : NULL;

		if (!alert || alert->alert_id != db_int(result, i, 3))
			continue;
		alert->clock = bool_cell(result, i, 4) ? CLOCK_WAKE : CLOCK_ESCALATE;
		alert->above_id = (int32_t)db_int(result, i, 5);
		if (db_text(result, i, 6))
			problem_copy(alert->above, sizeof alert->above, db_text(result, i, 6));
	}
}

static const db_cb read_answers[READS] = {
    [READ_KEYS] = on_keys,
    [READ_LEDGERS] = on_ledgers,
    [READ_PACKS] = on_packs,
    [READ_LOTS] = on_lots,
    [READ_ALERTS] = on_alerts,
    [READ_SERIES] = on_series,
    [READ_REVERSED] = on_reversed,
    [READ_FACTS] = on_facts,
    [READ_CLOCKS] = on_clocks,
};

/* --- Questions --- */

/* A ledger that the batch touches; asked for once, unless it is known. */
static void want_ledger(struct post_read *read, struct world_store *store, const char *item)
{
	bool known = world_ledger(store, item) != NULL;

	if (!world_want(store, item))
		return;
	for (enum read r = READ_LEDGERS; r <= READ_ALERTS && !known; r++) {
		pgarray_int4(&read->rows[r].columns[0], store->store_id);
		pgarray_text(&read->rows[r].columns[1], item);
	}
	pgarray_text(&read->rows[READ_PACKS].columns[0], item);
}

/* The lots of that number, the empty ones, too. */
static void want_lots(
    struct post_read *read, struct world_store *store, const char *item, const char *number)
{
	const struct world_ledger *ledger = world_ledger(store, item);
	struct pgarray *lots = read->rows[READ_LOTS].columns;

	if (ledger && world_lots_all(ledger, number))
		return;
	pgarray_int4(&lots[2], store->store_id);
	pgarray_text(&lots[3], item);
	pgarray_text(&lots[4], number);
}

static void want_all_ledgers(struct post_read *read, const struct world_store *store)
{
	pgarray_int4(&read->rows[READ_LEDGERS].columns[2], store->store_id);
	pgarray_int4(&read->rows[READ_ALERTS].columns[2], store->store_id);
}

static void want_series(
    struct post_read *read, struct world_store *store, enum slip_kind kind, clock_date date)
{
	struct pgarray *columns = read->rows[READ_SERIES].columns;
	int known = store->series_count;

	world_series(store, kind, date);
	if (store->series_count == known)
		return; /* asked for already */
	pgarray_int4(&columns[0], store->store_id);
	pgarray_text(&columns[1], slip_kind_name(kind));
	if (date == CLOCK_DATE_NEVER)
		pgarray_null(&columns[2]); /* today, which the database knows */
	else
		pgarray_date(&columns[2], date);
}

static void want_slip(struct post_read *read, struct world_store *store, const struct slip *slip)
{
	want_series(read, store, slip->kind, slip->business_date);
	for (int i = 0; i < slip->line_count; i++) {
		const struct slip_line *line = &slip->lines[i];

		want_ledger(read, store, line->item);
		read->packs |= line->pack != NULL;
		if (slip->kind == SLIP_IN || line->lot)
			want_lots(read, store, line->item, line->lot ? line->lot : "");
	}
}

static void want_reversal(
    struct post_read *read, struct world_store *store, const struct post_command *command)
{
	want_series(
	    read, store, command->reversal.kind == SLIP_IN ? SLIP_OUT : SLIP_IN, CLOCK_DATE_NEVER);
	pgarray_int4(&read->rows[READ_REVERSED].columns[0], store->store_id);
	pgarray_int8(&read->rows[READ_REVERSED].columns[1], command->reversal.event_seq);
	for (int i = 0; i < command->reversal.entry_count; i++) {
		const struct post_reversed_entry *entry = &command->reversal.entries[i];
		struct pgarray *lots = read->rows[READ_LOTS].columns;

		want_ledger(read, store, entry->item);
		pgarray_int4(&lots[5], store->store_id);
		pgarray_text(&lots[6], entry->item);
		pgarray_int4(&lots[7], entry->lot_seq);
	}
}

static void want_clock(struct post_read *read, struct world_store *store, const char *item)
{
	want_ledger(read, store, item);
	for (enum read r = READ_FACTS; r <= READ_CLOCKS; r++) {
		pgarray_int4(&read->rows[r].columns[0], store->store_id);
		pgarray_text(&read->rows[r].columns[1], item);
	}
}

static void want(
    struct post_read *read, struct world_store *store, const struct post_command *command)
{
	store->passing |= command->kind != POST_SLIP && command->kind != POST_REVERSAL;
	switch (command->kind) {
	case POST_SLIP:
		want_slip(read, store, command->slip);
		break;
	case POST_REVERSAL:
		want_reversal(read, store, command);
		break;
	case POST_THRESHOLDS:
		want_ledger(read, store, command->thresholds.item);
		break;
	case POST_READINESS:
	case POST_RULES:
		want_all_ledgers(read, store);
		break;
	case POST_ACKNOWLEDGE:
	case POST_SNOOZE:
		want_ledger(read, store, command->alert.item);
		break;
	case POST_SWEEP:
		want_clock(read, store, command->sweep.item);
		break;
	case POST_KINDS:
		break;
	}
}

static struct world_store *add_store(struct post_read *read, int32_t store_id)
{
	struct world *world = &read->batch->world;
	struct world_store *store = known_take(read->known, store_id);

	if (store)
		*world_push(&world->stores) = store;
	else
		store = world_store_add(world, store_id);
	pgarray_int4(&read->lock.columns[0], store_id);
	return store;
}

static void ask(struct post_read *read, struct db_conn *conn)
{
	if (!read->packs)
		rows_clear(&read->rows[READ_PACKS]);
	for (int r = 0; r < READS; r++)
		if (!rows_empty(&read->rows[r]))
			rows_send(&read->rows[r], conn, NULL, read_answers[r], read);
}

void post_read_send(struct post_read *read, struct db_conn *conn, struct batch *batch)
{
	struct world *world = &batch->world;

	read->batch = batch;
	read->packs = false;
	for (int i = 0; i < batch->count; i++) {
		const struct post_command *command = batch->items[i].command;
		struct world_store *store = world_store(world, command->store_id);

		if (!store)
			store = add_store(read, command->store_id);
		pgarray_int4(&read->rows[READ_KEYS].columns[0], command->store_id);
		pgarray_text(&read->rows[READ_KEYS].columns[1], command->key);
		want(read, store, command);
	}
	db_call(conn, STMT_BEGIN, NULL, NULL, NULL);
	rows_send(&read->lock, conn, NULL, on_lock, read);
	db_call(conn, STMT_POST_NOW, NULL, on_now, read);
	ask(read, conn);
}

bool post_read_again(struct post_read *read, struct db_conn *conn)
{
	struct batch *batch = read->batch;
	struct world *world = &batch->world;
	bool again = false;

	for (int i = 0; i < world->stores.count; i++)
		if (world->stores.v[i]->stale) {
			world_store_clear(world->stores.v[i]);
			again = true;
		}
	if (!again)
		return false;
	read->packs = false;
	for (int i = 0; i < batch->count; i++) {
		const struct post_command *command = batch->items[i].command;
		struct world_store *store = world_store(world, command->store_id);

		if (store->stale)
			want(read, store, command);
	}
	for (int i = 0; i < world->stores.count; i++)
		world->stores.v[i]->known = world->stores.v[i]->stale = false;
	ask(read, conn);
	return true;
}

struct post_read *post_read_new(struct known *known)
{
	struct post_read *read = xcalloc(1, sizeof *read);

	read->known = known;
	rows_init(&read->lock, &lock_spec);
	for (int r = 0; r < READS; r++)
		rows_init(&read->rows[r], &read_specs[r]);
	return read;
}

void post_read_free(struct post_read *read)
{
	if (!read)
		return;
	rows_free(&read->lock);
	for (int r = 0; r < READS; r++)
		rows_free(&read->rows[r]);
	free(read);
}
