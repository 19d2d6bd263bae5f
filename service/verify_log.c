/*
 * verify_log.c - the log against the slips and entries: three streams in the order of the log are
 * merged, so that each is read once and only one event is held at a time.
 */
#include "verify_log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "crypto.h"
#include "die.h"
#include "pgarray.h"
#include "scan.h"
#include "stmt.h"

#define STREAM_END INT64_MAX
#define PG_EPOCH_DAYS 10957 /* 2000-01-01 */
#define US_PER_SECOND 1000000LL
#define US_PER_DAY (86400 * US_PER_SECOND)

/* Columns before those that are compared by name. */
enum { EVENT_SEQ, EVENT_LEAF, EVENT_RECORD, EVENT_MEMBERS };
enum { SLIP_SEQ, SLIP_DATE, SLIP_KIND, SLIP_TYPE, SLIP_MEMBERS };
enum { ENTRY_SEQ, ENTRY_DATE, ENTRY_KIND, ENTRY_MEMBERS }; /* as a slip's */

struct stream {
	PGconn *conn;
	PGresult *row; /* one row in binary; NULL at the end */
	int64_t seq;   /* its event; STREAM_END at the end */
};

struct walk {
	const struct log_store *store;
	struct finding *findings;
	struct stream events, slips, entries;
	const char *body;    /* of the event, where its record has one */
	const char *lines;   /* of the slip in it, behind those that were compared */
	struct buf expected; /* scratch */
};

/* --- Streams --- */

/* A binary integer of 2, 4 or 8 bytes. */
static int64_t integer(const PGresult *row, int column)
{
	const uint8_t *p = (const uint8_t *)PQgetvalue(row, 0, column);
	uint64_t value = p[0] & 0x80 ? UINT64_MAX : 0;

	for (int i = 0; i < PQgetlength(row, 0, column); i++)
		value = value << 8 | p[i];
	return (int64_t)value;
}

static void stream_next(struct stream *stream)
{
	PQclear(stream->row);
	stream->row = PQgetResult(stream->conn);
	if (PQresultStatus(stream->row) == PGRES_SINGLE_TUPLE) {
		stream->seq = integer(stream->row, 0);
		return;
	}
	if (PQresultStatus(stream->row) != PGRES_TUPLES_OK)
		die("could not read the log: %s", PQerrorMessage(stream->conn));
	PQclear(stream->row);
	PQclear(PQgetResult(stream->conn)); /* the NULL that ends the query */
	stream->row = NULL;
	stream->seq = STREAM_END;
}

static void stream_start(
    struct stream *stream, PGconn *conn, enum stmt_id stmt, const struct log_store *store)
{
	const char *params[] = {store->id, store->code};

	*stream = (struct stream){.conn = conn};
	if (!PQsendQueryParams(
		conn, stmt_table[stmt].sql, stmt_table[stmt].params, NULL, params, NULL, NULL, 1) ||
	    !PQsetSingleRowMode(conn))
		die("could not read the log: %s", PQerrorMessage(conn));
	stream_next(stream);
}

/* --- What a column says, as JSON --- */

static void write_instant(int64_t us, struct buf *out)
{
	int64_t days = us / US_PER_DAY - (us % US_PER_DAY < 0);
	int64_t rest = us - days * US_PER_DAY, second = rest / US_PER_SECOND;
	char date[11];

	clock_date_format((clock_date)(days + PG_EPOCH_DAYS), date);
	buf_printf(out, "\"%sT%02d:%02d:%02d.%06d+00:00\"", date, (int)(second / 3600),
	    (int)(second / 60 % 60), (int)(second % 60), (int)(rest % US_PER_SECOND));
}

static void write_column(const PGresult *row, int column, struct buf *out)
{
	char date[11];

	out->len = 0;
	if (PQgetisnull(row, 0, column)) {
		buf_puts(out, "null");
		return;
	}
	switch (PQftype(row, column)) {
	case PGARRAY_INT4:
	case PGARRAY_INT8:
		buf_int(out, integer(row, column));
		break;
	case PGARRAY_DATE:
		clock_date_format((clock_date)integer(row, column) + PG_EPOCH_DAYS, date);
		buf_json(out, date);
		break;
	case PGARRAY_TIMESTAMPTZ:
		write_instant(integer(row, column), out);
		break;
	default:
		buf_json(out, PQgetvalue(row, 0, column));
	}
}

static bool column_says(
    const PGresult *row, int column, const struct scan_item *item, struct buf *expected)
{
	int64_t us;

	if (PQftype(row, column) == PGARRAY_TIMESTAMPTZ && !PQgetisnull(row, 0, column))
		return item->len > 2 && clock_instant(item->value + 1, item->len - 2, &us) &&
		       us - PG_EPOCH_DAYS * US_PER_DAY == integer(row, column);
	write_column(row, column, expected);
	return item->len == expected->len && memcmp(item->value, expected->data, item->len) == 0;
}

static int name_order(const struct scan_item *item, const char *name)
{
	int order = strncmp(item->name, name, item->name_len);

	return order ? order : -(name[item->name_len] != '\0');
}

