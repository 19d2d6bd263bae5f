/* import.c - a file and a mapping brought together: header, items, fates. See import.h. */
#include "import.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"

#define HEADER_ROWS 20 /* a title and the like may stand above the header */

const char *const import_reject_columns[] = {
    "reject_row", "reject_code", "reject_reason_zh", "reject_reason_en", "reject_attempts", NULL};

static const struct {
	const char *code, *zh, *en;
} reasons[] = {
#define REASON(code, zh, en) {#code, zh, en},
#include "import_reasons.def"
#undef REASON
};

/* --- The header --- */

static int find_column(const struct csv_table *table, size_t row, const char *name)
{
	struct buf cell = BUF_EMPTY, wanted = BUF_EMPTY;
	int found = -1;

	cell_clean(name, &wanted);
	cell_fold((char *)buf_str(&wanted));
	for (size_t c = 0; c < table->width && found < 0; c++) {
		cell.len = 0;
		cell_clean(csv_table_row(table, row)[c], &cell);
		cell_fold((char *)buf_str(&cell));
		if (strcmp(cell.data, wanted.data) == 0)
			found = (int)c;
	}
	buf_free(&cell);
	buf_free(&wanted);
	return found;
}

/* Look for the columns in a row; how many needed ones are missing, which are listed. */
static int bind(struct import *import, size_t row, struct buf *missing)
{
	const struct mapping *m = import->mapping;
	int count = 0;

	missing->len = 0;
	for (int i = 0; i < m->columns.count; i++) {
		import->at[i] = find_column(import->table, row, m->columns.names[i]);
		if (import->at[i] < 0 && !m->optional[i])
			buf_printf(missing, "%s%s", count++ ? ", " : "", m->columns.names[i]);
	}
	return count;
}

static bool find_header(struct import *import, char *error, size_t error_size)
{
	struct buf missing = BUF_EMPTY;
	int fewest = INT32_MAX;

	for (size_t r = 0; r < import->table->rows && r < HEADER_ROWS; r++) {
		int count = bind(import, r, &missing);

		if (count == 0) {
			import->header = r;
			buf_free(&missing);
			return true;
		}
		if (count < fewest) {
			fewest = count;
			snprintf(
			    error, error_size, "缺少列 columns missing: %s", buf_str(&missing));
		}
	}
	if (fewest == INT32_MAX)
		snprintf(error, error_size, "文件是空的 the file is empty");
	buf_free(&missing);
	return false;
}

bool import_open(struct import *import, struct mapping *mapping, struct csv_table *table,
    char *error, size_t error_size)
{
	*import = (struct import){.mapping = mapping, .table = table};
	import->by_code = json_object();
	import->by_name = json_object();
	import->row.cells = import->cells;
	import->row.blank = mapping->blank;
	return find_header(import, error, error_size);
}

static void item_clear(struct import_item *item)
{
	free(item->code);
	free(item->name_zh);
	free(item->name_en);
	free(item->unit);
	free(item->unit_en);
	free(item->category);
	json_decref(item->packs);
}

static void reason_free(struct import_reason *reason)
{
	if (!reason)
		return;
	free(reason->code);
	free(reason->zh);
	free(reason->en);
	free(reason);
}

void import_close(struct import *import)
{
	for (int i = 0; i < import->item_count; i++)
		item_clear(&import->items[i]);
	for (uint32_t i = 0; i < import->row_count; i++)
		reason_free(import->rows[i].reason);
	free(import->items);
	free(import->rows);
	free(import->slips);
	free(import->differences);
	json_decref(import->by_code);
	json_decref(import->by_name);
	buf_free(&import->text);
	buf_free(&import->scratch);
	buf_free(&import->name);
	*import = (struct import){0};
}

/* --- Items --- */

/* Names of items as they are compared: folded. The first item of a name keeps it. */
static void know_by_name(struct import *import, const char *name, int index)
{
	char *folded = xstrdup(name);

	cell_fold(folded);
	if (!json_object_get(import->by_name, folded))
		json_object_set_new(import->by_name, folded, json_integer(index));
	free(folded);
}

struct import_item *import_add_item(struct import *import, const char *code, const char *name_zh,
    const char *name_en, const char *unit, const char *unit_en, json_t *packs)
{
	int index = import->item_count++;
	struct import_item *item;

	if (index >= import->item_capacity) {
		import->item_capacity = import->item_capacity ? 2 * import->item_capacity : 64;
		import->items =
		    xrealloc(import->items, (size_t)import->item_capacity * sizeof *import->items);
	}
	item = &import->items[index];
	*item = (struct import_item){
	    .code = xstrdup(code),
	    .name_zh = xstrdup(name_zh),
	    .name_en = xstrdup(name_en),
	    .unit = xstrdup(unit),
	    .unit_en = xstrdup(unit_en),
	    .packs = json_incref(packs),
	    .balance = IMPORT_NONE,
	};
	json_object_set_new(import->by_code, code, json_integer(index));
	know_by_name(import, code, index);
	know_by_name(import, name_zh, index);
	know_by_name(import, name_en, index);
	return item;
}

/* --- Rows --- */

uint32_t import_line(const struct import *import, const struct import_row *row)
{
	return import->table->lines[row->at];
}

void import_look(struct import *import, const struct import_row *row)
{
	const char *const *cells = csv_table_row(import->table, row->at);

	for (int i = 0; i < import->mapping->columns.count; i++)
		import->cells[i] = import->at[i] < 0 ? "" : cells[import->at[i]];
	import->row.unit = import->row.digest = NULL;
}

/* Copy of a text with {value} filled in. */
static char *filled(const char *text, const char *value)
{
	struct buf out = BUF_EMPTY;
	const char *hole;

	for (; (hole = strstr(text, "{value}")); text = hole + strlen("{value}")) {
		buf_add(&out, text, (size_t)(hole - text));
		buf_puts(&out, value);
	}
	buf_puts(&out, text);
	buf_str(&out);
	return buf_take(&out, NULL);
}

void import_settle(struct import *import, struct import_row *row, enum import_fate fate,
    const char *code, const char *zh, const char *en)
{
	if (row->fate == IMPORT_REJECTED)
		return; /* the first reason counts */
	if (row->fate != IMPORT_READY)
		import->fates[row->fate]--;
	row->fate = (uint8_t)fate;
	import->fates[fate]++;
	if (!code)
		return;
	row->reason = xmalloc(sizeof *row->reason);
	*row->reason = (struct import_reason){xstrdup(code), xstrdup(zh), xstrdup(en)};
}

void import_give_up(
    struct import *import, struct import_row *row, enum import_code code, const char *value)
{
	char *zh = filled(reasons[code].zh, value ? value : "");
	char *en = filled(reasons[code].en, value ? value : "");
	bool skip = code == IMPORT_blank_row || code == IMPORT_carried_forward;

	import_settle(
	    import, row, skip ? IMPORT_SKIPPED : IMPORT_REJECTED, reasons[code].code, zh, en);
	free(zh);
	free(en);
}
