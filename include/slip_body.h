/* slip_body.h - a posted slip as canonical JSON: the body of its event and the answer to its poster. */
#ifndef SLIP_BODY_H
#define SLIP_BODY_H

#include "world.h"

/* Append to out. entries are the slip's, in order; reverses is a slip number or NULL. */
void slip_body_write(const struct world *world, const struct world_slip *slip,
    const struct world_entry *entries, int count, const char *number, const char *posted_by,
    const char *reverses, struct buf *out);

#endif
