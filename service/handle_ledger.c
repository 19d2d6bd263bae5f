/* handle_ledger.c - what coordinators change: thresholds, readiness, alerts. */
#include "handlers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "field.h"
#include "handle_change.h"
#include "handle_post.h"
#include "readiness.h"
#include "route.h"

#define MAX_LEVEL 1000000000000LL

static const char *const level_names[] = {"normal", "emergency", NULL};

/* --- Thresholds --- */

/* One level: an object, or null for none. */
static void decode_level(
    json_t *json, const char *name, struct post_thresholds *out, struct problem *problem)
{
	static const char *const fields[] = {"minimum", "target", NULL};
	const json_t *level;
	char prefix[16], minimum[24];

	*out = (struct post_thresholds){-1, -1};
	if (json_is_null(json_object_get(json, name)))
		return;
	level = field_object(json, name, FIELD_REQUIRED, "", problem);
	if (!level)
		return;
	snprintf(prefix, sizeof prefix, "%s.", name);
	field_only(level, fields, prefix, problem);
	field_int(level, "minimum", 0, MAX_LEVEL, FIELD_REQUIRED, prefix, &out->minimum, problem);
	field_int(level, "target", 0, MAX_LEVEL, FIELD_REQUIRED, prefix, &out->target, problem);
	if (out->target >= out->minimum || out->target < 0)
		return;
	snprintf(minimum, sizeof minimum, "%lld", (long long)out->minimum);
	problem_add(problem, PROBLEM_target_below_minimum, minimum, "%starget", prefix);
}

void handle_thresholds_put(struct request *req)
{
	struct problem problem = {.line = -1};
	struct post_thresholds levels[2];
	struct post_command *command;
	char what[96];

	field_only(req->json, level_names, "", &problem);
	for (int i = 0; i < 2; i++)
		decode_level(req->json, level_names[i], &levels[i], &problem);
	if (problem.code != PROBLEM_none) {
		request_problem(req, &problem);
		return;
	}
	snprintf(what, sizeof what, "thresholds %.64s", req->args[1]);
	command = handle_post_command(req, POST_THRESHOLDS, false, what);
	if (!command)
		return;
	problem_copy(command->thresholds.item, sizeof command->thresholds.item, req->args[1]);
	memcpy(command->thresholds.levels, levels, sizeof levels);
	post_submit(req->server->post, command);
}

/* --- Readiness --- */

struct switch_request {
	struct request *req;
	char *place_answer;
};

static void on_stores_switched(void *arg, const struct problem *problem, int stores)
{
	struct switch_request *s = arg;
	struct buf body = BUF_EMPTY;

	if (problem) {
		request_problem(s->req, problem);
	} else {
		/* The place's answer, with how many stores followed. */
		buf_printf(&body, "{\"stores\":%d,%s", stores, s->place_answer + 1);
		request_answer(s->req, 200, NULL, body.data, body.len);
	}
	buf_free(&body);
	free(s->place_answer);
	free(s);
}

static void on_place_switched(void *arg, const struct change_answer *answer)
{
	struct request *req = arg;
	struct switch_request *s;
	const char *reason = json_string_value(json_object_get(req->json, "reason"));

	if (answer->problem) {
		handle_change_refuse(req, answer->problem);
		return;
	}
	if (answer->replayed)
		request_set_header(req, "Idempotent-Replayed", "true");
	s = xcalloc(1, sizeof *s);
	s->req = req;
	s->place_answer = xstrdup(answer->json);
	readiness_apply(req->server, req->scope.place_id,
	    &(struct readiness_actor){
		req->caller->user_id, req->caller->username, req->source, reason},
	    on_stores_switched, s);
}

void handle_readiness_put(struct request *req)
{
	static const char *const fields[] = {"readiness", "reason", NULL};
	struct problem problem = {.line = -1};
	const char *reason;
	int level;

	field_only(req->json, fields, "", &problem);
	level = field_word(req->json, "readiness", level_names, FIELD_REQUIRED, "", &problem);
	reason =
	    field_text(req->json, "reason", 500, FIELD_REQUIRED | FIELD_MULTILINE, "", &problem);
	if (problem.code != PROBLEM_none) {
		request_problem(req, &problem);
		return;
	}
	handle_change_submit(req, "readiness_set", STMT_READINESS_SET,
	    (struct db_param[]){DB_TEXT(id_text(req->scope.place_id).s),
		DB_TEXT(level_names[level]), DB_TEXT(reason)},
	    on_place_switched, req);
}

/* --- Alerts --- */

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

void handle_alert_acknowledge(struct request *req)
{
	static const char *const fields[] = {"note", NULL};
	struct problem problem = {.line = -1};
	struct post_command *command;
	const char *note;
	char *end, what[64];
	long long id = strtoll(req->args[0], &end, 10);

	field_only(req->json, fields, "", &problem);
	note = field_text(req->json, "note", 1000, FIELD_MULTILINE, "", &problem);
	if (problem.code != PROBLEM_none) {
		request_problem(req, &problem);
		return;
	}
	if (*end || id <= 0) {
		request_refuse(req, PROBLEM_not_found);
		return;
	}
	snprintf(what, sizeof what, "acknowledge %lld", id);
	command = handle_post_command(req, POST_ACKNOWLEDGE, false, what);
	if (!command)
		return;
	command->alert.alert_id = id;
	command->alert.text = xstrdup(note ? note : "");
	if (!db_read(req->server->pool, STMT_ALERT_FIND, (struct db_param[]){DB_TEXT(req->args[0])},
		on_alert_found, command)) {
		post_command_free(command);
		request_refuse(req, PROBLEM_busy);
	}
}
