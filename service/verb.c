/* verb.c - what the subcommands of verbs share. */
#include "verb.h"

#include <stdio.h>
#include <string.h>

int verb_run(const struct cmd *cmd, const struct verb verbs[], const struct conf *conf,
    const void *options, int argc, char **argv)
{
	struct verb_call call = {.cmd = cmd, .conf = conf, .options = options};
	const struct verb *verb = verbs;
	bool done;

	while (argc > 0 && verb->name && strcmp(verb->name, argv[0]) != 0)
		verb++;
	if (argc < 1 || !verb->name || verb->words != argc - 1)
		return cmd_misused(cmd, NULL);
	call.words = argv + 1;
	offline_open(&call.o, conf);
	done = verb->run(&call);
	offline_close(&call.o);
	return done ? 0 : 1;
}

bool verb_change(
    struct verb_call *call, enum stmt_id stmt, const char *event, const struct db_param *params)
{
	struct problem problem;

	if (offline_change(&call->o, stmt, params, event, &problem, NULL))
		return true;
	offline_complain(call->cmd->name, &problem);
	return false;
}

bool verb_list(struct verb_call *call, enum stmt_id stmt)
{
	PGresult *rows = offline_read(&call->o, stmt, NULL);

	if (!rows)
		return false;
	for (int i = 0; i < PQntuples(rows); i++)
		for (int j = 0; j < PQnfields(rows); j++)
			printf(
			    "%s%c", PQgetvalue(rows, i, j), j + 1 < PQnfields(rows) ? '\t' : '\n');
	PQclear(rows);
	return true;
}
