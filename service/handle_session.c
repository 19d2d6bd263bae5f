/*
 * handle_session.c - signing in and out, and changing one's own password.
 *
 * Both ways to prove a password go the same way: look up what to check it against, hash on a worker
 * thread, then one change. Who is unknown takes that way too, so that answer and time tell nothing.
 */
#include "handlers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account.h"
#include "die.h"
#include "field.h"
#include "handle_change.h"
#include "password.h"
#include "route.h"

struct attempt {
	struct request *req;
	char *username;
	char *password;     /* as given */
	char *new_password; /* to change to; NULL: signing in */
	char *hash;         /* what it must fit; NULL: nothing does */
	char *new_hash;
	int cost;
	bool fits;
	int32_t user_id;
	char *secret; /* of the new session */
};

static void wipe(char *s)
{
	if (s)
		explicit_bzero(s, strlen(s));
	free(s);
}

static void attempt_free(struct attempt *a)
{
	free(a->username);
	wipe(a->password);
	wipe(a->new_password);
	free(a->hash);
	free(a->new_hash);
	wipe(a->secret);
	free(a);
}

static void attempt_refuse(struct attempt *a, enum problem_code code)
{
	struct request *req = a->req;

	attempt_free(a);
	request_refuse(req, code);
}

static void set_cookie(struct request *req, const char *secret, int64_t seconds)
{
	char cookie[256];

	snprintf(cookie, sizeof cookie, "%s=%s; Path=/; Max-Age=%lld; HttpOnly; SameSite=Strict%s",
	    req->tls ? "__Host-taizhang" : "taizhang", secret, (long long)seconds,
	    req->tls ? "; Secure" : "");
	request_set_header(req, "Set-Cookie", cookie);
}

/* --- The outcome --- */

static void on_refused(void *arg, const struct change_answer *answer)
{
	struct attempt *a = arg;
	struct problem problem = {.line = -1};

	if (answer->problem)
		problem = *answer->problem;
	else if (a->new_password)
		problem_add(&problem, PROBLEM_wrong_password, NULL, "current");
	else
		problem_set(&problem, PROBLEM_sign_in_failed);
	handle_change_refuse(a->req, &problem);
	attempt_free(a);
}

static void on_signed_in(void *arg, const struct change_answer *answer)
{
	struct attempt *a = arg;

	if (answer->problem) {
		handle_change_refuse(a->req, answer->problem);
	} else {
		set_cookie(a->req, a->secret, a->req->server->conf->session_hours * 3600);
		request_answer(a->req, 200, NULL, answer->json, strlen(answer->json));
	}
	attempt_free(a);
}

static void on_password_changed(void *arg, const struct change_answer *answer)
{
	struct attempt *a = arg;

	if (answer->problem) {
		handle_change_refuse(a->req, answer->problem);
	} else {
		auth_forget_all(a->req->server->auth);
		request_answer(a->req, 204, NULL, NULL, 0);
	}
	attempt_free(a);
}

/* In the name of the attempt: nobody is signed in yet, or it is their own matter. */
static void attempt_change(struct attempt *a, const char *event, enum stmt_id stmt,
    const struct db_param *params, change_cb done)
{
	change_submit(a->req->server->change, &(struct change_request){
						  .stmt = stmt,
						  .params = params,
						  .event = event,
						  .actor = a->username,
						  .source = a->req->source,
						  .done = done,
						  .arg = a,
					      });
}

static void sign_in(struct attempt *a)
{
	struct id_text id = id_text(a->user_id);
	struct id_text hours = id_text((int32_t)a->req->server->conf->session_hours);
	uint8_t token_hash[32];

	a->secret = auth_new_secret("tzs_");
	auth_token_hash(a->secret, token_hash);
	attempt_change(a, "sign_in", STMT_SESSION_ADD,
	    (struct db_param[]){DB_BYTES(token_hash, sizeof token_hash), DB_TEXT(id.s),
		DB_TEXT(a->username), DB_TEXT(a->req->source), DB_TEXT(a->hash), DB_TEXT(hours.s)},
	    on_signed_in);
}

static void change_password(struct attempt *a)
{
	const struct caller *caller = a->req->caller;
	struct id_text id = id_text(caller->user_id);

	attempt_change(a, "password_changed", STMT_USER_PASSWORD_CHANGE,
	    (struct db_param[]){DB_TEXT(id.s), DB_TEXT(a->hash), DB_TEXT(a->new_hash),
		DB_BYTES(caller->token_hash, sizeof caller->token_hash)},
	    on_password_changed);
}

static void on_hashed(void *arg)
{
	struct attempt *a = arg;

	if (!a->fits)
		attempt_change(a, "sign_in_refused", STMT_SIGN_IN_REFUSE,
		    (struct db_param[]){DB_TEXT(a->username), DB_TEXT(a->req->source)}, on_refused);
	else if (!a->new_password)
		sign_in(a);
	else if (a->new_hash)
		change_password(a);
	else
		attempt_refuse(a, PROBLEM_internal);
}

