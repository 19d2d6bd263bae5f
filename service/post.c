/*
 * post.c - posting: a queue in front of one connection, one batch in flight.
 *
 *   submit → queue → [take → read → decide → write → commit] → answer
 *
 * A batch whose connection is lost goes back to the front of the queue. When its COMMIT had been
 * sent, nobody knows whether it happened: its commands are marked unknown, and as they come first
 * again, the next batch finds out by their keys before it posts anything new.
 */
#include "post.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "conf.h"
#include "crypto.h"
#include "decide.h"
#include "diag.h"
#include "die.h"
#include "post_read.h"
#include "post_write.h"

/* Entries of one transaction, about: bounds its length where slips have many lines. */
#define BATCH_MAX_LINES 10000

struct command_list {
	struct post_command *head, **tail;
	int count;
};

struct post {
	struct post_options options;
	struct db_conn *conn;
	struct event *kick;     /* at the end of this turn of the loop: start a batch */
	struct event *deadline; /* when the oldest waiting command has waited long enough */

	struct command_list queue;
	struct command_list refused; /* found the queue full; answered from the loop */
	struct batch batch;          /* in flight while count > 0 */
	bool writing;                /* its COMMIT has been sent */
	int one_by_one; /* commands at the front that go alone, as one of them failed their batch */

	struct post_read *read;
	struct post_write *write;
	struct post_stats stats;
};

/* --- Lists --- */

static void list_init(struct command_list *list)
{
	list->head = NULL;
	list->tail = &list->head;
	list->count = 0;
}

static void list_push(struct command_list *list, struct post_command *command)
{
	command->next = NULL;
	*list->tail = command;
	list->tail = &command->next;
	list->count++;
}

static void list_push_front(struct command_list *list, struct post_command *command)
{
	command->next = list->head;
	list->head = command;
	if (!command->next)
		list->tail = &command->next;
	list->count++;
}

/* Unlink the command that *at points to. */
static struct post_command *list_take(struct command_list *list, struct post_command **at)
{
	struct post_command *command = *at;

	*at = command->next;
	if (!*at)
		list->tail = at;
	list->count--;
	return command;
}

/* --- Answers --- */

static void answer(struct post_command *command, const struct post_answer *answer)
{
	command->done(command->arg, answer);
	post_command_free(command);
}

static void answer_problem(
    struct post *post, struct post_command *command, const struct problem *problem)
{
	struct post_answer a = {
	    .status = problem_status(problem), .number = "", .problem = problem};

	post->stats.refused++;
	answer(command, &a);
}

static void answer_code(struct post *post, struct post_command *command, enum problem_code code)
{
	struct problem problem = {.line = -1};

	problem_set(&problem, code);
	answer_problem(post, command, &problem);
}

/* --- The deadline of what waits --- */

static void deadline_set(struct post *post)
{
	int64_t left;
	struct timeval tv;

	if (!post->queue.head || event_pending(post->deadline, EV_TIMEOUT, NULL))
		return;
	left = post->queue.head->deadline_ms - clock_ms();
	if (left < 0)
		left = 0;
	tv = clock_timeval(left);
	evtimer_add(post->deadline, &tv);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct post *post = arg;
	int64_t now = clock_ms();

	(void)fd;
	(void)what;
	while (post->queue.head && post->queue.head->deadline_ms <= now) {
		struct post_command *command = list_take(&post->queue, &post->queue.head);
		bool away = command->unknown || !db_conn_ready(post->conn);

		if (post->one_by_one > 0)
			post->one_by_one--;
		answer_code(post, command, away ? PROBLEM_database_away : PROBLEM_busy);
	}
	deadline_set(post);
}

/* --- A batch --- */

static int same_key(const void *a, const void *b)
{
	const struct post_command *x = a, *y = b;

	if (x->store_id != y->store_id)
		return x->store_id < y->store_id ? -1 : 1;
	return strcmp(x->key, y->key);
}

static void keep(void *node)
{
	(void)node;
}

/*
 * Take the next commands off the queue. Of commands with one key only the first comes along: the
 * others wait for the next batch, which finds the key in the database.
 */
