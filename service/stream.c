/*
 * stream.c - the streams of a process.
 *
 * A stream is a place in the feed: whenever its client has room, it takes from there what it may see.
 * News goes round: some streams a turn of the loop, and after a round the streams rest several times as
 * long as it took. So thousands that watch a busy store leave the loop to others, and each is sent many
 * events at once instead of each event by itself; a few streams never notice. But nobody is cut off for
 * what was only resting: much news goes round at once.
 * One that resumes first asks for what it missed, by time: events may have been committed in another
 * order than that of their times, so it starts somewhat earlier, and clients drop what they have.
 * Nobody's session or grants are trusted for long: all streams are looked up together, when something
 * about anybody has changed and every now and then.
 */
#include "stream.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "clock.h"
#include "crypto.h"
#include "die.h"
#include "feed.h"
#include "handlers.h"
#include "pgarray.h"
#include "request.h"
#include "route.h"

#define TICK_MS 1000
#define CHECK_MS 15000 /* callers are looked up anew so often, whatever happens */
#define RETRY_MS 2000  /* clients come back after so long, and up to as long again */
#define CHUNK_BYTES 65536
#define TURN_STREAMS 32 /* are sent to in one turn of the loop */
#define REST 4       /* times what a round took, until the next: streams have a fifth of the loop */
#define MUCH_NEWS 64 /* messages */
#define OVERLAP_US 10000000 /* no transaction is open for longer */
/* What there is to catch up with, at most: whoever missed more loads anew. */
#define MAX_MISSED 500
#define MAX_MISSED_BYTES 262144

struct stream {
	TAILQ_ENTRY(stream) links;
	struct streams *streams;
	struct request *req;
	int64_t number; /* ascending along the list */
	uint64_t next;  /* message of the feed to look at next */
	uint8_t token_hash[CRYPTO_SHA256_LEN];
	int place_count;
	int32_t *places;  /* where it may look */
	int64_t until_ms; /* when its secret ends, as far as is known */
	int64_t spoke_ms;
	struct buf first; /* goes out before any message */
	bool ready;       /* the client has room */
	bool over;        /* it ends as soon as it is */
	bool asking;      /* for what it missed: messages wait till that is there */
	bool left;        /* meanwhile: freed when the answer comes */
};

TAILQ_HEAD(stream_list, stream);

struct streams {
	struct server *server;
	struct feed *feed;
	struct event *tick;               /* pending while there are streams */
	struct stream_list list, leaving; /* leaving: an answer is to come */
	int64_t numbers;                  /* given */
	struct stream_stats stats;
	struct buf chunk;

	struct event *round; /* pending: to begin, or to go on */
	struct stream *at;   /* whose turn is next; NULL: no round is under way */
	bool again;          /* something came up that this round may have passed */
	uint64_t begun_at;   /* this round at this end of the feed … */
	uint64_t offered;    /* … and what came before this has been round */
	int64_t took_us;     /* of this round so far */
	int64_t rest_us;     /* until then */

	/* Looking callers up anew. */
	char *roles;      /* that may look, as PostgreSQL's array */
	int64_t due;      /* streams from this number on */
	int64_t all_ms;   /* when it last was all of them */
	bool checking;    /* an answer is to come … */
	int64_t from, to; /* … about these */
};

/* --- Leaving --- */

static void stream_free(struct stream *s)
{
	buf_free(&s->first);
	free(s->places);
	free(s);
}

static void leave(struct stream *s)
{
	struct streams *streams = s->streams;

	if (streams->at == s)
		streams->at = TAILQ_NEXT(s, links);
	TAILQ_REMOVE(&streams->list, s, links);
	if (--streams->stats.open == 0) {
		evtimer_del(streams->tick);
		feed_watch(streams->feed, false);
	}
	s->left = true;
	if (s->asking)
		TAILQ_INSERT_TAIL(&streams->leaving, s, links);
	else
		stream_free(s);
}

/* Now, or when the client has taken what is on its way. */
static void end(struct stream *s)
{
	s->over = !s->ready;
	if (s->over)
		return;
	request_end(s->req);
	leave(s);
}

/* --- Sending --- */

static bool may_see(const struct stream *s, const struct feed_message *message)
{
	for (int i = 0; i < message->depth; i++)
		for (int j = 0; j < s->place_count; j++)
			if (message->path[i] == s->places[j])
				return true;
	return message->depth == 0;
}

static void take_messages(struct stream *s, struct buf *out)
{
	struct streams *streams = s->streams;
	uint64_t feed_ends = feed_end(streams->feed);

	while (s->next < feed_ends && out->len < CHUNK_BYTES) {
		const struct feed_message *message = feed_message(streams->feed, s->next++);

		if (!may_see(s, message))
			continue;
		buf_add(out, message->text, message->len);
		streams->stats.events++;
	}
}

