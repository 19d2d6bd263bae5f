/* handle_user.c - users and their grants, for administrators. */
#include "handlers.h"

#include <stdlib.h>
#include <string.h>

#include "account.h"
#include "die.h"
#include "handle_change.h"
#include "password.h"
#include "route.h"

/* A new password on its way over a worker thread. */
struct hashing {
	struct request *req;
	void (*then)(struct request *req, const char *hash);
	char *password;
	char *hash;
	int cost;
};

static void hash(void *arg)
{
	struct hashing *h = arg;

	h->hash = password_hash(h->password, h->cost);
}

static void hashing_free(struct hashing *h)
{
	explicit_bzero(h->password, strlen(h->password));
	free(h->password);
	free(h->hash);
	free(h);
}

static void on_hashed(void *arg)
{
	struct hashing *h = arg;

	if (h->hash)
		h->then(h->req, h->hash);
	else
		request_refuse(h->req, PROBLEM_internal);
	hashing_free(h);
}

static void hash_password(
    struct request *req, const char *password, void (*then)(struct request *req, const char *hash))
{
	struct hashing *h = xcalloc(1, sizeof *h);

	h->req = req;
	h->then = then;
	h->password = xstrdup(password);
	h->cost = (int)req->server->conf->password_cost;
	if (!worker_submit(req->server->worker, hash, on_hashed, h)) {
		hashing_free(h);
		request_refuse(req, PROBLEM_busy);
	}
}

/* --- Users. The body was checked before its password was hashed. --- */

static void user_add(struct request *req, const char *password_hash)
{
	struct id_text actor = id_text(req->caller->user_id);
	struct problem problem;
	struct account account;

	account_decode(req->json, &account, &problem);
	handle_change(req, 201, "user_added", STMT_USER_ADD,
	    (struct db_param[]){DB_TEXT(actor.s), DB_TEXT(account.username),
		DB_TEXT(account.display_name), DB_TEXT(password_hash), DB_TEXT(account.roles)});
	free(account.roles);
}

void handle_user_post(struct request *req)
{
	struct problem problem;
	struct account account;

	if (account_decode(req->json, &account, &problem))
		hash_password(req, account.password, user_add);
	else
		request_problem(req, &problem);
	free(account.roles);
}

static void user_change(struct request *req, const char *password_hash)
{
	struct id_text actor = id_text(req->caller->user_id);
	struct problem problem;
	struct account account;

	account_decode_change(req->json, req->args[0], &account, &problem);
	handle_change(req, 200, "user_changed", STMT_USER_CHANGE,
	    (struct db_param[]){DB_TEXT(actor.s), DB_TEXT(account.username),
		DB_TEXT(account.display_name), DB_TEXT(password_hash), DB_TEXT(account.disabled)});
}

void handle_user_patch(struct request *req)
{
	struct problem problem;
	struct account account;

	if (!account_decode_change(req->json, req->args[0], &account, &problem))
		request_problem(req, &problem);
	else if (account.password)
		hash_password(req, account.password, user_change);
	else
		user_change(req, NULL);
}

/* --- Grants --- */

void handle_grant_post(struct request *req)
{
	struct id_text actor = id_text(req->caller->user_id);
	struct problem problem = {.line = -1};

	if (!account_decode_grant(req->json, "", &problem)) {
		request_problem(req, &problem);
		return;
	}
	handle_change(req, 201, "grant_added", STMT_GRANT_ADD,
	    (struct db_param[]){DB_TEXT(actor.s), DB_TEXT(req->args[0]),
		DB_TEXT(json_string_value(json_object_get(req->json, "role"))),
		DB_TEXT(json_string_value(json_object_get(req->json, "place")))});
}

void handle_grant_delete(struct request *req)
{
	struct id_text actor = id_text(req->caller->user_id);

	if (!role_parse(req->args[1])) {
		request_refuse(req, PROBLEM_not_found);
		return;
	}
	handle_change(req, 204, "grant_removed", STMT_GRANT_REMOVE,
	    (struct db_param[]){DB_TEXT(actor.s), DB_TEXT(req->args[0]), DB_TEXT(req->args[1]),
		DB_TEXT(req->args[2])});
}
