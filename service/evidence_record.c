/* evidence_record.c - the members that our events have, by tables of their names. */
#include "evidence_record.h"

#include <stdlib.h>
#include <string.h>

#include "canonical.h"
#include "csv_cell.h"
#include "evidence_books.h"

static const char *const record_members[RECORD_MEMBERS] = {
    "actor", "at", "body", "seq", "source", "store", "type"};

static const char *const body_members[BODY_MEMBERS] = {"business_date", "counterparty", "document",
    "event_seq", "handler", "kind", "lines", "note", "number", "posted_at", "posted_by", "reason",
    "receiver", "reversed_by", "reverses", "store"};

static const char *const line_members[LINE_MEMBERS] = {"balance_after", "expires", "item",
    "ledger_seq", "line", "lot", "pack", "pack_quantity", "quantity"};

/* --- Values --- */

static bool named(const struct scan_item *item, const char *name)
{
	return item->name && item->name_len == strlen(name) &&
	       memcmp(item->name, name, item->name_len) == 0;
}

static bool is_word(const struct scan_item *item, const char *word)
{
	return item->len == strlen(word) + 2 && memcmp(item->value + 1, word, item->len - 2) == 0;
}

static bool is_string(const struct scan_item *item)
{
	return *item->value == '"';
}

static bool is_null(const struct scan_item *item)
{
	return *item->value == 'n';
}

static bool same(const struct scan_item *a, const struct scan_item *b)
{
	return a->len == b->len && memcmp(a->value, b->value, a->len) == 0;
}

/* A whole number between these. */
static bool integer(const struct scan_item *item, int64_t min, int64_t max, int64_t *out)
{
	if (item->len > 19 || !strchr("-0123456789", *item->value) ||
	    memchr(item->value, '.', item->len))
		return false;
	*out = strtoll(item->value, NULL, 10);
	return *out >= min && *out <= max;
}

void evidence_text(const struct scan_item *item, struct buf *out)
{
	if (is_string(item))
		canonical_text(item->value, item->len, out);
	else if (!is_null(item))
		buf_add(out, item->value, item->len);
}

/* Of at most max - 1 bytes, without a NUL within. */
static bool short_text(const struct scan_item *item, char *out, size_t max)
{
	struct buf text = BUF_EMPTY;
	bool ok = is_string(item);

	if (ok)
		evidence_text(item, &text);
	ok = ok && text.len < max && !(text.len > 0 && memchr(text.data, 0, text.len));
	if (ok)
		memcpy(out, buf_str(&text), text.len + 1);
	buf_free(&text);
	return ok;
}

/* --- Objects --- */

/* Exactly these members, in this order. NULL, or the first that is not there. */
static const char *read_members(
    const char **p, const char *const names[], int count, struct scan_item items[])
{
	struct scan_item more;

	if (**p != '{')
		return names[0];
	for (int i = 0; i < count; i++)
		if (scan_next(p, &items[i]) != SCAN_ITEM || !named(&items[i], names[i]))
			return names[i];
	return scan_next(p, &more) == SCAN_END ? NULL : "…";
}

const char *evidence_record_read(const char *text, struct evidence_record *out)
{
	struct scan_item *m = out->members;
	const char *bad = read_members(&text, record_members, RECORD_MEMBERS, m);

	if (bad)
		return bad;
	for (int i = 0; i < RECORD_MEMBERS; i++)
		if (i != RECORD_BODY && i != RECORD_SEQ && !is_string(&m[i]))
			return record_members[i];
	if (!integer(&m[RECORD_SEQ], 1, EVIDENCE_MAX_QUANTITY, &out->seq))
		return "seq";
	if (!clock_instant(m[RECORD_AT].value + 1, m[RECORD_AT].len - 2, &out->at_us))
		return "at";
	out->slip =
	    is_word(&m[RECORD_TYPE], "slip_posted") || is_word(&m[RECORD_TYPE], "slip_reversed");
	return NULL;
}

