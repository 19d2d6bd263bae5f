/*
 * decide.h - the rules of the ledger, pure: no I/O, no clock, no database.
 *
 * Each call either applies the whole command to the world or leaves it as it was and says why
 * (DESIGN.md, rules 2 to 6 and 9).
 *
 * Events it writes: slip_posted and slip_reversed (the body is the slip, as answered),
 * thresholds_set, readiness_set, alert_rules_applied, alert_acknowledged, alert_snoozed; and as
 * consequences, or when the sweep asks, alert_opened, alert_rearmed, alert_escalated, alert_closed.
 */
#ifndef DECIDE_H
#define DECIDE_H

#include "command.h"
#include "problem.h"
#include "world.h"

#define DECIDE_MAX_BALANCE 1000000000000000LL /* base units in one ledger */

struct decision {
	struct problem problem; /* code PROBLEM_none: accepted */
	int event; /* index of the command's own event in world.events; -1: nothing to change */
	char number[SLIP_NUMBER_MAX]; /* of the slip, or "" */
};

void decide(struct world *world, const struct post_command *command, struct decision *decision);

#endif
