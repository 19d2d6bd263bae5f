/* server.h - what the handlers of one process share: the loop's context, made by cmd_serve.c. */
#ifndef SERVER_H
#define SERVER_H

#include <stdbool.h>

#include <event2/event.h>

#include "auth.h"
#include "change.h"
#include "conf.h"
#include "db_pool.h"
#include "metrics.h"
#include "post.h"
#include "worker.h"

struct deliver;
struct checkpoints;
struct http;
struct outgoing;
struct read_xlsx_all;
struct streams;
struct sweep;

struct server {
	struct event_base *base;
	struct conf *conf;
	struct db_pool *pool;  /* reads */
	struct post *post;     /* what changes a store */
	struct change *change; /* what changes anything else */
	struct checkpoints *checkpoints;
	struct auth *auth;          /* who is asking, and where they may */
	struct worker *worker;      /* password hashing */
	struct streams *streams;    /* who watches */
	struct sweep *sweep;        /* alerts by the clock */
	struct read_xlsx_all *xlsx; /* Excel files being made */
	struct outgoing *outgoing;  /* what leaves for the outside */
	struct deliver *deliver;    /* the outbox's way out */
	struct http *http;          /* the listeners of the API */
	struct metrics *metrics;
	bool stopping; /* SIGTERM came: new work is refused */
};

#endif