/* A slip says the same as its record, and its number the same as its kind and day. */
static const char *check_slip(
    const struct evidence_record *record, const char *store, struct evidence_slip *slip)
{
	const struct scan_item *m = slip->members;
	enum slip_kind kind;
	clock_date date;
	char day[11];

	if (!same(&m[BODY_EVENT_SEQ], &record->members[RECORD_SEQ]))
		return "event_seq";
	if (!same(&m[BODY_POSTED_AT], &record->members[RECORD_AT]))
		return "posted_at";
	if (!same(&m[BODY_POSTED_BY], &record->members[RECORD_ACTOR]))
		return "posted_by";
	if (!same(&m[BODY_STORE], &record->members[RECORD_STORE]))
		return "store";
	if (!short_text(&m[BODY_BUSINESS_DATE], day, sizeof day) ||
	    !clock_date_parse(day, &slip->date))
		return "business_date";
	if (!is_word(&m[BODY_KIND], "in") && !is_word(&m[BODY_KIND], "out"))
		return "kind";
	slip->kind = is_word(&m[BODY_KIND], "in") ? SLIP_IN : SLIP_OUT;
	if (!short_text(&m[BODY_NUMBER], slip->number, sizeof slip->number) ||
	    !slip_number_parse(slip->number, store, &kind, &date, &slip->serial) ||
	    kind != slip->kind || date != slip->date)
		return "number";
	if (is_null(&m[BODY_REVERSES]) != is_word(&record->members[RECORD_TYPE], "slip_posted"))
		return "reverses";
	if (!is_null(&m[BODY_REVERSED_BY]))
		return "reversed_by";
	return m[BODY_LINES].value[0] == '[' && m[BODY_LINES].len > 2 ? NULL : "lines";
}

const char *evidence_slip_read(
    const struct evidence_record *record, const char *store, struct evidence_slip *out)
{
	const char *p = record->members[RECORD_BODY].value;
	const char *bad = read_members(&p, body_members, BODY_MEMBERS, out->members);

	return bad ? bad : check_slip(record, store, out);
}

enum scan_step evidence_line_read(const char **at, enum slip_kind kind, struct evidence_line *out)
{
	struct scan_item item, *m = out->members;
	enum scan_step step = scan_next(at, &item);
	const char *p = item.value;
	int64_t ignored;

	if (step != SCAN_ITEM)
		return step;
	if (read_members(&p, line_members, LINE_MEMBERS, m) || !is_string(&m[LINE_ITEM]) ||
	    !integer(&m[LINE_BALANCE_AFTER], 0, EVIDENCE_MAX_QUANTITY, &out->balance_after) ||
	    !integer(&m[LINE_LEDGER_SEQ], 1, EVIDENCE_MAX_QUANTITY, &out->ledger_seq) ||
	    !integer(&m[LINE_LINE], 0, SLIP_MAX_LINES, &ignored) ||
	    !integer(&m[LINE_QUANTITY], 1, EVIDENCE_MAX_QUANTITY, &out->quantity))
		return SCAN_BAD;
	if (kind == SLIP_OUT)
		out->quantity = -out->quantity;
	return SCAN_ITEM;
}

/* --- Rows --- */

enum from { FROM_BODY, FROM_BODY_INSTANT, FROM_LINE, FROM_QUANTITY_IN, FROM_QUANTITY_OUT };

struct column {
	const char *name;
	enum from from;
	int member;
};

static const struct column slip_columns[] = {
    {"event_seq", FROM_BODY, BODY_EVENT_SEQ},
    {"number", FROM_BODY, BODY_NUMBER},
    {"store", FROM_BODY, BODY_STORE},
    {"kind", FROM_BODY, BODY_KIND},
    {"reason", FROM_BODY, BODY_REASON},
    {"business_date", FROM_BODY, BODY_BUSINESS_DATE},
    {"counterparty", FROM_BODY, BODY_COUNTERPARTY},
    {"receiver", FROM_BODY, BODY_RECEIVER},
    {"handler", FROM_BODY, BODY_HANDLER},
    {"document", FROM_BODY, BODY_DOCUMENT},
    {"note", FROM_BODY, BODY_NOTE},
    {"posted_at", FROM_BODY_INSTANT, BODY_POSTED_AT},
    {"posted_by", FROM_BODY, BODY_POSTED_BY},
    {"reverses", FROM_BODY, BODY_REVERSES},
};

