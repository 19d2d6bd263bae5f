/*
 * sweep.c - see sweep.h.
 *
 *   timer → look (is a run due, and the lock ours?) → rules → [find → post each] … → done
 *
 * The lock is the session's, so that it goes with the process.
 */
#include "sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "diag.h"
#include "die.h"
#include "follow.h"
#include "world.h"

#define ROUND 1000 /* ledgers found at once */
#define LATE 3     /* intervals */

struct sweep {
	struct server *server;
	struct db_conn *conn;
	struct event *timer;

	/* As last looked at. */
	char last_run[40];
	double last_run_s;
	int64_t age_ms, looked_ms;

	/* The run under way. */
	bool running, failed;
	int64_t started_ms;
	int found, open; /* in this round; not yet answered, and one for the round itself */
	int32_t store_id, item_id; /* of the last one found */
	int steps[STEPS];
};

static void find(struct sweep *sweep);

static void timer_set(struct sweep *sweep, int64_t ms)
{
	struct timeval tv = clock_timeval(ms);

	evtimer_add(sweep->timer, &tv);
}

/* --- The end of a run --- */

static void run_failed(const char *reason)
{
	diag(DIAG_WARN, NULL, "alert_sweep_failed", "{s:s}", "reason", reason);
}

static void call_failed(enum db_outcome outcome, const PGresult *result)
{
	run_failed(outcome == DB_FAILED ? PQresultErrorMessage(result) : "database away");
}

static void on_look(void *arg, enum db_outcome outcome, const PGresult *result);

static void look(struct sweep *sweep)
{
	char interval[24];

	snprintf(interval, sizeof interval, "%lld", (long long)sweep->server->conf->alert_interval);
	db_call(
	    sweep->conn, STMT_SWEEP_LOOK, (struct db_param[]){DB_TEXT(interval)}, on_look, sweep);
	db_sync(sweep->conn, NULL, NULL);
}

static void on_recorded(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct sweep *sweep = arg;

	if (outcome == DB_OK)
		return;
	call_failed(outcome, result);
	sweep->failed = true;
}

/* After one that failed, the timer is waited for: it would still be due at once. */
static void on_unlocked(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct sweep *sweep = arg;

	(void)result;
	sweep->running = false;
	if (outcome == DB_OK && !sweep->failed && !sweep->server->stopping)
		look(sweep);
}

/* One that failed is not recorded: it shows by being late. */
static void finish(struct sweep *sweep)
{
	char numbers[STEPS + 1][16];

	if (!db_conn_ready(sweep->conn)) { /* and the lock is gone with it */
		sweep->running = false;
		return;
	}
	for (int i = 0; i < STEPS; i++)
		snprintf(numbers[i], sizeof numbers[i], "%d", sweep->steps[i]);
	snprintf(
	    numbers[STEPS], sizeof numbers[STEPS], "%d", (int)(clock_ms() - sweep->started_ms));
	if (!sweep->failed) {
		db_call(sweep->conn, STMT_SWEEP_DONE,
		    (struct db_param[]){DB_TEXT(numbers[STEPS]), DB_TEXT(numbers[STEP_OPENED]),
			DB_TEXT(numbers[STEP_REARMED]), DB_TEXT(numbers[STEP_ESCALATED]),
			DB_TEXT(numbers[STEP_CLOSED])},
		    on_recorded, sweep);
		db_sync(sweep->conn, NULL, NULL);
	}
	db_call(sweep->conn, STMT_SWEEP_UNLOCK, NULL, NULL, NULL);
	db_sync(sweep->conn, on_unlocked, sweep);
}

/* --- Rounds --- */

static void round_close(struct sweep *sweep)
{
	if (--sweep->open > 0)
		return;
	if (sweep->found == ROUND && sweep->server->stopping)
		sweep->failed = true; /* what is left is somebody else's */
	if (sweep->found == ROUND && !sweep->failed)
		find(sweep);
	else
		finish(sweep);
}

static void on_swept(void *arg, const struct post_answer *answer)
{
	struct sweep *sweep = arg;

	if (answer->problem && !sweep->failed) {
		run_failed(problem_code_name(answer->problem->code));
		sweep->failed = true;
	}
	for (int i = 0; i < STEPS && answer->steps; i++)
		sweep->steps[i] += answer->steps[i];
	round_close(sweep);
}

