/*
 * lane.c - one lane of posting: a queue in front of one connection, one transaction at a time.
 *
 *   submit → queue → [take → read → decide → write → commit] → answer
 *
 * The database is never let wait where it need not: as soon as a batch's rows are written, and only
 * its COMMIT is left, what the next one reads is asked for; and what comes of that is decided before
 * the rest of the first one's commands are answered.
 *
 * A batch whose connection is lost goes back to the front of the queue. When its COMMIT had been
 * sent, nobody knows whether it happened: its commands are marked unknown, and as they come first
 * again, the next batch finds out by their keys before it posts anything new.
 */
#include "lane.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "crypto.h"
#include "decide.h"
#include "diag.h"
#include "die.h"
#include "known.h"
#include "post_read.h"
#include "post_write.h"

/* Entries of one transaction, about: bounds its length where slips have many lines. */
#define BATCH_MAX_LINES 10000
#define KNOWN_STORES 1000 /* about 6 KiB each */
#define TURN_ANSWERS 16 /* in a turn of the loop, so that the database's answers are seen between */

/* What has become of the batch that is written. */
enum fate {
	FATE_OPEN,       /* its rows are under way */
	FATE_COMMITTING, /* its rows are written */
	FATE_COMMITTED,
	FATE_REFUSED,
	FATE_UNKNOWN, /* the connection was lost */
};

struct command_list {
	struct post_command *head, **tail;
	int count;
};

struct lane {
	struct post_options options;
	struct db_conn *conn;
	struct event *kick;     /* at the end of this turn of the loop: start a batch */
	struct event *deadline; /* when the oldest waiting command has waited long enough */
	struct event *answers;  /* some of what is committed is to be answered */

	struct command_list queue;
	struct command_list refused; /* found the queue full; answered from the loop */
	int one_by_one; /* commands at the front that go alone, as one of them failed their batch */

	/* Each there while its count > 0. */
	struct batch reading;
	struct batch writing; /* from when its rows are sent until all is answered */
	enum fate fate;       /* the latter's */
	int answered;         /* so many of it */
	struct problem why;   /* it is refused */

	struct known *known; /* as of the last batch written, if that commits */
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
    struct lane *lane, struct post_command *command, const struct problem *problem)
{
	struct post_answer a = {
	    .status = problem_status(problem), .number = "", .problem = problem};

	lane->stats.refused++;
	answer(command, &a);
}

static void answer_code(struct lane *lane, struct post_command *command, enum problem_code code)
{
	struct problem problem = {.line = -1};

	problem_set(&problem, code);
	answer_problem(lane, command, &problem);
}

/* --- The deadline of what waits --- */

