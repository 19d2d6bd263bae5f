/*
 * routes.c - every endpoint, a line each in order of path, and finding the one of a request.
 * Literal segments come before {…} of the same place, so that they are found first.
 */
#include "route.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "handlers.h"

#define SK ROLE_STOREKEEPER
#define CO ROLE_COORDINATOR
#define AU ROLE_AUDITOR
#define AD ROLE_ADMIN

/* A programmed row: its handler answers. */
#define PROGRAMMED(method, path, scope, roles, flags, handler)                                     \
	{                                                                                          \
		method, path, scope, roles, flags, 0, NULL, handler                                \
	}

/* A declared read: the statement answers, given the params (read.h). */
#define READ(path, scope, roles, flags, stmt, params)                                              \
	{                                                                                          \
		"GET", path, scope, roles, flags, stmt, params, NULL                               \
	}

/* clang-format off */
const struct route route_table[] = {
	READ("/api/v1/alert-rules", SCOPE_GRANTED, SK | CO | AU, ROUTE_PAGE, STMT_ALERT_RULE_PAGE, "@places limit cursor:2 place cause:low_stock|out_of_stock|days_of_cover|expiring|expired|overdue_count"),
	PROGRAMMED("GET",    "/api/v1/alert-sweep", SCOPE_GRANTED, ROLE_ANY, 0, handle_alert_sweep),
	READ("/api/v1/alerts", SCOPE_GRANTED, SK | CO | AU, ROUTE_LIST, STMT_ALERT_PAGE, "@places limit cursor place status:open|closed store item cause:low_stock|out_of_stock|days_of_cover|expiring|expired|overdue_count"),
	PROGRAMMED("POST",   "/api/v1/alerts/{id}/acknowledge", SCOPE_GRANTED, CO, ROUTE_BODY, handle_alert_acknowledge),
	PROGRAMMED("POST",   "/api/v1/alerts/{id}/snooze", SCOPE_GRANTED, CO, ROUTE_BODY, handle_alert_snooze),
	READ("/api/v1/channels", SCOPE_GRANTED, ROLE_ANY, ROUTE_PAGE, STMT_CHANNEL_PAGE, "@user limit cursor place"),
	PROGRAMMED("POST",   "/api/v1/channels", SCOPE_GRANTED, ROLE_ANY, ROUTE_BODY, handle_channel_post),
	PROGRAMMED("PATCH",  "/api/v1/channels/{id}", SCOPE_GRANTED, ROLE_ANY, ROUTE_BODY, handle_channel_patch),
	PROGRAMMED("DELETE", "/api/v1/channels/{id}", SCOPE_GRANTED, ROLE_ANY, 0, handle_channel_delete),
	READ("/api/v1/channels/{id}/deliveries", SCOPE_GRANTED, ROLE_ANY, ROUTE_PAGE, STMT_DELIVERY_PAGE, "@user limit cursor {id} status:waiting|delivered|dead"),
	PROGRAMMED("POST",   "/api/v1/channels/{id}/test", SCOPE_GRANTED, ROLE_ANY, 0, handle_channel_test),
	PROGRAMMED("GET",    "/api/v1/checkpoint", SCOPE_ROOT, AU, 0, handle_checkpoint_get),
	PROGRAMMED("POST",   "/api/v1/checkpoint", SCOPE_ROOT, AU, 0, handle_checkpoint_post),
	PROGRAMMED("GET",    "/api/v1/consistency", SCOPE_ROOT, AU, 0, handle_consistency_get),
	READ("/api/v1/deliveries", SCOPE_GRANTED, ROLE_ANY, ROUTE_PAGE, STMT_DELIVERY_PAGE, "@user limit cursor - status:waiting|delivered|dead"),
	PROGRAMMED("POST",   "/api/v1/deliveries/{id}/retry", SCOPE_GRANTED, ROLE_ANY, 0, handle_delivery_retry),
	READ("/api/v1/events", SCOPE_ROOT, AU, ROUTE_LIST, STMT_EVENT_PAGE, "@store limit cursor type actor from:date to:date"),
	PROGRAMMED("GET",    "/api/v1/events/{seq}/proof", SCOPE_ROOT, AU, 0, handle_proof_get),
	READ("/api/v1/items", SCOPE_GRANTED, ROLE_ANY, ROUTE_PAGE, STMT_ITEM_PAGE, "limit cursor category:protection|testing|disinfection|isolation"),
	PROGRAMMED("POST",   "/api/v1/items", SCOPE_ROOT, AD, ROUTE_BODY, handle_item_post),
	PROGRAMMED("PATCH",  "/api/v1/items/{item}", SCOPE_ROOT, AD, ROUTE_BODY, handle_item_patch),
	PROGRAMMED("GET",    "/api/v1/keys", SCOPE_PUBLIC, 0, 0, handle_keys_get),
	PROGRAMMED("GET",    "/api/v1/openapi.json", SCOPE_PUBLIC, 0, 0, handle_openapi),
	READ("/api/v1/places", SCOPE_GRANTED, ROLE_ANY, ROUTE_PAGE, STMT_PLACE_PAGE, "@places limit cursor kind:district|street|community|grid|group"),
	PROGRAMMED("POST",   "/api/v1/places", SCOPE_GRANTED, AD, ROUTE_BODY, handle_place_post),
	PROGRAMMED("PATCH",  "/api/v1/places/{place}", SCOPE_PLACE, AD, ROUTE_BODY, handle_place_patch),
	PROGRAMMED("PUT",    "/api/v1/places/{place}/alert-rules/{cause}", SCOPE_PLACE, CO, ROUTE_BODY, handle_alert_rule_put),
	PROGRAMMED("DELETE", "/api/v1/places/{place}/alert-rules/{cause}", SCOPE_PLACE, CO, 0, handle_alert_rule_delete),
	PROGRAMMED("PUT",    "/api/v1/places/{place}/readiness", SCOPE_PLACE, CO, ROUTE_BODY, handle_readiness_put),
	PROGRAMMED("POST",   "/api/v1/session", SCOPE_PUBLIC, 0, ROUTE_BODY, handle_session_post),
	PROGRAMMED("GET",    "/api/v1/session", SCOPE_SELF, 0, 0, handle_session_get),
	PROGRAMMED("DELETE", "/api/v1/session", SCOPE_SELF, 0, 0, handle_session_delete),
	PROGRAMMED("PUT",    "/api/v1/session/password", SCOPE_SELF, 0, ROUTE_BODY, handle_password_put),
	READ("/api/v1/stock", SCOPE_GRANTED, SK | CO | AU, ROUTE_LIST, STMT_STOCK_PAGE, "@places limit cursor:2 place item status:ok|low|out"),
	READ("/api/v1/stores", SCOPE_GRANTED, ROLE_ANY, ROUTE_PAGE, STMT_STORE_PAGE, "@places limit cursor"),
	PROGRAMMED("POST",   "/api/v1/stores", SCOPE_GRANTED, AD, ROUTE_BODY, handle_store_post),
	PROGRAMMED("PATCH",  "/api/v1/stores/{store}", SCOPE_STORE, AD, ROUTE_BODY, handle_store_patch),
	PROGRAMMED("GET",    "/api/v1/stores/{store}/checkpoint", SCOPE_STORE, SK | CO | AU, 0, handle_checkpoint_get),
	PROGRAMMED("POST",   "/api/v1/stores/{store}/checkpoint", SCOPE_STORE, AU, 0, handle_checkpoint_post),
	READ("/api/v1/stores/{store}/compliance", SCOPE_STORE, AU, ROUTE_LIST, STMT_COMPLIANCE_PAGE, "@store limit cursor:2 from:date to:date late_days:0|1|2|3|5|7|14|30"),
	PROGRAMMED("GET",    "/api/v1/stores/{store}/consistency", SCOPE_STORE, SK | CO | AU, 0, handle_consistency_get),
	READ("/api/v1/stores/{store}/events", SCOPE_STORE, AU, ROUTE_LIST, STMT_EVENT_PAGE, "@store limit cursor type actor from:date to:date"),
	PROGRAMMED("GET",    "/api/v1/stores/{store}/events/{seq}/proof", SCOPE_STORE, SK | CO | AU, 0, handle_proof_get),
	PROGRAMMED("GET",    "/api/v1/stores/{store}/evidence", SCOPE_STORE, AU, 0, handle_evidence_get),
	READ("/api/v1/stores/{store}/ledgers", SCOPE_STORE, SK | CO | AU, ROUTE_PAGE, STMT_LEDGER_PAGE, "@store limit cursor -"),
	READ("/api/v1/stores/{store}/ledgers/{item}", SCOPE_STORE, SK | CO | AU, 0, STMT_LEDGER_PAGE, "@store limit - {item}"),
	READ("/api/v1/stores/{store}/ledgers/{item}/entries", SCOPE_STORE, SK | CO | AU, ROUTE_LIST, STMT_ENTRY_PAGE, "@store {item} limit cursor from:date to:date kind:in|out lot counterparty handler"),
	PROGRAMMED("PUT",    "/api/v1/stores/{store}/ledgers/{item}/thresholds", SCOPE_STORE, CO, ROUTE_BODY, handle_thresholds_put),
	READ("/api/v1/stores/{store}/slips", SCOPE_STORE, SK | CO | AU, ROUTE_LIST, STMT_SLIP_PAGE, "@store limit cursor number:slip kind:in|out reason:purchase|donation|allocation|return|opening|count_gain|transfer|issue|scrap|count_loss|reversal item counterparty posted_by from:date to:date"),
	PROGRAMMED("POST",   "/api/v1/stores/{store}/slips", SCOPE_STORE, SK, ROUTE_BODY, handle_slip_post),
	PROGRAMMED("POST",   "/api/v1/stores/{store}/slips/batch", SCOPE_STORE, SK, ROUTE_BODY, handle_slip_batch),
	READ("/api/v1/stores/{store}/slips/{number}", SCOPE_STORE, SK | CO | AU, 0, STMT_SLIP_PAGE, "@store limit - {number}:slip - - - - - - -"),
	PROGRAMMED("POST",   "/api/v1/stores/{store}/slips/{number}/reversal", SCOPE_STORE, SK, ROUTE_BODY, handle_reversal_post),
	PROGRAMMED("GET",    "/api/v1/stream", SCOPE_GRANTED, SK | CO | AU, 0, handle_stream),
	READ("/api/v1/subscriptions", SCOPE_GRANTED, ROLE_ANY, ROUTE_PAGE, STMT_SUBSCRIPTION_PAGE, "@user limit cursor channel place"),
	PROGRAMMED("POST",   "/api/v1/subscriptions", SCOPE_GRANTED, ROLE_ANY, ROUTE_BODY, handle_subscription_post),
	PROGRAMMED("DELETE", "/api/v1/subscriptions/{id}", SCOPE_GRANTED, ROLE_ANY, 0, handle_subscription_delete),
	READ("/api/v1/tokens", SCOPE_SELF, 0, ROUTE_PAGE, STMT_TOKEN_PAGE, "@user limit cursor"),
	PROGRAMMED("POST",   "/api/v1/tokens", SCOPE_SELF, 0, ROUTE_BODY, handle_token_post),
	PROGRAMMED("DELETE", "/api/v1/tokens/{id}", SCOPE_SELF, 0, 0, handle_token_delete),
	READ("/api/v1/users", SCOPE_GRANTED, AD, ROUTE_PAGE, STMT_USER_PAGE, "@places limit cursor"),
	PROGRAMMED("POST",   "/api/v1/users", SCOPE_GRANTED, AD, ROUTE_BODY, handle_user_post),
	PROGRAMMED("PATCH",  "/api/v1/users/{username}", SCOPE_GRANTED, AD, ROUTE_BODY, handle_user_patch),
	PROGRAMMED("POST",   "/api/v1/users/{username}/grants", SCOPE_GRANTED, AD, ROUTE_BODY, handle_grant_post),
	PROGRAMMED("DELETE", "/api/v1/users/{username}/grants/{role}/{place}", SCOPE_GRANTED, AD, 0, handle_grant_delete),
	PROGRAMMED("GET",    "/healthz", SCOPE_PUBLIC, 0, 0, handle_healthz),
	PROGRAMMED("GET",    "/metrics", SCOPE_PUBLIC, 0, 0, handle_metrics),
	PROGRAMMED("GET",    "/readyz", SCOPE_PUBLIC, 0, 0, handle_readyz),
};
/* clang-format on */

