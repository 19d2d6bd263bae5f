/*
 * janitor.c - forgets what has lived long enough (ended sessions, refusals, failed sign-ins, messages), and
 * brings stores to their place's readiness where a crash left them behind. Everything here may be
 * done twice, so several processes need no agreement.
 */
#include "janitor.h"

#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "diag.h"
#include "die.h"
#include "follow.h"

struct janitor {
	struct server *server;
	struct event *timer;
	bool following; /* stores are being brought up */
};

static void on_tidied(void *arg, enum db_outcome outcome, const PGresult *result)
{
	(void)arg;
	if (outcome != DB_OK)
		diag(DIAG_WARN, NULL, "janitor_failed", "{s:s}", "reason",
		    result ? PQresultErrorMessage(result) : "database away");
}

static void on_readiness(void *arg, const struct problem *problem, int stores)
{
	struct janitor *janitor = arg;

	janitor->following = false;
	if (problem)
		diag(DIAG_WARN, NULL, "janitor_failed", "{s:s}", "reason",
		    problem_code_name(problem->code));
	else if (stores > 0)
		diag(DIAG_INFO, NULL, "readiness_caught_up", "{s:i}", "stores", stores);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct janitor *janitor = arg;
	struct server *server = janitor->server;
	struct timeval tv = clock_timeval(server->conf->sweep_interval);
	char days[24], delivery_days[24];

	(void)fd;
	(void)what;
	evtimer_add(janitor->timer, &tv);
	if (server->stopping || !db_pool_ready(server->pool))
		return;
	snprintf(days, sizeof days, "%lld", (long long)server->conf->key_days);
	db_read(
	    server->pool, STMT_JANITOR_FORGET, (struct db_param[]){DB_TEXT(days)}, on_tidied, NULL);
	snprintf(
	    delivery_days, sizeof delivery_days, "%lld", (long long)server->conf->delivery_days);
	db_read(server->pool, STMT_OUTBOX_FORGET, (struct db_param[]){DB_TEXT(delivery_days)},
	    on_tidied, NULL);
	if (janitor->following)
		return;
	janitor->following = true;
	follow(server, FOLLOW_READINESS, 0,
	    &(struct follow_actor){POST_SYSTEM_USER, "system", "janitor", ""}, on_readiness,
	    janitor);
}

struct janitor *janitor_new(struct server *server)
{
	struct janitor *janitor = xcalloc(1, sizeof *janitor);
	const struct timeval soon = {1, 0};

	janitor->server = server;
	janitor->timer = evtimer_new(server->base, on_timer, janitor);
	if (!janitor->timer)
		die("cannot make a timer");
	evtimer_add(janitor->timer, &soon);
	return janitor;
}

bool janitor_idle(const struct janitor *janitor)
{
	return !janitor->following;
}

void janitor_free(struct janitor *janitor)
{
	if (!janitor)
		return;
	event_free(janitor->timer);
	free(janitor);
}
