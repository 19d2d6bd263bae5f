/*
 * feed.c - one connection that listens, and reads what it was told of.
 *
 * A message of NOTIFY is "12:34-36 13:5-5": logs, and the first and last of their new events. They
 * come in the order of the commits, after them. Log 0 is the system's.
 */
#include "feed.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "diag.h"
#include "die.h"
#include "pgarray.h"

#define CHANNEL "taizhang_event"
#define PULSE_S 15         /* a listening connection that died is noticed by asking */
#define READ_EVENTS 100    /* in one read */
#define MAX_WAITING 20000  /* events to be read: more are not told one by one any more */
#define MAX_MESSAGES 16384 /* kept; a power of two */

struct range { /* of a log */
	int32_t store_id;
	int64_t first, last;
};

struct feed {
	struct db_conn *conn;
	struct event *pulse;
	struct feed_watcher watcher;
	bool watched;
	bool ready;             /* the connection is up, and PostgreSQL's time known */
	bool missed;            /* it was not, and nobody knows what happened meanwhile */
	int64_t db_us, then_us; /* PostgreSQL's time, and ours when it said so */

	struct range *waiting; /* told of, not yet read */
	int waiting_count, waiting_cap;
	int64_t waiting_events;
	bool reading;
	uint64_t reads;

	struct feed_message messages[MAX_MESSAGES]; /* by number, round and round */
	uint64_t oldest, end;
	size_t bytes, max_bytes;
	struct buf text; /* the one being written */
};

static struct feed_message *slot(struct feed *feed, uint64_t number)
{
	return &feed->messages[number % MAX_MESSAGES];
}

/* --- Messages --- */

static void drop_oldest(struct feed *feed)
{
	struct feed_message *message = slot(feed, feed->oldest++);

	feed->bytes -= message->len;
	free(message->text);
}

static void trim(struct feed *feed, size_t max_bytes)
{
	while (feed->oldest < feed->end && feed->bytes > max_bytes)
		drop_oldest(feed);
}

/* Keep the text just written. path: of whom it is for, NULL for everybody. */
static void push(struct feed *feed, const char *path)
{
	struct feed_message *message;

	if (feed->end - feed->oldest == MAX_MESSAGES)
		drop_oldest(feed);
	message = slot(feed, feed->end++);
	message->depth = path ? pgarray_read_int4(path, message->path, PLACE_MAX_DEPTH) : 0;
	message->text = buf_take(&feed->text, &message->len);
	feed->bytes += message->len;
}

/* Who can take them at once does; only then the oldest go. */
static void announce(struct feed *feed)
{
	feed->watcher.news(feed->watcher.arg);
	trim(feed, feed->max_bytes);
}

static void write_event(int64_t at_us, const char *kind, const char *data, struct buf *out)
{
	buf_printf(out, "id: %lld\nevent: %s\ndata: %s\n\n", (long long)at_us, kind, data);
}

void feed_write(const PGresult *result, int row, struct buf *out)
{
	write_event(db_int(result, row, 0), db_text(result, row, 2), db_text(result, row, 3), out);
}

void feed_write_reset(const struct feed *feed, struct buf *out)
{
	write_event(feed_now_us(feed), "reset", "{}", out);
}

/* Events were not seen, or are too many. */
static void tell_reset(struct feed *feed)
{
	if (!feed->watched)
		return;
	feed_write_reset(feed, &feed->text);
	push(feed, NULL);
	announce(feed);
}

/* --- Reading --- */

static void read_next(struct feed *feed);

