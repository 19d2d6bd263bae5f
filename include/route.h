/*
 * route.h - the route table's row. routes.c holds the table; dispatch.c walks a request through it:
 * match, identify, origin and content type, body, scope and role, then the declared read or handler.
 */
#ifndef ROUTE_H
#define ROUTE_H

#include "http.h"
#include "request.h"
#include "server.h"
#include "stmt.h"

enum route_scope {
	SCOPE_PUBLIC, /* anybody */
	SCOPE_SELF,   /* anybody signed in */
	SCOPE_GRANTED, /* one of the roles somewhere; the statement is bound to those places (@places) */
	SCOPE_ROOT,  /* one of the roles at a root place */
	SCOPE_STORE, /* one of the roles at the store that the first {…} names */
	SCOPE_PLACE, /* one of the roles at the place that the first {…} names */
};

enum route_flags {
	ROUTE_BODY = 1, /* takes a JSON object */
	ROUTE_LIST = 2, /* a page; also as .csv, .ndjson and .xlsx */
	ROUTE_PAGE = 4, /* a page only */
};

typedef void (*route_handler)(struct request *req);

struct route {
	const char *method;
	const char *path; /* "/api/v1/stores/{store}/slips" */
	enum route_scope scope;
	unsigned roles; /* enum role bits; 403 without one of them, 404 without any */
	unsigned flags;
	enum stmt_id stmt; /* a declared read: see read.h for params */
	const char *params;
	route_handler handler; /* or a programmed one */
};

extern const struct route route_table[];
extern const int route_count;

#define ROUTE_MAX_ALLOWED 64 /* bytes of an Allow header */

/*
 * Find the route of req->method and path; fills req->route, args and format. HEAD goes where GET
 * does. 0: found. 404: no such path. 405: allowed names the methods there are.
 */
int route_match(struct request *req, char allowed[ROUTE_MAX_ALLOWED]);

/* For http_options: the whole walk, and its end. */
void dispatch(struct server *server, struct request *req);
void dispatch_finished(const struct request *req, const struct http_outcome *outcome);

/* For the listener that gives /metrics alone. */
void dispatch_metrics(struct server *server, struct request *req);

#endif
