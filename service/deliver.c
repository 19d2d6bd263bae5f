/*
 * deliver.c - one connection that listens, looks into the outbox, and records outcomes.
 *
 *   notified or timer → look (bundle, claim: one transaction) → send → record → look
 *
 * A channel has one message under way, so that a broken one holds up nobody else; what it may send, and
 * when, is in the database, where all processes see it.
 */
#include "deliver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <jansson.h>

#include "channel.h"
#include "channel_seal.h"
#include "clock.h"
#include "diag.h"
#include "die.h"

#define CHANNEL "taizhang_outbox"
#define FIGURES_MS 10000 /* how old the figures may be, and how long a lost word stays unnoticed */
#define LOOK_MS 20       /* between two looks, at least */
#define BLOCKED_MS 250   /* when something is due and could not be taken */
#define STOP_MS 1000     /* what is under way when stopping has so long to end */
#define MAX_KINDS 16

enum outcome { OUTCOME_DELIVERED, OUTCOME_FAILED, OUTCOME_REFUSED, OUTCOMES };

static const char *const outcome_names[OUTCOMES] = {
    [OUTCOME_DELIVERED] = "delivered",
    [OUTCOME_FAILED] = "failed",
    [OUTCOME_REFUSED] = "refused",
};

enum delivery_state {
	DELIVERY_CLAIMED, /* not for certain, until the look has committed */
	DELIVERY_SENT,
	DELIVERY_KNOWN,    /* how it went; to be recorded once the connection is there */
	DELIVERY_RECORDED, /* perhaps: the answer has not come */
};

/* A message that this process has taken. */
struct delivery {
	TAILQ_ENTRY(delivery) next;
	struct deliver *deliver;
	enum delivery_state state;
	char message[24], attempt[12]; /* as the statements take them */
	char id[40];
	int64_t at_ms;
	char *about; /* alert or checkpoint */
	char *content;
	char *kind; /* of the channel */
	char *channel;
	char *address, *secret; /* NULL: the key does not fit them */
	char *language;
	int64_t sent_ms;

	enum outcome outcome;
	int retry_after_s;
	char error[256];
};

TAILQ_HEAD(deliveries, delivery);

struct deliver {
	struct server *server;
	struct db_conn *conn;
	struct event *timer;
	int64_t due_ms;     /* when it fires; clock_ms() */
	int64_t figures_ms; /* when the figures were asked for */
	bool looking;
	int taken;          /* by the look under way */
	int64_t stopped_ms; /* 0: it goes on */

	struct deliveries deliveries; /* taken and not recorded for certain */
	int under_way;                /* so many */

	struct {
		uint64_t delivered, failed, dead;
	} counts[MAX_KINDS]; /* by number of the kind */
	struct deliver_figures figures;
};

/* --- The timer: the next look --- */

static void look_in(struct deliver *deliver, int64_t ms)
{
	int64_t due = clock_ms() + ms;
	struct timeval tv = clock_timeval(ms);

	if (evtimer_pending(deliver->timer, NULL) && deliver->due_ms <= due)
		return;
	deliver->due_ms = due;
	evtimer_add(deliver->timer, &tv);
}

void deliver_look(struct deliver *deliver)
{
	look_in(deliver, LOOK_MS);
}

/* --- Deliveries --- */

static void delivery_free(struct delivery *d)
{
	TAILQ_REMOVE(&d->deliver->deliveries, d, next);
	d->deliver->under_way--;
	free(d->about);
	free(d->content);
	free(d->kind);
	free(d->channel);
	channel_wipe(d->address);
	channel_wipe(d->secret);
	free(d->language);
	free(d);
}

