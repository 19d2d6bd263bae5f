/* handle_follow.c - see handle_follow.h. */
#include "handle_follow.h"

#include <stdlib.h>

#include "die.h"

struct pending {
	struct request *req;
	enum follow_what what;
	const char *reason;
	char *place_answer;
};

static void pending_free(struct pending *p)
{
	free(p->place_answer);
	free(p);
}

static void on_stores_followed(void *arg, const struct problem *problem, int stores)
{
	struct pending *p = arg;
	struct buf body = BUF_EMPTY;

	if (problem) {
		request_problem(p->req, problem);
	} else {
		/* The place's answer, with how many stores followed. */
		buf_printf(&body, "{\"stores\":%d,%s", stores, p->place_answer + 1);
		request_answer(p->req, 200, NULL, body.data, body.len);
	}
	buf_free(&body);
	pending_free(p);
}

static void on_place_changed(void *arg, const struct change_answer *answer)
{
	struct pending *p = arg;
	struct request *req = p->req;

	if (answer->problem) {
		handle_change_refuse(req, answer->problem);
		pending_free(p);
		return;
	}
	if (answer->replayed)
		request_set_header(req, "Idempotent-Replayed", "true");
	p->place_answer = xstrdup(answer->json);
	follow(req->server, p->what, req->scope.place_id,
	    &(struct follow_actor){
		req->caller->user_id, req->caller->username, req->source, p->reason},
	    on_stores_followed, p);
}

void handle_follow(struct request *req, enum follow_what what, const char *event, enum stmt_id stmt,
    const struct db_param *params, const char *reason)
{
	struct pending *p = xcalloc(1, sizeof *p);

	*p = (struct pending){req, what, reason, NULL};
	if (!handle_change_submit(req, event, stmt, params, on_place_changed, p))
		pending_free(p);
}