static void on_events(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct feed *feed = arg;

	feed->reading = false;
	if (outcome == DB_FAILED) {
		diag(DIAG_ERROR, NULL, "feed_failed", "{s:s}", "reason",
		    PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
		tell_reset(feed);
	} else if (outcome == DB_OK && feed->watched && PQntuples(result) > 0) {
		for (int i = 0; i < PQntuples(result); i++) {
			feed_write(result, i, &feed->text);
			push(feed, db_text(result, i, 1));
		}
		announce(feed);
	}
	read_next(feed);
}

/* Take so many events off what waits, as three arrays. */
static void take(struct feed *feed, struct buf arrays[3])
{
	int64_t left = READ_EVENTS;
	int n = 0;

	while (n < feed->waiting_count && left > 0) {
		struct range *range = &feed->waiting[n];
		int64_t count = range->last - range->first + 1, part = count < left ? count : left;

		for (int i = 0; i < 3; i++)
			buf_putc(&arrays[i], n ? ',' : '{');
		buf_int(&arrays[0], range->store_id);
		buf_int(&arrays[1], range->first);
		buf_int(&arrays[2], range->first + part - 1);
		left -= part;
		feed->waiting_events -= part;
		range->first += part;
		if (part == count)
			n++;
	}
	for (int i = 0; i < 3; i++)
		buf_putc(&arrays[i], '}');
	feed->waiting_count -= n;
	memmove(
	    feed->waiting, feed->waiting + n, (size_t)feed->waiting_count * sizeof *feed->waiting);
}

static void read_next(struct feed *feed)
{
	struct buf arrays[3] = {0};
	struct db_param params[3];

	if (feed->reading || !feed->waiting_count || !db_conn_ready(feed->conn))
		return;
	take(feed, arrays);
	for (int i = 0; i < 3; i++)
		params[i] = DB_TEXT(buf_str(&arrays[i]));
	feed->reading = true;
	if ((feed->reads & (feed->reads - 1)) == 0) /* for tables as they are: see post.c */
		db_call(feed->conn, STMT_POST_REPLAN, NULL, NULL, NULL);
	feed->reads++;
	db_call(feed->conn, STMT_STREAM_EVENTS, params, on_events, feed);
	db_sync(feed->conn, NULL, NULL);
	for (int i = 0; i < 3; i++)
		buf_free(&arrays[i]);
}

static void forget_waiting(struct feed *feed)
{
	feed->waiting_count = 0;
	feed->waiting_events = 0;
}

static void wait_for(struct feed *feed, const struct range *range)
{
	if (feed->waiting_count == feed->waiting_cap) {
		feed->waiting_cap = feed->waiting_cap ? 2 * feed->waiting_cap : 16;
		feed->waiting =
		    xrealloc(feed->waiting, (size_t)feed->waiting_cap * sizeof *feed->waiting);
	}
	feed->waiting[feed->waiting_count++] = *range;
	feed->waiting_events += range->last - range->first + 1;
}

/* --- Listening --- */

/* "12:34-36"; false: it is not ours. */
static bool range_parse(const char **text, struct range *range)
{
	char *p;

	range->store_id = (int32_t)strtol(*text, &p, 10);
	if (*p++ != ':')
		return false;
	range->first = strtoll(p, &p, 10);
	if (*p++ != '-')
		return false;
	range->last = strtoll(p, &p, 10);
	*text = p + strspn(p, " ");
	return range->last >= range->first;
}

static void on_notified(void *arg, const char *payload)
{
	struct feed *feed = arg;
	struct range range;
	bool people = false;

	while (*payload && range_parse(&payload, &range)) {
		if (!range.store_id)
			people = true;
		else if (feed->watched)
			wait_for(feed, &range);
	}
	if (feed->waiting_events > MAX_WAITING) {
		forget_waiting(feed);
		tell_reset(feed);
	}
	read_next(feed);
	if (people)
		feed->watcher.people(feed->watcher.arg);
}

static void on_time(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct feed *feed = arg;

	if (outcome != DB_OK)
		return;
	feed->db_us = db_int(result, 0, 0);
	feed->then_us = clock_us();
	feed->ready = true;
	if (!feed->missed)
		return;
	feed->missed = false;
	tell_reset(feed);
	feed->watcher.people(feed->watcher.arg);
}

static void ask_time(struct feed *feed)
{
	db_call(feed->conn, STMT_STREAM_NOW, NULL, on_time, feed);
	db_sync(feed->conn, NULL, NULL);
}

static void on_pulse(evutil_socket_t fd, short what, void *arg)
{
	struct feed *feed = arg;

	(void)fd;
	(void)what;
	if (db_conn_ready(feed->conn))
		ask_time(feed);
}

static void on_up(void *arg, bool ready)
{
	struct feed *feed = arg;

	if (ready) {
		ask_time(feed);
		return;
	}
	feed->ready = false;
	feed->missed = true;
	forget_waiting(feed);
}

/* --- From outside --- */

struct feed *feed_new(struct event_base *base, const struct db_options *db, size_t max_bytes,
    const struct feed_watcher *watcher)
{
	static const struct timeval pulse = {PULSE_S, 0};
	struct feed *feed = xcalloc(1, sizeof *feed);

	feed->missed = true;
	feed->max_bytes = max_bytes;
	feed->watcher = *watcher;
	feed->pulse = event_new(base, -1, EV_PERSIST, on_pulse, feed);
	if (!feed->pulse || event_add(feed->pulse, &pulse))
		die("cannot make a timer");
	feed->conn = db_conn_new(base, db, on_up, feed);
	db_conn_listen(feed->conn, CHANNEL, on_notified);
	return feed;
}

bool feed_ready(const struct feed *feed)
{
	return feed->ready;
}

int64_t feed_now_us(const struct feed *feed)
{
	return feed->db_us + clock_us() - feed->then_us;
}

void feed_watch(struct feed *feed, bool watched)
{
	feed->watched = watched;
	if (watched)
		return;
	forget_waiting(feed);
	trim(feed, 0);
}

uint64_t feed_oldest(const struct feed *feed)
{
	return feed->oldest;
}

uint64_t feed_end(const struct feed *feed)
{
	return feed->end;
}

const struct feed_message *feed_message(const struct feed *feed, uint64_t number)
{
	return &feed->messages[number % MAX_MESSAGES];
}

void feed_free(struct feed *feed)
{
	if (!feed)
		return;
	db_conn_free(feed->conn);
	event_free(feed->pulse);
	trim(feed, 0);
	free(feed->waiting);
	buf_free(&feed->text);
	free(feed);
}
