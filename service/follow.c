/* follow.c - see follow.h. */
#include "follow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"

struct following {
	struct server *server;
	enum follow_what what;
	int32_t user_id;
	char *username, *source, *reason;
	follow_cb done;
	void *arg;
	int open;               /* commands under way, and one for the look-up */
	int stores;             /* brought up */
	struct problem problem; /* the first refusal */
};

static void following_close(struct following *s)
{
	if (--s->open > 0)
		return;
	s->done(s->arg, s->problem.code == PROBLEM_none ? NULL : &s->problem, s->stores);
	free(s->username);
	free(s->source);
	free(s->reason);
	free(s);
}

static void on_followed(void *arg, const struct post_answer *answer)
{
	struct following *s = arg;

	if (!answer->problem)
		s->stores++;
	else if (s->problem.code == PROBLEM_none)
		s->problem = *answer->problem;
	following_close(s);
}

/* --- Of what a store is behind: a row of the look-up, whose first column is the store --- */

static void fill_readiness(
    struct post_command *command, const struct following *s, const PGresult *result, int row)
{
	problem_copy(
	    command->readiness.place, sizeof command->readiness.place, db_text(result, row, 1));
	command->readiness.emergency = strcmp(db_text(result, row, 2), "emergency") == 0;
	command->readiness.reason = xstrdup(s->reason);
}

static void fill_rules(
    struct post_command *command, const struct following *s, const PGresult *result, int row)
{
	(void)s;
	command->rules = (struct post_rules){
	    .low_stock = *db_text(result, row, 1) == 't',
	    .out_of_stock = *db_text(result, row, 2) == 't',
	    .clear_percent = (int)db_int(result, row, 3),
	    .rearm_percent = (int)db_int(result, row, 4),
	};
}

static const struct {
	enum stmt_id behind;
	enum post_kind kind;
	void (*fill)(struct post_command *command, const struct following *s,
	    const PGresult *result, int row);
} follows[FOLLOWS] = {
    [FOLLOW_READINESS] = {STMT_READINESS_BEHIND, POST_READINESS, fill_readiness},
    [FOLLOW_RULES] = {STMT_RULES_BEHIND, POST_RULES, fill_rules},
};

static void bring_up(struct following *s, const PGresult *result, int row)
{
	struct post_command *command = post_command_new(follows[s->what].kind);

	command->store_id = (int32_t)db_int(result, row, 0);
	command->actor_id = s->user_id;
	problem_copy(command->actor, sizeof command->actor, s->username);
	problem_copy(command->source, sizeof command->source, s->source);
	follows[s->what].fill(command, s, result, row);
	command->done = on_followed;
	command->arg = s;
	s->open++;
	post_submit(s->server->post, command);
}

static void on_behind(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct following *s = arg;

	if (outcome != DB_OK)
		problem_set(&s->problem, PROBLEM_database_away);
	for (int i = 0; outcome == DB_OK && i < PQntuples(result); i++)
		bring_up(s, result, i);
	following_close(s);
}

void follow(struct server *server, enum follow_what what, int32_t place_id,
    const struct follow_actor *actor, follow_cb done, void *arg)
{
	struct following *s = xcalloc(1, sizeof *s);
	char place[16];

	s->server = server;
	s->what = what;
	s->user_id = actor->user_id;
	s->username = xstrdup(actor->username);
	s->source = xstrdup(actor->source);
	s->reason = xstrdup(actor->reason);
	s->done = done;
	s->arg = arg;
	s->open = 1;
	snprintf(place, sizeof place, "%d", place_id);
	if (!db_read(server->pool, follows[what].behind,
		(struct db_param[]){place_id ? DB_TEXT(place) : DB_NULL}, on_behind, s)) {
		problem_set(&s->problem, PROBLEM_busy);
		following_close(s);
	}
}
