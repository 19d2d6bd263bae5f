/* read_query.c - the small language of a route's params (read.h), and the asking itself. */
#include "read_query.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "route.h"
#include "slip.h"

#define PAGE_ROWS 50
#define PAGE_ROWS_MAX 200

struct binding {
	struct read_query *query;
	struct request *req;
	struct problem *problem;
};

/* One param of a route, taken apart: "kind:in|out". */
struct param {
	char name[32], type[128];
};

/* --- The language --- */

static bool param_next(const char **params, struct param *param)
{
	const char *s = *params + strspn(*params, " "), *type;
	size_t len = strcspn(s, " "), name_len;

	if (!len)
		return false;
	type = memchr(s, ':', len);
	name_len = type ? (size_t)(type - s) : len;
	snprintf(param->name, sizeof param->name, "%.*s", (int)name_len, s);
	snprintf(param->type, sizeof param->type, "%.*s", type ? (int)(len - name_len - 1) : 0,
	    type ? type + 1 : "");
	*params = s + len;
	return true;
}

static bool is_list(const struct route *route)
{
	return route->flags & (ROUTE_LIST | ROUTE_PAGE);
}

static bool is_keyset(const char *name)
{
	return !strcmp(name, "limit") || !strcmp(name, "cursor");
}

/* limit and cursor are of pages: an export is whole, a document is one. */
static bool is_page(const struct request *req)
{
	return is_list(req->route) && !req->format;
}

static const char *page_query(const struct request *req, const char *name)
{
	return is_page(req) ? request_query(req, name) : NULL;
}

/* May the request have a query parameter of this name? */
static bool is_known(const struct request *req, const char *name)
{
	const struct route *route = req->route;
	const char *params = route->params;
	struct param param;

	if (!strcmp(name, "order"))
		return is_list(route);
	if (!strcmp(name, "encoding"))
		return req->format && !strcmp(req->format, "csv");
	if (is_keyset(name) && !is_page(req))
		return false;
	while (param_next(&params, &param))
		if (!strcmp(param.name, name))
			return isalpha((unsigned char)*name);
	return false;
}

static void refuse_unknown(const struct request *req, struct problem *problem)
{
	const char *name;

	for (int i = 0; (name = request_query_name(req, i)); i++)
		if (!is_known(req, name))
			problem_add(problem, PROBLEM_unknown_field, NULL, "%s", name);
}

/* --- Values --- */

static void add(struct binding *b, const char *value)
{
	b->query->params[b->query->count++] = DB_TEXT(value);
}

/* A short text of our own. */
static void add_text(struct binding *b, const char *text)
{
	char *copy = b->query->texts[b->query->text_count++];

	snprintf(copy, sizeof b->query->texts[0], "%s", text);
	add(b, copy);
}

static void add_int(struct binding *b, int32_t n)
{
	char text[12];

	snprintf(text, sizeof text, "%" PRId32, n);
	add_text(b, text);
}

/* Three parameters. What is no number of the store's has serial 0, which finds nothing. */
static void add_slip(struct binding *b, const char *number)
{
	enum slip_kind kind = SLIP_IN;
	clock_date date = 0;
	int serial = 0;
	char text[11];

	if (!number) {
		for (int i = 0; i < 3; i++)
			add(b, NULL);
		return;
	}
	if (!slip_number_parse(number, b->req->scope.code, &kind, &date, &serial))
		serial = 0;
	clock_date_format(date, text);
	add(b, slip_kind_name(kind));
	add_text(b, text);
	add_int(b, serial);
}

static bool is_word(const char *value, const char *words)
{
	size_t len = strlen(value);

	for (const char *w = words; *w; w += strcspn(w, "|"), w += *w == '|')
		if (strcspn(w, "|") == len && !strncmp(w, value, len))
			return true;
	return false;
}

/* Words in a problem stand with spaces between. */
static void refuse_word(struct binding *b, const char *name, const char *words)
{
	char list[128];

	snprintf(list, sizeof list, "%s", words);
	for (char *p = list; (p = strchr(p, '|'));)
		*p = ' ';
	problem_add(b->problem, PROBLEM_unknown_value, list, "%s", name);
}

static void add_query(struct binding *b, const struct param *param)
{
	const char *value = request_query(b->req, param->name);
	clock_date date;

	if (!strcmp(param->type, "slip")) {
		add_slip(b, value);
		return;
	}
	if (value && !strcmp(param->type, "date")) {
		if (!clock_date_parse(value, &date))
			problem_add(b->problem, PROBLEM_bad_date, value, "%s", param->name);
	} else if (value && *param->type && !is_word(value, param->type)) {
		refuse_word(b, param->name, param->type);
	}
	add(b, value);
}

/* The path's value where the route has this {name}. */
static void add_path(struct binding *b, const struct param *param)
{
	const char *path = b->req->route->path, *end = strstr(path, param->name), *value;
	int n = 0;

	for (const char *p = path; p < end; p++)
		n += *p == '{';
	value = b->req->args[n];
	if (!strcmp(param->type, "slip"))
		add_slip(b, value);
	else
		add(b, value);
}

