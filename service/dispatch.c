/*
 * dispatch.c - the walk of a request through its route's row: match, origin, who asks, body, store
 * or place, role, handler. Each step either refuses, which ends the walk, or goes on to the next; the
 * steps stand in the order in which they are taken.
 */
#include "route.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "diag.h"
#include "read.h"
#include "web.h"

/* Whoever has not signed in needs no more. */
#define MAX_PUBLIC_BODY 16384

static void match(struct request *req);
static void check_origin(struct request *req);
static void identify(struct request *req);
static void check_change(struct request *req);
static void take_body(struct request *req);
static void find_scope(struct request *req);
static void check_roles(struct request *req, unsigned roles);
static void handle(struct request *req);

static void refuse_with(struct request *req, enum problem_code code, const char *value)
{
	struct problem problem;

	problem_set(&problem, code);
	problem_copy(problem.value, sizeof problem.value, value);
	request_problem(req, &problem);
}

static bool is_change(const struct request *req)
{
	return strcmp(req->method, "GET") != 0 && strcmp(req->method, "HEAD") != 0;
}

void dispatch(struct server *server, struct request *req)
{
	if (*server->conf->metrics_listen && !strcmp(req->path, "/metrics"))
		request_refuse(req, PROBLEM_not_found);
	else
		match(req);
}

void dispatch_metrics(struct server *server, struct request *req)
{
	(void)server;
	if (strcmp(req->path, "/metrics") != 0)
		request_refuse(req, PROBLEM_not_found);
	else
		match(req);
}

static void refuse_method(struct request *req, const char *allowed)
{
	request_set_header(req, "Allow", allowed);
	if (!strcmp(req->method, "OPTIONS"))
		request_answer(req, 204, NULL, NULL, 0);
	else
		refuse_with(req, PROBLEM_method_not_allowed, allowed);
}

/* What is no endpoint may be a file of the browser app. */
static void match_file(struct request *req)
{
	const struct web_file *file = web_find(req->path);

	if (!file)
		request_refuse(req, PROBLEM_not_found);
	else if (is_change(req))
		refuse_method(req, "GET, HEAD, OPTIONS");
	else
		web_answer(req, file);
}

static void match(struct request *req)
{
	char allowed[ROUTE_MAX_ALLOWED];

	switch (route_match(req, allowed)) {
	case 0:
		check_origin(req);
		return;
	case 405:
		refuse_method(req, allowed);
		return;
	default:
		match_file(req);
	}
}

/* The secret behind "Bearer", or NULL. */
static const char *bearer(const struct request *req)
{
	const char *value = request_header(req, "Authorization");

	if (!value || strncasecmp(value, "Bearer ", 7) != 0)
		return NULL;
	return value + 7 + strspn(value + 7, " ");
}

static bool is_own_origin(const struct request *req, const char *origin)
{
	const char *host = request_header(req, "Host");
	const char *end = strstr(origin, "://");

	if (!end || !host || strcasecmp(end + 3, host) != 0)
		return false;
	/* A page that came unencrypted may have been anybody's. */
	return !req->tls || !strncasecmp(origin, "https:", 6);
}

/* A browser sends cookies along with what another site makes it send, but says which site that is. */
static void check_origin(struct request *req)
{
	const char *origin = request_header(req, "Origin");

	if (is_change(req) && origin && !bearer(req) && !is_own_origin(req, origin))
		request_refuse(req, PROBLEM_foreign_origin);
	else
		identify(req);
}

/* true: outcome was DB_OK. */
static bool database_answered(struct request *req, enum db_outcome outcome)
{
	if (outcome == DB_LOST)
		request_refuse(req, PROBLEM_database_away);
	else if (outcome != DB_OK)
		request_refuse(req, PROBLEM_internal);
	return outcome == DB_OK;
}

static void on_identified(void *arg, enum db_outcome outcome, struct caller *caller)
{
	struct request *req = arg;

	if (!database_answered(req, outcome))
		return;
	if (!caller) {
		request_refuse(req, PROBLEM_signed_out);
		return;
	}
	req->caller = caller_hold(caller);
	check_change(req);
}

static void identify(struct request *req)
{
	const char *token = bearer(req);
	char *cookie;

	if (req->route->scope == SCOPE_PUBLIC) {
		check_change(req);
		return;
	}
	if (token) {
		auth_identify(req->server->auth, token, false, on_identified, req);
		return;
	}
	cookie = request_cookie(req, req->tls ? "__Host-taizhang" : "taizhang");
	if (cookie)
		auth_identify(req->server->auth, cookie, true, on_identified, req);
	else
		request_refuse(req, PROBLEM_signed_out);
	free(cookie);
}

