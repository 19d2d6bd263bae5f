/* evidence_walk.c - events, leaf hashes, slips and entries, merged; the tree and the books kept anew. */
#include "evidence_walk.h"

#include <inttypes.h>
#include <string.h>

#include "canonical.h"
#include "crypto.h"
#include "evidence_books.h"
#include "evidence_record.h"

#define GIVE_UP 1000 /* faults of a kind: then it is no log at all, and may be endless */
#define CLOCK_BACK (3600 * 1000000LL) /* a clock may have been set back so far */
#define LEAF_LINE (2 * MERKLE_HASH)
#define MAX_ITEM 256
#define MAX_LOT 600

/* slips.csv or entries.csv: the row to come. */
struct table {
	const char *name;
	enum evidence_table table;
	enum evidence_check check;
	struct evidence_source *source;
	struct evidence_row row;
	int64_t seq;   /* its event */
	bool there;    /* there is one */
	bool given_up; /* the rest cannot be compared */
};

struct state {
	struct evidence_walk *walk;
	struct evidence_report *report;
	struct evidence_books *books;
	struct merkle tree;
	struct table slips, entries;
	struct buf line, leaf, expected; /* scratch */
	int64_t seq;                     /* expected next */
	int64_t latest_us;
	int64_t older_seq; /* the event of the older file's next leaf */
	bool leaves_given_up, older_given_up, full;
};

/* --- Rows --- */

static void row_fault(struct state *s, struct table *t, const char *found, const char *expected,
    const char *of, const char *column)
{
	evidence_fault(s->report, t->check, found, expected, "%s 第 %" PRId64 " 行 row%s%s%s%s",
	    t->name, t->source->count, *of ? " " : "", of, *column ? " " : "", column);
	t->given_up |= s->report->findings[t->check].faults > GIVE_UP;
}

static void row_next(struct state *s, struct table *t)
{
	enum evidence_step step = EVIDENCE_END;

	t->there = false;
	while (!t->there && !t->given_up) {
		step = evidence_row(t->source, &t->row);
		if (step != EVIDENCE_GOT)
			break;
		t->seq = evidence_row_seq(&t->row);
		t->there = t->seq >= 0;
		if (!t->there)
			row_fault(s, t, evidence_cell(&t->row, 0), "事件序号 an event's sequence",
			    "", "event_seq");
	}
	if (step == EVIDENCE_END || step == EVIDENCE_GOT)
		return;
	if (step == EVIDENCE_BAD)
		row_fault(s, t, "不成 CSV 行 not a row of CSV", "", "", "");
	else
		evidence_fault(s->report, CHECK_MEMBERS, "损坏 damaged", "", "%s", t->name);
	t->given_up = true;
}

static void table_start(struct state *s, struct table *t)
{
	enum evidence_step step = evidence_row(t->source, &t->row);

	if (step == EVIDENCE_GOT && evidence_row_header(t->table, &t->row)) {
		row_next(s, t);
		return;
	}
	if (step == EVIDENCE_DAMAGED)
		evidence_fault(s->report, CHECK_MEMBERS, "损坏 damaged", "", "%s", t->name);
	else
		row_fault(s, t, "列名不符 not its columns", "", "", "");
	t->given_up = true;
}

/* Rows of events before this one were none of an event that was read. */
static void rows_before(struct state *s, struct table *t, int64_t seq)
{
	char found[32];

	while (t->there && t->seq < seq && !t->given_up) {
		snprintf(found, sizeof found, "#%" PRId64, t->seq);
		row_fault(s, t, found, "没有这一行 no such row: no event says it",
		    t->row.count > 1 ? evidence_cell(&t->row, 1) : "", "");
		row_next(s, t);
	}
}

static void rows_skip(struct state *s, struct table *t, int64_t seq)
{
	while (t->there && t->seq == seq)
		row_next(s, t);
}

/* The next row against what the event says. of: for people. */
static void compare_row(struct state *s, struct table *t, int64_t seq,
    const struct evidence_slip *slip, const struct evidence_line *line, const char *of)
{
	const char *column, *cell;

	if (t->given_up)
		return;
	if (!t->there || t->seq != seq) {
		evidence_fault(s->report, t->check, "缺少这一行 the row is missing", "",
		    "%s %s #%" PRId64, t->name, of, seq);
		return;
	}
	column = evidence_row_differs(t->table, &t->row, slip, line, &s->expected, &cell);
	if (column)
		row_fault(s, t, *cell ? cell : "（空 empty）",
		    s->expected.len > 0 ? buf_str(&s->expected) : "（空 empty）", of, column);
	row_next(s, t);
}

/* --- One slip --- */

