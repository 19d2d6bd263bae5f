/*
 * import_plan.c - what each row of a file is: an item, quantities in its base units, dates; or why
 * it is none of that. Nothing is posted here.
 */
#include "import.h"

#include <stdlib.h>
#include <string.h>

#include "crypto.h"
#include "die.h"

#define MOST_IN_PACK 100000 /* base units */
#define NAME_DIGEST 10      /* hex digits of a made item's code */

/* What is being decided about a row. */
struct draft {
	struct import *import;
	struct import_row *row;
	const char *text;         /* of the item: cleaned and folded */
	char unit[CELL_UNIT_MAX]; /* of the row's quantities; "" when nothing says */
	int64_t quantities[MAPPING_MAX_SLIPS];
	bool moves[MAPPING_MAX_SLIPS];
	const char *pack;
};

/* These return false when they gave the row up. */
static bool give_up(struct draft *d, enum import_code code, const char *value)
{
	import_give_up(d->import, d->row, code, value);
	return false;
}

static bool give_up_as(struct draft *d, enum import_fate fate, const struct mapping_reason *reason)
{
	import_settle(d->import, d->row, fate, reason->code, reason->zh, reason->en);
	return false;
}

/* A text of the row in import->scratch. */
static bool render(struct draft *d, const struct template_text *t)
{
	struct import *import = d->import;

	if (!t->source) {
		import->scratch.len = 0;
		buf_str(&import->scratch);
		return true;
	}
	if (!template_render(t, &import->row, &import->scratch))
		return give_up(d, IMPORT_no_value, import->scratch.data);
	return true;
}

static bool render_folded(struct draft *d, const struct template_text *t)
{
	if (!render(d, t))
		return false;
	cell_fold(d->import->scratch.data);
	return true;
}

/* --- Rows that are no movement --- */

static bool is_blank(struct import *import, const struct import_row *row)
{
	const char *const *cells = csv_table_row(import->table, row->at);
	struct buf *clean = &import->scratch;

	clean->len = 0;
	for (size_t c = 0; c < import->table->width && clean->len == 0; c++)
		cell_clean(cells[c], clean);
	return clean->len == 0;
}

static bool is_movement(struct draft *d)
{
	struct import *import = d->import;

	if (is_blank(import, d->row))
		return give_up(d, IMPORT_blank_row, NULL);
	for (int i = 0; i < import->mapping->row_rule_count; i++) {
		const struct mapping_row_rule *rule = &import->mapping->row_rules[i];

		if (mapping_when(&rule->when, &import->row, "", &import->scratch))
			return give_up_as(
			    d, rule->skip ? IMPORT_SKIPPED : IMPORT_REJECTED, &rule->reason);
	}
	return true;
}

/* --- Identity --- */

static bool is_empty(const char *cell)
{
	return cell[strspn(cell, " ")] == '\0';
}

/* Empty cells of some columns mean the one above; the table keeps what was meant. */
static void fill_down(struct import *import, const struct import_row *row, const char **above)
{
	const char **cells = import->table->cells + row->at * import->table->width;
	bool led[TEMPLATE_MAX_COLUMNS] = {false}; /* by column: it had a cell of its own */

	for (int i = 0; i < import->mapping->fill_count; i++) {
		const struct mapping_fill *fill = &import->mapping->fills[i];
		int at = import->at[fill->column];

		if (at < 0)
			continue;
		led[fill->column] = !is_empty(cells[at]);
		if (led[fill->column] || led[fill->leader])
			above[fill->column] = cells[at];
		else if (above[fill->column])
			import->cells[fill->column] = cells[at] = above[fill->column];
	}
}

static void add_identity(struct import *import, size_t column, struct buf *out)
{
	const struct csv_table *table = import->table;

	cell_clean(csv_table_row(table, import->header)[column], out);
	buf_putc(out, '\x1f');
}

/*
 * The key's digest: of the cells that make the row this row, and of how many such rows came before,
 * so that the same rows of a later file get the same keys, whatever encoding it has.
 */
