/*
 * cmd_import_rehearse.c - a dry run: every slip is decided as posting would decide it, by the same
 * rules (decide.h), over ledgers read once from the store. Nothing is locked and nothing written.
 */
#include "cmd_import.h"

#include <stdlib.h>
#include <string.h>

#include "crypto.h"
#include "decide.h"
#include "event_record.h"
#include "pgarray.h"

#define AT_ONCE 1000

struct rehearsal {
	struct cmd_import *run;
	struct world world;
	struct world_store *store;
	int made; /* items that do not exist yet get ids below zero */
	int count;
	struct post_command *commands[AT_ONCE];
	struct import_slip *slips[AT_ONCE];
};

static PGresult *ask(struct rehearsal *r, enum stmt_id stmt, struct pgarray *columns, int count)
{
	struct buf bytes[8] = {BUF_EMPTY};
	struct db_param params[8] = {DB_NULL};
	PGresult *result;

	for (int i = 0; i < count; i++) {
		pgarray_finish(&columns[i], &bytes[i]);
		params[i] = DB_BYTES(bytes[i].data, bytes[i].len);
	}
	result = offline_read(&r->run->offline, stmt, params);
	for (int i = 0; i < count; i++) {
		buf_free(&bytes[i]);
		pgarray_free(&columns[i]);
	}
	return result;
}

/* --- Ledgers --- */

static void add_made(struct rehearsal *r, const char *code)
{
	world_ledger_add(r->store, -++r->made, code);
}

static bool read_ledgers(struct rehearsal *r, struct pgarray wanted[3])
{
	PGresult *result = ask(r, STMT_POST_LEDGERS, wanted, 3);

	if (!result)
		return false;
	for (int i = 0; i < PQntuples(result); i++) {
		struct world_ledger *ledger = world_ledger_add(
		    r->store, (int32_t)db_int(result, i, 1), db_text(result, i, 2));

		ledger->balance = db_int(result, i, 3);
		ledger->entry_seq = db_int(result, i, 4);
		ledger->lot_seq = (int32_t)db_int(result, i, 5);
		/* Alerts are not rehearsed. */
		ledger->thresholds[0] = ledger->thresholds[1] = (struct post_thresholds){-1, -1};
	}
	PQclear(result);
	return true;
}

static bool read_lots(struct rehearsal *r, struct pgarray wanted[8])
{
	PGresult *result = ask(r, STMT_POST_LOTS, wanted, 8);

	if (!result)
		return false;
	for (int i = 0; i < PQntuples(result); i++) {
		clock_date expires = CLOCK_DATE_NEVER;

		clock_date_parse(db_text(result, i, 4), &expires);
		world_lot_add(world_ledger_by_id(r->store, (int32_t)db_int(result, i, 1)),
		    (int32_t)db_int(result, i, 2), db_text(result, i, 3), expires,
		    db_int(result, i, 5));
	}
	PQclear(result);
	return true;
}

static void add_packs(struct world_ledger *ledger, const json_t *packs)
{
	const char *name;
	json_t *quantity;

	json_object_foreach((json_t *)packs, name, quantity)
	    world_pack_add(ledger, name, json_integer_value(quantity));
}

/* Bring the ledgers that the file touches into the world, once. */
static bool read_world(struct rehearsal *r)
{
	const struct import *import = &r->run->import;
	struct pgarray ledgers[3] = {
	    {.type = PGARRAY_INT4}, {.type = PGARRAY_TEXT}, {.type = PGARRAY_INT4}};
	struct pgarray lots[8] = {{.type = PGARRAY_INT4}, {.type = PGARRAY_TEXT},
	    {.type = PGARRAY_INT4}, {.type = PGARRAY_TEXT}, {.type = PGARRAY_TEXT},
	    {.type = PGARRAY_INT4}, {.type = PGARRAY_TEXT}, {.type = PGARRAY_INT4}};
	bool ok;

	r->store = world_store_add(&r->world, r->run->store_id);
	problem_copy(r->store->code, sizeof r->store->code, r->run->store);
	for (int i = 0; i < import->item_count; i++)
		if (!import->items[i].category) {
			pgarray_int4(&ledgers[0], r->run->store_id);
			pgarray_text(&ledgers[1], import->items[i].code);
			pgarray_int4(&lots[0], r->run->store_id);
			pgarray_text(&lots[1], import->items[i].code);
		}
	ok = read_ledgers(r, ledgers) && read_lots(r, lots);
	for (int i = 0; i < import->item_count && ok; i++) {
		struct world_ledger *ledger = world_ledger(r->store, import->items[i].code);

		if (ledger)
			add_packs(ledger, import->items[i].packs);
		else
			add_made(r, import->items[i].code);
	}
	return ok;
}

