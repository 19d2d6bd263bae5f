/*
 * conn.h - a connection, between http.c, which keeps them, and request.c, which takes requests from
 * them. For these two files only.
 */
#ifndef CONN_H
#define CONN_H

#include <event2/event.h>
#include <event2/http.h>

#include "http.h"

enum conn_state {
	CONN_IDLE,      /* nothing of a request has come; the TLS handshake counts as idle */
	CONN_READING,   /* a request is coming in */
	CONN_HANDLING,  /* a request is being worked on: nothing is read */
	CONN_ANSWERING, /* its answer is going out: what comes in waits for the next request */
};

struct conn {
	struct conn *next, **prev; /* of http's list */
	struct http *http;
	enum conn_state state;
	struct bufferevent *bev;
	struct evhttp_connection *evcon;
	struct event *deadline;
	struct request *request; /* being handled or answered, or NULL */
};

/* --- http.c --- */

const struct http_options *conn_options(const struct conn *conn);
struct event_base *conn_base(const struct conn *conn);

/* Is this connection to close after the answer under way? */
bool conn_closing(const struct conn *conn);

/* The client has to take what is sent now within the idle time. */
void conn_sending(struct conn *conn);

/* It has; the next piece is not there yet. */
void conn_taken(struct conn *conn);

/* The answer is out, or the request is over in another way. */
void conn_answered(struct conn *conn);

/* Close at once. conn and, through request_lost(), its request may be gone afterwards. */
void conn_cut(struct conn *conn);

/* Counts for http_stats.in_flight. */
void conn_flight(struct http *http, int change);

/* --- request.c --- */

/* A whole request has come. */
void request_begin(struct conn *conn, struct evhttp_request *evreq);

/* Its connection has closed. */
void request_lost(struct request *req);

#endif
