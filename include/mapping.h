/*
 * mapping.h - a mapping file: how the rows of a CSV file become slips. JSON; `taizhang import --help`
 * and deploy/mappings/ show it.
 *
 *   name       of the idempotency keys: keep it once something was imported
 *   about      for people
 *   extends    another mapping file, beside this one: what is not said here is taken from there
 *   identity   [column]: what makes a row the same row in the next file; default: all columns
 *   optional   [column]: columns that a file may lack; without it they are empty
 *   fill_down  [column, or [column, follower…]]: an empty cell means the one above; a follower's only
 *              where the first one's is empty, too (as in cells merged over several rows)
 *   blank      [text]: cells that mean nothing, such as "/"
 *   dates      {"order": "YMD" | "DMY" | "MDY", "year": of dates without one}
 *   order      TEXT: a date and time; rows are posted in its order, default: the file's
 *   maps       {map: {value: value}} for {column|map}
 *   units      {table: {unit: how many base units, as 2 or "1/2"}}
 *   rows       [WHEN + {"skip": REASON} or {"reject": REASON}]: rows that are no movement
 *   unit       TEXT: what quantities count; one glued to the quantity (198箱) is seen, too
 *   contents   {"in": TEXT, "rules": [{"match": RE, "count": [group…], "unit": group or text,
 *              "per": group}]}: how much a pack holds, as 2000只/箱; without per: whatever the row counts
 *   new        fields of items to make, where a CHOICE does not say them itself
 *   item       TEXT that the conditions of items look at unless they say otherwise
 *   items      [WHEN + CHOICE]: the first that fits decides
 *   quantity   TEXT
 *   slips      [{"kind": "in" | "out", "reason": VALUE, "business_date": VALUE, …}]: what a row posts, in
 *              this order. "quantity": TEXT of this slip alone, which is left out where it is empty;
 *              "opening": true: only for a ledger's first row, when nothing else moved
 *   balance    TEXT: the balance that the file claims after the row
 *
 *   TEXT       see template.h
 *   WHEN       "on": TEXT, and "is": [text…], "is_not": [text…], "match": RE or "no_match": RE; without
 *              any: always. RE: POSIX extended, not minding case, over the text with full-width
 *              characters folded; alternatives of Chinese characters as (只|支), not in brackets
 *   REASON     {"code", "zh", "en"}
 *   VALUE      TEXT, or [WHEN + {"value": TEXT}], the first that fits
 *   CHOICE     {"item": TEXT} a code; {"known": true} the item whose code or name the text is; or
 *              {"reject": REASON}. With "new": {"category", "name_zh", "name_en", "unit", "unit_en"}
 *              of TEXTs the item is made if it is missing; with "units": a table's name the row must
 *              be countable by that table; "or": the CHOICE to take where it is not
 */
#ifndef MAPPING_H
#define MAPPING_H

#include <regex.h>

#include "cell.h"
#include "slip.h"
#include "template.h"

#define MAPPING_MAX_NAME 20

struct mapping_reason {
	const char *code, *zh, *en;
};

struct mapping_when {
	enum { WHEN_ALWAYS, WHEN_IS, WHEN_IS_NOT, WHEN_MATCH, WHEN_NO_MATCH } kind;
	struct template_text on; /* without a source: the text that is looked at anyway */
	const json_t *words;
	regex_t re;
};

struct mapping_row_rule {
	struct mapping_when when;
	bool skip; /* else: reject */
	struct mapping_reason reason;
};

#define MAPPING_MAX_GROUPS 10 /* with the whole match */

struct mapping_content {
	regex_t re;
	int counts[MAPPING_MAX_GROUPS]; /* groups whose product is the content; 0 ends them */
	int unit, per;                  /* groups; 0: none */
	const char *unit_word;          /* instead of a group */
};

enum mapping_new { NEW_CATEGORY, NEW_NAME_ZH, NEW_NAME_EN, NEW_UNIT, NEW_UNIT_EN, NEW_FIELDS };

struct mapping_item {
	struct mapping_when when;
	struct template_text code;
	bool known;
	bool is_new;
	struct template_text fields[NEW_FIELDS];
	const json_t *units;          /* object, or NULL */
	struct mapping_reason reject; /* code NULL: it is not one */
	struct mapping_item *otherwise;
};

struct mapping_case {
	struct mapping_when when;
	struct template_text text;
};

/* A field with conditions; one case without any, mostly. */
struct mapping_value {
	int count;
	struct mapping_case *cases;
};

enum mapping_field {
	MAPPING_REASON,
	MAPPING_BUSINESS_DATE,
	MAPPING_COUNTERPARTY,
	MAPPING_RECEIVER,
	MAPPING_HANDLER,
	MAPPING_DOCUMENT,
	MAPPING_NOTE,
	MAPPING_LOT,
	MAPPING_EXPIRES,
	MAPPING_FIELDS
};
extern const char *const mapping_field_names[MAPPING_FIELDS + 1];

struct mapping_slip {
	enum slip_kind kind;
	bool opening;
	struct template_text quantity; /* without a source: the row's */
	struct mapping_value fields[MAPPING_FIELDS];
};

#define MAPPING_MAX_SLIPS 4

struct mapping {
	json_t *json; /* all strings are its */
	const char *name;
	struct template_columns columns; /* all that the mapping names */
	bool optional[TEMPLATE_MAX_COLUMNS];
	struct mapping_fill {
		int column, leader;
	} fills[TEMPLATE_MAX_COLUMNS]; /* leaders before their followers */
	int fill_count;
	int identity[TEMPLATE_MAX_COLUMNS], identity_count; /* 0: all columns of the file */
	const json_t *blank;
	struct cell_date_rules dates;
	struct template_text order, unit, quantity, item, balance, content_text;
	int row_rule_count, content_count, item_count, slip_count;
	struct mapping_row_rule *row_rules;
	struct mapping_content *contents;
	struct mapping_item *items;
	struct mapping_slip slips[MAPPING_MAX_SLIPS];
};

/* Read a mapping file. On a fault NULL, with a message that says where. */
struct mapping *mapping_load(const char *path, char *error, size_t error_size);
void mapping_free(struct mapping *mapping);

/*
 * Does the condition hold? text: cleaned and folded, what is looked at unless the condition says
 * otherwise. scratch is used for that.
 */
bool mapping_when(const struct mapping_when *when, const struct template_row *row, const char *text,
    struct buf *scratch);

#define MAPPING_MAX_RATIO 10000
/* How many base units one of the unit is in a table, as a fraction; false: the table lacks it. */
bool mapping_ratio(const json_t *units, const char *unit, int64_t *number, int64_t *of);

#endif
