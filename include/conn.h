/*
 * conn.h - a connection's state and its one deadline: what the client has to do next, and by when.
 * http.c makes and ends connections, request.c takes requests from them. For these two files only.
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

/* What all connections of a struct http share. */
struct conn_common {
	struct event_base *base;
	struct http_options options;
	struct http_stats stats;
	bool stopping; /* close after the answer under way */
};

struct conn {
	struct conn *next, **prev;  /* of http's list */
	struct http *http;          /* http.c's own */
	struct conn_common *common; /* lives as long as anything that came over it */
	enum conn_state state;
	uint64_t next_id; /* of a request; random to begin with */
	struct bufferevent *bev;
	struct evhttp_connection *evcon;
	struct event *deadline;
	struct request *request; /* being handled or answered, or NULL */
};

/* Bytes that have come and not been taken. */
size_t conn_held(const struct conn *conn);

/* A request begins to come in, or the wait for one: the client has so many ms. */
void conn_expect(struct conn *conn, enum conn_state state, int64_t ms);

/* A request is being worked on: the client has nothing to do. */
void conn_handling(struct conn *conn);

/* The client has to take what is sent now within the idle time. */
void conn_sending(struct conn *conn);

/* It has; the next piece is not there yet. */
void conn_taken(struct conn *conn);

/* The answer is out, or the request is over in another way. */
void conn_answered(struct conn *conn);

/* Close at once. conn and, through request_lost(), its request may be gone afterwards. */
void conn_cut(struct conn *conn);

/* --- What http.c tells request.c --- */

/* A whole request has come. */
void request_begin(struct conn *conn, struct evhttp_request *evreq);

/* Its connection has closed. */
void request_lost(struct request *req);

#endif
