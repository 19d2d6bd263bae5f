/* template.c - texts made of a row's cells. See template.h. */
#include "template.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cell.h"
#include "die.h"

int template_column(struct template_columns *columns, const char *name)
{
	for (int i = 0; i < columns->count; i++)
		if (strcmp(columns->names[i], name) == 0)
			return i;
	if (columns->count == TEMPLATE_MAX_COLUMNS)
		return -1;
	columns->names[columns->count] = name;
	return columns->count++;
}

static bool fail(const char *source, const char *what, char *error, size_t error_size)
{
	snprintf(error, error_size, "%s: %s", source, what);
	return false;
}

static struct template_part *add_part(struct template_text *t)
{
	if (t->count == TEMPLATE_MAX_PARTS)
		return NULL;
	return &t->parts[t->count++];
}

/* name: what stands between the braces, cut off with a NUL in place. */
static bool add_field(struct template_text *t, const char *source, char *name,
    struct template_columns *columns, const json_t *maps, char *error, size_t error_size)
{
	struct template_part *part = add_part(t);
	char *bar = strchr(name, '|');

	if (!part)
		return fail(source, "过长 too many parts", error, error_size);
	if (bar) {
		*bar = '\0';
		part->map_name = bar + 1;
		part->map = json_object_get(maps, bar + 1);
		if (!json_is_object(part->map))
			return fail(source, "maps 中没有此表 no such map", error, error_size);
	}
	if (strcmp(name, "@unit") == 0) {
		part->kind = TEMPLATE_UNIT;
	} else if (strcmp(name, "@digest") == 0) {
		part->kind = TEMPLATE_DIGEST;
	} else if (name[0] == '@' || !name[0]) {
		return fail(
		    source, "{} 中应为列名 a column's name belongs between {}", error, error_size);
	} else {
		part->kind = TEMPLATE_COLUMN;
		part->column = template_column(columns, name);
		if (part->column < 0)
			return fail(source, "列数过多 too many columns", error, error_size);
	}
	return true;
}

bool template_parse(struct template_text *t, const char *source, struct template_columns *columns,
    const json_t *maps, char *error, size_t error_size)
{
	char *at, *end;

	*t = (struct template_text){.source = xstrdup(source)};
	for (at = t->source; *at; at = end) {
		bool doubled = at[0] == '{' && at[1] == '{';

		if (*at == '{' && !doubled) {
			end = strchr(at, '}');
			if (!end)
				return fail(source, "缺少 } missing", error, error_size);
			*end++ = '\0';
			if (!add_field(t, source, at + 1, columns, maps, error, error_size))
				return false;
			continue;
		}
		struct template_part *part = add_part(t);

		if (!part)
			return fail(source, "过长 too many parts", error, error_size);
		at += doubled;
		end = at + 1 + strcspn(at + 1, "{");
		part->kind = TEMPLATE_LITERAL;
		part->text = at;
		part->len = (size_t)(end - at);
	}
	return true;
}

static void add_cell(const char *cell, const json_t *blank, struct buf *out)
{
	size_t begin = out->len;

	cell_clean(cell, out);
	for (size_t i = 0; i < json_array_size(blank); i++) {
		const json_t *word = json_array_get(blank, i);

		if (out->len - begin == json_string_length(word) &&
		    memcmp(out->data + begin, json_string_value(word), out->len - begin) == 0)
			out->len = begin;
	}
}

/* Replace what was added from begin on by what the map says for it; of nothing, nothing. */
static bool apply_map(const struct template_part *part, size_t begin, struct buf *out)
{
	const char *value;
	char *missing;

	if (out->len == begin)
		return true;
	value = json_string_value(json_object_get(part->map, buf_str(out) + begin));
	if (value) {
		out->len = begin;
		buf_puts(out, value);
		return true;
	}
	missing = xasprintf("%s (%s)", out->data + begin, part->map_name);
	out->len = 0;
	buf_puts(out, missing);
	buf_str(out);
	free(missing);
	return false;
}

bool template_render(const struct template_text *t, const struct template_row *row, struct buf *out)
{
	size_t begin = 0;

	out->len = 0;
	for (int i = 0; i < t->count; i++) {
		const struct template_part *part = &t->parts[i];
		size_t from = out->len;

		switch (part->kind) {
		case TEMPLATE_LITERAL:
			buf_add(out, part->text, part->len);
			break;
		case TEMPLATE_COLUMN:
			add_cell(row->cells[part->column], row->blank, out);
			break;
		case TEMPLATE_UNIT:
			buf_puts(out, row->unit ? row->unit : "");
			break;
		case TEMPLATE_DIGEST:
			buf_puts(out, row->digest ? row->digest : "");
			break;
		}
		if (part->map && !apply_map(part, from, out))
			return false;
	}
	while (out->len > 0 && out->data[out->len - 1] == ' ')
		out->len--;
	while (begin < out->len && out->data[begin] == ' ')
		begin++;
	if (begin > 0)
		memmove(out->data, out->data + begin, out->len -= begin);
	buf_str(out);
	return true;
}

void template_free(struct template_text *t)
{
	free(t->source);
	*t = (struct template_text){0};
}