static void batch_take(struct post *post)
{
	struct batch *batch = &post->batch;
	struct post_command **at = &post->queue.head;
	int most = post->one_by_one > 0 ? 1 : post->options.max_batch, lines = 0;
	void *keys = NULL;

	while (*at && batch->count < most && lines < BATCH_MAX_LINES) {
		struct post_command *command = *at;
		struct batch_item *item = &batch->items[batch->count];

		if (*(void **)tsearch(command, &keys, same_key) != command) {
			at = &command->next;
			continue;
		}
		list_take(&post->queue, at);
		lines += command->kind == POST_SLIP ? command->slip->line_count : 1;
		*item = (struct batch_item){.command = command, .event = -1};
		batch->count++;
	}
	tdestroy(keys, keep);
	if (post->one_by_one > 0)
		post->one_by_one--;
	post->stats.batches++;
	post->stats.batch_commands += (uint64_t)batch->count;
}

static void batch_clear(struct batch *batch)
{
	for (int i = 0; i < batch->count; i++) {
		free(batch->items[i].problem);
		free(batch->items[i].prior_body);
	}
	batch->count = 0;
	world_clear(&batch->world);
}

static void kick(struct post *post)
{
	if (post->batch.count == 0 && db_conn_ready(post->conn) && post->queue.head)
		event_active(post->kick, EV_TIMEOUT, 0);
}

/* Put the batch back to the front of the queue, in order. */
static void batch_requeue(struct post *post, bool unknown)
{
	struct batch *batch = &post->batch;

	for (int i = batch->count - 1; i >= 0; i--) {
		struct post_command *command = batch->items[i].command;

		command->unknown |= unknown;
		list_push_front(&post->queue, command);
	}
	if (unknown)
		post->stats.unknown += (uint64_t)batch->count;
	batch_clear(batch);
	evtimer_del(post->deadline); /* the oldest is at the front again */
	deadline_set(post);
	kick(post);
}

/* The database refused the transaction, which has been rolled back. */
static void batch_failed(struct post *post, const PGresult *error)
{
	struct batch *batch = &post->batch;
	struct problem problem = {.line = -1};
	struct post_command *command;

	diag(DIAG_ERROR, NULL, "posting_failed", "{s:i,s:s,s:s}", "commands", batch->count,
	    "sqlstate", db_sqlstate(error), "reason", PQresultErrorMessage(error));
	if (batch->count > 1) {
		/* One command must not spoil its neighbours: try each by itself. */
		post->one_by_one = batch->count;
		batch_requeue(post, false);
		return;
	}
	problem_from_sql(&problem, error);
	command = batch->items[0].command;
	batch_clear(batch);
	answer_problem(post, command, &problem);
	kick(post);
}

static void answer_event(
    struct post_command *command, const struct world *world, const struct batch_item *item)
{
	struct post_answer a = {
	    .status = command->kind == POST_SLIP || command->kind == POST_REVERSAL ? 201 : 200,
	    .number = item->number,
	    .steps = item->steps,
	};

	if (item->event >= 0) {
		const struct world_event *event = &world->events.v[item->event];

		a.body = world->bytes.data + event->body;
		a.body_len = event->body_len;
	}
	answer(command, &a);
}

static void answer_prior(
    struct post *post, struct post_command *command, const struct batch_item *item)
{
	struct post_answer a = {
	    .status = item->prior_status,
	    .replayed = !command->unknown, /* the first answer to this very request */
	    .number = item->number,
	};

	post->stats.replayed++;
	if (a.status < 300) {
		a.body = item->prior_body;
		a.body_len = item->prior_len;
	} else {
		a.refusal = item->prior_body;
		a.refusal_len = item->prior_len;
	}
	answer(command, &a);
}

static void batch_answer(struct post *post)
{
	struct batch *batch = &post->batch;

	for (int i = 0; i < batch->world.slips.count; i++)
		post->stats.posted[batch->world.slips.v[i].kind]++;
	for (int i = 0; i < batch->count; i++) {
		struct batch_item *item = &batch->items[i];

		if (item->problem)
			answer_problem(post, item->command, item->problem);
		else if (item->prior)
			answer_prior(post, item->command, item);
		else
			answer_event(item->command, &batch->world, item);
	}
	batch_clear(batch);
}

static void on_written(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct post *post = arg;

	post->writing = false;
	switch (outcome) {
	case DB_OK:
		batch_answer(post);
		kick(post);
		break;
	case DB_LOST:
		batch_requeue(post, true);
		break;
	default:
		batch_failed(post, result);
	}
}

static void batch_decide(struct batch *batch)
{
	struct decision decision = {.event = -1};

	for (int i = 0; i < batch->count; i++) {
		struct batch_item *item = &batch->items[i];
		int step;

		if (item->prior || item->problem)
			continue;
		step = batch->world.steps.count;
		decide(&batch->world, item->command, &decision);
		for (; step < batch->world.steps.count; step++)
			item->steps[batch->world.steps.v[step].kind]++;
		item->event = decision.event;
		problem_copy(item->number, sizeof item->number, decision.number);
		if (decision.problem.code != PROBLEM_none) {
			item->problem = xmalloc(sizeof *item->problem);
			*item->problem = decision.problem;
		}
	}
}