static void add_limit(struct binding *b)
{
	const char *value = page_query(b->req, "limit");
	char *end;
	long rows = PAGE_ROWS;

	if (value) {
		rows = strtol(value, &end, 10);
		if (!isdigit((unsigned char)*value) || *end || rows < 1 || rows > PAGE_ROWS_MAX)
			problem_add(b->problem, PROBLEM_out_of_range, "1..200", "limit");
	}
	b->query->rows = (int)rows;
	b->query->limit_at = b->query->count;
	add(b, NULL);
}

static void add_cursor(struct binding *b, const char *type)
{
	struct read_query *q = b->query;
	const char *value = page_query(b->req, "cursor");
	int64_t keys[CURSOR_MAX_KEYS];

	q->key_count = *type ? atoi(type) : 1;
	q->key_at = q->count;
	if (value && !cursor_read(value, keys, q->key_count)) {
		problem_add(b->problem, PROBLEM_bad_cursor, NULL, "cursor");
		value = NULL;
	}
	for (int i = 0; i < q->key_count; i++) {
		snprintf(q->keys[i], sizeof q->keys[i], "%" PRId64, value ? keys[i] : 0);
		add(b, value ? q->keys[i] : NULL);
	}
}

static void add_place_ids(struct binding *b)
{
	b->query->places = caller_places(b->req->caller, b->req->route->roles);
	add(b, b->query->places);
}

static void add_param(struct binding *b, const struct param *param)
{
	const char *name = param->name;

	if (!strcmp(name, "-"))
		add(b, NULL);
	else if (!strcmp(name, "@store"))
		add_int(b, b->req->scope.store_id);
	else if (!strcmp(name, "@user"))
		add_int(b, b->req->caller->user_id);
	else if (!strcmp(name, "@places"))
		add_place_ids(b);
	else if (!strcmp(name, "limit"))
		add_limit(b);
	else if (!strcmp(name, "cursor"))
		add_cursor(b, param->type);
	else if (*name == '{')
		add_path(b, param);
	else
		add_query(b, param);
}

/* --- Order --- */

/* The twin of a list's statement in ascending order stands right behind it (embed.awk). */
static bool has_twin(enum stmt_id stmt)
{
	const char *name = stmt_table[stmt].name;
	size_t len = strlen(name);

	return stmt + 1 < STMT_COUNT && !strncmp(stmt_table[stmt + 1].name, name, len) &&
	       !strcmp(stmt_table[stmt + 1].name + len, "_asc");
}

static void choose_order(struct binding *b)
{
	const char *order = request_query(b->req, "order");
	bool twin = has_twin(b->query->stmt);
	const char *words = twin ? "asc|desc" : "asc";

	if (!order || !is_list(b->req->route))
		return;
	if (!is_word(order, words))
		refuse_word(b, "order", words);
	else if (twin && !strcmp(order, "asc"))
		b->query->stmt = (enum stmt_id)(b->query->stmt + 1);
}

struct read_query *read_query_new(struct request *req, struct problem *problem)
{
	struct read_query *query = xcalloc(1, sizeof *query);
	struct binding b = {query, req, problem};
	const char *params = req->route->params;
	struct param param;

	*problem = (struct problem){.line = -1};
	query->stmt = req->route->stmt;
	query->limit_at = query->key_at = -1;
	refuse_unknown(req, problem);
	choose_order(&b);
	while (param_next(&params, &param))
		add_param(&b, &param);
	if (problem->code != PROBLEM_none) {
		read_query_free(query);
		return NULL;
	}
	read_query_limit(query, is_list(req->route) ? query->rows + 1 : 1);
	return query;
}

void read_query_free(struct read_query *query)
{
	if (!query)
		return;
	free(query->places);
	free(query);
}

void read_query_limit(struct read_query *query, int rows)
{
	if (query->limit_at < 0)
		return;
	snprintf(query->limit, sizeof query->limit, "%d", rows);
	query->params[query->limit_at] = DB_TEXT(query->limit);
}

void read_query_after(struct read_query *query, const PGresult *result, int row)
{
	int column = PQfnumber(result, "cursor");

	for (int i = 0; i < query->key_count; i++) {
		snprintf(query->keys[i], sizeof query->keys[i], "%s",
		    PQgetvalue(result, row, column + i));
		query->params[query->key_at + i] = DB_TEXT(query->keys[i]);
	}
}

bool read_query_ask(const struct read_query *query, struct db_pool *pool, db_cb cb, void *arg,
    struct problem *problem)
{
	if (db_read(pool, query->stmt, query->params, cb, arg))
		return true;
	problem_set(problem, db_pool_ready(pool) ? PROBLEM_busy : PROBLEM_database_away);
	return false;
}

/* --- Results --- */

void read_query_problem(enum db_outcome outcome, const PGresult *result, struct problem *problem)
{
	if (outcome == DB_FAILED)
		problem_from_sql(problem, result);
	else
		problem_set(problem, PROBLEM_database_away);
}

void read_query_shape(
    const struct read_query *query, const PGresult *result, struct read_shape *shape)
{
	int rows = PQntuples(result), fields = PQfnumber(result, "cursor");

	shape->fields = fields < 0 ? PQnfields(result) : fields;
	shape->members = shape->fields + query->key_count;
	shape->found = rows > 0 || shape->members == PQnfields(result);
	shape->rows = rows > 0 && fields >= 0 && PQgetisnull(result, 0, fields) ? 0 : rows;
}