static void deadline_set(struct lane *lane)
{
	int64_t left;
	struct timeval tv;

	if (!lane->queue.head || event_pending(lane->deadline, EV_TIMEOUT, NULL))
		return;
	left = lane->queue.head->deadline_ms - clock_ms();
	if (left < 0)
		left = 0;
	tv = clock_timeval(left);
	evtimer_add(lane->deadline, &tv);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct lane *lane = arg;
	int64_t now = clock_ms();

	(void)fd;
	(void)what;
	while (lane->queue.head && lane->queue.head->deadline_ms <= now) {
		struct post_command *command = list_take(&lane->queue, &lane->queue.head);
		bool away = command->unknown || !db_conn_ready(lane->conn);

		if (lane->one_by_one > 0)
			lane->one_by_one--;
		answer_code(lane, command, away ? PROBLEM_database_away : PROBLEM_busy);
	}
	deadline_set(lane);
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
static void batch_take(struct lane *lane)
{
	struct batch *batch = &lane->reading;
	struct post_command **at = &lane->queue.head;
	int most = lane->one_by_one > 0 ? 1 : lane->options.max_batch, lines = 0;
	void *keys = NULL;

	while (*at && batch->count < most && lines < BATCH_MAX_LINES) {
		struct post_command *command = *at;
		struct batch_item *item = &batch->items[batch->count];

		if (*(void **)tsearch(command, &keys, same_key) != command) {
			at = &command->next;
			continue;
		}
		list_take(&lane->queue, at);
		lines += command->kind == POST_SLIP ? command->slip->line_count : 1;
		*item = (struct batch_item){.command = command, .event = -1};
		batch->count++;
	}
	tdestroy(keys, keep);
	if (lane->one_by_one > 0)
		lane->one_by_one--;
	lane->stats.batches++;
	lane->stats.batch_commands += (uint64_t)batch->count;
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

static void batch_free(struct batch *batch)
{
	batch_clear(batch);
	world_free(&batch->world);
	free(batch->items);
}

static bool may_start(const struct lane *lane)
{
	return lane->reading.count == 0 && lane->queue.head && db_conn_ready(lane->conn) &&
	       (lane->writing.count == 0 || lane->fate == FATE_COMMITTING ||
		   lane->fate == FATE_COMMITTED);
}

static void kick(struct lane *lane)
{
	if (may_start(lane))
		event_active(lane->kick, EV_TIMEOUT, 0);
}

/* Put the batch back to the front of the queue, in order. */
static void batch_requeue(struct lane *lane, struct batch *batch, bool unknown)
{
	for (int i = batch->count - 1; i >= 0; i--) {
		struct post_command *command = batch->items[i].command;

		command->unknown |= unknown;
		list_push_front(&lane->queue, command);
	}
	if (unknown)
		lane->stats.unknown += (uint64_t)batch->count;
	if (lane->one_by_one > 0) /* of those behind: these go alone again, too */
		lane->one_by_one += batch->count;
	batch_clear(batch);
	evtimer_del(lane->deadline); /* the oldest is at the front again */
	deadline_set(lane);
}

/* The database refused the transaction, which has been rolled back. */
static void batch_refused(struct lane *lane, struct batch *batch, const struct problem *why)
{
	struct post_command *command = batch->items[0].command;
	int count = batch->count;

	if (count > 1) {
		/* One command must not spoil its neighbours: try each by itself. */
		batch_requeue(lane, batch, false);
		if (lane->one_by_one < count)
			lane->one_by_one = count;
		return;
	}
	batch_clear(batch);
	answer_problem(lane, command, why);
}

static struct problem refusal(const struct batch *batch, const PGresult *error)
{
	struct problem problem = {.line = -1};

	diag(DIAG_ERROR, NULL, "posting_failed", "{s:i,s:s,s:s}", "commands", batch->count,
	    "sqlstate", db_sqlstate(error), "reason", PQresultErrorMessage(error));
	problem_from_sql(&problem, error);
	return problem;
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
    struct lane *lane, struct post_command *command, const struct batch_item *item)
{
	struct post_answer a = {
	    .status = item->prior_status,
	    .replayed = !command->unknown, /* the first answer to this very request */
	    .number = item->number,
	};

	lane->stats.replayed++;
	if (a.status < 300) {
		a.body = item->prior_body;
		a.body_len = item->prior_len;
	} else {
		a.refusal = item->prior_body;
		a.refusal_len = item->prior_len;
	}
	answer(command, &a);
}

/* Answer the next of what is committed, so many at most. */
static void batch_answer(struct lane *lane, int most)
{
	struct batch *batch = &lane->writing;
	int end = batch->count - lane->answered > most ? lane->answered + most : batch->count;

	if (lane->answered == 0)
		for (int i = 0; i < batch->world.slips.count; i++)
			lane->stats.posted[batch->world.slips.v[i].kind]++;
	while (lane->answered < end) {
		struct batch_item *item = &batch->items[lane->answered++];

		if (item->problem)
			answer_problem(lane, item->command, item->problem);
		else if (item->prior)
			answer_prior(lane, item->command, item);
		else
			answer_event(item->command, &batch->world, item);
	}
	if (end < batch->count)
		return;
	batch_clear(batch);
	lane->answered = 0;
}

/* What was written has met its fate: nothing of it stays. */
static void settle(struct lane *lane)
{
	if (lane->writing.count == 0)
		return;
	switch (lane->fate) {
	case FATE_COMMITTED:
		evtimer_del(lane->answers);
		batch_answer(lane, lane->writing.count);
		break;
	case FATE_UNKNOWN:
		batch_requeue(lane, &lane->writing, true);
		break;
	case FATE_REFUSED:
		batch_refused(lane, &lane->writing, &lane->why);
		break;
	default:
		die("a batch is read before the last one's fate is known");
	}
}

static void answers_soon(struct lane *lane)
{
	static const struct timeval now = {0, 0};

	evtimer_add(lane->answers, &now);
}

static void on_answers(evutil_socket_t fd, short what, void *arg)
{
	struct lane *lane = arg;

	(void)fd;
	(void)what;
	batch_answer(lane, TURN_ANSWERS);
	if (lane->writing.count > 0)
		answers_soon(lane);
	kick(lane);
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

static void on_read(void *arg, enum db_outcome outcome, const PGresult *result);

static void batch_start(struct lane *lane)
{
	if (!may_start(lane))
		return;
	batch_take(lane);
	/* While a table is small any index of it will do, so a plan made then may walk over all of a
	   store's slips later: batches 1, 2, 4, 8, … plan anew, for tables as they are. */
	if ((lane->stats.batches & (lane->stats.batches - 1)) == 0)
		db_call(lane->conn, STMT_POST_REPLAN, NULL, NULL, NULL);
	post_read_send(lane->read, lane->conn, &lane->reading);
	db_sync(lane->conn, on_read, lane);
}

/* The batch's rows are written; while it is committed, the next one's question is on its way. */
static void on_rows(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct lane *lane = arg;

	(void)result;
	if (outcome != DB_OK)
		return; /* on_written says what to do */
	lane->fate = FATE_COMMITTING;
	batch_start(lane);
}

/* What was written is not, or perhaps not: nothing that came of it is known. */
static void distrust(struct lane *lane)
{
	struct world *world = &lane->reading.world;

	known_forget(lane->known);
	for (int i = 0; i < world->stores.count; i++)
		world->stores.v[i]->stale = world->stores.v[i]->known;
}

static void on_written(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct lane *lane = arg;

	if (outcome != DB_OK)
		distrust(lane);
	switch (outcome) {
	case DB_OK:
		lane->fate = FATE_COMMITTED;
		answers_soon(lane);
		break;
	case DB_LOST:
		lane->fate = FATE_UNKNOWN;
		break;
	default:
		lane->fate = FATE_REFUSED;
		lane->why = refusal(&lane->writing, result);
	}
	/* A batch that is being read goes back first, to stand behind this one. */
	if (lane->fate != FATE_COMMITTED && lane->reading.count == 0)
		settle(lane);
	kick(lane);
}

static void batch_write(struct lane *lane)
{
	struct batch spare;

	lane->reading.world.backdate_days = lane->options.backdate_days;
	batch_decide(&lane->reading);
	post_write_send(lane->write, lane->conn, &lane->reading, on_rows, lane);
	db_sync(lane->conn, on_written, lane);
	known_keep(lane->known, &lane->reading.world);
	settle(lane);
	spare = lane->writing;
	lane->writing = lane->reading;
	lane->reading = spare;
	lane->fate = FATE_OPEN;
}

static void on_read(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct lane *lane = arg;
	struct problem why;

	if (outcome == DB_OK) {
		if (post_read_again(lane->read, lane->conn))
			db_sync(lane->conn, on_read, lane);
		else
			batch_write(lane);
		return;
	}
	if (outcome == DB_LOST) {
		batch_requeue(lane, &lane->reading, false);
	} else {
		why = refusal(&lane->reading, result);
		batch_refused(lane, &lane->reading, &why);
	}
	settle(lane);
	kick(lane);
}

static void on_kick(evutil_socket_t fd, short what, void *arg)
{
	struct lane *lane = arg;

	(void)fd;
	(void)what;
	while (lane->refused.head)
		answer_code(lane, list_take(&lane->refused, &lane->refused.head), PROBLEM_busy);
	batch_start(lane);
}

static void on_up(void *arg, bool ready)
{
	if (ready)
		kick(arg);
}

/* --- What the others see --- */

struct lane *lane_new(
    struct event_base *base, const struct db_options *db, const struct post_options *options)
{
	struct lane *lane = xcalloc(1, sizeof *lane);
	struct db_options mine = *db;

	mine.by_key = true;
	mine.first = true;
	/* A command sees four units: the writes before it, what it reads, perhaps again, what it writes.
	   A database that hangs is noticed within the time limit. */
	if (mine.timeout_ms > options->timeout_ms / 4)
		mine.timeout_ms = options->timeout_ms / 4;
	lane->options = *options;
	list_init(&lane->queue);
	list_init(&lane->refused);
	lane->reading.items = xcalloc((size_t)options->max_batch, sizeof *lane->reading.items);
	lane->writing.items = xcalloc((size_t)options->max_batch, sizeof *lane->writing.items);
	lane->known = known_new(KNOWN_STORES);
	lane->read = post_read_new(lane->known);
	lane->write = post_write_new();
	lane->kick = event_new(base, -1, 0, on_kick, lane);
	lane->deadline = evtimer_new(base, on_deadline, lane);
	lane->answers = evtimer_new(base, on_answers, lane);
	if (!lane->kick || !lane->deadline || !lane->answers)
		die("cannot make a timer");
	lane->conn = db_conn_new(base, &mine, on_up, lane);
	return lane;
}

void lane_reload(struct lane *lane, const struct post_options *options)
{
	lane->options.timeout_ms = options->timeout_ms;
	lane->options.backdate_days = options->backdate_days;
}

void lane_submit(struct lane *lane, struct post_command *command)
{
	if (!command->key[0]) {
		uint8_t random[16];

		crypto_random(random, sizeof random);
		memcpy(command->key, "own:", 4);
		crypto_hex(random, sizeof random, command->key + 4);
	}
	command->deadline_ms = clock_ms() + lane->options.timeout_ms;
	if (lane->queue.count >= lane->options.max_queue) {
		list_push(&lane->refused, command);
		event_active(lane->kick, EV_TIMEOUT, 0);
		return;
	}
	list_push(&lane->queue, command);
	deadline_set(lane);
	kick(lane);
}

bool lane_ready(const struct lane *lane)
{
	return db_conn_ready(lane->conn);
}

int lane_depth(const struct lane *lane)
{
	return lane->queue.count + lane->reading.count + lane->writing.count - lane->answered;
}

const struct post_stats *lane_stats(const struct lane *lane)
{
	return &lane->stats;
}

void lane_free(struct lane *lane)
{
	if (!lane)
		return;
	db_conn_free(lane->conn);
	event_free(lane->kick);
	event_free(lane->deadline);
	event_free(lane->answers);
	for (int i = 0; i < lane->reading.count; i++)
		post_command_free(lane->reading.items[i].command);
	for (int i = lane->answered; i < lane->writing.count; i++)
		post_command_free(lane->writing.items[i].command);
	batch_free(&lane->reading);
	batch_free(&lane->writing);
	while (lane->queue.head)
		post_command_free(list_take(&lane->queue, &lane->queue.head));
	while (lane->refused.head)
		post_command_free(list_take(&lane->refused, &lane->refused.head));
	post_read_free(lane->read);
	known_free(lane->known);
	post_write_free(lane->write);
	free(lane);
}
