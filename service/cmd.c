/* cmd.c - what every subcommand says to a command line that makes no sense. */
#include "cmd.h"

#include <stdio.h>

int cmd_misused(const struct cmd *cmd, const char *argument)
{
	if (argument)
		fprintf(stderr, "taizhang %s: 参数无法识别 unknown argument: %s\n", cmd->name,
		    argument);
	fprintf(stderr, "用法 Usage: %s\n提示 Hint: taizhang help %s\n", cmd->usage, cmd->name);
	return CMD_MISUSED;
}
