/*
 * lane.h - one lane of posting: a queue in front of one connection.
 *
 * Commands that arrive while a batch is in flight form the next one. A batch is one transaction:
 * lock the stores, read what the commands touch, decide each in order (decide.c), write set-based,
 * commit; then the callbacks run. See DESIGN.md, "Shape".
 */
#ifndef LANE_H
#define LANE_H

#include "post.h"

struct lane;

/* Each as post.h says of its namesake, for this lane alone. */
struct lane *lane_new(
    struct event_base *base, const struct db_options *db, const struct post_options *options);
void lane_reload(struct lane *lane, const struct post_options *options);
void lane_submit(struct lane *lane, struct post_command *command);
bool lane_ready(const struct lane *lane);
int lane_depth(const struct lane *lane);
const struct post_stats *lane_stats(const struct lane *lane);
void lane_free(struct lane *lane);

#endif