static void send_chunk(struct stream *s, struct buf *chunk)
{
	s->ready = false;
	s->spoke_ms = clock_ms();
	request_chunk(s->req, chunk->data, chunk->len);
	chunk->len = 0;
}

/* Hand over what there is, where there is room; one that is too far behind is cut off. */
static void pump(struct stream *s)
{
	struct streams *streams = s->streams;

	if (s->next < feed_oldest(streams->feed)) {
		streams->stats.cut++;
		request_abort(s->req);
		leave(s);
	} else if (s->ready && s->first.len) {
		send_chunk(s, &s->first);
		buf_free(&s->first);
	} else if (s->ready && !s->asking) {
		take_messages(s, &streams->chunk);
		if (streams->chunk.len)
			send_chunk(s, &streams->chunk);
	}
}

/* --- Rounds --- */

static void round_at(struct streams *streams, int64_t when_us)
{
	int64_t left = when_us - clock_us();
	struct timeval tv = {0};

	if (left > 0)
		tv = (struct timeval){left / 1000000, left % 1000000};
	evtimer_add(streams->round, &tv);
}

/* Somebody may be sent something. */
static void round_due(struct streams *streams)
{
	if (streams->at)
		streams->again = true;
	else if (!event_pending(streams->round, EV_TIMEOUT, NULL))
		round_at(streams, streams->rest_us);
}

/* Go on with the round that is under way, or with a new one: to so many streams. */
static void round_go(struct streams *streams, int count)
{
	int64_t start = clock_us();

	if (!streams->at) {
		streams->at = TAILQ_FIRST(&streams->list);
		streams->begun_at = feed_end(streams->feed);
		streams->again = false;
		streams->took_us = 0;
	}
	for (; count > 0 && streams->at; count--) {
		struct stream *s = streams->at;

		streams->at = TAILQ_NEXT(s, links);
		pump(s);
	}
	streams->took_us += clock_us() - start;
	streams->rest_us = clock_us() + REST * streams->took_us;
	if (streams->at) {
		round_at(streams, 0);
		return;
	}
	streams->offered = streams->begun_at;
	if (streams->again)
		round_due(streams);
}

static void on_round(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	round_go(arg, TURN_STREAMS);
}

static void on_news(void *arg)
{
	struct streams *streams = arg;

	round_due(streams);
	if (feed_end(streams->feed) - streams->offered < MUCH_NEWS)
		return;
	if (streams->at)
		round_go(streams, INT_MAX);
	round_go(streams, INT_MAX);
}

static void on_proceed(void *arg)
{
	struct stream *s = arg;

	s->ready = true;
	if (s->over)
		end(s);
	else if (s->first.len)
		pump(s);
	else if (!s->asking && s->next < feed_end(s->streams->feed))
		round_due(s->streams);
}

static void on_gone(void *arg)
{
	leave(arg);
}

/* --- Catching up --- */

static void on_missed_events(void *arg, enum db_outcome outcome, const PGresult *result);

/* It cannot be told what it missed. */
static void give_up(struct stream *s)
{
	s->first.len = 0;
	feed_write_reset(s->streams->feed, &s->first);
	s->streams->stats.resets++;
}

/* The answer came; false: the client has left meanwhile. */
static bool answered(struct stream *s)
{
	s->asking = false;
	if (!s->left)
		return true;
	TAILQ_REMOVE(&s->streams->leaving, s, links);
	stream_free(s);
	return false;
}

static bool ask(struct stream *s, enum stmt_id stmt, const struct db_param *params, db_cb cb)
{
	s->asking = db_read(s->streams->server->pool, stmt, params, cb, s);
	return s->asking;
}

static void on_missed(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct stream *s = arg;
	long long count;

	if (!answered(s))
		return;
	count = outcome == DB_OK ? db_int(result, 0, 3) : MAX_MISSED + 1;
	if (count == 0) {
		pump(s);
	} else if (count > MAX_MISSED ||
		   !ask(s, STMT_STREAM_EVENTS,
		       (struct db_param[]){DB_TEXT(db_text(result, 0, 0)),
			   DB_TEXT(db_text(result, 0, 1)), DB_TEXT(db_text(result, 0, 2))},
		       on_missed_events)) {
		give_up(s);
		pump(s);
	}
}

