/*
 * request.h - one HTTP request from its arrival to its answer.
 *
 * A request lives until exactly one of the exits below was called: request_answer(),
 * request_problem(), or request_stream() followed by its end. Exits may be called at once or later
 * from the loop, never twice. The client may have gone meanwhile; the exits cope with that.
 * Only http.c and request.c know evhttp.
 */
#ifndef REQUEST_H
#define REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "buf.h"
#include "problem.h"

struct server;
struct route;
struct caller;

#define REQUEST_MAX_ARGS 4
#define REQUEST_MAX_QUERY 24

/* A store or place that the request names and the caller may know of; filled by scope.c. */
struct scope {
	int32_t store_id; /* 0: the request names no store */
	int32_t place_id;
	char code[33];
};

struct request {
	struct server *server;
	char id[40]; /* X-Request-Id of the answer and of the log lines */
	char source
	    [64]; /* the client's address (a trusted proxy's X-Forwarded-For where configured) */
	const char *method;
	const char *path; /* as sent, printable ASCII without the query; route.h takes it apart */
	bool tls;         /* the client speaks TLS, to us or to the trusted proxy */

	const struct route *route;
	char *args[REQUEST_MAX_ARGS]; /* values of {…} in the route's path, in order; owned */
	const char *format;           /* "csv", "ndjson", "xlsx" of a list, else NULL */
	struct caller *caller;        /* who asks, held by the request; NULL: nobody */
	struct scope scope;
	json_t *json;       /* the body of ROUTE_BODY routes: an object; owned */
	int64_t started_us; /* clock_us() when it had come whole */
};

/* Value of a request header or NULL; names are case-insensitive. Valid while the request lives. */
const char *request_header(const struct request *req, const char *name);

/* Decoded value of a query parameter or NULL. */
const char *request_query(const struct request *req, const char *name);

/* All query parameters: the name of the i-th, or NULL past the end (unknown ones are refused). */
const char *request_query_name(const struct request *req, int i);

/* The value of cookie name, or NULL; the caller frees. */
char *request_cookie(const struct request *req, const char *name);

/* The body's bytes; valid while the request lives. */
const char *request_body(const struct request *req, size_t *len);

/*
 * Undo %xx (and + for a space where plus is set) in place. false: a bad escape, or the outcome is not
 * text (a NUL or malformed UTF-8).
 */
bool request_unescape(char *text, bool plus);

/* Set a header of the answer; before the exit. */
void request_set_header(struct request *req, const char *name, const char *value);

/* --- Exits --- */

/* type NULL is application/json. data is copied; may be NULL with len 0. */
void request_answer(
    struct request *req, int status, const char *type, const char *data, size_t len);

/* The same without a copy: data are there as long as the program. */
void request_answer_kept(
    struct request *req, int status, const char *type, const char *data, size_t len);

/* application/problem+json with the problem's status, Retry-After where it has one. */
void request_problem(struct request *req, const struct problem *problem);

/* The short form for a problem that is only a code. */
void request_refuse(struct request *req, enum problem_code code);

/*
 * A long answer, pulled: proceed(arg) is called whenever the client has room for more, also the
 * first time; it calls request_chunk(), request_end() or request_abort(), once, at once or later.
 * gone(arg) is called instead when the client has left (or asked by HEAD for no body): the producer
 * stops and calls none of them any more. Both are called from the loop, never from within
 * request_stream() or request_chunk(). The request is freed by request_end(), request_abort() or
 * after gone().
 */
struct request_source {
	void (*proceed)(void *arg);
	void (*gone)(void *arg);
	void *arg;
};
void request_stream(
    struct request *req, int status, const char *type, const struct request_source *source);
void request_chunk(struct request *req, const char *data, size_t len); /* copied; len > 0 */
void request_end(struct request *req);
/* Cut the answer off, so that the client sees it is not whole (the database went away midway). */
void request_abort(struct request *req);

#endif