/* A short piece of the record's own spelling as a text of its own; false when it is too long. */
static bool spell(const struct scan_item *item, char *out, size_t size)
{
	if (item->len >= size)
		return false;
	memcpy(out, item->value, item->len);
	out[item->len] = '\0';
	return true;
}

static void enter(struct state *s, const struct evidence_line *line, const char *of)
{
	char item[MAX_ITEM], lot[2 * MAX_LOT], found[48], expected[48];
	const struct scan_item *m = line->members;
	struct evidence_entry entry = {
	    item, lot, line->ledger_seq, line->quantity, line->balance_after};
	enum evidence_check check = CHECK_BALANCES;
	enum evidence_wrong wrong;
	size_t len;
	int64_t right;

	if (!spell(&m[LINE_ITEM], item, sizeof item) || !spell(&m[LINE_LOT], lot, MAX_LOT)) {
		evidence_fault(s->report, CHECK_RECORDS, "过长 too long", "", "%s", of);
		return;
	}
	len = strlen(lot);
	if (!spell(&m[LINE_EXPIRES], lot + len, sizeof lot - len)) {
		evidence_fault(s->report, CHECK_RECORDS, "过长 too long", "", "%s expires", of);
		return;
	}
	wrong = evidence_books_enter(s->books, &entry, &right);
	switch (wrong) {
	case EVIDENCE_RIGHT:
		return;
	case EVIDENCE_WRONG_SEQUENCE:
		snprintf(found, sizeof found, "#%" PRId64, line->ledger_seq);
		snprintf(expected, sizeof expected, "#%" PRId64, right);
		break;
	case EVIDENCE_WRONG_BALANCE:
		snprintf(found, sizeof found, "%" PRId64, line->balance_after);
		snprintf(expected, sizeof expected, "%" PRId64, right);
		break;
	case EVIDENCE_WRONG_LOT:
		check = CHECK_LOTS;
		snprintf(found, sizeof found, "%" PRId64, line->quantity);
		snprintf(expected, sizeof expected, "≤ %" PRId64, right);
		break;
	case EVIDENCE_TOO_MANY:
		if (s->full)
			return;
		s->full = true;
		snprintf(found, sizeof found, "台账过多 too many ledgers");
		expected[0] = '\0';
		break;
	}
	evidence_fault(s->report, check, found, expected, "%s %.*s", of, (int)m[LINE_ITEM].len - 2,
	    m[LINE_ITEM].value + 1);
}

static void check_number(struct state *s, const struct evidence_slip *slip, int64_t seq)
{
	char expected[16];
	int serial;

	if (evidence_books_number(s->books, slip->kind, slip->date, slip->serial, &serial))
		return;
	snprintf(expected, sizeof expected, "…-%04d", serial);
	evidence_fault(s->report, CHECK_NUMBERS, slip->number, expected, "#%" PRId64, seq);
}

static void check_slip(struct state *s, const struct evidence_record *record)
{
	struct evidence_slip slip;
	struct evidence_line line;
	const char *bad, *at;
	enum scan_step step;
	char of[128];
	int i = 0;

	bad = evidence_slip_read(record, s->walk->store, &slip);
	if (bad) {
		evidence_fault(s->report, CHECK_RECORDS, "内容不成单据 the body is no slip's", "",
		    "events.ndjson #%" PRId64 " body.%s", record->seq, bad);
		rows_skip(s, &s->slips, record->seq);
		rows_skip(s, &s->entries, record->seq);
		return;
	}
	s->report->counts[SCOPE_SLIPS]++;
	check_number(s, &slip, record->seq);
	compare_row(s, &s->slips, record->seq, &slip, NULL, slip.number);
	at = slip.members[BODY_LINES].value;
	while ((step = evidence_line_read(&at, slip.kind, &line)) == SCAN_ITEM) {
		s->report->counts[SCOPE_ENTRIES]++;
		snprintf(of, sizeof of, "%s lines[%d]", slip.number, i++);
		enter(s, &line, of);
		compare_row(s, &s->entries, record->seq, &slip, &line, of);
	}
	if (step == SCAN_BAD) {
		evidence_fault(s->report, CHECK_RECORDS, "不成分录 no entry", "",
		    "events.ndjson #%" PRId64 " %s lines[%d]", record->seq, slip.number, i);
		rows_skip(s, &s->entries, record->seq);
	}
}

/* --- One event --- */

