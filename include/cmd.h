/* cmd.h - a subcommand: one file each, gathered in main.c's table. */
#ifndef CMD_H
#define CMD_H

#include "conf.h"

/* Exit statuses: 1 is a command's own failure, this a command line that makes no sense. */
#define CMD_MISUSED 2

struct cmd {
	const char *name;
	const char *usage;   /* "taizhang import slips --mapping FILE [--dry-run] CSV" */
	const char *summary; /* one line, zh and en */
	const char *help;    /* the rest of --help */
	/* argv[0] is the subcommand; the settings' flags are taken out already. Returns the exit status. */
	int (*run)(struct conf *conf, int argc, char **argv);
	bool hidden; /* not for people */
};

/* Say how the command is used, and which argument (or NULL) makes no sense; gives the exit status. */
int cmd_misused(const struct cmd *cmd, const char *argument);

extern const struct cmd cmd_serve, cmd_migrate, cmd_seed, cmd_user, cmd_token, cmd_import,
    cmd_channel, cmd_export, cmd_key, cmd_verify, cmd_xlsx;

#endif