static bool is_json(const struct request *req)
{
	static const char json[] = "application/json";
	const char *type = request_header(req, "Content-Type");

	if (!type || strncasecmp(type, json, sizeof json - 1) != 0)
		return false;
	type += sizeof json - 1;
	type += strspn(type, " \t");
	return !*type || *type == ';';
}

/*
 * A form cannot be of type JSON: the other half of keeping foreign sites out. Nor can it DELETE, which
 * has no body to be of any type.
 */
static void check_change(struct request *req)
{
	bool by_form = is_change(req) && strcmp(req->method, "DELETE") != 0;
	bool by_cookie = req->caller && req->caller->by_cookie;

	if (is_change(req) && req->server->stopping)
		request_refuse(req, PROBLEM_shutting_down);
	else if (((req->route->flags & ROUTE_BODY) || (by_form && by_cookie)) && !is_json(req))
		request_refuse(req, PROBLEM_unsupported_media_type);
	else
		take_body(req);
}

static void take_body(struct request *req)
{
	json_error_t error;
	char what[256];
	const char *body;
	size_t len;

	if (!(req->route->flags & ROUTE_BODY)) {
		find_scope(req);
		return;
	}
	body = request_body(req, &len);
	if (req->route->scope == SCOPE_PUBLIC && len > MAX_PUBLIC_BODY) {
		snprintf(what, sizeof what, "%d", MAX_PUBLIC_BODY);
		refuse_with(req, PROBLEM_body_too_large, what);
		return;
	}
	req->json = len ? json_loadb(body, len, JSON_REJECT_DUPLICATES, &error) : NULL;
	if (!len) {
		refuse_with(req, PROBLEM_not_json, "empty");
	} else if (!req->json) {
		snprintf(what, sizeof what, "line %d, column %d: %s", error.line, error.column,
		    error.text);
		refuse_with(req, PROBLEM_not_json, what);
	} else if (!json_is_object(req->json)) {
		refuse_with(req, PROBLEM_not_json, "not an object");
	} else {
		find_scope(req);
	}
}

static void on_scope(void *arg, enum db_outcome outcome, const struct place_ref *ref)
{
	struct request *req = arg;
	unsigned roles;

	if (!database_answered(req, outcome))
		return;
	roles = ref ? caller_roles_at(req->caller, ref->path, ref->depth) : 0;
	if (!roles) { /* whether it exists is not theirs to know either */
		request_refuse(req, PROBLEM_not_found);
		return;
	}
	req->scope = (struct scope){.store_id = ref->store_id, .place_id = ref->place_id};
	snprintf(req->scope.code, sizeof req->scope.code, "%s", ref->code);
	check_roles(req, roles);
}

static void find_scope(struct request *req)
{
	switch (req->route->scope) {
	case SCOPE_PUBLIC:
	case SCOPE_SELF:
		handle(req);
		return;
	case SCOPE_GRANTED:
	case SCOPE_ROOT:
		check_roles(req, caller_roles(req->caller, req->route->scope == SCOPE_ROOT));
		return;
	case SCOPE_STORE:
		auth_find_store(req->server->auth, req->args[0], on_scope, req);
		return;
	case SCOPE_PLACE:
		auth_find_place(req->server->auth, req->args[0], on_scope, req);
		return;
	}
}

static void check_roles(struct request *req, unsigned roles)
{
	if (roles & req->route->roles)
		handle(req);
	else
		request_refuse(req, PROBLEM_forbidden);
}

static void handle(struct request *req)
{
	if (req->route->handler)
		req->route->handler(req);
	else
		read_run(req);
}

/* --- The end: the access log's line, and the figures --- */

/* Queries stay out of the log: they hold names. What monitoring asks all day is for debugging. */
void dispatch_finished(const struct request *req, const struct http_outcome *outcome)
{
	bool monitoring = req->route && strncmp(req->route->path, "/api/", 5) != 0;

	metrics_observe(req->server->metrics, req->route, outcome->status, outcome->took_us);
	diag(monitoring ? DIAG_DEBUG : DIAG_INFO, req->id, "request",
	    "{s:s,s:s,s:s,s:s*,s:i,s:I,s:I,s:b}", "method", req->method, "path", req->path,
	    "source", req->source, "user", req->caller ? req->caller->username : NULL, "status",
	    outcome->status, "duration_us", (json_int_t)outcome->took_us, "bytes",
	    (json_int_t)outcome->bytes, "cut", outcome->cut);
}
