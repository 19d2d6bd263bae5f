/* http.h - listeners, limits and deadlines around evhttp. Knows nothing of routes. */
#ifndef HTTP_H
#define HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <event2/event.h>
#include <jansson.h>

#include "conf.h"
#include "request.h"

struct http;

/* How a request ended. */
struct http_outcome {
	int status;      /* of the answer; 0: there was none, the client had gone */
	int64_t took_us; /* from its last byte to the answer being handed over whole */
	uint64_t bytes;  /* of the answer's body */
	bool cut;        /* the client did not get all of it */
};

/*
 * handle(server, req) takes over the request; it is called for every well-formed one. finished()
 * is called once for each request, well-formed or not, before it is freed.
 */
struct http_options {
	struct server *server;
	void (*handle)(struct server *server, struct request *req);
	void (*finished)(const struct request *req, const struct http_outcome *outcome);
	const struct conf *conf; /* outlives it; read again by http_reload() */
	const char *listen;      /* "address:port", several with commas */
	bool tls;                /* with conf's certificate */
};

/* NULL and a message in error when an address or the certificate cannot be used. */
struct http *http_new(
    struct event_base *base, const struct http_options *options, char *error, size_t error_size);

/* Take in the certificate again; conf's time limits are read where they are used. false: the new
   certificate is unusable, the old one stays. */
bool http_reload(struct http *http, char *error, size_t error_size);

/* What it listens on, as an array of URLs with the actual ports; the caller decrefs. */
json_t *http_addresses(const struct http *http);

/* Stop accepting and close idle connections; the others close after the answer under way. */
void http_stop(struct http *http);

struct http_stats {
	uint64_t accepted;          /* connections */
	uint64_t full;              /* times that accepting paused at max_connections */
	uint64_t timed_out;         /* connections closed in the middle of a request or an answer */
	uint64_t flooded;           /* connections closed for sending more than they may */
	uint64_t received;          /* bytes of unfinished requests held now */
	int connections, in_flight; /* open now; requests taken and not yet answered */
};
const struct http_stats *http_stats(const struct http *http);

/* Drops what is still open; answers not yet given cannot be given any more. */
void http_free(struct http *http);

#endif