static void identify(struct draft *d, json_t *seen)
{
	struct import *import = d->import;
	const struct mapping *m = import->mapping;
	const char *const *cells = csv_table_row(import->table, d->row->at);
	struct buf *text = &import->scratch;
	uint8_t hash[CRYPTO_SHA256_LEN];
	char hex[2 * sizeof d->row->digest + 1];
	json_t *before;
	long long count;

	text->len = 0;
	buf_puts(text, m->name);
	for (int i = 0; i < m->identity_count; i++) {
		buf_puts(text, "\x1e");
		cell_clean(import->cells[m->identity[i]], text);
	}
	for (size_t c = 0; m->identity_count == 0 && c < import->table->width; c++) {
		const char *name = csv_table_row(import->table, import->header)[c];

		if (strncmp(name, "reject_", 7) == 0 || !cells[c][0])
			continue;
		buf_puts(text, "\x1e");
		add_identity(import, c, text);
		cell_clean(cells[c], text);
	}
	crypto_sha256(text->data, text->len, hash);
	crypto_hex(hash, sizeof d->row->digest, hex);
	before = json_object_get(seen, hex);
	count = json_integer_value(before);
	if (before)
		json_integer_set(before, count + 1);
	else
		json_object_set_new(seen, hex, json_integer(1));
	if (count > 0) {
		buf_printf(text, "\x1e#%lld", count);
		crypto_sha256(text->data, text->len, hash);
	}
	memcpy(d->row->digest, hash, sizeof d->row->digest);
}

/* How often each slip of the row was refused before: "1" or "0 1", from a rejects file. */
static void read_attempts(struct draft *d, int column)
{
	const char *s = column < 0 ? "" : csv_table_row(d->import->table, d->row->at)[column];
	char *end;

	for (int i = 0; i < MAPPING_MAX_SLIPS; i++, s = end) {
		unsigned long n = strtoul(s, &end, 10);

		d->row->attempts[i] = (uint8_t)(n > UINT8_MAX ? UINT8_MAX : n);
	}
}

/* --- Quantities --- */

static bool understand(struct draft *d, enum cell_fault fault, const char *cell)
{
	static const enum import_code codes[] = {
	    [CELL_EMPTY] = IMPORT_no_quantity,
	    [CELL_UNREADABLE] = IMPORT_unreadable_quantity,
	    [CELL_FRACTION] = IMPORT_fraction,
	    [CELL_TOO_LARGE] = IMPORT_quantity_too_large,
	};

	return fault == CELL_OK || give_up(d, codes[fault], cell);
}

/* A unit glued to a quantity must not contradict the row's. */
static bool agree(struct draft *d, const char *glued, const char *cell)
{
	if (!glued[0] || strcmp(glued, d->unit) == 0)
		return true;
	if (d->unit[0])
		return give_up(d, IMPORT_unit_conflict, cell);
	strcpy(d->unit, glued);
	return true;
}

static bool read_unit(struct draft *d)
{
	const struct buf *scratch = &d->import->scratch;

	if (!render_folded(d, &d->import->mapping->unit))
		return false;
	if (scratch->len >= sizeof d->unit)
		return give_up(d, IMPORT_unknown_unit, scratch->data);
	strcpy(d->unit, scratch->data);
	return true;
}

/* A slip with a quantity of its own is left out where that is empty or zero. */
static bool read_quantity(struct draft *d, int s)
{
	const struct mapping *m = d->import->mapping;
	const struct template_text *own = &m->slips[s].quantity;
	const char *cell;
	char glued[CELL_UNIT_MAX];
	enum cell_fault fault;

	if (!render(d, own->source ? own : &m->quantity))
		return false;
	cell = d->import->scratch.data;
	fault = cell_quantity(cell, &d->quantities[s], glued);
	if (own->source && (fault == CELL_EMPTY || (fault == CELL_OK && d->quantities[s] == 0)))
		return true;
	if (!understand(d, fault, cell))
		return false;
	if (d->quantities[s] <= 0)
		return give_up(d, IMPORT_quantity_not_positive, cell);
	d->moves[s] = true;
	return agree(d, glued, cell);
}

