/* handle_alert.c - alerts, their rules, and the sweep that watches them. */
#include "handlers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "field.h"
#include "handle_follow.h"
#include "handle_post.h"
#include "render.h"
#include "route.h"
#include "sweep.h"
#include "world.h"

/* --- One alert --- */

static void on_alert_store(void *arg, enum db_outcome outcome, const struct place_ref *ref)
{
	struct post_command *command = arg;
	struct request *req = command->arg;
	unsigned roles = ref ? caller_roles_at(req->caller, ref->path, ref->depth) : 0;

	if (roles & req->route->roles) {
		post_submit(req->server->post, command);
		return;
	}
	post_command_free(command);
	request_refuse(req, outcome != DB_OK ? PROBLEM_database_away
			    : roles          ? PROBLEM_forbidden
					     : PROBLEM_not_found);
}

static void on_alert_found(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct post_command *command = arg;
	struct request *req = command->arg;

	if (outcome != DB_OK || PQntuples(result) == 0) {
		post_command_free(command);
		request_refuse(req, outcome == DB_OK ? PROBLEM_not_found : PROBLEM_database_away);
		return;
	}
	command->store_id = (int32_t)db_int(result, 0, 0);
	problem_copy(command->alert.item, sizeof command->alert.item, db_text(result, 0, 2));
	auth_find_store(req->server->auth, db_text(result, 0, 1), on_alert_store, command);
}

/* Find the alert's ledger, then post the command, which gets the text (kept by it) and the date. */
static void post_about_alert(
    struct request *req, enum post_kind kind, const char *verb, const char *text, clock_date until)
{
	struct post_command *command;
	char *end, what[64];
	long long id = strtoll(req->args[0], &end, 10);

	if (*end || id <= 0) {
		request_refuse(req, PROBLEM_not_found);
		return;
	}
	snprintf(what, sizeof what, "%s %lld", verb, id);
	command = handle_post_command(req, kind, false, what);
	if (!command)
		return;
	command->alert.alert_id = id;
	command->alert.text = xstrdup(text);
	command->alert.until = until;
	if (!db_read(req->server->pool, STMT_ALERT_FIND, (struct db_param[]){DB_TEXT(req->args[0])},
		on_alert_found, command)) {
		post_command_free(command);
		request_refuse(req, PROBLEM_busy);
	}
}

void handle_alert_acknowledge(struct request *req)
{
	static const char *const fields[] = {"note", NULL};
	struct problem problem = {.line = -1};
	const char *note;

	field_only(req->json, fields, "", &problem);
	note = field_text(req->json, "note", 1000, FIELD_MULTILINE, "", &problem);
	if (problem.code != PROBLEM_none)
		request_problem(req, &problem);
	else
		post_about_alert(req, POST_ACKNOWLEDGE, "acknowledge", note ? note : "", 0);
}

void handle_alert_snooze(struct request *req)
{
	static const char *const fields[] = {"until", "reason", NULL};
	struct problem problem = {.line = -1};
	const char *reason;
	clock_date until = 0;

	field_only(req->json, fields, "", &problem);
	field_date(req->json, "until", FIELD_REQUIRED, "", &until, &problem);
	reason =
	    field_text(req->json, "reason", 500, FIELD_REQUIRED | FIELD_MULTILINE, "", &problem);
	if (problem.code != PROBLEM_none)
		request_problem(req, &problem);
	else
		post_about_alert(req, POST_SNOOZE, "snooze", reason, until);
}

/* --- Rules --- */

/* The numbers of a rule, and which causes have them. Their order is the statement's. */
static const struct figure {
	const char *name;
	int min, max;
	unsigned causes;
	bool nullable;
} figures[] = {
    {"days", 1, 3650, 1U << CAUSE_DAYS_OF_COVER | 1U << CAUSE_EXPIRING | 1U << CAUSE_OVERDUE_COUNT,
	false},
    {"window_days", 1, 366, 1U << CAUSE_DAYS_OF_COVER, false},
    {"clear_percent", 0, 100, 1U << CAUSE_LOW_STOCK | 1U << CAUSE_DAYS_OF_COVER, false},
    {"rearm_percent", 0, 100, 1U << CAUSE_LOW_STOCK, false},
    {"escalate_minutes", 0, 525600, (1U << CAUSES) - 1, true},
};
#define FIGURES (sizeof figures / sizeof *figures)

/* One that the cause does not have may only be null, as GET gives it. */
static bool decode_figure(
    const json_t *json, const struct figure *f, int cause, int64_t *out, struct problem *problem)
{
	if (!(f->causes & 1U << cause)) {
		if (field_given(json, f->name))
			problem_add(problem, PROBLEM_unknown_field, NULL, "%s", f->name);
		return false;
	}
	return field_int(
	    json, f->name, f->min, f->max, f->nullable ? 0 : FIELD_REQUIRED, "", out, problem);
}

void handle_alert_rule_put(struct request *req)
{
	static const char *const fields[] = {"enabled", "days", "window_days", "clear_percent",
	    "rearm_percent", "escalate_minutes", NULL};
	struct id_text place = id_text(req->scope.place_id), numbers[FIGURES];
	struct problem problem = {.line = -1};
	struct db_param params[3 + FIGURES];
	int cause = world_cause_parse(req->args[1]);
	bool enabled = false;

	if (cause < 0) {
		request_refuse(req, PROBLEM_not_found);
		return;
	}
	field_only(req->json, fields, "", &problem);
	field_bool(req->json, "enabled", FIELD_REQUIRED, "", &enabled, &problem);
	params[0] = DB_TEXT(place.s);
	params[1] = DB_TEXT(req->args[1]);
	params[2] = DB_TEXT(enabled ? "true" : "false");
	for (size_t i = 0; i < FIGURES; i++) {
		int64_t n = 0;
		bool given = decode_figure(req->json, &figures[i], cause, &n, &problem);

		numbers[i] = id_text((int32_t)n);
		params[3 + i] = given ? DB_TEXT(numbers[i].s) : DB_NULL;
	}
	if (problem.code != PROBLEM_none)
		request_problem(req, &problem);
	else
		handle_follow(req, FOLLOW_RULES, "alert_rule_set", STMT_ALERT_RULE_SET, params, "");
}

void handle_alert_rule_delete(struct request *req)
{
	if (world_cause_parse(req->args[1]) < 0)
		request_refuse(req, PROBLEM_not_found);
	else
		handle_follow(req, FOLLOW_RULES, "alert_rule_removed", STMT_ALERT_RULE_REMOVE,
		    (struct db_param[]){
			DB_TEXT(id_text(req->scope.place_id).s), DB_TEXT(req->args[1])},
		    "");
}

/* --- The sweep --- */

static void on_sweep_state(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct request *req = arg;
	struct buf out = BUF_EMPTY;

	if (outcome != DB_OK) {
		request_refuse(req, PROBLEM_database_away);
		return;
	}
	render_rows(result, 1, PQnfields(result), RENDER_JSON, &out);
	request_answer(req, 200, NULL, out.data, out.len);
	buf_free(&out);
}

void handle_alert_sweep(struct request *req)
{
	char interval[24];

	snprintf(interval, sizeof interval, "%lld", (long long)req->server->conf->alert_interval);
	if (!db_read(req->server->pool, STMT_SWEEP_STATE, (struct db_param[]){DB_TEXT(interval)},
		on_sweep_state, req))
		request_refuse(req, PROBLEM_busy);
}