/* A row of outbox_claim.sql. */
static void delivery_add(struct deliver *deliver, const PGresult *result, int row)
{
	struct delivery *d = xcalloc(1, sizeof *d);

	d->deliver = deliver;
	snprintf(d->message, sizeof d->message, "%s", db_text(result, row, 0));
	snprintf(d->attempt, sizeof d->attempt, "%s", db_text(result, row, 1));
	snprintf(d->id, sizeof d->id, "%s", db_text(result, row, 2));
	d->at_ms = db_int(result, row, 3);
	d->about = xstrdup(db_text(result, row, 4));
	d->content = xstrdup(db_text(result, row, 5));
	d->channel = xstrdup(db_text(result, row, 6));
	d->kind = xstrdup(db_text(result, row, 7));
	channel_unseal(deliver->server->conf, result, row, 8, &d->address, &d->secret);
	d->language = xstrdup(db_text(result, row, 11));
	TAILQ_INSERT_TAIL(&deliver->deliveries, d, next);
	deliver->under_way++;
}

/* Do something with each in that state, which may free it. */
static void each(
    struct deliver *deliver, enum delivery_state state, void (*act)(struct delivery *d))
{
	struct delivery *d, *next;

	for (d = TAILQ_FIRST(&deliver->deliveries); d; d = next) {
		next = TAILQ_NEXT(d, next);
		if (d->state == state)
			act(d);
	}
}

static void done(struct delivery *d)
{
	struct deliver *deliver = d->deliver;

	delivery_free(d);
	deliver_look(deliver); /* there is room for another */
}

/* --- Recording --- */

static void count(const struct delivery *d, bool dead)
{
	struct deliver *deliver = d->deliver;
	const struct channel_kind *kind;

	for (int i = 0; i < MAX_KINDS && (kind = channel_kind_at(i)) != NULL; i++)
		if (!strcmp(channel_kind_name(kind), d->kind)) {
			deliver->counts[i].delivered += d->outcome == OUTCOME_DELIVERED;
			deliver->counts[i].failed += d->outcome != OUTCOME_DELIVERED;
			deliver->counts[i].dead += dead;
		}
}

static void on_recorded(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct delivery *d = arg;
	bool dead;

	if (outcome == DB_LOST) { /* once more will do no harm */
		d->state = DELIVERY_KNOWN;
		return;
	}
	if (outcome != DB_OK) {
		diag(DIAG_ERROR, NULL, "outbox_failed", "{s:s}", "reason",
		    result ? PQresultErrorMessage(result) : "aborted");
		done(d);
		return;
	}
	/* No row: it was recorded before, or somebody else has taken it since. */
	dead = PQntuples(result) == 1 && !strcmp(db_text(result, 0, 0), "dead");
	count(d, dead);
	diag(d->outcome == OUTCOME_DELIVERED ? DIAG_INFO : DIAG_WARN, NULL, "message_sent",
	    "{s:s,s:s,s:s,s:s,s:s,s:I,s:s*,s:b}", "message", d->id, "channel", d->channel, "kind",
	    d->kind, "outcome", outcome_names[d->outcome], "attempt", d->attempt, "duration_ms",
	    (json_int_t)(clock_ms() - d->sent_ms), "error",
	    d->outcome == OUTCOME_DELIVERED ? NULL : d->error, "dead", dead);
	done(d);
}

static void record(struct delivery *d)
{
	const struct conf *conf = d->deliver->server->conf;
	const struct channel_kind *kind = channel_kind_find(d->kind);
	char retry_ms[24], after_s[16], apart_ms[16];

	d->state = DELIVERY_KNOWN;
	if (!db_conn_ready(d->deliver->conn))
		return;
	d->state = DELIVERY_RECORDED;
	snprintf(retry_ms, sizeof retry_ms, "%lld", (long long)conf->delivery_retry);
	snprintf(after_s, sizeof after_s, "%d", d->retry_after_s);
	snprintf(apart_ms, sizeof apart_ms, "%d", kind ? 60000 / channel_rate(kind) : 0);
	db_call(d->deliver->conn, STMT_OUTBOX_RECORD,
	    (struct db_param[]){DB_TEXT(d->message), DB_TEXT(d->attempt),
		DB_TEXT(outcome_names[d->outcome]), DB_TEXT(d->error), DB_TEXT(retry_ms),
		DB_TEXT(after_s), DB_TEXT(apart_ms)},
	    on_recorded, d);
	db_sync(d->deliver->conn, NULL, NULL);
}