static bool read_quantities(struct draft *d)
{
	const struct mapping *m = d->import->mapping;
	bool moved = false, opens = false;

	if (!read_unit(d))
		return false;
	for (int s = 0; s < m->slip_count; s++) {
		if (!m->slips[s].opening && !read_quantity(d, s))
			return false;
		moved |= d->moves[s];
	}
	for (int s = 0; s < m->slip_count && !moved; s++) {
		if (m->slips[s].opening && !read_quantity(d, s))
			return false;
		opens |= d->moves[s];
	}
	return moved || opens || give_up(d, IMPORT_nothing_moved, NULL);
}

/* --- Items --- */

/* Does a group of the match spell the unit of the row? */
static bool is_unit(const struct draft *d, const char *text, const regmatch_t *group)
{
	size_t len = (size_t)(group->rm_eo - group->rm_so);

	return group->rm_so >= 0 && strlen(d->unit) == len &&
	       memcmp(text + group->rm_so, d->unit, len) == 0;
}

/* The unit that a content counts in: a word of the rule, or a group of the match. */
static void unit_within(const struct mapping_content *content, const char *text,
    const regmatch_t *groups, char out[CELL_UNIT_MAX])
{
	const regmatch_t *group = &groups[content->unit];

	if (content->unit_word)
		snprintf(out, CELL_UNIT_MAX, "%s", content->unit_word);
	else
		snprintf(out, CELL_UNIT_MAX, "%.*s", (int)(group->rm_eo - group->rm_so),
		    group->rm_so < 0 ? "" : text + group->rm_so);
}

/* The product of some groups; 0 when it is out of all reason. Optional ones may be missing. */
static int64_t product(
    const struct mapping_content *content, const char *text, const regmatch_t *groups)
{
	int64_t count = 1;

	for (int c = 0; content->counts[c] && count <= MOST_IN_PACK; c++) {
		const regmatch_t *group = &groups[content->counts[c]];
		long part = group->rm_so < 0 ? 1 : strtol(text + group->rm_so, NULL, 10);

		count *= part > 0 && part <= MOST_IN_PACK ? part : 0;
	}
	return count <= MOST_IN_PACK ? count : 0;
}

/* How much one unit of the row holds, as its texts say: "2000只/箱". */
static bool told(struct draft *d, const json_t *units)
{
	const struct mapping *m = d->import->mapping;
	const char *text;
	regmatch_t groups[MAPPING_MAX_GROUPS];
	char unit[CELL_UNIT_MAX];

	if (!m->content_text.source || !render_folded(d, &m->content_text))
		return false;
	text = d->import->scratch.data;
	for (int i = 0; i < m->content_count; i++) {
		const struct mapping_content *content = &m->contents[i];
		int64_t number, of, count;

		if (regexec(&content->re, text, MAPPING_MAX_GROUPS, groups, 0) != 0 ||
		    (content->per && !is_unit(d, text, &groups[content->per])))
			continue;
		unit_within(content, text, groups, unit);
		count = product(content, text, groups);
		if (count == 0 || !mapping_ratio(units, unit, &number, &of))
			continue;
		d->row->number = (int32_t)(number * count);
		d->row->of = (int32_t)of;
		return true;
	}
	return false;
}

/* Can the row be counted by the table? */
static bool counts(struct draft *d, const json_t *units)
{
	int64_t number, of;

	if (told(d, units))
		return true;
	if (!mapping_ratio(units, d->unit, &number, &of))
		return false;
	d->row->number = (int32_t)number;
	d->row->of = (int32_t)of;
	return true;
}

