/* verb.h - subcommands of verbs ("taizhang user add NAME"): finding the verb, and what verbs do. */
#ifndef VERB_H
#define VERB_H

#include <stdbool.h>

#include "cmd.h"
#include "offline.h"

struct verb_call {
	struct offline o;
	const struct cmd *cmd;
	const struct conf *conf;
	char **words;        /* behind the verb */
	const void *options; /* the subcommand's own */
};

/* A row of a table that ends with an empty one. */
struct verb {
	const char *name;
	int words;
	bool (*run)(struct verb_call *call);
};

/* argv begins with the verb, options taken out. Connects, runs it, and gives the exit status. */
int verb_run(const struct cmd *cmd, const struct verb verbs[], const struct conf *conf,
    const void *options, int argc, char **argv);

/* Make a change as the operator; a refusal is told. */
bool verb_change(
    struct verb_call *call, enum stmt_id stmt, const char *event, const struct db_param *params);

/* Print a statement's rows, tabs between the columns. */
bool verb_list(struct verb_call *call, enum stmt_id stmt);

#endif
