/* http.h - listeners, limits and deadlines around evhttp. Knows nothing of routes. */
#ifndef HTTP_H
#define HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include <event2/event.h>

#include "conf.h"
#include "request.h"

struct http;

/* dispatch(server, req) takes over the request; it is called for every well-formed request. */
struct http_options {
	struct server *server;
	void (*dispatch)(struct server *server, struct request *req);
	const struct conf *conf;
};

/* Listens on every address of conf->listen. NULL and a message in error when one cannot be used. */
struct http *http_new(struct event_base *base, const struct http_options *options, char *error,
    size_t error_size);

/* Take in reloadable settings (certificate, time limits). false: the new certificate is unusable. */
bool http_reload(struct http *http, const struct conf *conf, char *error, size_t error_size);

/* Stop accepting; connections close after the answer under way. */
void http_stop(struct http *http);
int http_connections(const struct http *http);
int http_in_flight(const struct http *http); /* requests taken and not yet answered */
void http_free(struct http *http);

#endif
