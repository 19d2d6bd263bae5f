/* handle_follow.h - a change of a place that the stores at it and below then follow (follow.h). */
#ifndef HANDLE_FOLLOW_H
#define HANDLE_FOLLOW_H

#include "follow.h"
#include "handle_change.h"

/*
 * Make the change of the place in scope, have the stores follow, and answer: the change's answer with
 * the number of stores that did. reason goes into what the stores log, and must live as long as req.
 */
void handle_follow(struct request *req, enum follow_what what, const char *event, enum stmt_id stmt,
    const struct db_param *params, const char *reason);

#endif