static void post_one(struct sweep *sweep, const PGresult *result, int row)
{
	struct post_command *command = post_command_new(POST_SWEEP);

	command->store_id = sweep->store_id = (int32_t)db_int(result, row, 0);
	sweep->item_id = (int32_t)db_int(result, row, 1);
	problem_copy(command->sweep.item, sizeof command->sweep.item, db_text(result, row, 2));
	command->actor_id = POST_SYSTEM_USER;
	problem_copy(command->actor, sizeof command->actor, "system");
	problem_copy(command->source, sizeof command->source, "sweep");
	command->done = on_swept;
	command->arg = sweep;
	sweep->open++;
	post_submit(sweep->server->post, command);
}

static void on_found(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct sweep *sweep = arg;

	if (outcome != DB_OK) {
		call_failed(outcome, result);
		sweep->failed = true;
	}
	sweep->found = outcome == DB_OK ? PQntuples(result) : 0;
	for (int i = 0; i < sweep->found; i++)
		post_one(sweep, result, i);
	round_close(sweep);
}

static void find(struct sweep *sweep)
{
	char store[16], item[16], most[16];

	if (!db_conn_ready(sweep->conn)) {
		sweep->running = false;
		return;
	}
	sweep->open = 1;
	snprintf(store, sizeof store, "%d", sweep->store_id);
	snprintf(item, sizeof item, "%d", sweep->item_id);
	snprintf(most, sizeof most, "%d", ROUND);
	db_call(sweep->conn, STMT_SWEEP_FIND,
	    (struct db_param[]){DB_TEXT(store), DB_TEXT(item), DB_TEXT(most)}, on_found, sweep);
	db_sync(sweep->conn, NULL, NULL);
}

static void on_rules(void *arg, const struct problem *problem, int stores)
{
	struct sweep *sweep = arg;

	if (problem) {
		run_failed(problem_code_name(problem->code));
		sweep->failed = true;
		finish(sweep);
		return;
	}
	if (stores > 0)
		diag(DIAG_INFO, NULL, "alert_rules_caught_up", "{s:i}", "stores", stores);
	find(sweep);
}

static void run(struct sweep *sweep)
{
	sweep->running = true;
	sweep->failed = false;
	sweep->started_ms = clock_ms();
	sweep->store_id = sweep->item_id = 0;
	memset(sweep->steps, 0, sizeof sweep->steps);
	follow(sweep->server, FOLLOW_RULES, 0,
	    &(struct follow_actor){POST_SYSTEM_USER, "system", "sweep", ""}, on_rules, sweep);
}

/* --- When --- */

static void on_look(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct sweep *sweep = arg;
	int64_t wait;

	if (outcome != DB_OK || PQntuples(result) == 0) {
		call_failed(outcome, result);
		return;
	}
	problem_copy(sweep->last_run, sizeof sweep->last_run,
	    db_text(result, 0, 0) ? db_text(result, 0, 0) : "");
	sweep->last_run_s = db_text(result, 0, 1) ? strtod(db_text(result, 0, 1), NULL) : 0;
	sweep->age_ms = db_int(result, 0, 2);
	sweep->looked_ms = clock_ms();
	wait = sweep->server->conf->alert_interval - sweep->age_ms;
	if (*db_text(result, 0, 3) == 't')
		run(sweep);
	else if (wait > 0) /* as soon as one is due, whoever did the last */
		timer_set(sweep, wait + 1);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct sweep *sweep = arg;

	(void)fd;
	(void)what;
	timer_set(sweep, sweep->server->conf->alert_interval);
	if (!sweep->running && !sweep->server->stopping && db_conn_ready(sweep->conn))
		look(sweep);
}

static void on_up(void *arg, bool ready)
{
	struct sweep *sweep = arg;

	if (ready)
		event_active(sweep->timer, EV_TIMEOUT, 0);
}

/* --- From outside --- */

struct sweep *sweep_new(struct server *server)
{
	struct db_options options = db_options(server->conf, "taizhang sweep");
	struct sweep *sweep = xcalloc(1, sizeof *sweep);

	sweep->server = server;
	sweep->looked_ms = clock_ms();
	sweep->timer = evtimer_new(server->base, on_timer, sweep);
	if (!sweep->timer)
		die("cannot make a timer");
	sweep->conn = db_conn_new(server->base, &options, on_up, sweep);
	return sweep;
}

bool sweep_idle(const struct sweep *sweep)
{
	return !sweep->running;
}

struct sweep_status sweep_status(const struct sweep *sweep)
{
	int64_t age = sweep->age_ms + clock_ms() - sweep->looked_ms;

	return (struct sweep_status){
	    .last_run = sweep->last_run,
	    .last_run_s = sweep->last_run_s,
	    .late = age > LATE * sweep->server->conf->alert_interval,
	};
}

void sweep_free(struct sweep *sweep)
{
	if (!sweep)
		return;
	db_conn_free(sweep->conn);
	event_free(sweep->timer);
	free(sweep);
}