static void on_missed_events(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct stream *s = arg;

	if (!answered(s))
		return;
	for (int i = 0; outcome == DB_OK && i < PQntuples(result); i++)
		feed_write(result, i, &s->first);
	if (outcome == DB_OK && s->first.len <= MAX_MISSED_BYTES)
		s->streams->stats.events += (uint64_t)PQntuples(result);
	else
		give_up(s);
	pump(s);
}

/* id: of the last event that the client has; places: as PostgreSQL's array. */
static void catch_up(struct stream *s, const char *id, const char *places)
{
	size_t digits = strspn(id, "0123456789");
	char since[24];

	if (!digits || digits > 18 || id[digits]) {
		give_up(s);
		return;
	}
	snprintf(since, sizeof since, "%lld", strtoll(id, NULL, 10) - OVERLAP_US);
	if (!ask(s, STMT_STREAM_MISSED, (struct db_param[]){DB_TEXT(places), DB_TEXT(since)},
		on_missed))
		give_up(s);
}

/* --- Who looks --- */

static void set_places(struct stream *s, const char *places)
{
	int most = 1;

	for (const char *p = places; (p = strchr(p, ',')); p++)
		most++;
	free(s->places);
	s->places = xcalloc((size_t)most, sizeof *s->places);
	s->place_count = pgarray_read_int4(places, s->places, most);
}

static void set_due(struct streams *streams, int64_t from)
{
	if (from < streams->due)
		streams->due = from;
}

/* A row for each that may still look, in order. */
static void on_checked(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct streams *streams = arg;
	struct stream *s, *next;
	int row = 0;

	streams->checking = false;
	if (outcome != DB_OK) {
		set_due(streams, streams->from);
		return;
	}
	for (s = TAILQ_FIRST(&streams->list); s && s->number <= streams->to; s = next) {
		next = TAILQ_NEXT(s, links);
		if (s->number < streams->from)
			continue;
		while (row < PQntuples(result) && db_int(result, row, 0) < s->number)
			row++; /* it has left */
		if (row == PQntuples(result) || db_int(result, row, 0) > s->number) {
			auth_forget(streams->server->auth, s->token_hash);
			end(s);
			continue;
		}
		set_places(s, db_text(result, row, 1));
		s->until_ms =
		    db_text(result, row, 2) ? clock_ms() + db_int(result, row, 2) : INT64_MAX;
	}
}

/* Look up those that are due, in one read. */
static void check(struct streams *streams)
{
	struct pgarray numbers = {.type = PGARRAY_INT8}, hashes = {.type = PGARRAY_BYTEA};
	struct buf n = BUF_EMPTY, h = BUF_EMPTY;
	struct stream *s;

	TAILQ_FOREACH(s, &streams->list, links)
	{
		if (s->number < streams->due)
			continue;
		pgarray_int8(&numbers, s->number);
		pgarray_bytes(&hashes, s->token_hash, sizeof s->token_hash);
	}
	pgarray_finish(&numbers, &n);
	pgarray_finish(&hashes, &h);
	streams->checking = db_read(streams->server->pool, STMT_STREAM_CALLERS,
	    (struct db_param[]){
		DB_BYTES(n.data, n.len), DB_BYTES(h.data, h.len), DB_TEXT(streams->roles)},
	    on_checked, streams);
	if (streams->checking) {
		streams->from = streams->due;
		streams->to = streams->numbers;
		streams->due = INT64_MAX;
	}
	pgarray_free(&numbers);
	pgarray_free(&hashes);
	buf_free(&n);
	buf_free(&h);
}

static void on_people(void *arg)
{
	set_due(arg, 0);
}

/* A sign of life now and then, so that a connection that was lost is noticed at both ends. */
static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	static const char sign_of_life[] = ":\n\n";
	struct streams *streams = arg;
	struct stream *s, *next;
	int64_t now = clock_ms(), quiet = streams->server->conf->idle_timeout / 5;

	(void)fd;
	(void)what;
	for (s = TAILQ_FIRST(&streams->list); s; s = next) {
		next = TAILQ_NEXT(s, links);
		if (s->until_ms <= now) {
			end(s);
		} else if (s->ready && now - s->spoke_ms >= quiet) {
			buf_puts(&streams->chunk, sign_of_life);
			send_chunk(s, &streams->chunk);
		}
	}
	if (now - streams->all_ms >= CHECK_MS) {
		streams->all_ms = now;
		set_due(streams, 0);
	}
	if (!streams->checking && streams->due <= streams->numbers)
		check(streams);
}

/* --- Opening --- */

static char *roles_text(unsigned roles)
{
	struct buf out = BUF_EMPTY;

	for (int i = 0; role_words[i]; i++)
		if (roles & 1u << i)
			buf_printf(&out, "%c%s", out.len ? ',' : '{', role_words[i]);
	buf_putc(&out, '}');
	return buf_take(&out, NULL);
}

