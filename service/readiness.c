/* readiness.c - see readiness.h. */
#include "readiness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"

struct switching {
	struct server *server;
	int32_t user_id;
	char *username, *source, *reason;
	readiness_cb done;
	void *arg;
	int open;               /* commands under way, and one for the look-up */
	int stores;             /* switched */
	struct problem problem; /* the first refusal */
};

static void switching_close(struct switching *s)
{
	if (--s->open > 0)
		return;
	s->done(s->arg, s->problem.code == PROBLEM_none ? NULL : &s->problem, s->stores);
	free(s->username);
	free(s->source);
	free(s->reason);
	free(s);
}

static void on_switched(void *arg, const struct post_answer *answer)
{
	struct switching *s = arg;

	if (!answer->problem)
		s->stores++;
	else if (s->problem.code == PROBLEM_none)
		s->problem = *answer->problem;
	switching_close(s);
}

static void switch_store(struct switching *s, const PGresult *result, int row)
{
	struct post_command *command = post_command_new(POST_READINESS);

	command->store_id = (int32_t)db_int(result, row, 0);
	command->actor_id = s->user_id;
	problem_copy(command->actor, sizeof command->actor, s->username);
	problem_copy(command->source, sizeof command->source, s->source);
	problem_copy(
	    command->readiness.place, sizeof command->readiness.place, db_text(result, row, 1));
	command->readiness.emergency = strcmp(db_text(result, row, 2), "emergency") == 0;
	command->readiness.reason = xstrdup(s->reason);
	command->done = on_switched;
	command->arg = s;
	s->open++;
	post_submit(s->server->post, command);
}

static void on_behind(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct switching *s = arg;

	if (outcome != DB_OK)
		problem_set(&s->problem, PROBLEM_database_away);
	for (int i = 0; outcome == DB_OK && i < PQntuples(result); i++)
		switch_store(s, result, i);
	switching_close(s);
}

void readiness_apply(struct server *server, int32_t place_id, const struct readiness_actor *actor,
    readiness_cb done, void *arg)
{
	struct switching *s = xcalloc(1, sizeof *s);
	char place[16];

	s->server = server;
	s->user_id = actor->user_id;
	s->username = xstrdup(actor->username);
	s->source = xstrdup(actor->source);
	s->reason = xstrdup(actor->reason);
	s->done = done;
	s->arg = arg;
	s->open = 1;
	snprintf(place, sizeof place, "%d", place_id);
	if (!db_read(server->pool, STMT_READINESS_BEHIND,
		(struct db_param[]){place_id ? DB_TEXT(place) : DB_NULL}, on_behind, s)) {
		problem_set(&s->problem, PROBLEM_busy);
		switching_close(s);
	}
}