const int route_count = sizeof route_table / sizeof *route_table;

/* --- Finding --- */

#define MAX_SEGMENTS 12

/* A path taken apart at its slashes, then decoded, so that a coded slash separates nothing. */
struct segments {
	char *text;
	int count;
	char *at[MAX_SEGMENTS];
};

static bool segments_make(struct segments *s, const char *path)
{
	char *rest = s->text = xstrdup(path);
	bool ok = *rest++ == '/';

	for (s->count = 0; ok && rest; s->count++) {
		ok = s->count < MAX_SEGMENTS;
		if (ok) {
			s->at[s->count] = strsep(&rest, "/");
			ok = request_unescape(s->at[s->count], false);
		}
	}
	return ok;
}

/* Cuts ".csv" and the like off the end of a segment. NULL: it has no such end. */
static const char *format_of(const char *segment, size_t name_len)
{
	static const char *const formats[] = {"csv", "ndjson", "xlsx"};

	if (segment[name_len] == '.')
		for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
			if (!strcmp(segment + name_len + 1, formats[i]))
				return formats[i];
	return NULL;
}

/* Is this the route's path? values and format are set as far as they were seen. */
static bool path_fits(const struct route *route, const struct segments *s,
    const char *values[REQUEST_MAX_ARGS], const char **format)
{
	const char *p = route->path;
	int value_count = 0;

	memset(values, 0, REQUEST_MAX_ARGS * sizeof *values);
	*format = NULL;
	for (int i = 0; i < s->count; i++) {
		const char *segment = s->at[i];
		size_t len = strcspn(++p, "/");

		if (*p == '{') {
			if (!*segment)
				return false;
			values[value_count++] = segment;
		} else if (strncmp(p, segment, len) != 0) {
			return false;
		} else if (segment[len]) {
			if (p[len] || !(route->flags & ROUTE_LIST))
				return false;
			*format = format_of(segment, len);
			if (!*format)
				return false;
		}
		p += len;
		if (!*p)
			return i == s->count - 1;
	}
	return false;
}