static bool read_now(struct rehearsal *r)
{
	PGresult *result = offline_read(&r->run->offline, STMT_POST_NOW, NULL);

	if (!result)
		return false;
	problem_copy(r->world.at, sizeof r->world.at, db_text(result, 0, 0));
	clock_date_parse(db_text(result, 0, 1), &r->world.today);
	PQclear(result);
	return true;
}

/* --- Slips --- */

static void tell(struct rehearsal *r, int i, const struct post_answer *answer)
{
	import_answer(&r->run->import, r->slips[i], answer);
	post_command_free(r->commands[i]);
	r->commands[i] = NULL;
}

static void refuse(struct rehearsal *r, int i, const struct problem *problem)
{
	tell(r, i,
	    &(struct post_answer){
		.status = problem_status(problem), .number = "", .problem = problem});
}

/* Slips whose keys have been answered before, as they were then. */
static void tell_prior(struct rehearsal *r, const PGresult *result, int row)
{
	int i = (int)db_int(result, row, 0) - 1;
	struct post_answer answer = {.status = 201, .replayed = true, .number = ""};
	struct problem problem;
	char hex[2 * CRYPTO_SHA256_LEN + 1];

	crypto_hex(r->commands[i]->request_hash, CRYPTO_SHA256_LEN, hex);
	if (strcmp(db_text(result, row, 1) + 2, hex) != 0) {
		problem_set(&problem, PROBLEM_idempotency_key_reused);
		refuse(r, i, &problem);
		return;
	}
	if (db_text(result, row, 2)) {
		answer.body = event_record_body(db_text(result, row, 3), &answer.body_len);
	} else {
		answer.status = (int)db_int(result, row, 5);
		answer.refusal = db_text(result, row, 6);
		answer.refusal_len = strlen(answer.refusal);
	}
	tell(r, i, &answer);
}

static bool ask_prior(struct rehearsal *r)
{
	struct pgarray keys[2] = {{.type = PGARRAY_INT4}, {.type = PGARRAY_TEXT}};
	PGresult *result;

	for (int i = 0; i < r->count; i++) {
		pgarray_int4(&keys[0], r->run->store_id);
		pgarray_text(&keys[1], r->commands[i]->key);
	}
	result = ask(r, STMT_POST_KEYS, keys, 2);
	for (int row = 0; result && row < PQntuples(result); row++)
		tell_prior(r, result, row);
	PQclear(result);
	return result != NULL;
}

static void decide_one(struct rehearsal *r, int i)
{
	struct decision decision;
	struct post_answer answer = {.status = 201};

	decide(&r->world, r->commands[i], &decision);
	if (decision.problem.code != PROBLEM_none) {
		refuse(r, i, &decision.problem);
		return;
	}
	const struct world_event *event = &r->world.events.v[decision.event];

	answer.number = decision.number;
	answer.body = event_record_body(r->world.bytes.data + event->record, &answer.body_len);
	tell(r, i, &answer);
}

/* Ledgers stay in the world; what would be written of them goes. */
static void forget_written(struct world *world)
{
	world->entries.count = world->slips.count = world->events.count = 0;
	world->bytes.len = 0;
}

static bool flush(struct rehearsal *r)
{
	if (!ask_prior(r))
		return false;
	for (int i = 0; i < r->count; i++)
		if (r->commands[i])
			decide_one(r, i);
	r->count = 0;
	forget_written(&r->world);
	import_check(&r->run->import);
	cmd_import_progress(r->run);
	return true;
}

static bool rehearse_row(struct rehearsal *r, struct import_row *row)
{
	int count = 0;

	if (row->answered < row->slip_count)
		count = import_commands(
		    &r->run->import, row, r->commands + r->count, r->slips + r->count);
	for (int i = 0; i < count; i++)
		cmd_import_sign(r->run, r->commands[r->count + i]);
	r->count += count;
	return r->count <= AT_ONCE - MAPPING_MAX_SLIPS || flush(r);
}

bool cmd_import_rehearse(struct cmd_import *run)
{
	struct rehearsal r = {.run = run};
	bool ok = read_now(&r) && read_world(&r);

	r.world.backdate_days = run->backdate_days;
	for (uint32_t i = 0; i < run->import.row_count && ok; i++)
		ok = rehearse_row(&r, &run->import.rows[i]);
	ok = ok && flush(&r);
	for (int i = 0; i < r.count; i++)
		post_command_free(r.commands[i]);
	world_free(&r.world);
	return ok;
}
