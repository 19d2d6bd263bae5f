/* command.c - the life of a command. */
#include "command.h"

#include <stdlib.h>

#include "die.h"

struct post_command *post_command_new(enum post_kind kind)
{
	struct post_command *command = xcalloc(1, sizeof *command);

	command->kind = kind;
	return command;
}

void post_command_free(struct post_command *command)
{
	if (!command)
		return;
	switch (command->kind) {
	case POST_SLIP:
		slip_free(command->slip);
		break;
	case POST_REVERSAL:
		free(command->reversal.counterparty);
		free(command->reversal.receiver);
		free(command->reversal.note);
		free(command->reversal.entries);
		break;
	case POST_READINESS:
		free(command->readiness.reason);
		break;
	case POST_ACKNOWLEDGE:
	case POST_SNOOZE:
		free(command->alert.text);
		break;
	case POST_THRESHOLDS:
	case POST_RULES:
	case POST_SWEEP:
	case POST_KINDS:
		break;
	}
	free(command);
}