static const struct column entry_columns[] = {
    {"event_seq", FROM_BODY, BODY_EVENT_SEQ},
    {"slip", FROM_BODY, BODY_NUMBER},
    {"line", FROM_LINE, LINE_LINE},
    {"business_date", FROM_BODY, BODY_BUSINESS_DATE},
    {"kind", FROM_BODY, BODY_KIND},
    {"item", FROM_LINE, LINE_ITEM},
    {"ledger_seq", FROM_LINE, LINE_LEDGER_SEQ},
    {"quantity_in", FROM_QUANTITY_IN, LINE_QUANTITY},
    {"quantity_out", FROM_QUANTITY_OUT, LINE_QUANTITY},
    {"balance_after", FROM_LINE, LINE_BALANCE_AFTER},
    {"lot", FROM_LINE, LINE_LOT},
    {"expires", FROM_LINE, LINE_EXPIRES},
    {"pack_quantity", FROM_LINE, LINE_PACK_QUANTITY},
    {"pack", FROM_LINE, LINE_PACK},
};

static const struct table {
	const struct column *columns;
	int count;
} tables[] = {
    [EVIDENCE_SLIP_ROWS] = {slip_columns, sizeof slip_columns / sizeof *slip_columns},
    [EVIDENCE_ENTRY_ROWS] = {entry_columns, sizeof entry_columns / sizeof *entry_columns},
};

bool evidence_row_header(enum evidence_table table, const struct evidence_row *row)
{
	static const char bom[] = "\xef\xbb\xbf";
	const char *first;

	if (row->count != tables[table].count)
		return false;
	first = evidence_cell(row, 0);
	if (strncmp(first, bom, strlen(bom)) != 0 ||
	    strcmp(first + strlen(bom), tables[table].columns[0].name) != 0)
		return false;
	for (int i = 1; i < row->count; i++)
		if (strcmp(evidence_cell(row, i), tables[table].columns[i].name) != 0)
			return false;
	return true;
}

int64_t evidence_row_seq(const struct evidence_row *row)
{
	const char *cell = row->count > 0 ? evidence_cell(row, 0) : "";
	size_t len = strlen(cell);

	if (len < 1 || len > 18 || strspn(cell, "0123456789") != len || *cell == '0')
		return -1;
	return strtoll(cell, NULL, 10);
}

static const struct scan_item *member_of(
    const struct column *column, const struct evidence_slip *slip, const struct evidence_line *line)
{
	if (column->from == FROM_BODY || column->from == FROM_BODY_INSTANT)
		return &slip->members[column->member];
	return &line->members[column->member];
}

static void write_cell(const struct column *column, const struct evidence_slip *slip,
    const struct evidence_line *line, struct buf *out)
{
	const struct scan_item *item = member_of(column, slip, line);
	struct buf text = BUF_EMPTY;

	out->len = 0;
	if ((column->from == FROM_QUANTITY_IN && slip->kind == SLIP_OUT) ||
	    (column->from == FROM_QUANTITY_OUT && slip->kind == SLIP_IN)) {
		buf_putc(out, '0');
		return;
	}
	evidence_text(item, &text);
	if (is_string(item) && csv_cell_guarded(text.data, text.len))
		buf_putc(out, '\'');
	buf_add(out, text.data, text.len);
	buf_free(&text);
}

/* The moment counts, not the offset that a session writes it with. */
static bool same_instant(const char *cell, const struct scan_item *item)
{
	int64_t a, b;

	return clock_instant(cell, strlen(cell), &a) &&
	       clock_instant(item->value + 1, item->len - 2, &b) && a == b;
}

const char *evidence_row_differs(enum evidence_table table, const struct evidence_row *row,
    const struct evidence_slip *slip, const struct evidence_line *line, struct buf *expected,
    const char **cell)
{
	const struct column *columns = tables[table].columns;
	int count = tables[table].count;

	for (int i = 0; i < count; i++) {
		*cell = i < row->count ? evidence_cell(row, i) : "";
		write_cell(&columns[i], slip, line, expected);
		if (i < row->count && strlen(*cell) == expected->len &&
		    memcmp(*cell, buf_str(expected), expected->len) == 0)
			continue;
		if (columns[i].from == FROM_BODY_INSTANT &&
		    same_instant(*cell, member_of(&columns[i], slip, line)))
			continue;
		return columns[i].name;
	}
	expected->len = 0;
	*cell = "";
	return row->count == count ? NULL : "…";
}
