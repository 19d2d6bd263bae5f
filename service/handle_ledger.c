/* handle_ledger.c - what coordinators change: thresholds and readiness. */
#include "handlers.h"

#include <stdio.h>
#include <string.h>

#include "field.h"
#include "handle_follow.h"
#include "handle_post.h"
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
	handle_follow(req, FOLLOW_READINESS, "readiness_set", STMT_READINESS_SET,
	    (struct db_param[]){DB_TEXT(id_text(req->scope.place_id).s),
		DB_TEXT(level_names[level]), DB_TEXT(reason)},
	    reason);
}