/* Counted in the item's own unit, or in one of its packs. */
static bool counts_as_item(struct draft *d, const struct import_item *item)
{
	const char *name;
	json_t *quantity;

	if (!d->unit[0] || strcmp(d->unit, item->unit) == 0 || strcmp(d->unit, item->unit_en) == 0)
		return true;
	json_object_foreach(item->packs, name, quantity) if (strcmp(d->unit, name) == 0)
	{
		d->pack = name;
		d->row->number = (int32_t)json_integer_value(quantity);
		return true;
	}
	return give_up(d, IMPORT_unknown_unit, d->unit);
}

/* Is it an item that the store takes, as far as can be told here? */
static bool item_ok(const char *code, char *const fields[NEW_FIELDS])
{
	size_t len = strlen(code);

	for (int f = 0; f < NEW_FIELDS; f++)
		if (!fields[f][0])
			return false;
	return len >= 1 && len <= 64 && code[0] != '-' &&
	       strspn(code, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

/* The item's fields; a digest of its Chinese name stands for {@digest} in all of them. */
static bool render_new(struct draft *d, const struct mapping_item *choice, char *fields[NEW_FIELDS])
{
	struct import *import = d->import;
	uint8_t hash[CRYPTO_SHA256_LEN];
	static const int order[NEW_FIELDS] = {
	    NEW_NAME_ZH, NEW_NAME_EN, NEW_CATEGORY, NEW_UNIT, NEW_UNIT_EN};

	for (int i = 0; i < NEW_FIELDS; i++) {
		if (!render(d, &choice->fields[order[i]]))
			return false;
		fields[order[i]] = xstrdup(import->scratch.data);
		if (i > 0)
			continue;
		crypto_sha256(import->scratch.data, import->scratch.len, hash);
		import->name.len = 0;
		for (int b = 0; b < NAME_DIGEST / 2; b++)
			buf_printf(&import->name, "%02x", hash[b]);
		import->row.digest = buf_str(&import->name);
	}
	return true;
}

static bool find_item(struct draft *d, const char *code, int *index)
{
	const json_t *known = json_object_get(d->import->by_code, code);

	*index = known ? (int)json_integer_value(known) : -1;
	return known != NULL;
}

/* The item of a choice by its code; made, if the choice says how, when the store lacks it. */
static bool take_item(struct draft *d, const struct mapping_item *choice)
{
	struct import *import = d->import;
	char *fields[NEW_FIELDS] = {NULL}, *code = NULL;
	struct import_item *item;
	bool ok = false;

	import->row.unit = d->unit;
	if ((choice->is_new && !render_new(d, choice, fields)) || !render(d, &choice->code))
		goto out;
	code = xstrdup(import->scratch.data);
	if (find_item(d, code, &d->row->item)) {
		ok = true;
	} else if (!choice->is_new || !import->create_items) {
		give_up(d, IMPORT_item_missing, code);
	} else if (!item_ok(code, fields)) {
		give_up(d, IMPORT_bad_item, code);
	} else {
		item = import_add_item(import, code, fields[NEW_NAME_ZH], fields[NEW_NAME_EN],
		    fields[NEW_UNIT], fields[NEW_UNIT_EN], NULL);
		item->category = xstrdup(fields[NEW_CATEGORY]);
		d->row->item = import->item_count - 1;
		ok = true;
	}
out:
	for (int f = 0; f < NEW_FIELDS; f++)
		free(fields[f]);
	free(code);
	return ok;
}

static bool take(struct draft *d, const struct mapping_item *choice)
{
	for (; choice; choice = choice->otherwise) {
		if (choice->reject.code)
			return give_up_as(d, IMPORT_REJECTED, &choice->reject);
		if (choice->units && !counts(d, choice->units))
			continue;
		if (!choice->known && !take_item(d, choice))
			return false;
		return choice->units || counts_as_item(d, &d->import->items[d->row->item]);
	}
	return give_up(d, d->unit[0] ? IMPORT_unknown_unit : IMPORT_no_unit, d->unit);
}

/* Does the text name an item of the store? */
static bool is_known(struct draft *d)
{
	const json_t *known = json_object_get(d->import->by_name, d->text);

	d->row->item = known ? (int)json_integer_value(known) : -1;
	return known != NULL;
}

static bool choose_item(struct draft *d)
{
	struct import *import = d->import;
	const struct mapping *m = import->mapping;

	if (!template_render(&m->item, &import->row, &import->text))
		return give_up(d, IMPORT_no_value, import->text.data);
	cell_fold(import->text.data);
	d->text = import->text.data;
	if (!d->text[0])
		return give_up(d, IMPORT_no_item, NULL);
	for (int i = 0; i < m->item_count; i++) {
		const struct mapping_item *rule = &m->items[i];

		if (mapping_when(&rule->when, &import->row, d->text, &import->scratch) &&
		    (!rule->known || is_known(d)))
			return take(d, rule);
	}
	return give_up(d, IMPORT_unknown_item, d->text);
}

/* --- Slips --- */

/* In base units, but for packs, which stay as written. */
static bool convert(struct draft *d, int64_t *quantity)
{
	const struct import_row *row = d->row;
	char text[48];

	snprintf(text, sizeof text, "%lld × %d/%d", (long long)*quantity, row->number, row->of);
	if (*quantity > SLIP_MAX_QUANTITY * row->of / row->number)
		return give_up(d, IMPORT_quantity_too_large, text);
	if (d->pack)
		return true;
	if (*quantity * row->number % row->of != 0)
		return give_up(d, IMPORT_not_whole, text);
	*quantity = *quantity * row->number / row->of;
	return true;
}

/* The first value whose condition holds. NULL: none. */
static const struct template_text *value_of(
    struct import *import, const struct mapping_value *value)
{
	for (int i = 0; i < value->count; i++)
		if (mapping_when(
			&value->cases[i].when, &import->row, import->text.data, &import->scratch))
			return &value->cases[i].text;
	return NULL;
}

static bool read_date(
    struct draft *d, const struct mapping_value *value, clock_date *date, bool required)
{
	struct import *import = d->import;
	const struct template_text *t = value_of(import, value);
	enum cell_fault fault = CELL_EMPTY;

	*date = CLOCK_DATE_NEVER;
	if (t && !render(d, t))
		return false;
	if (t)
		fault = cell_date(import->scratch.data, &import->mapping->dates, date, NULL);
	if (fault == CELL_OK || (fault == CELL_EMPTY && !required))
		return true;
	return give_up(d, fault == CELL_EMPTY ? IMPORT_no_date : IMPORT_unreadable_date,
	    t ? import->scratch.data : NULL);
}

static struct import_slip *add_slip(struct import *import)
{
	if (import->slip_count == import->slip_capacity) {
		import->slip_capacity = import->slip_capacity ? 2 * import->slip_capacity : 1024;
		import->slips =
		    xrealloc(import->slips, import->slip_capacity * sizeof *import->slips);
	}
	import->slips[import->slip_count] = (struct import_slip){0};
	return &import->slips[import->slip_count++];
}

static bool make_slips(struct draft *d)
{
	struct import *import = d->import;
	const struct mapping *m = import->mapping;

	d->row->first_slip = import->slip_count;
	for (int s = 0; s < m->slip_count; s++) {
		const struct mapping_value *fields = m->slips[s].fields;
		struct import_slip slip = {
		    .row = (uint32_t)(d->row - import->rows),
		    .rule = (uint8_t)s,
		    .quantity = d->quantities[s],
		    .pack = d->pack,
		};

		if (!d->moves[s])
			continue;
		if (!convert(d, &slip.quantity) ||
		    !read_date(d, &fields[MAPPING_BUSINESS_DATE], &slip.date, true) ||
		    !read_date(d, &fields[MAPPING_EXPIRES], &slip.expires, false)) {
			import->slip_count = d->row->first_slip;
			d->row->slip_count = 0;
			return false;
		}
		*add_slip(import) = slip;
		d->row->slip_count++;
	}
	import->items[d->row->item].moved = true;
	return true;
}

static bool read_order(struct draft *d)
{
	struct import *import = d->import;
	clock_date date = 0;
	int32_t ms = 0;
	enum cell_fault fault;

	if (!import->mapping->order.source)
		return true;
	if (!render(d, &import->mapping->order))
		return false;
	fault = cell_date(import->scratch.data, &import->mapping->dates, &date, &ms);
	if (fault != CELL_OK)
		return give_up(d, fault == CELL_EMPTY ? IMPORT_no_date : IMPORT_unreadable_date,
		    import->scratch.data);
	d->row->order = (int64_t)date * 86400000 + ms;
	return true;
}

static bool read_balance(struct draft *d)
{
	struct import *import = d->import;
	char glued[CELL_UNIT_MAX];
	int64_t value;
	enum cell_fault fault;

	if (!render(d, &import->mapping->balance))
		return false;
	fault = cell_quantity(import->scratch.data, &value, glued);
	if (fault == CELL_EMPTY)
		return true;
	if (!understand(d, fault, import->scratch.data) || !agree(d, glued, import->scratch.data))
		return false;
	if (llabs(value) > INT64_MAX / d->row->number)
		return give_up(d, IMPORT_quantity_too_large, import->scratch.data);
	d->row->claimed = value * d->row->number / d->row->of;
	return true;
}

/* A balance alone opens a ledger, once; later it is one carried to a new page. */
static bool opens(struct draft *d)
{
	const struct import *import = d->import;

	for (int s = 0; s < import->mapping->slip_count; s++)
		if (d->moves[s] && import->mapping->slips[s].opening &&
		    import->items[d->row->item].moved)
			return give_up(d, IMPORT_carried_forward, NULL);
	return true;
}

static bool plan_row(struct draft *d, const char **above, json_t *seen, int attempts)
{
	import_look(d->import, d->row);
	if (!is_movement(d))
		return false;
	fill_down(d->import, d->row, above);
	identify(d, seen);
	read_attempts(d, attempts);
	return read_quantities(d) && choose_item(d) && read_order(d) && read_balance(d) &&
	       opens(d) && make_slips(d);
}

static int by_order(const void *a, const void *b)
{
	const struct import_row *x = a, *y = b;

	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return x->at < y->at ? -1 : 1;
}

/* Rows were moved: their slips follow, in the rows' order. */
static void sort_slips(struct import *import)
{
	struct import_slip *sorted = xcalloc(import->slip_count, sizeof *sorted);
	uint32_t count = 0;

	for (uint32_t r = 0; r < import->row_count; r++) {
		struct import_row *row = &import->rows[r];

		for (int s = 0; s < row->slip_count; s++) {
			sorted[count + (uint32_t)s] = import->slips[row->first_slip + (uint32_t)s];
			sorted[count + (uint32_t)s].row = r;
		}
		row->first_slip = count;
		count += row->slip_count;
	}
	free(import->slips);
	import->slips = sorted;
	import->slip_capacity = import->slip_count;
}

void import_plan(struct import *import)
{
	const struct csv_table *table = import->table;
	const char *above[TEMPLATE_MAX_COLUMNS] = {NULL};
	json_t *seen = json_object();
	int attempts = -1;

	for (size_t c = 0; c < table->width; c++)
		if (strcmp(csv_table_row(table, import->header)[c],
			import_reject_columns[REJECT_ATTEMPTS]) == 0)
			attempts = (int)c;
	import->rows = xcalloc(table->rows - import->header, sizeof *import->rows);
	for (size_t at = import->header + 1; at < table->rows; at++) {
		struct draft d = {.import = import, .row = &import->rows[import->row_count++]};

		*d.row = (struct import_row){.at = at,
		    .item = -1,
		    .number = 1,
		    .of = 1,
		    .claimed = IMPORT_NONE,
		    .balance = IMPORT_NONE};
		plan_row(&d, above, seen, attempts);
	}
	json_decref(seen);
	if (import->mapping->order.source) {
		qsort(import->rows, import->row_count, sizeof *import->rows, by_order);
		sort_slips(import);
	}
}