/* An object to compare, and the value of the one nested member to compare later; NULL: none seen. */
struct object {
	const char *json;
	const char *nested_name, *nested;
};

/*
 * Does the object say what the row's columns from first on do, member by member of the same name?
 * Both are sorted; members that are no column's are passed over. Returns the first column that
 * differs, with what was found there (nothing: it is missing), or -1.
 */
static int differing_column(struct walk *walk, struct object *object, const PGresult *row,
    int first, struct scan_item *found)
{
	const char *p = object->json;

	for (int column = first; column < PQnfields(row); column++) {
		int order;

		for (;;) {
			bool named = scan_next(&p, found) == SCAN_ITEM && found->name;

			order = named ? name_order(found, PQfname(row, column)) : 1;
			if (order >= 0)
				break;
			if (object->nested_name && name_order(found, object->nested_name) == 0)
				object->nested = found->value;
		}
		if (order > 0)
			*found = (struct scan_item){.value = "–", .len = strlen("–")};
		if (order > 0 || !column_says(row, column, found, &walk->expected))
			return column;
	}
	return -1;
}

/* --- Faults --- */

static void __attribute__((format(printf, 5, 6))) fault(struct walk *walk, enum log_fault kind,
    const char *found, const char *expected, const char *place, ...)
{
	struct finding *finding = &walk->findings[kind];
	va_list args;

	if (finding->faults++ > 0)
		return;
	snprintf(finding->store, sizeof(finding->store), "%s", walk->store->name);
	snprintf(finding->found, sizeof(finding->found), "%s", found);
	snprintf(finding->expected, sizeof(finding->expected), "%s", expected);
	va_start(args, place);
	vsnprintf(finding->place, sizeof(finding->place), place, args);
	va_end(args);
}

/* A column that the JSON contradicts. */
static void fault_column(struct walk *walk, enum log_fault kind, const PGresult *row, int column,
    const struct scan_item *found, const char *place)
{
	char value[sizeof(walk->findings->found)];

	snprintf(value, sizeof(value), "%.*s", (int)found->len, found->value);
	write_column(row, column, &walk->expected);
	fault(walk, kind, value, buf_str(&walk->expected), "%s%s", place, PQfname(row, column));
}

/* --- One event, with its slip and entries --- */

/* The text of a stream's column by name. */
static const char *text(const struct stream *stream, const char *name)
{
	return PQgetvalue(stream->row, 0, PQfnumber(stream->row, name));
}

static void check_leaf(struct walk *walk)
{
	const PGresult *row = walk->events.row;
	uint8_t leaf[CRYPTO_SHA256_LEN];
	char found[2 * sizeof(leaf) + 1] = "", expected[2 * sizeof(leaf) + 1];

	crypto_leaf_hash(
	    PQgetvalue(row, 0, EVENT_RECORD), (size_t)PQgetlength(row, 0, EVENT_RECORD), leaf);
	/* A Merkle tree over the log takes its leaves here, in order. */
	if (PQgetlength(row, 0, EVENT_LEAF) == sizeof(leaf) &&
	    memcmp(PQgetvalue(row, 0, EVENT_LEAF), leaf, sizeof(leaf)) == 0)
		return;
	if (PQgetlength(row, 0, EVENT_LEAF) == sizeof(leaf))
		crypto_hex(PQgetvalue(row, 0, EVENT_LEAF), sizeof(leaf), found);
	crypto_hex(leaf, sizeof(leaf), expected);
	fault(walk, LOG_LEAF, found, expected, "#%" PRId64 " %s", walk->events.seq,
	    text(&walk->events, "type"));
}

static void check_event(struct walk *walk, int64_t before)
{
	const PGresult *row = walk->events.row;
	int64_t seq = walk->events.seq;
	struct object record = {PQgetvalue(row, 0, EVENT_RECORD), "body", NULL};
	struct scan_item item;
	char found[48], place[32];
	int column;

	if (seq != before + 1) {
		snprintf(found, sizeof(found), "#%" PRId64 " → #%" PRId64, before, seq);
		fault(walk, LOG_SEQUENCE, found, "", "#%" PRId64, before + 1);
	}
	check_leaf(walk);
	column = differing_column(walk, &record, row, EVENT_MEMBERS, &item);
	walk->body = record.nested;
	if (column < 0)
		return;
	snprintf(place, sizeof(place), "#%" PRId64 " ", seq);
	fault_column(walk, LOG_RECORD, row, column, &item, place);
}

