/* handle_delivery.c - what was given up, sent again because somebody asks for it. */
#include "handlers.h"

#include <stdio.h>
#include <string.h>

#include "deliver.h"
#include "handle_change.h"
#include "route.h"

static void on_waiting(void *arg, const struct change_answer *answer)
{
	struct request *req = arg;

	if (answer->problem) {
		handle_change_refuse(req, answer->problem);
		return;
	}
	deliver_look(req->server->deliver);
	request_answer(req, 200, NULL, answer->json, strlen(answer->json));
}

void handle_delivery_retry(struct request *req)
{
	struct id_text user = id_text(req->caller->user_id);
	char give_up[24];

	snprintf(give_up, sizeof give_up, "%lld", (long long)req->server->conf->delivery_give_up);
	handle_change_submit(req, "delivery_retried", STMT_DELIVERY_RETRY,
	    (struct db_param[]){DB_TEXT(user.s), DB_TEXT(req->args[0]), DB_TEXT(give_up)},
	    on_waiting, req);
}
