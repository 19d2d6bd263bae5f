/* handle_change.c - from a request to a change, and from its outcome to the answer. */
#include "handle_change.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "server.h"
#include "slip.h"

/* A digest of a secret that lies around could be guessed at: these take no part in the hash. */
static const char *const secret_fields[] = {"password", "current", "new", "address", "secret"};

/* What is asked, and by whom. */
static void request_hash(const struct request *req, uint8_t out[32])
{
	json_t *body = req->json ? json_copy(req->json) : json_object();
	char *what = xasprintf("%s %s %s", req->method, req->path, req->caller->username);

	for (size_t i = 0; i < sizeof secret_fields / sizeof secret_fields[0]; i++)
		json_object_del(body, secret_fields[i]);
	slip_request_hash(what, body, out);
	free(what);
	json_decref(body);
}

bool handle_change_submit(struct request *req, const char *event, enum stmt_id stmt,
    const struct db_param *params, change_cb done, void *arg)
{
	const char *key = request_header(req, "Idempotency-Key");
	uint8_t hash[32];

	if (key && !slip_key_ok(key)) {
		request_refuse(req, PROBLEM_idempotency_key_missing);
		return false;
	}
	request_hash(req, hash);
	change_submit(req->server->change, &(struct change_request){
					       .stmt = stmt,
					       .params = params,
					       .event = event,
					       .actor = req->caller->username,
					       .source = req->source,
					       .key = key,
					       .request_hash = hash,
					       .done = done,
					       .arg = arg,
					   });
	return true;
}

void handle_change_refuse(struct request *req, const struct problem *problem)
{
	struct problem copy = *problem;

	if (copy.code == PROBLEM_too_many_attempts)
		copy.retry_after = atoi(copy.value);
	request_problem(req, &copy);
}

struct pending {
	struct request *req;
	int status;
};

static void on_changed(void *arg, const struct change_answer *answer)
{
	struct pending *pending = arg;
	struct request *req = pending->req;

	if (answer->problem) {
		handle_change_refuse(req, answer->problem);
	} else {
		auth_forget_all(req->server->auth); /* it may have been about what somebody may */
		if (answer->replayed)
			request_set_header(req, "Idempotent-Replayed", "true");
		if (pending->status == 204)
			request_answer(req, 204, NULL, NULL, 0);
		else
			request_answer(
			    req, pending->status, NULL, answer->json, strlen(answer->json));
	}
	free(pending);
}

void handle_change(struct request *req, int status, const char *event, enum stmt_id stmt,
    const struct db_param *params)
{
	struct pending *pending = xcalloc(1, sizeof *pending);

	pending->req = req;
	pending->status = status;
	if (!handle_change_submit(req, event, stmt, params, on_changed, pending))
		free(pending);
}

struct id_text id_text(int32_t id)
{
	struct id_text text;

	snprintf(text.s, sizeof text.s, "%d", id);
	return text;
}

bool id_parse(const char *segment, struct id_text *out)
{
	char *end;
	long id = strtol(segment, &end, 10);

	if (!isdigit((unsigned char)*segment) || *end || id <= 0 || id > INT32_MAX)
		return false;
	*out = id_text((int32_t)id);
	return true;
}