/* The event and the slip of one sequence: both are there, or the event is of something else. */
static void check_slip(struct walk *walk, int64_t seq, bool logged, bool slip)
{
	const char *type = logged ? text(&walk->events, "type") : "–";
	bool told = strcmp(type, "slip_posted") == 0 || strcmp(type, "slip_reversed") == 0;
	const PGresult *row = walk->slips.row;
	struct object body = {walk->body, "lines", NULL};
	struct scan_item item;
	char place[64];
	int column;

	if (told && !slip)
		fault(walk, LOG_EVENT_SLIP, "–", "单据 a slip", "#%" PRId64 " %s", seq, type);
	if (!slip)
		return;
	if (strcmp(type, PQgetvalue(row, 0, SLIP_TYPE)) != 0)
		fault(walk, LOG_SLIP_EVENT, type, PQgetvalue(row, 0, SLIP_TYPE), "%s #%" PRId64,
		    text(&walk->slips, "number"), seq);
	if (!walk->body)
		return;
	column = differing_column(walk, &body, row, SLIP_MEMBERS, &item);
	walk->lines = body.nested;
	if (column < 0)
		return;
	snprintf(place, sizeof(place), "%s ", text(&walk->slips, "number"));
	fault_column(walk, LOG_BODY, row, column, &item, place);
}

static bool same_cell(const PGresult *a, const PGresult *b, int column)
{
	int len = PQgetlength(a, 0, column);

	return len == PQgetlength(b, 0, column) &&
	       memcmp(PQgetvalue(a, 0, column), PQgetvalue(b, 0, column), (size_t)len) == 0;
}

/* An entry goes the way of its slip, on its day. */
static void check_direction(struct walk *walk)
{
	const struct stream *entries = &walk->entries;
	char found[24];

	for (int column = SLIP_DATE; column <= SLIP_KIND; column++) {
		if (same_cell(entries->row, walk->slips.row, column))
			continue;
		write_column(entries->row, column, &walk->expected);
		snprintf(found, sizeof(found), "%s", buf_str(&walk->expected));
		write_column(walk->slips.row, column, &walk->expected);
		fault(walk, LOG_ENTRY_SLIP, found, buf_str(&walk->expected), "%s #%" PRId64 " %s",
		    text(entries, "item"),
		    integer(entries->row, PQfnumber(entries->row, "ledger_seq")),
		    PQfname(entries->row, column));
	}
}

/* The next entry against the next of the body's lines. */
static void check_line(struct walk *walk, int i)
{
	const PGresult *row = walk->entries.row;
	struct object line = {"{}", NULL, NULL};
	struct scan_item item;
	char place[96];
	int column;

	if (scan_next(&walk->lines, &item) == SCAN_ITEM)
		line.json = item.value;
	column = differing_column(walk, &line, row, ENTRY_MEMBERS, &item);
	if (column < 0)
		return;
	snprintf(place, sizeof(place), "%s lines[%d].", text(&walk->slips, "number"), i);
	fault_column(walk, LOG_BODY, row, column, &item, place);
}

static void check_entries(struct walk *walk, int64_t seq, bool slip)
{
	struct scan_item more;
	int count = 0;

	for (; walk->entries.seq == seq; stream_next(&walk->entries), count++) {
		if (!slip) {
			fault(walk, LOG_ENTRY_SLIP, "–", "单据 a slip", "%s #%" PRId64,
			    text(&walk->entries, "item"),
			    integer(walk->entries.row, PQfnumber(walk->entries.row, "ledger_seq")));
			continue;
		}
		check_direction(walk);
		if (walk->lines)
			check_line(walk, count);
	}
	if (slip && count == 0)
		fault(walk, LOG_SLIP_ENTRIES, "–", "分录 entries", "%s",
		    text(&walk->slips, "number"));
	if (walk->lines && scan_next(&walk->lines, &more) == SCAN_ITEM)
		fault(walk, LOG_BODY, "多出的行 a line of no entry", "", "%s lines[%d]",
		    text(&walk->slips, "number"), count);
}

void verify_log(const struct log_streams *streams, const struct log_store *store,
    struct finding findings[LOG_FAULTS])
{
	struct walk walk = {.store = store, .findings = findings};
	int64_t seq, last = 0;

	stream_start(&walk.events, streams->events, STMT_VERIFY_LOG_EVENTS, store);
	stream_start(&walk.slips, streams->slips, STMT_VERIFY_LOG_SLIPS, store);
	stream_start(&walk.entries, streams->entries, STMT_VERIFY_LOG_ENTRIES, store);
	for (;;) {
		seq = walk.events.seq < walk.slips.seq ? walk.events.seq : walk.slips.seq;
		seq = walk.entries.seq < seq ? walk.entries.seq : seq;
		if (seq == STREAM_END)
			break;
		bool logged = walk.events.seq == seq, slip = walk.slips.seq == seq;

		walk.body = walk.lines = NULL;
		if (logged) {
			check_event(&walk, last);
			last = seq;
		}
		check_slip(&walk, seq, logged, slip);
		check_entries(&walk, seq, slip);
		if (logged)
			stream_next(&walk.events);
		if (slip)
			stream_next(&walk.slips);
	}
	if (last != store->event_seq) {
		char found[24], expected[24];

		snprintf(found, sizeof(found), "#%" PRId64, store->event_seq);
		snprintf(expected, sizeof(expected), "#%" PRId64, last);
		fault(&walk, LOG_HEAD, found, expected, "日志 log");
	}
	buf_free(&walk.expected);
}
