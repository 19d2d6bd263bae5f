/*
 * cmd_import_post.c - posts the slips of an import: many in flight, so that batches are full, and in
 * order, so that ledgers are.
 *
 * When the database goes away, slips come back undecided. Then nothing more is sent until all that
 * is in flight has come back, and all undecided rows go again, in order, under their keys.
 */
#include "cmd_import.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "die.h"

#define IN_FLIGHT 2000    /* slips, over all batches */
#define PAUSE_MS 500      /* before undecided rows go again */
#define PATIENCE_MS 60000 /* without any answer */

struct posting {
	struct cmd_import *run;
	uint32_t next; /* row to send */
	int in_flight, most;
	bool stalled; /* something came back undecided */
	bool done;
	int64_t answered_ms; /* when something last was decided */
	struct event *pause;
};

struct sent {
	struct posting *posting;
	struct import_slip *slip;
};

static void on_answer(void *arg, const struct post_answer *answer);

void cmd_import_sign(const struct cmd_import *run, struct post_command *command)
{
	command->store_id = run->store_id;
	command->actor_id = run->user_id;
	problem_copy(command->actor, sizeof command->actor, run->user);
	strcpy(command->source, "import");
}

static void send_row(struct posting *p, struct import_row *row)
{
	struct post_command *commands[MAPPING_MAX_SLIPS];
	struct import_slip *slips[MAPPING_MAX_SLIPS];
	int count = import_commands(&p->run->import, row, commands, slips);

	for (int i = 0; i < count; i++) {
		struct sent *sent = xmalloc(sizeof *sent);

		*sent = (struct sent){p, slips[i]};
		cmd_import_sign(p->run, commands[i]);
		commands[i]->done = on_answer;
		commands[i]->arg = sent;
		p->in_flight++;
		post_submit(p->run->offline.post, commands[i]);
	}
}

/* Send what may be in flight; see whether that was all. */
static void send_more(struct posting *p)
{
	struct import *import = &p->run->import;
	const struct timeval pause = clock_timeval(PAUSE_MS);

	while (!p->stalled && p->in_flight < p->most && p->next < import->row_count) {
		struct import_row *row = &import->rows[p->next++];

		if (row->answered < row->slip_count)
			send_row(p, row);
	}
	if (p->in_flight > 0)
		return;
	import_check(import);
	if (!p->stalled || clock_ms() - p->answered_ms > PATIENCE_MS)
		p->done = true;
	else
		evtimer_add(p->pause, &pause);
}

static void on_pause(evutil_socket_t fd, short what, void *arg)
{
	struct posting *p = arg;

	(void)fd;
	(void)what;
	p->stalled = false;
	p->next = 0;
	send_more(p);
}

static void on_answer(void *arg, const struct post_answer *answer)
{
	struct sent *sent = arg;
	struct posting *p = sent->posting;

	p->in_flight--;
	if (import_answer(&p->run->import, sent->slip, answer)) {
		p->answered_ms = clock_ms();
		import_check(&p->run->import);
		cmd_import_progress(p->run);
	} else {
		p->stalled = true;
	}
	free(sent);
	if (p->in_flight <= p->most / 2)
		send_more(p);
}

bool cmd_import_post(struct cmd_import *run)
{
	struct posting p = {.run = run, .answered_ms = clock_ms()};
	int room = run->post_queue - MAPPING_MAX_SLIPS; /* a row more may be sent */

	p.pause = evtimer_new(run->offline.base, on_pause, &p);
	if (!p.pause)
		die("cannot make a timer");
	p.most = room < 1 ? 1 : room < IN_FLIGHT ? room : IN_FLIGHT;
	send_more(&p);
	offline_wait(&run->offline, &p.done);
	event_free(p.pause);
	if (p.stalled)
		fprintf(stderr,
		    "taizhang import: "
		    "数据库没有应答，导入中断。稍后再次导入同一文件即可，不会重复记账。\n"
		    "The database does not answer; the import stopped. Import the same file again "
		    "later: nothing is posted twice.\n");
	return !p.stalled;
}
