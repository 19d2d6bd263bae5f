/*
 * follow.h - bringing the stores to what holds at their places: the readiness, the rules of alerts.
 *
 * A place's is set first, in one transaction; then each store whose own copy differs gets a command
 * of its own, since no transaction spans two stores. What a crash in between leaves behind is found
 * by the same look-up: the janitor's (readiness) and the sweep's (rules).
 */
#ifndef FOLLOW_H
#define FOLLOW_H

#include "problem.h"
#include "server.h"

enum follow_what { FOLLOW_READINESS, FOLLOW_RULES, FOLLOWS };

/* Whose name the commands carry; texts need not outlive the call. */
struct follow_actor {
	int32_t user_id;
	const char *username;
	const char *source;
	const char *reason; /* of the readiness */
};

/* stores: how many were brought up. problem NULL: all of them were. */
typedef void (*follow_cb)(void *arg, const struct problem *problem, int stores);

/* Bring up every store at or below the place (0: anywhere) that is behind its place. */
void follow(struct server *server, enum follow_what what, int32_t place_id,
    const struct follow_actor *actor, follow_cb done, void *arg);

#endif