static void on_read(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct post *post = arg;

	switch (outcome) {
	case DB_OK:
		post->batch.world.backdate_days = post->options.backdate_days;
		batch_decide(&post->batch);
		post->writing = true;
		post_write_send(post->write, post->conn, &post->batch);
		db_sync(post->conn, on_written, post);
		break;
	case DB_LOST:
		batch_requeue(post, false);
		break;
	default:
		batch_failed(post, result);
	}
}

static void on_kick(evutil_socket_t fd, short what, void *arg)
{
	struct post *post = arg;

	(void)fd;
	(void)what;
	while (post->refused.head)
		answer_code(post, list_take(&post->refused, &post->refused.head), PROBLEM_busy);
	if (post->batch.count > 0 || !db_conn_ready(post->conn) || !post->queue.head)
		return;
	batch_take(post);
	/* While a table is small any index of it will do, so a plan made then may walk over all of a
	   store's slips later: batches 1, 2, 4, 8, … plan anew, for tables as they are. */
	if ((post->stats.batches & (post->stats.batches - 1)) == 0)
		db_call(post->conn, STMT_POST_REPLAN, NULL, NULL, NULL);
	post_read_send(post->read, post->conn, &post->batch);
	db_sync(post->conn, on_read, post);
}

static void on_up(void *arg, bool ready)
{
	if (ready)
		kick(arg);
}

/* --- What the others see --- */

struct post_options post_options(const struct conf *conf)
{
	return (struct post_options){
	    .max_queue = (int)conf->post_queue,
	    .max_batch = (int)conf->post_batch,
	    .timeout_ms = (int)conf->post_timeout,
	    .backdate_days = (int)conf->backdate_days,
	};
}

struct post *post_new(
    struct event_base *base, const struct db_options *db, const struct post_options *options)
{
	struct post *post = xcalloc(1, sizeof *post);
	struct db_options mine = *db;

	mine.by_key = true;
	/* Reading and writing are a unit each: a database that hangs is noticed within the time limit. */
	if (mine.timeout_ms > options->timeout_ms / 2)
		mine.timeout_ms = options->timeout_ms / 2;
	post->options = *options;
	list_init(&post->queue);
	list_init(&post->refused);
	post->batch.items = xcalloc((size_t)options->max_batch, sizeof *post->batch.items);
	post->read = post_read_new();
	post->write = post_write_new();
	post->kick = event_new(base, -1, 0, on_kick, post);
	post->deadline = evtimer_new(base, on_deadline, post);
	if (!post->kick || !post->deadline)
		die("cannot make a timer");
	post->conn = db_conn_new(base, &mine, on_up, post);
	return post;
}

void post_reload(struct post *post, const struct post_options *options)
{
	post->options.timeout_ms = options->timeout_ms;
	post->options.backdate_days = options->backdate_days;
}

void post_submit(struct post *post, struct post_command *command)
{
	if (!command->key[0]) {
		uint8_t random[16];

		crypto_random(random, sizeof random);
		memcpy(command->key, "own:", 4);
		crypto_hex(random, sizeof random, command->key + 4);
	}
	command->deadline_ms = clock_ms() + post->options.timeout_ms;
	if (post->queue.count >= post->options.max_queue) {
		list_push(&post->refused, command);
		event_active(post->kick, EV_TIMEOUT, 0);
		return;
	}
	list_push(&post->queue, command);
	deadline_set(post);
	kick(post);
}

bool post_ready(const struct post *post)
{
	return db_conn_ready(post->conn);
}

int post_depth(const struct post *post)
{
	return post->queue.count + post->batch.count;
}

const struct post_stats *post_stats(const struct post *post)
{
	return &post->stats;
}

void post_free(struct post *post)
{
	if (!post)
		return;
	db_conn_free(post->conn);
	event_free(post->kick);
	event_free(post->deadline);
	for (int i = 0; i < post->batch.count; i++)
		post_command_free(post->batch.items[i].command);
	batch_clear(&post->batch);
	while (post->queue.head)
		post_command_free(list_take(&post->queue, &post->queue.head));
	while (post->refused.head)
		post_command_free(list_take(&post->refused, &post->refused.head));
	world_free(&post->batch.world);
	free(post->batch.items);
	post_read_free(post->read);
	post_write_free(post->write);
	free(post);
}
