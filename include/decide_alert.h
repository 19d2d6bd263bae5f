/*
 * decide_alert.h - the life of an alert: opened, acknowledged or snoozed, re-armed, escalated, closed.
 * One is open at most for a ledger and cause. Part of decide.c, and as pure.
 */
#ifndef DECIDE_ALERT_H
#define DECIDE_ALERT_H

#include "decide.h"

/*
 * Open, re-arm and close the stock alerts that the ledger's balance now asks for. slip: the event of
 * the slip that moved it; 0: something else changed, and they are judged anew, without hysteresis.
 */
void decide_alerts(struct world *world, struct world_ledger *ledger,
    const struct post_command *command, int64_t slip);

/* The commands. */
void decide_rules(struct world *world, struct world_store *store,
    const struct post_command *command, struct decision *decision);
void decide_acknowledge(struct world *world, struct world_store *store,
    const struct post_command *command, struct decision *decision);
void decide_snooze(struct world *world, struct world_store *store,
    const struct post_command *command, struct decision *decision);
void decide_sweep(struct world *world, struct world_store *store,
    const struct post_command *command, struct decision *decision);

#endif