/* --- Sending --- */

static void on_sent(void *arg, const struct channel_outcome *outcome)
{
	struct delivery *d = arg;

	if (outcome->stopped) { /* who knows: its lease ends, and it is sent again */
		delivery_free(d);
		return;
	}
	d->outcome = outcome->delivered ? OUTCOME_DELIVERED
		     : outcome->refused ? OUTCOME_REFUSED
					: OUTCOME_FAILED;
	d->retry_after_s = outcome->retry_after_s;
	problem_copy(d->error, sizeof d->error, outcome->error);
	record(d);
}

static void fail(struct delivery *d, enum outcome outcome, const char *error)
{
	d->outcome = outcome;
	problem_copy(d->error, sizeof d->error, error);
	record(d);
}

static void delivery_send(struct delivery *d)
{
	const struct channel_kind *kind = channel_kind_find(d->kind);
	json_t *content = json_loads(d->content, 0, NULL);

	d->state = DELIVERY_SENT;
	d->sent_ms = clock_ms();
	if (!kind) /* another process may be newer */
		fail(d, OUTCOME_FAILED, "没有这类通道 · there is no such kind of channel");
	else if (!d->address)
		fail(d, OUTCOME_FAILED,
		    "secret_key 不是保存时的密钥，请重新填写地址和密钥 · secret_key is not the one "
		    "that "
		    "this was kept with: enter address and secret again");
	else
		channel_send(d->deliver->server->outgoing, kind,
		    &(struct channel_target){
			.address = d->address, .secret = d->secret, .language = d->language},
		    &(struct channel_message){
			.id = d->id, .at_ms = d->at_ms, .kind = d->about, .content = content},
		    on_sent, d);
	json_decref(content);
}

/* --- Looking --- */

static void on_claimed(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct deliver *deliver = arg;

	deliver->taken = outcome == DB_OK ? PQntuples(result) : 0;
	for (int i = 0; i < deliver->taken; i++)
		delivery_add(deliver, result, i);
}

static void on_next(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct deliver *deliver = arg;
	int64_t ms = FIGURES_MS;

	if (outcome != DB_OK)
		return;
	if (db_text(result, 0, 0) && db_int(result, 0, 0) < ms)
		ms = db_int(result, 0, 0);
	if (ms == 0 && !deliver->taken)
		ms = BLOCKED_MS;
	look_in(deliver, ms > LOOK_MS ? ms : LOOK_MS);
}

static void on_figures(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct deliver *deliver = arg;

	if (outcome != DB_OK)
		return;
	deliver->figures.waiting = db_int(result, 0, 0);
	deliver->figures.oldest_s = strtod(db_text(result, 0, 1), NULL);
	deliver->figures.dead = db_int(result, 0, 2);
	deliver->figures_ms = clock_ms();
}

static void on_looked(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct deliver *deliver = arg;

	deliver->looking = false;
	if (outcome != DB_OK || deliver->stopped_ms) {
		if (outcome == DB_FAILED)
			diag(DIAG_ERROR, NULL, "outbox_failed", "{s:s}", "reason",
			    PQresultErrorMessage(result));
		each(deliver, DELIVERY_CLAIMED, delivery_free);
		look_in(deliver, FIGURES_MS);
		return;
	}
	each(deliver, DELIVERY_CLAIMED, delivery_send);
}

/* Each within outgoing's time limit, even if it waits for another first; and then it is recorded. */
static int64_t lease_ms(const struct conf *conf)
{
	return 3 * conf->outgoing_timeout;
}