static void greet(struct stream *s)
{
	uint16_t random;

	crypto_random((uint8_t *)&random, sizeof random);
	buf_printf(&s->first, "retry: %d\n\n", RETRY_MS + random % RETRY_MS);
}

static void open_stream(struct streams *streams, struct request *req, const char *id)
{
	static const struct timeval tick = {TICK_MS / 1000, TICK_MS % 1000 * 1000};
	struct request_source source = {on_proceed, on_gone, NULL};
	struct stream *s = xcalloc(1, sizeof *s);
	char *places = caller_places(req->caller, req->route->roles);

	s->streams = streams;
	s->req = req;
	s->number = ++streams->numbers;
	memcpy(s->token_hash, req->caller->token_hash, sizeof s->token_hash);
	set_places(s, places);
	s->until_ms = INT64_MAX;
	s->spoke_ms = clock_ms();
	if (!streams->roles)
		streams->roles = roles_text(req->route->roles);
	if (streams->stats.open++ == 0) {
		evtimer_add(streams->tick, &tick);
		feed_watch(streams->feed, true);
	}
	s->next = feed_end(streams->feed);
	TAILQ_INSERT_TAIL(&streams->list, s, links);
	set_due(streams, s->number); /* we may remember a caller who is none any more */

	source.arg = s;
	request_set_header(req, "X-Accel-Buffering", "no"); /* nginx would wait for more */
	request_set_header(req, "Connection", "close");     /* nothing comes behind a stream */
	request_stream(req, 200, "text/event-stream", &source);
	greet(s);
	if (id)
		catch_up(s, id, places);
	else if (feed_ready(streams->feed)) /* or else all are told to load anew when it is */
		buf_printf(&s->first, "id: %lld\n\n", (long long)feed_now_us(streams->feed));
	free(places);
}

/* A browser sends the header when it comes back by itself; a page can but write an address. */
static const char *last_event_id(const struct request *req)
{
	const char *id = request_header(req, "Last-Event-ID");

	return id ? id : request_query(req, "last_event_id");
}

static bool query_ok(const struct request *req, struct problem *problem)
{
	const char *name;

	*problem = (struct problem){.line = -1};
	for (int i = 0; (name = request_query_name(req, i)); i++)
		if (strcmp(name, "last_event_id") != 0)
			problem_add(problem, PROBLEM_unknown_field, NULL, "%s", name);
	return problem->code == PROBLEM_none;
}

void handle_stream(struct request *req)
{
	struct streams *streams = req->server->streams;
	struct problem problem;

	if (!query_ok(req, &problem))
		request_problem(req, &problem);
	else if (req->server->stopping)
		request_refuse(req, PROBLEM_shutting_down);
	else if (streams->stats.open >= req->server->conf->max_streams)
		request_refuse(req, PROBLEM_busy);
	else
		open_stream(streams, req, last_event_id(req));
}

/* --- The whole --- */

struct streams *streams_new(struct server *server)
{
	struct streams *streams = xcalloc(1, sizeof *streams);
	const struct conf *conf = server->conf;
	struct db_options db = db_options(conf, "taizhang stream");
	struct feed_watcher watcher = {on_news, on_people, streams};

	db.by_key = true; /* a few rows, over and over */
	streams->server = server;
	streams->due = INT64_MAX;
	TAILQ_INIT(&streams->list);
	TAILQ_INIT(&streams->leaving);
	streams->feed = feed_new(server->base, &db, (size_t)conf->stream_backlog, &watcher);
	streams->tick = event_new(server->base, -1, EV_PERSIST, on_tick, streams);
	streams->round = evtimer_new(server->base, on_round, streams);
	if (!streams->tick || !streams->round)
		die("cannot make a timer");
	return streams;
}

const struct stream_stats *streams_stats(const struct streams *streams)
{
	return &streams->stats;
}

void streams_stop(struct streams *streams)
{
	struct stream *s, *next;

	for (s = TAILQ_FIRST(&streams->list); s; s = next) {
		next = TAILQ_NEXT(s, links);
		end(s);
	}
}

void streams_free(struct streams *streams)
{
	struct stream *s;

	if (!streams)
		return;
	while ((s = TAILQ_FIRST(&streams->leaving)) != NULL) {
		TAILQ_REMOVE(&streams->leaving, s, links);
		stream_free(s);
	}
	feed_free(streams->feed);
	event_free(streams->tick);
	event_free(streams->round);
	buf_free(&streams->chunk);
	free(streams->roles);
	free(streams);
}
