/*
 * sweep.h - what no slip tells of: goods that expire, days of cover, counts overdue, snoozes that are
 * over, alerts that nobody acknowledges. Every conf->alert_interval one process, by an advisory lock,
 * looks which ledgers the time has come for, and posts a command for each; what is found is decided
 * again under the store's lock. Also brings stores to their places' rules.
 *
 * The last run stands in the table sweep. Every process reads it as often, whoever did it, so that an
 * alerting that stands still shows.
 */
#ifndef SWEEP_H
#define SWEEP_H

#include "server.h"

struct sweep;

struct sweep *sweep_new(struct server *server);
bool sweep_idle(const struct sweep *sweep); /* no run is under way */

struct sweep_status {
	const char *last_run; /* RFC 3339; "": there was none */
	double last_run_s;    /* seconds of 1970; 0: there was none */
	bool late;            /* three intervals have passed without one */
};
struct sweep_status sweep_status(const struct sweep *sweep);

void sweep_free(struct sweep *sweep);

#endif