static void allow(char allowed[ROUTE_MAX_ALLOWED], const char *methods)
{
	size_t len = strlen(allowed);

	snprintf(allowed + len, ROUTE_MAX_ALLOWED - len, "%s%s", len ? ", " : "", methods);
}

static bool find(struct request *req, const struct segments *s)
{
	const char *method = strcmp(req->method, "HEAD") != 0 ? req->method : "GET";
	const char *values[REQUEST_MAX_ARGS], *format;

	for (int i = 0; i < route_count; i++) {
		const struct route *route = &route_table[i];

		if (strcmp(route->method, method) != 0 || !path_fits(route, s, values, &format))
			continue;
		req->route = route;
		req->format = format;
		for (int k = 0; k < REQUEST_MAX_ARGS; k++)
			req->args[k] = values[k] ? xstrdup(values[k]) : NULL;
		return true;
	}
	return false;
}

/* What else the path would take. */
static void list_methods(const struct segments *s, char allowed[ROUTE_MAX_ALLOWED])
{
	const char *values[REQUEST_MAX_ARGS], *format;

	for (int i = 0; i < route_count; i++) {
		const char *method = route_table[i].method;

		if (path_fits(&route_table[i], s, values, &format))
			allow(allowed, strcmp(method, "GET") != 0 ? method : "GET, HEAD");
	}
	if (allowed[0])
		allow(allowed, "OPTIONS");
}

int route_match(struct request *req, char allowed[ROUTE_MAX_ALLOWED])
{
	struct segments segments;
	bool found = false;

	allowed[0] = '\0';
	if (segments_make(&segments, req->path)) {
		found = find(req, &segments);
		if (!found)
			list_methods(&segments, allowed);
	}
	free(segments.text);
	return found ? 0 : allowed[0] ? 405 : 404;
}
