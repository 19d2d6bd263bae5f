/* handle_token.c - API tokens: the secret is in one answer and nowhere else. */
#include "handlers.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "field.h"
#include "handle_change.h"
#include "route.h"

struct minting {
	struct request *req;
	char *secret;
};

/* The event's body with the secret before it. A replay cannot tell the secret: nobody knows it. */
static void on_minted(void *arg, const struct change_answer *answer)
{
	struct minting *m = arg;
	struct buf body = BUF_EMPTY;

	if (answer->problem) {
		handle_change_refuse(m->req, answer->problem);
	} else {
		if (answer->replayed)
			request_set_header(m->req, "Idempotent-Replayed", "true");
		buf_puts(&body, "{\"secret\":");
		buf_json(&body, answer->replayed ? NULL : m->secret);
		buf_printf(&body, ",%s", answer->json + 1);
		request_answer(m->req, 201, NULL, body.data, body.len);
	}
	buf_free(&body);
	explicit_bzero(m->secret, strlen(m->secret));
	free(m->secret);
	free(m);
}

void handle_token_post(struct request *req)
{
	static const char *const fields[] = {"name", "expires_at", NULL};
	struct problem problem = {.line = -1};
	const char *name, *expires_at;
	uint8_t token_hash[32];
	struct minting *m;

	field_only(req->json, fields, "", &problem);
	name = field_text(req->json, "name", 100, FIELD_REQUIRED, "", &problem);
	expires_at = field_time(req->json, "expires_at", 0, "", &problem);
	if (problem.code) {
		request_problem(req, &problem);
		return;
	}
	m = xcalloc(1, sizeof *m);
	m->req = req;
	m->secret = auth_new_secret("tzt_");
	auth_token_hash(m->secret, token_hash);
	if (!handle_change_submit(req, "token_added", STMT_TOKEN_ADD,
		(struct db_param[]){DB_TEXT(req->caller->username), DB_TEXT(name),
		    DB_BYTES(token_hash, sizeof token_hash), DB_TEXT(expires_at)},
		on_minted, m)) {
		free(m->secret);
		free(m);
	}
}

void handle_token_delete(struct request *req)
{
	struct id_text user = id_text(req->caller->user_id), token;

	if (!id_parse(req->args[0], &token)) {
		request_refuse(req, PROBLEM_not_found);
		return;
	}
	handle_change(req, 204, "token_revoked", STMT_TOKEN_REVOKE,
	    (struct db_param[]){DB_TEXT(user.s), DB_TEXT(token.s)});
}
