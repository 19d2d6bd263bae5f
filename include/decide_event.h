/* decide_event.h - how decisions write the events that say them. */
#ifndef DECIDE_EVENT_H
#define DECIDE_EVENT_H

#include "decide.h"

/* Write the body in world.scratch as the store's next event. */
void decide_event(struct world *world, struct world_store *store,
    const struct post_command *command, const char *type);

/* The command's own event, of which its consequences come after. */
void decide_answer(struct world *world, struct world_store *store,
    const struct post_command *command, const char *type, struct decision *decision);

#endif
