/* mapping.c - reads and checks a mapping file. See mapping.h for what it may say. */
#include "mapping.h"

#include <libgen.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "pattern.h"

#define MAX_EXTENDS 4

const char *const mapping_field_names[MAPPING_FIELDS + 1] = {"reason", "business_date",
    "counterparty", "receiver", "handler", "document", "note", "lot", "expires", NULL};

static const char *const new_names[NEW_FIELDS + 1] = {
    "category", "name_zh", "name_en", "unit", "unit_en", NULL};

struct load {
	struct mapping *mapping;
	struct buf where; /* ".items[3].new" */
	char *error;
	size_t error_size;
	bool failed;
};

/* --- Where, and what is wrong there --- */

static size_t go(struct load *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void wrong(struct load *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Step into a part of the file; back() with what this returned steps out of it. */
static size_t go(struct load *l, const char *fmt, ...)
{
	size_t mark = l->where.len;
	char step[128];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(step, sizeof step, fmt, ap);
	va_end(ap);
	buf_puts(&l->where, step);
	return mark;
}

static void back(struct load *l, size_t mark)
{
	l->where.len = mark;
}

/* The first fault counts. */
static void wrong(struct load *l, const char *fmt, ...)
{
	char what[512];
	va_list ap;

	if (l->failed)
		return;
	l->failed = true;
	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	snprintf(l->error, l->error_size, "%s%s%s", l->where.len ? buf_str(&l->where) + 1 : "",
	    l->where.len ? ": " : "", what);
}

static bool among(const char *name, const char *const names[])
{
	for (; *names; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

/* Fields that nobody reads are misspelt. names, and more if not NULL, end with NULL. */
static void only(
    struct load *l, json_t *object, const char *const names[], const char *const more[])
{
	const char *key;
	json_t *value;

	json_object_foreach(
	    object, key, value) if (!among(key, names) && !(more && among(key, more)))
	    wrong(l, "没有此项 no such field: %s", key);
}

/* An array or object under a name; NULL when absent. */
static json_t *part(struct load *l, const json_t *object, const char *name, json_type type)
{
	json_t *value = json_object_get(object, name);

	if (value && json_typeof(value) != type) {
		wrong(l, "%s: 应为%s must be an %s", name, type == JSON_ARRAY ? "数组" : "对象",
		    type == JSON_ARRAY ? "array" : "object");
		return NULL;
	}
	return value;
}

static const char *string(struct load *l, const json_t *object, const char *name, bool required)
{
	const json_t *value = json_object_get(object, name);

	if (value ? !json_is_string(value) : required)
		wrong(l, "%s: 应为文本 must be a text", name);
	return json_string_value(value);
}

/* An array of texts; NULL when absent. */
static json_t *strings(struct load *l, const json_t *object, const char *name)
{
	json_t *array = part(l, object, name, JSON_ARRAY), *value;
	size_t i;

	json_array_foreach(array, i, value) if (!json_is_string(value))
	    wrong(l, "%s[%zu]: 应为文本 must be a text", name, i);
	return array;
}

/* --- Parts that occur in many places --- */

static void text_of(struct load *l, const char *name, const char *source, struct template_text *t)
{
	char fault[256];

	if (!template_parse(t, source, &l->mapping->columns,
		json_object_get(l->mapping->json, "maps"), fault, sizeof fault))
		wrong(l, "%s: %s", name, fault);
}

static void text(
    struct load *l, const json_t *object, const char *name, bool required, struct template_text *t)
{
	const char *source = string(l, object, name, required);

	if (source && !l->failed)
		text_of(l, name, source, t);
}

static void regex(struct load *l, const char *name, const char *source, int flags, regex_t *re)
{
	bool bracket = false;
	char fault[128];
	int code;

	/* The program runs in the C locale, where brackets and ?*+{ are of bytes, not characters. */
	for (const char *s = source; *s; s++) {
		bool chinese = (unsigned char)*s >= 0x80;

		bracket = bracket ? *s != ']' : *s == '[';
		if (chinese && (bracket || (s[1] && strchr("?*+{", s[1])))) {
			wrong(l,
			    "%s: 方括号中和 ? * + 之前的汉字请写成 (只|支)、(眼)? write Chinese in "
			    "brackets or before ? * + as (只|支), (眼)?",
			    name);
			return;
		}
	}
	if (!pattern_ok(source)) {
		wrong(l,
		    "%s: 重复套重复过多，或有 \\1 too many repetitions of repetitions, or a \\1",
		    name);
		return;
	}
	code = regcomp(re, source, REG_EXTENDED | REG_ICASE | flags);
	if (code != 0) {
		regerror(code, re, fault, sizeof fault);
		memset(re, 0, sizeof *re);
		wrong(l, "%s: %s", name, fault);
	}
}

static const char *const when_fields[] = {"on", "is", "is_not", "match", "no_match", NULL};

/* The four ways to say it exclude each other. */
static void when(struct load *l, const json_t *object, struct mapping_when *out)
{
	const char *source;
	int ways = 0;

	text(l, object, "on", false, &out->on);
	for (int kind = WHEN_IS; kind <= WHEN_NO_MATCH && !l->failed; kind++) {
		const char *name = when_fields[kind];

		if (!json_object_get(object, name))
			continue;
		if (ways++)
			wrong(l, "%s: 条件只能有一个 one condition is enough", name);
		else if (kind == WHEN_IS || kind == WHEN_IS_NOT)
			out->words = strings(l, object, name);
		else if ((source = string(l, object, name, true)))
			regex(l, name, source, REG_NOSUB, &out->re);
		if (!l->failed)
			out->kind = kind;
	}
	if (out->on.source && !ways)
		wrong(l, "on: 没有条件 there is no condition");
}

static void reason(
    struct load *l, const json_t *object, const char *name, struct mapping_reason *out)
{
	static const char *const fields[] = {"code", "zh", "en", NULL};
	json_t *json = part(l, object, name, JSON_OBJECT);
	size_t mark = go(l, ".%s", name);

	only(l, json, fields, NULL);
	out->code = string(l, json, "code", true);
	out->zh = string(l, json, "zh", true);
	out->en = string(l, json, "en", true);
	back(l, mark);
}

/* Read an array of objects, each by read into its own element of a list made for them at *out. */
static void each(struct load *l, const json_t *object, const char *name, size_t size, int *count,
    void *out, void (*read)(struct load *l, json_t *json, void *element))
{
	json_t *array = part(l, object, name, JSON_ARRAY), *one;
	char *elements = xcalloc(json_array_size(array), size);
	size_t i, mark;

	memcpy(out, &elements, sizeof elements);
	json_array_foreach(array, i, one)
	{
		mark = go(l, ".%s[%zu]", name, i);
		if (!json_is_object(one))
			wrong(l, "应为对象 must be an object");
		if (!l->failed)
			read(l, one, elements + i * size);
		back(l, mark);
		++*count;
	}
}

/* --- Rows, contents, items, slips --- */

static void row_rule(struct load *l, json_t *json, void *element)
{
	struct mapping_row_rule *out = element;
	static const char *const fields[] = {"skip", "reject", NULL};

	only(l, json, when_fields, fields);
	when(l, json, &out->when);
	if (out->when.kind != WHEN_ALWAYS && !out->when.on.source)
		wrong(l, "on: 应为文本 must be a text");
	out->skip = json_object_get(json, "skip") != NULL;
	reason(l, json, out->skip ? "skip" : "reject", &out->reason);
}

static void content(struct load *l, json_t *json, void *element)
{
	struct mapping_content *out = element;
	static const char *const fields[] = {"match", "count", "unit", "per", NULL};
	const char *source = string(l, json, "match", true);
	json_t *counts = part(l, json, "count", JSON_ARRAY);
	size_t groups;

	only(l, json, fields, NULL);
	if (!source || l->failed)
		return;
	regex(l, "match", source, 0, &out->re);
	groups = out->re.re_nsub < MAPPING_MAX_GROUPS ? out->re.re_nsub : MAPPING_MAX_GROUPS - 1;
	if (json_array_size(counts) < 1 || json_array_size(counts) >= MAPPING_MAX_GROUPS)
		wrong(l, "count: 应有 1–%d 个组 must name 1 to %d groups", MAPPING_MAX_GROUPS - 1,
		    MAPPING_MAX_GROUPS - 1);
	for (size_t i = 0; i < json_array_size(counts) && !l->failed; i++)
		out->counts[i] = (int)json_integer_value(json_array_get(counts, i));
	out->unit_word = json_string_value(json_object_get(json, "unit"));
	out->unit = (int)json_integer_value(json_object_get(json, "unit"));
	out->per = (int)json_integer_value(json_object_get(json, "per"));
	for (size_t i = 0; i < json_array_size(counts); i++)
		if (out->counts[i] < 1 || (size_t)out->counts[i] > groups)
			wrong(l, "count[%zu]: match 中没有此组 match has no such group", i);
	if ((!out->unit_word && out->unit < 1) || (size_t)out->unit > groups || out->per < 0 ||
	    (size_t)out->per > groups)
		wrong(l, "unit, per: match 中没有此组 match has no such group");
}

/* What a choice does not say of its item is taken from the mapping's "new". */
static void new_item(struct load *l, json_t *json, struct mapping_item *out)
{
	const json_t *defaults = json_object_get(l->mapping->json, "new");
	size_t mark = go(l, ".new");

	only(l, json, new_names, NULL);
	for (int f = 0; f < NEW_FIELDS; f++)
		text(l, json_object_get(json, new_names[f]) ? json : defaults, new_names[f], true,
		    &out->fields[f]);
	out->is_new = true;
	back(l, mark);
}

static void item(struct load *l, json_t *json, bool conditional, struct mapping_item *out)
{
	static const char *const fields[] = {"item", "known", "new", "units", "reject", "or", NULL};
	json_t *made = part(l, json, "new", JSON_OBJECT);
	json_t *other = part(l, json, "or", JSON_OBJECT);
	const char *units = string(l, json, "units", false);
	size_t mark;

	only(l, json, fields, conditional ? when_fields : NULL);
	if (conditional)
		when(l, json, &out->when);
	out->known = json_is_true(json_object_get(json, "known"));
	text(l, json, "item", false, &out->code);
	if (json_object_get(json, "reject"))
		reason(l, json, "reject", &out->reject);
	if ((out->known != 0) + (out->code.source != NULL) + (out->reject.code != NULL) != 1)
		wrong(l, "应有且只有 item、known、reject 之一 takes one of item, known, reject");
	if (made)
		new_item(l, made, out);
	if (units) {
		out->units = json_object_get(json_object_get(l->mapping->json, "units"), units);
		if (!out->units)
			wrong(l, "units: 没有此表 no such table: %s", units);
	}
	if (other && !l->failed) {
		mark = go(l, ".or");
		out->otherwise = xcalloc(1, sizeof *out->otherwise);
		item(l, other, false, out->otherwise);
		back(l, mark);
	}
}

static void item_rule(struct load *l, json_t *json, void *element)
{
	item(l, json, true, element);
}

static void value_case(struct load *l, json_t *json, void *element)
{
	static const char *const fields[] = {"value", NULL};
	struct mapping_case *out = element;

	only(l, json, when_fields, fields);
	when(l, json, &out->when);
	text(l, json, "value", true, &out->text);
}

static void value(
    struct load *l, json_t *object, const char *name, bool required, struct mapping_value *out)
{
	const json_t *json = json_object_get(object, name);

	if (json_is_array(json)) {
		each(l, object, name, sizeof *out->cases, &out->count, &out->cases, value_case);
	} else if (json || required) {
		out->cases = xcalloc(1, sizeof *out->cases);
		out->count = 1;
		text(l, object, name, true, &out->cases[0].text);
	}
}

static void slip(struct load *l, json_t *json, struct mapping_slip *out)
{
	static const char *const fields[] = {"kind", "quantity", "opening", NULL};
	const char *kind = string(l, json, "kind", true);

	only(l, json, fields, mapping_field_names);
	out->kind = kind && strcmp(kind, "out") == 0 ? SLIP_OUT : SLIP_IN;
	if (kind && strcmp(kind, slip_kind_name(out->kind)) != 0)
		wrong(l, "kind: 应为 must be in | out");
	out->opening = json_is_true(json_object_get(json, "opening"));
	text(l, json, "quantity", false, &out->quantity);
	for (int f = 0; f < MAPPING_FIELDS; f++)
		value(l, json, mapping_field_names[f],
		    f == MAPPING_REASON || f == MAPPING_BUSINESS_DATE, &out->fields[f]);
}

/* --- The file --- */

static void units(struct load *l, json_t *tables)
{
	const char *name, *unit;
	json_t *table, *ratio;
	int64_t number, of;
	size_t mark;

	json_object_foreach(tables, name, table)
	{
		mark = go(l, ".units.%s", name);
		json_object_foreach(
		    table, unit, ratio) if (!mapping_ratio(table, unit, &number, &of))
		    wrong(l, "%s: 应为整数或 \"1/2\" must be a number or \"1/2\"", unit);
		back(l, mark);
	}
}

static void dates(struct load *l, json_t *json)
{
	static const char *const fields[] = {"order", "year", NULL};
	static const char *const orders[] = {"YMD", "DMY", "MDY"};
	const char *order = string(l, json, "order", false);
	struct cell_date_rules *rules = &l->mapping->dates;
	size_t mark = go(l, ".dates");

	only(l, json, fields, NULL);
	for (size_t i = 0; order && i < 3; i++)
		if (strcmp(order, orders[i]) == 0)
			rules->order = (enum cell_date_order)i;
	if (order && strcmp(order, orders[rules->order]) != 0)
		wrong(l, "order: 应为 must be YMD | DMY | MDY");
	rules->year = (int)json_integer_value(json_object_get(json, "year"));
	back(l, mark);
}

static void name(struct load *l)
{
	const char *name = string(l, l->mapping->json, "name", true);

	if (name && (!slip_key_ok(name) || strlen(name) > MAPPING_MAX_NAME))
		wrong(l, "name: 应为 must be 1–%d of A-Z a-z 0-9 _ - : .", MAPPING_MAX_NAME);
	l->mapping->name = name;
}

/* Columns named as such, not in a text. */
static int column(struct load *l, const char *name)
{
	int at = template_column(&l->mapping->columns, name);

	if (at < 0)
		wrong(l, "列数过多 too many columns");
	return at;
}

static void optional(struct load *l)
{
	json_t *array = strings(l, l->mapping->json, "optional"), *one;
	size_t i;

	json_array_foreach(array, i, one)
	{
		int at = l->failed ? -1 : column(l, json_string_value(one));

		if (at >= 0)
			l->mapping->optional[at] = true;
	}
}

static void fill(struct load *l, const json_t *name, int leader)
{
	struct mapping *m = l->mapping;
	int at = json_is_string(name) && !l->failed ? column(l, json_string_value(name)) : -1;

	if (at < 0 || m->fill_count == TEMPLATE_MAX_COLUMNS)
		wrong(l, "应为列名 must be columns");
	else
		m->fills[m->fill_count++] = (struct mapping_fill){at, leader < 0 ? at : leader};
}

static void fill_down(struct load *l)
{
	json_t *array = part(l, l->mapping->json, "fill_down", JSON_ARRAY), *one;
	size_t i, mark;

	json_array_foreach(array, i, one)
	{
		int first = l->mapping->fill_count;

		mark = go(l, ".fill_down[%zu]", i);
		if (!json_is_array(one) || json_array_size(one) == 0)
			fill(l, one, -1);
		for (size_t c = 0; c < json_array_size(one) && !l->failed; c++)
			fill(l, json_array_get(one, c), c ? l->mapping->fills[first].column : -1);
		back(l, mark);
	}
}

static void identity(struct load *l)
{
	struct mapping *m = l->mapping;
	json_t *array = strings(l, m->json, "identity"), *one;
	size_t i;

	json_array_foreach(array, i, one)
	{
		if (i >= TEMPLATE_MAX_COLUMNS)
			wrong(l, "identity: 列数过多 too many columns");
		if (!l->failed)
			m->identity[m->identity_count++] = column(l, json_string_value(one));
	}
}

static void contents(struct load *l, json_t *json)
{
	static const char *const fields[] = {"in", "rules", NULL};
	struct mapping *m = l->mapping;
	size_t mark = go(l, ".contents");

	if (json) {
		only(l, json, fields, NULL);
		text(l, json, "in", true, &m->content_text);
		each(l, json, "rules", sizeof *m->contents, &m->content_count, &m->contents,
		    content);
	}
	back(l, mark);
}

static void slips(struct load *l)
{
	struct mapping *m = l->mapping;
	json_t *array = part(l, m->json, "slips", JSON_ARRAY), *one;
	size_t i, mark;

	if (json_array_size(array) < 1 || json_array_size(array) > MAPPING_MAX_SLIPS)
		wrong(l, "slips: 应有 1–%d 项 takes 1 to %d", MAPPING_MAX_SLIPS, MAPPING_MAX_SLIPS);
	json_array_foreach(array, i, one)
	{
		if (l->failed)
			break;
		mark = go(l, ".slips[%zu]", i);
		slip(l, one, &m->slips[i]);
		if (!m->slips[i].quantity.source && !json_object_get(m->json, "quantity"))
			wrong(l, "quantity: 应为文本 must be a text");
		m->slip_count++;
		back(l, mark);
	}
}

static void mapping(struct load *l)
{
	static const char *const fields[] = {"name", "about", "extends", "identity", "optional",
	    "fill_down", "blank", "dates", "order", "maps", "units", "rows", "unit", "contents",
	    "new", "item", "items", "quantity", "slips", "balance", NULL};
	struct mapping *m = l->mapping;

	only(l, m->json, fields, NULL);
	name(l);
	string(l, m->json, "about", false);
	part(l, m->json, "maps", JSON_OBJECT);
	only(l, part(l, m->json, "new", JSON_OBJECT), new_names, NULL);
	units(l, part(l, m->json, "units", JSON_OBJECT));
	identity(l);
	optional(l);
	fill_down(l);
	m->blank = strings(l, m->json, "blank");
	dates(l, part(l, m->json, "dates", JSON_OBJECT));
	text(l, m->json, "order", false, &m->order);
	text(l, m->json, "unit", false, &m->unit);
	text(l, m->json, "quantity", false, &m->quantity);
	text(l, m->json, "item", true, &m->item);
	text(l, m->json, "balance", false, &m->balance);
	contents(l, part(l, m->json, "contents", JSON_OBJECT));
	each(l, m->json, "rows", sizeof *m->row_rules, &m->row_rule_count, &m->row_rules, row_rule);
	each(l, m->json, "items", sizeof *m->items, &m->item_count, &m->items, item_rule);
	slips(l);
}

/* The file's JSON with what it takes over from others. */
static json_t *read_json(const char *path, int depth, char *error, size_t error_size)
{
	json_error_t fault;
	json_t *json = json_load_file(path, JSON_REJECT_DUPLICATES, &fault), *base;
	const char *extends;
	char *copy, *beside;

	if (!json_is_object(json)) {
		if (fault.line > 0)
			snprintf(error, error_size, "%s:%d: %s", path, fault.line, fault.text);
		else
			snprintf(error, error_size, "%s: %s", path,
			    json ? "应为对象 must be an object" : fault.text);
		json_decref(json);
		return NULL;
	}
	extends = json_string_value(json_object_get(json, "extends"));
	if (!extends)
		return json;
	if (depth == MAX_EXTENDS) {
		snprintf(error, error_size, "%s: extends 层数过多 too many deep", path);
		json_decref(json);
		return NULL;
	}
	copy = xstrdup(path);
	beside = xasprintf("%s/%s", dirname(copy), extends);
	base = read_json(beside, depth + 1, error, error_size);
	free(copy);
	free(beside);
	if (!base || json_object_update_missing(json, base) != 0) {
		json_decref(json);
		json = NULL;
	}
	json_decref(base);
	return json;
}

struct mapping *mapping_load(const char *path, char *error, size_t error_size)
{
	json_t *json = read_json(path, 0, error, error_size);
	char fault[1024] = "";
	struct load l = {.error = fault, .error_size = sizeof fault};

	if (!json)
		return NULL;
	l.mapping = xcalloc(1, sizeof *l.mapping);
	l.mapping->json = json;
	mapping(&l);
	buf_free(&l.where);
	if (!l.failed)
		return l.mapping;
	snprintf(error, error_size, "%s: %s", path, fault);
	mapping_free(l.mapping);
	return NULL;
}

/* --- The end --- */

static void when_free(struct mapping_when *when)
{
	template_free(&when->on);
	regfree(&when->re); /* of zeros: does nothing */
}

static void item_free(struct mapping_item *item)
{
	when_free(&item->when);
	template_free(&item->code);
	for (int f = 0; f < NEW_FIELDS; f++)
		template_free(&item->fields[f]);
	if (item->otherwise) {
		item_free(item->otherwise);
		free(item->otherwise);
	}
}

static void slip_clear(struct mapping_slip *slip)
{
	template_free(&slip->quantity);
	for (int f = 0; f < MAPPING_FIELDS; f++) {
		for (int i = 0; i < slip->fields[f].count; i++) {
			when_free(&slip->fields[f].cases[i].when);
			template_free(&slip->fields[f].cases[i].text);
		}
		free(slip->fields[f].cases);
	}
}

void mapping_free(struct mapping *m)
{
	struct template_text *const texts[] = {
	    &m->order, &m->unit, &m->quantity, &m->item, &m->balance, &m->content_text};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		template_free(texts[i]);
	for (int i = 0; i < m->row_rule_count; i++)
		when_free(&m->row_rules[i].when);
	for (int i = 0; i < m->content_count; i++)
		regfree(&m->contents[i].re);
	for (int i = 0; i < m->item_count; i++)
		item_free(&m->items[i]);
	for (int i = 0; i < MAPPING_MAX_SLIPS; i++)
		slip_clear(&m->slips[i]);
	free(m->row_rules);
	free(m->contents);
	free(m->items);
	json_decref(m->json);
	free(m);
}

/* --- Use --- */

static bool word_among(const json_t *words, const char *text)
{
	for (size_t i = 0; i < json_array_size(words); i++)
		if (strcmp(json_string_value(json_array_get(words, i)), text) == 0)
			return true;
	return false;
}

bool mapping_when(const struct mapping_when *when, const struct template_row *row, const char *text,
    struct buf *scratch)
{
	if (when->on.source) {
		if (!template_render(&when->on, row, scratch))
			return false;
		cell_fold(scratch->data);
		text = scratch->data;
	}
	switch (when->kind) {
	case WHEN_IS:
		return word_among(when->words, text);
	case WHEN_IS_NOT:
		return !word_among(when->words, text);
	case WHEN_MATCH:
		return regexec(&when->re, text, 0, NULL, 0) == 0;
	case WHEN_NO_MATCH:
		return regexec(&when->re, text, 0, NULL, 0) != 0;
	case WHEN_ALWAYS:
		break;
	}
	return true;
}

bool mapping_ratio(const json_t *units, const char *unit, int64_t *number, int64_t *of)
{
	const json_t *ratio = json_object_get(units, unit);
	long long above, below = 1;
	int end = 0;

	if (json_is_integer(ratio))
		above = json_integer_value(ratio);
	else if (!json_is_string(ratio) ||
		 sscanf(json_string_value(ratio), "%lld/%lld%n", &above, &below, &end) != 2 ||
		 json_string_value(ratio)[end])
		return false;
	*number = above;
	*of = below;
	return above > 0 && above <= MAPPING_MAX_RATIO && below > 0 && below <= MAPPING_MAX_RATIO;
}