/* On a worker thread: touches nothing but the attempt. */
static void hash(void *arg)
{
	struct attempt *a = arg;

	a->fits = password_fits(a->password, a->hash, a->cost);
	if (a->fits && a->new_password)
		a->new_hash = password_hash(a->new_password, a->cost);
}

/* Seconds still to wait, user, hash. */
static void on_looked_up(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct attempt *a = arg;
	struct problem problem;

	if (outcome != DB_OK || PQntuples(result) != 1) {
		attempt_refuse(a, outcome == DB_LOST ? PROBLEM_database_away : PROBLEM_internal);
		return;
	}
	if (db_int(result, 0, 0) > 0) {
		problem_set(&problem, PROBLEM_too_many_attempts);
		problem_copy(problem.value, sizeof problem.value, db_text(result, 0, 0));
		handle_change_refuse(a->req, &problem);
		attempt_free(a);
		return;
	}
	a->user_id = (int32_t)db_int(result, 0, 1);
	if (db_text(result, 0, 2))
		a->hash = xstrdup(db_text(result, 0, 2));
	if (!worker_submit(a->req->server->worker, hash, on_hashed, a))
		attempt_refuse(a, PROBLEM_busy);
}

static void attempt_start(
    struct request *req, const char *username, const char *password, const char *new_password)
{
	struct attempt *a = xcalloc(1, sizeof *a);

	a->req = req;
	a->username = xstrdup(username);
	a->password = xstrdup(password);
	a->new_password = new_password ? xstrdup(new_password) : NULL;
	a->cost = (int)req->server->conf->password_cost;
	if (!db_read(req->server->pool, STMT_SIGN_IN_LOOKUP,
		(struct db_param[]){DB_TEXT(username), DB_TEXT(req->source)}, on_looked_up, a))
		attempt_refuse(
		    a, db_pool_ready(req->server->pool) ? PROBLEM_busy : PROBLEM_database_away);
}

/* --- The endpoints --- */

void handle_session_post(struct request *req)
{
	static const char *const fields[] = {"username", "password", NULL};
	struct problem problem = {.line = -1};
	const char *username, *password;

	field_only(req->json, fields, "", &problem);
	username = field_text(req->json, "username", 64, FIELD_REQUIRED, "", &problem);
	password = field_text(req->json, "password", 200, FIELD_REQUIRED, "", &problem);
	if (problem.code)
		request_problem(req, &problem);
	else
		attempt_start(req, username, password, NULL);
}

void handle_password_put(struct request *req)
{
	static const char *const fields[] = {"current", "new", NULL};
	const char *username = req->caller->username;
	struct problem problem = {.line = -1};
	const char *current, *new;

	field_only(req->json, fields, "", &problem);
	current = field_text(req->json, "current", 200, FIELD_REQUIRED, "", &problem);
	new = account_password(req->json, "new", username, FIELD_REQUIRED, &problem);
	if (problem.code)
		request_problem(req, &problem);
	else
		attempt_start(req, username, current, new);
}

void handle_session_get(struct request *req)
{
	const struct caller *caller = req->caller;
	struct buf out = BUF_EMPTY;

	buf_puts(&out, "{\"user\":{\"username\":");
	buf_json(&out, caller->username);
	buf_puts(&out, ",\"display_name\":");
	buf_json(&out, caller->display_name);
	buf_puts(&out, ",\"roles\":[");
	for (int i = 0; i < caller->grant_count; i++)
		buf_printf(&out, "%s{\"role\":\"%s\",\"place\":\"%s\"}", i ? "," : "",
		    role_name(caller->grants[i].role), caller->grants[i].place);
	buf_puts(&out, "]},\"expires_at\":");
	buf_json(&out, *caller->expires_at ? caller->expires_at : NULL);
	buf_putc(&out, '}');
	request_answer(req, 200, NULL, out.data, out.len);
	buf_free(&out);
}

static void on_signed_out(void *arg, const struct change_answer *answer)
{
	struct request *req = arg;

	if (answer->problem) {
		request_problem(req, answer->problem);
		return;
	}
	auth_forget(req->server->auth, req->caller->token_hash);
	set_cookie(req, "", 0);
	request_answer(req, 204, NULL, NULL, 0);
}

void handle_session_delete(struct request *req)
{
	if (!req->caller->by_cookie) {
		request_refuse(req, PROBLEM_forbidden); /* a token is revoked, not signed out */
		return;
	}
	handle_change_submit(req, "sign_out", STMT_SESSION_END,
	    (struct db_param[]){DB_BYTES(req->caller->token_hash, sizeof req->caller->token_hash)},
	    on_signed_out, req);
}
