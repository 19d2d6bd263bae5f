/*
 * import.h - a CSV file turned into slips by a mapping, decided as far as it can be without posting.
 *
 *   import_open → items (import_items.h) → import_plan → import_command, import_answer for each slip
 *
 * Every row meets one fate. Rows hold what was decided about them; their texts stay in the table and
 * are put together when a slip is made, so that memory grows by a few words a row.
 */
#ifndef IMPORT_H
#define IMPORT_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "command.h"
#include "csv_table.h"
#include "mapping.h"

/* Why a row was not posted. Strings are owned. */
struct import_reason {
	char *code, *zh, *en;
};

enum import_fate { IMPORT_READY, IMPORT_POSTED, IMPORT_REPEATED, IMPORT_REJECTED, IMPORT_SKIPPED };
#define IMPORT_FATES 5

#define IMPORT_NONE INT64_MIN /* no such balance */

/* An item of the store, or one that the mapping makes. Strings are owned. */
struct import_item {
	char *code, *name_zh, *name_en, *unit, *unit_en;
	char *category;  /* of one to be made; else NULL */
	json_t *packs;   /* {name: base units}, or NULL */
	bool moved;      /* its ledger has entries: in the store, or by an earlier row */
	int64_t balance; /* after the rows looked at so far, or IMPORT_NONE */
	int64_t off;     /* by how much the last claimed balance differed */
};

struct import_row {
	size_t at; /* in the table */
	int64_t order;
	struct import_reason *reason; /* of a rejected or skipped row; owned */
	uint32_t first_slip;
	int32_t item;       /* -1: none */
	int32_t number, of; /* base units of one counted unit, as a fraction */
	int64_t claimed;    /* balance as the file has it, in base units, or IMPORT_NONE */
	int64_t balance;    /* as the ledger has it after the row's slips, or IMPORT_NONE */
	uint8_t digest[16]; /* of its idempotency keys */
	uint8_t slip_count, answered;
	bool posted, fresh;                  /* a slip of it stands in the ledger; since now */
	uint8_t attempts[MAPPING_MAX_SLIPS]; /* from 0: how often a slip was refused before */
	uint8_t fate;
};

struct import_slip {
	uint32_t row;
	uint8_t rule; /* in the mapping */
	bool done;
	clock_date date, expires;
	int64_t quantity;
	const char *pack; /* the item's; NULL: base units */
};

/* A claimed balance that is not the ledger's. */
struct import_difference {
	uint32_t line;
	int32_t item;
	int64_t expected, found;
	bool carried; /* as much as the one before: it follows from that */
};

struct import {
	struct mapping *mapping;
	struct csv_table *table;
	size_t header;                /* row of the table */
	int at[TEMPLATE_MAX_COLUMNS]; /* column of the table for each of the mapping's; -1: none */
	bool create_items;

	struct import_item *items;
	int item_count, item_capacity;
	json_t *by_code, *by_name; /* → index of items */

	struct import_row *rows; /* in posting order once planned */
	uint32_t row_count;
	struct import_slip *slips;
	uint32_t slip_count, slip_capacity;
	uint32_t fates[IMPORT_FATES];
	uint32_t slips_posted;

	struct import_difference *differences;
	uint32_t difference_count, difference_capacity;
	uint32_t checked; /* rows whose claims have been looked at */

	/* One row at a time. */
	struct template_row row;
	const char *cells[TEMPLATE_MAX_COLUMNS];
	struct buf text, scratch, name;
};

/* Take a mapping and a table and find the header. false: a column is missing, as error says. The
   caller keeps both until import_close(). */
bool import_open(struct import *import, struct mapping *mapping, struct csv_table *table,
    char *error, size_t error_size);
void import_close(struct import *import);

/* Tell of an item that the store knows. packs may be NULL; a reference is taken. */
struct import_item *import_add_item(struct import *import, const char *code, const char *name_zh,
    const char *name_en, const char *unit, const char *unit_en, json_t *packs);

/* Decide about every row: slips, or a reason. */
void import_plan(struct import *import);

/* Make the cells of a row what templates see. */
void import_look(struct import *import, const struct import_row *row);

/*
 * Make the commands of a row's slips that are not done, key and all but who posts them. 0: the row
 * turned out to be wrong, which then is its fate. The caller owns the commands.
 */
int import_commands(struct import *import, struct import_row *row,
    struct post_command *commands[MAPPING_MAX_SLIPS], struct import_slip *slips[MAPPING_MAX_SLIPS]);

/* Take in the answer to a slip. false: nothing is decided (503), ask again. */
bool import_answer(
    struct import *import, struct import_slip *slip, const struct post_answer *answer);

/* Compare claimed balances, of rows whose fate is known and that no undecided row stands before. */
void import_check(struct import *import);

/* Where a row stands in the file. */
uint32_t import_line(const struct import *import, const struct import_row *row);

/*
 * Give a row its fate for a reason of import_reasons.def, by its index there; {value} in its texts
 * is value.
 */
enum import_code {
#define REASON(code, ...) IMPORT_##code,
#include "import_reasons.def"
#undef REASON
	IMPORT_CODES
};
void import_give_up(
    struct import *import, struct import_row *row, enum import_code code, const char *value);
void import_settle(struct import *import, struct import_row *row, enum import_fate fate,
    const char *code, const char *zh, const char *en);

/* The columns that a rejects file adds. */
extern const char *const import_reject_columns[];
enum { REJECT_ROW, REJECT_CODE, REJECT_ZH, REJECT_EN, REJECT_ATTEMPTS, REJECT_COLUMNS };

#endif