static void check_leaf(struct state *s, int64_t seq, const uint8_t hash[MERKLE_HASH])
{
	char hex[LEAF_LINE + 1];
	enum evidence_step step;

	if (s->leaves_given_up)
		return;
	step = evidence_line(&s->walk->leaves, LEAF_LINE, &s->leaf);
	crypto_hex(hash, MERKLE_HASH, hex);
	if (step == EVIDENCE_GOT && s->leaf.len == LEAF_LINE &&
	    memcmp(s->leaf.data, hex, LEAF_LINE) == 0)
		return;
	if (step == EVIDENCE_DAMAGED)
		evidence_fault(s->report, CHECK_MEMBERS, "损坏 damaged", "", "leaves.txt");
	else
		evidence_fault(s->report, CHECK_LEAVES, hex,
		    step == EVIDENCE_GOT ? buf_str(&s->leaf) : "leaves.txt 没有 has none",
		    "events.ndjson 第 %" PRId64 " 行 line (#%" PRId64 ")", s->walk->events.count,
		    seq);
	s->leaves_given_up = step != EVIDENCE_GOT;
}

/* Is it the event that the older file had in its place? */
static void check_older(struct state *s, const uint8_t hash[MERKLE_HASH])
{
	char hex[LEAF_LINE + 1];

	while (!s->older_given_up && s->older_seq <= s->seq) {
		s->older_given_up =
		    evidence_line(&s->walk->older, LEAF_LINE, &s->leaf) != EVIDENCE_GOT ||
		    s->leaf.len != LEAF_LINE;
		if (s->older_given_up || s->older_seq++ < s->seq)
			continue;
		crypto_hex(hash, MERKLE_HASH, hex);
		if (memcmp(s->leaf.data, hex, LEAF_LINE) != 0)
			evidence_fault(s->report, CHECK_SINCE, hex, buf_str(&s->leaf),
			    "#%" PRId64 " 与旧证据文件不同 is not what the older file had", s->seq);
	}
}

/* What the record says of itself: its place in the log, its store, its time. */
static void check_record(struct state *s, const struct evidence_record *record)
{
	const struct scan_item *m = record->members;
	char found[80], expected[64];

	if (record->seq != s->seq) {
		snprintf(found, sizeof found, "#%" PRId64, record->seq);
		snprintf(expected, sizeof expected, "#%" PRId64, s->seq);
		evidence_fault(s->report, CHECK_SEQUENCE, found, expected,
		    "events.ndjson 第 %" PRId64 " 行 line", s->walk->events.count);
	}
	if (m[RECORD_STORE].len - 2 != strlen(s->walk->store) ||
	    memcmp(m[RECORD_STORE].value + 1, s->walk->store, m[RECORD_STORE].len - 2) != 0) {
		snprintf(
		    found, sizeof found, "%.*s", (int)m[RECORD_STORE].len, m[RECORD_STORE].value);
		evidence_fault(
		    s->report, CHECK_STORE, found, s->walk->store, "#%" PRId64, record->seq);
	}
	snprintf(found, sizeof found, "%.*s", (int)m[RECORD_AT].len - 2, m[RECORD_AT].value + 1);
	if (record->at_us < s->latest_us - CLOCK_BACK) {
		snprintf(expected, sizeof expected, "≥ %s − 1 h", s->walk->last_at);
		evidence_fault(s->report, CHECK_TIMES, found, expected, "#%" PRId64, record->seq);
	}
	if (record->at_us > s->latest_us)
		s->latest_us = record->at_us;
	if (!s->walk->first_at[0])
		memcpy(s->walk->first_at, found, sizeof s->walk->first_at - 1);
	memcpy(s->walk->last_at, found, sizeof s->walk->last_at - 1);
}

static void note_root(const struct merkle *tree, struct evidence_root *root)
{
	if (root->size != tree->size)
		return;
	merkle_root(tree, root->root);
	root->seen = true;
}

static void check_event(struct state *s)
{
	uint8_t hash[MERKLE_HASH];
	struct evidence_record record;
	const char *text = buf_str(&s->line), *bad = NULL;
	size_t at;

	crypto_leaf_hash(text, s->line.len, hash);
	merkle_append(&s->tree, hash);
	note_root(&s->tree, &s->walk->since);
	note_root(&s->tree, &s->walk->code);
	check_leaf(s, s->seq, hash);
	check_older(s, hash);
	if (s->walk->show == s->seq) {
		s->walk->shown.len = 0;
		buf_add(&s->walk->shown, s->line.data, s->line.len);
	}
	if (!canonical_check(text, s->line.len, &at)) {
		evidence_fault(s->report, CHECK_RECORDS, "不是规范 JSON not canonical JSON", "",
		    "events.ndjson 第 %" PRId64 " 行 line (#%" PRId64 "), 第 %zu 字节 byte",
		    s->walk->events.count, s->seq, at + 1);
	} else if ((bad = evidence_record_read(text, &record)) != NULL) {
		evidence_fault(s->report, CHECK_RECORDS, "不成记录 no record of ours", "",
		    "events.ndjson 第 %" PRId64 " 行 line (#%" PRId64 ") %s", s->walk->events.count,
		    s->seq, bad);
	} else {
		check_record(s, &record);
		rows_before(s, &s->slips, record.seq);
		rows_before(s, &s->entries, record.seq);
		if (record.slip)
			check_slip(s, &record);
		s->seq = record.seq + 1;
		return;
	}
	rows_skip(s, &s->slips, s->seq);
	rows_skip(s, &s->entries, s->seq);
	s->seq++;
}

