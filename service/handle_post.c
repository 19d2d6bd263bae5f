/* handle_post.c - see handle_post.h. */
#include "handle_post.h"

#include <stdio.h>
#include <string.h>

#include "auth.h"
#include "route.h"

struct post_command *handle_post_command(
    struct request *req, enum post_kind kind, bool key_required, const char *what)
{
	const char *key = request_header(req, "Idempotency-Key");
	struct post_command *command;

	if (key ? !slip_key_ok(key) : key_required) {
		request_refuse(req, PROBLEM_idempotency_key_missing);
		return NULL;
	}
	command = post_command_new(kind);
	command->store_id = req->scope.store_id;
	command->actor_id = req->caller->user_id;
	problem_copy(command->actor, sizeof command->actor, req->caller->username);
	problem_copy(command->source, sizeof command->source, req->source);
	problem_copy(command->key, sizeof command->key, key ? key : "");
	slip_request_hash(what, req->json, command->request_hash);
	command->done = handle_post_answer;
	command->arg = req;
	return command;
}

void handle_post_answer(void *arg, const struct post_answer *answer)
{
	struct request *req = arg;
	char location[128];

	if (answer->replayed)
		request_set_header(req, "Idempotent-Replayed", "true");
	if (answer->problem) {
		request_problem(req, answer->problem);
		return;
	}
	if (answer->refusal) {
		request_answer(req, answer->status, "application/problem+json", answer->refusal,
		    answer->refusal_len);
		return;
	}
	if (answer->status == 201) {
		snprintf(location, sizeof location, "/api/v1/stores/%s/slips/%s", req->scope.code,
		    answer->number);
		request_set_header(req, "Location", location);
	}
	request_answer(req, answer->status, NULL, answer->body, answer->body_len);
}
