/*
 * readiness.h - bringing the stores to the readiness of their places.
 *
 * A place's readiness is set first, in one transaction; then each store whose own copy differs gets
 * a command of its own, since no transaction spans two stores. What a crash in between leaves behind
 * the janitor finds by the same look-up.
 */
#ifndef READINESS_H
#define READINESS_H

#include "problem.h"
#include "server.h"

/* Whose name the commands carry; texts need not outlive the call. */
struct readiness_actor {
	int32_t user_id;
	const char *username;
	const char *source;
	const char *reason;
};

/* stores: how many were switched. problem NULL: all of them were. */
typedef void (*readiness_cb)(void *arg, const struct problem *problem, int stores);

/* Switch every store at or below the place (0: anywhere) that is behind its place. */
void readiness_apply(struct server *server, int32_t place_id, const struct readiness_actor *actor,
    readiness_cb done, void *arg);

#endif
