/* handle_slip.c - posting slips: one, many in a request, and reversals. */
#include "handlers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "field.h"
#include "handle_change.h"
#include "handle_post.h"
#include "route.h"

#define BATCH_MAX_SLIPS 1000

void handle_slip_post(struct request *req)
{
	struct problem problem;
	struct slip *slip = slip_decode(req->json, &problem);
	struct post_command *command;

	if (!slip) {
		request_problem(req, &problem);
		return;
	}
	command = handle_post_command(req, POST_SLIP, true, "slip");
	if (!command) {
		slip_free(slip);
		return;
	}
	command->slip = slip;
	post_submit(req->server->post, command);
}

/* --- Many --- */

struct many_result {
	struct many *many;
	int status; /* 0: not decided yet */
	struct buf json;
};

/* A request of many slips, each posted or refused by itself. */
struct many {
	struct request *req;
	int count, open; /* open: results still to come, and one while slips are handed over */
	struct many_result results[];
};

static void many_answer(struct many *many)
{
	struct buf body = BUF_EMPTY;

	buf_puts(&body, "{\"results\":[");
	for (int i = 0; i < many->count; i++) {
		struct many_result *result = &many->results[i];

		buf_printf(&body, "%s{\"status\":%d,\"%s\":", i ? "," : "", result->status,
		    result->status < 300 ? "slip" : "problem");
		buf_add(&body, result->json.data, result->json.len);
		buf_putc(&body, '}');
		buf_free(&result->json);
	}
	buf_puts(&body, "]}");
	request_answer(many->req, 200, NULL, body.data, body.len);
	buf_free(&body);
	free(many);
}

static void many_close(struct many *many)
{
	if (--many->open == 0)
		many_answer(many);
}

static void many_refuse(struct many_result *result, const struct problem *problem)
{
	result->status = problem_status(problem);
	problem_json(problem, result->many->req->id, &result->json);
}

static void on_many_posted(void *arg, const struct post_answer *answer)
{
	struct many_result *result = arg;

	if (answer->problem) {
		many_refuse(result, answer->problem);
	} else {
		result->status = answer->status;
		buf_add(&result->json, answer->refusal ? answer->refusal : answer->body,
		    answer->refusal ? answer->refusal_len : answer->body_len);
	}
	many_close(result->many);
}

static void many_post(struct many *many, int i, json_t *json)
{
	struct many_result *result = &many->results[i];
	struct request *req = many->req;
	struct problem problem = {.line = -1};
	char key[SLIP_KEY_MAX + 2];
	struct post_command *command;
	struct slip *slip;

	if (!json_is_object(json)) {
		problem_add(&problem, PROBLEM_wrong_type, "object", "slips[%d]", i);
		many_refuse(result, &problem);
		return;
	}
	/* The key is not part of what is asked: the same slip alone has the same hash. */
	snprintf(key, sizeof key, "%s",
	    json_is_string(json_object_get(json, "idempotency_key"))
		? json_string_value(json_object_get(json, "idempotency_key"))
		: "");
	json_object_del(json, "idempotency_key");
	if (!slip_key_ok(key)) {
		problem_set(&problem, PROBLEM_idempotency_key_missing);
		many_refuse(result, &problem);
		return;
	}
	slip = slip_decode(json, &problem);
	if (!slip) {
		many_refuse(result, &problem);
		return;
	}
	command = post_command_new(POST_SLIP);
	command->slip = slip;
	command->store_id = req->scope.store_id;
	command->actor_id = req->caller->user_id;
	problem_copy(command->actor, sizeof command->actor, req->caller->username);
	problem_copy(command->source, sizeof command->source, req->source);
	problem_copy(command->key, sizeof command->key, key);
	slip_request_hash("slip", json, command->request_hash);
	command->done = on_many_posted;
	command->arg = result;
	many->open++;
	post_submit(req->server->post, command);
}

void handle_slip_batch(struct request *req)
{
	static const char *const fields[] = {"slips", NULL};
	struct problem problem = {.line = -1};
	const json_t *slips;
	struct many *many;
	int count;

	field_only(req->json, fields, "", &problem);
	slips = field_array(req->json, "slips", BATCH_MAX_SLIPS, FIELD_REQUIRED, "", &problem);
	if (problem.code != PROBLEM_none) {
		request_problem(req, &problem);
		return;
	}
	count = (int)json_array_size(slips);
	many = xcalloc(1, sizeof *many + (size_t)count * sizeof many->results[0]);
	many->req = req;
	many->count = count;
	many->open = 1;
	for (int i = 0; i < count; i++) {
		many->results[i].many = many;
		many_post(many, i, json_array_get(slips, (size_t)i));
	}
	many_close(many);
}

/* --- Reversal --- */

static void take_entries(struct post_command *command, const PGresult *result)
{
	int count = PQntuples(result);

	command->reversal.event_seq = db_int(result, 0, 0);
	command->reversal.is_reversal =
	    strcmp(db_text(result, 0, 1), slip_reason_name(SLIP_REVERSAL)) == 0;
	command->reversal.counterparty = xstrdup(db_text(result, 0, 2));
	command->reversal.receiver = xstrdup(db_text(result, 0, 3));
	command->reversal.entries = xcalloc((size_t)count, sizeof *command->reversal.entries);
	command->reversal.entry_count = count;
	for (int i = 0; i < count; i++) {
		struct post_reversed_entry *entry = &command->reversal.entries[i];

		problem_copy(entry->item, sizeof entry->item, db_text(result, i, 4));
		entry->lot_seq = (int32_t)db_int(result, i, 5);
		entry->quantity = db_int(result, i, 6);
	}
}

static void on_slip_read(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct post_command *command = arg;
	struct request *req = command->arg;

	if (outcome == DB_OK && PQntuples(result) > 0) {
		take_entries(command, result);
		post_submit(req->server->post, command);
		return;
	}
	post_command_free(command);
	request_refuse(req, outcome == DB_OK ? PROBLEM_not_found : PROBLEM_database_away);
}

void handle_reversal_post(struct request *req)
{
	static const char *const fields[] = {"note", NULL};
	struct problem problem = {.line = -1};
	const char *number = req->args[1];
	struct post_command *command;
	enum slip_kind kind;
	clock_date date;
	const char *note;
	char what[96], day[11];
	int n;

	field_only(req->json, fields, "", &problem);
	note = field_text(req->json, "note", 1000, FIELD_MULTILINE, "", &problem);
	if (problem.code != PROBLEM_none) {
		request_problem(req, &problem);
		return;
	}
	if (!slip_number_parse(number, req->scope.code, &kind, &date, &n)) {
		request_refuse(req, PROBLEM_not_found);
		return;
	}
	snprintf(what, sizeof what, "reversal %s", number);
	command = handle_post_command(req, POST_REVERSAL, true, what);
	if (!command)
		return;
	command->reversal.kind = kind;
	command->reversal.note = xstrdup(note ? note : "");
	problem_copy(command->reversal.number, sizeof command->reversal.number, number);

	clock_date_format(date, day);
	if (!db_read(req->server->pool, STMT_SLIP_ENTRIES,
		(struct db_param[]){DB_TEXT(id_text(req->scope.store_id).s),
		    DB_TEXT(slip_kind_name(kind)), DB_TEXT(day), DB_TEXT(id_text(n).s)},
		on_slip_read, command)) {
		post_command_free(command);
		request_refuse(req, PROBLEM_busy);
	}
}
