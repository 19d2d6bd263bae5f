/* handle_post.h - what the handlers share that change a store: from request to command, and back. */
#ifndef HANDLE_POST_H
#define HANDLE_POST_H

#include "command.h"
#include "request.h"

/*
 * A command for the store in scope, with actor, source and the Idempotency-Key header. what tells
 * requests apart that look alike ("slip", "reversal XT-RK-…"): it goes into the request's hash with
 * the body. NULL: the header is wrong, or missing where required, and the request was answered.
 */
struct post_command *handle_post_command(
    struct request *req, enum post_kind kind, bool key_required, const char *what);

/* done of such a command, arg being the request: answer with the event's body, or the refusal. */
void handle_post_answer(void *arg, const struct post_answer *answer);

#endif
