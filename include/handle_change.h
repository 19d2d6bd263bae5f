/* handle_change.h - what the handlers share that change anything but a store (see change.h). */
#ifndef HANDLE_CHANGE_H
#define HANDLE_CHANGE_H

#include "change.h"
#include "request.h"

/*
 * Make a change in the caller's name, under the request's Idempotency-Key if it has one, and hand
 * its outcome to done(arg). false: the key is wrong, and the request was answered.
 */
bool handle_change_submit(struct request *req, const char *event, enum stmt_id stmt,
    const struct db_param *params, change_cb done, void *arg);

/* The same, and answer the request: with this status and the change's answer, or with the refusal. */
void handle_change(struct request *req, int status, const char *event, enum stmt_id stmt,
    const struct db_param *params);

/* Answer with a refusal that a change ended in. */
void handle_change_refuse(struct request *req, const struct problem *problem);

/* An id (or another small number) as the text that a statement's parameter is. */
struct id_text {
	char s[16];
};
struct id_text id_text(int32_t id);

/* The id in a path, as such a text. false: there is no such id. */
bool id_parse(const char *segment, struct id_text *out);

#endif