static void look(struct deliver *deliver)
{
	const struct conf *conf = deliver->server->conf;
	char room[16], lease[24], wait[24], give_up[24];

	if (deliver->stopped_ms || !db_conn_ready(deliver->conn))
		return;
	if (deliver->looking) {
		deliver_look(deliver);
		return;
	}
	snprintf(room, sizeof room, "%d", (int)conf->outgoing_max - deliver->under_way);
	if (*room == '-' || *room == '0') /* whoever is done looks again */
		return;
	snprintf(lease, sizeof lease, "%lld", (long long)lease_ms(conf));
	snprintf(wait, sizeof wait, "%lld", (long long)conf->bundle_wait);
	snprintf(give_up, sizeof give_up, "%lld", (long long)conf->delivery_give_up);
	deliver->looking = true;
	db_call(deliver->conn, STMT_OUTBOX_LOCK, NULL, NULL, NULL);
	db_call(deliver->conn, STMT_OUTBOX_BUNDLE,
	    (struct db_param[]){DB_TEXT(wait), DB_TEXT(give_up), DB_TEXT(conf->public_url)}, NULL,
	    NULL);
	db_call(deliver->conn, STMT_OUTBOX_CLAIM,
	    (struct db_param[]){DB_TEXT(room), DB_TEXT(lease)}, on_claimed, deliver);
	db_call(deliver->conn, STMT_OUTBOX_NEXT, &DB_TEXT(wait), on_next, deliver);
	if (clock_ms() - deliver->figures_ms >= FIGURES_MS / 2)
		db_call(deliver->conn, STMT_OUTBOX_FIGURES, NULL, on_figures, deliver);
	db_sync(deliver->conn, on_looked, deliver);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	look(arg);
}

static void on_notified(void *arg, const char *payload)
{
	struct deliver *deliver = arg;
	int64_t wait = deliver->server->conf->bundle_wait;

	(void)payload;
	look_in(deliver, wait > LOOK_MS ? wait : LOOK_MS);
}

static void on_up(void *arg, bool ready)
{
	struct deliver *deliver = arg;

	if (!ready)
		return;
	each(deliver, DELIVERY_KNOWN, record);
	deliver_look(deliver);
}

/* --- From outside --- */

struct deliver *deliver_new(struct server *server)
{
	struct deliver *deliver = xcalloc(1, sizeof *deliver);
	struct db_options options = db_options(server->conf, "taizhang deliver");

	deliver->server = server;
	TAILQ_INIT(&deliver->deliveries);
	deliver->timer = evtimer_new(server->base, on_timer, deliver);
	if (!deliver->timer)
		die("cannot make a timer");
	deliver->figures_ms = -FIGURES_MS;
	deliver->conn = db_conn_new(server->base, &options, on_up, deliver);
	db_conn_listen(deliver->conn, CHANNEL, on_notified);
	return deliver;
}

void deliver_stop(struct deliver *deliver)
{
	deliver->stopped_ms = clock_ms();
}

bool deliver_idle(const struct deliver *deliver)
{
	return deliver->under_way == 0 || clock_ms() - deliver->stopped_ms >= STOP_MS;
}

struct deliver_figures deliver_figures(const struct deliver *deliver)
{
	return deliver->figures;
}

static void write_count(
    struct buf *out, const struct channel_kind *kind, const char *outcome, uint64_t n)
{
	buf_printf(out, "taizhang_deliveries_total{kind=\"%s\",outcome=\"%s\"} %llu\n",
	    channel_kind_name(kind), outcome, (unsigned long long)n);
}

void deliver_write_counts(const struct deliver *deliver, struct buf *out)
{
	const struct channel_kind *kind;

	buf_puts(out,
	    "# HELP taizhang_deliveries_total Attempts to deliver, and messages given up.\n"
	    "# TYPE taizhang_deliveries_total counter\n");
	for (int i = 0; i < MAX_KINDS && (kind = channel_kind_at(i)) != NULL; i++) {
		write_count(out, kind, "delivered", deliver->counts[i].delivered);
		write_count(out, kind, "failed", deliver->counts[i].failed);
		write_count(out, kind, "dead", deliver->counts[i].dead);
	}
}

void deliver_free(struct deliver *deliver)
{
	struct delivery *d;

	if (!deliver)
		return;
	db_conn_free(deliver->conn);
	event_free(deliver->timer);
	while ((d = TAILQ_FIRST(&deliver->deliveries)) != NULL)
		delivery_free(d);
	free(deliver);
}
