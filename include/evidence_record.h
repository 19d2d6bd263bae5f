/*
 * evidence_record.h - a line of events.ndjson taken apart, and held against the rows of slips.csv and
 * entries.csv. Pure; the bytes may be anybody's.
 */
#ifndef EVIDENCE_RECORD_H
#define EVIDENCE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "clock.h"
#include "evidence_source.h"
#include "scan.h"
#include "slip.h"

/* Members of a record, in its order; of a slip's body; of a line of it. */
enum {
	RECORD_ACTOR,
	RECORD_AT,
	RECORD_BODY,
	RECORD_SEQ,
	RECORD_SOURCE,
	RECORD_STORE,
	RECORD_TYPE,
	RECORD_MEMBERS
};
enum {
	BODY_BUSINESS_DATE,
	BODY_COUNTERPARTY,
	BODY_DOCUMENT,
	BODY_EVENT_SEQ,
	BODY_HANDLER,
	BODY_KIND,
	BODY_LINES,
	BODY_NOTE,
	BODY_NUMBER,
	BODY_POSTED_AT,
	BODY_POSTED_BY,
	BODY_REASON,
	BODY_RECEIVER,
	BODY_REVERSED_BY,
	BODY_REVERSES,
	BODY_STORE,
	BODY_MEMBERS
};
enum {
	LINE_BALANCE_AFTER,
	LINE_EXPIRES,
	LINE_ITEM,
	LINE_LEDGER_SEQ,
	LINE_LINE,
	LINE_LOT,
	LINE_PACK,
	LINE_PACK_QUANTITY,
	LINE_QUANTITY,
	LINE_MEMBERS
};

/* The items point into the line that was read. */
struct evidence_record {
	struct scan_item members[RECORD_MEMBERS];
	int64_t seq, at_us;
	bool slip; /* of a slip that was posted or reversed another */
};

struct evidence_slip {
	struct scan_item members[BODY_MEMBERS];
	enum slip_kind kind;
	clock_date date;
	int serial;
	char number[SLIP_NUMBER_MAX];
};

struct evidence_line {
	struct scan_item members[LINE_MEMBERS];
	int64_t ledger_seq, quantity /* out: negative */, balance_after;
};

/* NULL, or the name of what is missing or wrong. text is canonical and ends in a NUL. */
const char *evidence_record_read(const char *text, struct evidence_record *out);
const char *evidence_slip_read(
    const struct evidence_record *record, const char *store, struct evidence_slip *out);

/* The next line of a slip; *at stands on its members[BODY_LINES].value at first. */
enum scan_step evidence_line_read(const char **at, enum slip_kind kind, struct evidence_line *out);

/* What a string, number or null says, as text that is appended. */
void evidence_text(const struct scan_item *item, struct buf *out);

/* --- Rows --- */

enum evidence_table { EVIDENCE_SLIP_ROWS, EVIDENCE_ENTRY_ROWS };

/* Is the row the table's header? */
bool evidence_row_header(enum evidence_table table, const struct evidence_row *row);

/* The event that a row belongs to; -1: none. */
int64_t evidence_row_seq(const struct evidence_row *row);

/*
 * Does the row say what the slip (and line) does? NULL, or the name of the first column that differs,
 * with what it should say in expected, and *cell, what it says.
 */
const char *evidence_row_differs(enum evidence_table table, const struct evidence_row *row,
    const struct evidence_slip *slip, const struct evidence_line *line, struct buf *expected,
    const char **cell);

#endif