/* --- The whole --- */

/* Is it still worth reading on? */
static bool sensible(const struct state *s)
{
	return s->report->findings[CHECK_RECORDS].faults < GIVE_UP &&
	       s->report->findings[CHECK_SEQUENCE].faults < GIVE_UP && s->seq < MERKLE_MAX_SIZE;
}

static bool start_tree(struct state *s)
{
	const struct evidence_proof *proof = s->walk->proof;

	if (!merkle_load(&s->tree, proof->first - 1, proof->left,
		sizeof *proof->left * (size_t)proof->left_count))
		return false;
	note_root(&s->tree, &s->walk->since);
	note_root(&s->tree, &s->walk->code);
	return true;
}

static bool finish_tree(struct state *s)
{
	const struct evidence_proof *proof = s->walk->proof;
	struct merkle_node nodes[MERKLE_MAX_COVER];
	int count = merkle_cover((struct merkle_range){proof->last, proof->size}, nodes);

	if (s->tree.size != proof->last)
		return false;
	for (int i = 0; i < count; i++)
		if (!merkle_append_node(&s->tree, nodes[i].height, proof->right[i]))
			return false;
	note_root(&s->tree, &s->walk->since);
	note_root(&s->tree, &s->walk->code);
	merkle_root(&s->tree, s->walk->root);
	return true;
}

static void finish_leaves(struct state *s)
{
	if (!s->leaves_given_up &&
	    evidence_line(&s->walk->leaves, LEAF_LINE, &s->leaf) != EVIDENCE_END)
		evidence_fault(s->report, CHECK_LEAVES, "多出的行 lines of no event", "",
		    "leaves.txt 第 %" PRId64 " 行 line", s->walk->leaves.count);
}

static void walk_events(struct state *s)
{
	const struct evidence_proof *proof = s->walk->proof;
	enum evidence_step step;
	char found[32], expected[32];

	s->walk->whole = start_tree(s);
	while (
	    (step = evidence_line(&s->walk->events, EVIDENCE_MAX_LINE, &s->line)) == EVIDENCE_GOT) {
		s->report->counts[SCOPE_EVENTS]++;
		check_event(s);
		if (!sensible(s)) {
			s->walk->whole = false;
			return;
		}
	}
	if (step == EVIDENCE_DAMAGED)
		evidence_fault(s->report, CHECK_MEMBERS, "损坏 damaged", "", "events.ndjson");
	if (step == EVIDENCE_BAD)
		evidence_fault(s->report, CHECK_RECORDS, "行过长或未完 a line too long, or cut off",
		    "", "events.ndjson #%" PRId64, s->seq);
	if (step != EVIDENCE_END) {
		s->walk->whole = false;
		return;
	}
	rows_before(s, &s->slips, INT64_MAX);
	rows_before(s, &s->entries, INT64_MAX);
	finish_leaves(s);
	if (s->tree.size != proof->last) {
		snprintf(found, sizeof found, "#%" PRId64, s->tree.size);
		snprintf(expected, sizeof expected, "#%" PRId64, proof->last);
		evidence_fault(
		    s->report, CHECK_SEQUENCE, found, expected, "events.ndjson 末行 last line");
	}
	s->walk->whole &= finish_tree(s);
}

void evidence_walk(struct evidence_walk *walk, struct evidence_report *report)
{
	struct evidence_totals totals;
	struct state s = {
	    .walk = walk,
	    .report = report,
	    .seq = walk->proof->first,
	    .latest_us = INT64_MIN / 2,
	    .older_seq = walk->older_first,
	    .older_given_up = walk->older_first == 0,
	    .slips = {"slips.csv", EVIDENCE_SLIP_ROWS, CHECK_SLIPS, &walk->slips},
	    .entries = {"entries.csv", EVIDENCE_ENTRY_ROWS, CHECK_ENTRIES, &walk->entries},
	};

	s.books = evidence_books_new(walk->proof->first == 1);
	table_start(&s, &s.slips);
	table_start(&s, &s.entries);
	walk_events(&s);
	evidence_books_totals(s.books, &totals);
	walk->ledgers = totals.ledgers;
	walk->lots = totals.lots;
	evidence_books_free(s.books);
	evidence_row_free(&s.slips.row);
	evidence_row_free(&s.entries.row);
	buf_free(&s.line);
	buf_free(&s.leaf);
	buf_free(&s.expected);
}
