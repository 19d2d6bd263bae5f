/*
 * template.h - texts made of a row's cells: "{donor}", "{qty} {unit}", "carton-{unit|unit_en}".
 *
 * {column} is the cell cleaned; {column|map} is what the map says for it; {@unit} and {@digest} are
 * the row's counting unit and a new item's digest. "{{" is a brace. Spaces at the ends go.
 */
#ifndef TEMPLATE_H
#define TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "buf.h"

#define TEMPLATE_MAX_COLUMNS 64
#define TEMPLATE_MAX_PARTS 16

/* The columns that templates name, each once: a template keeps indices into it. */
struct template_columns {
	int count;
	const char *names[TEMPLATE_MAX_COLUMNS]; /* owned by whoever owns the templates' sources */
};

/* Index of the column, added when it is new; -1 when there are too many. */
int template_column(struct template_columns *columns, const char *name);

struct template_part {
	enum { TEMPLATE_LITERAL, TEMPLATE_COLUMN, TEMPLATE_UNIT, TEMPLATE_DIGEST } kind;
	int column;
	const char *text; /* literal; owned by the template */
	size_t len;
	const char *map_name;
	const json_t *map;
};

struct template_text {
	int count;
	char *source; /* the parts point into it; NULL: no template */
	struct template_part parts[TEMPLATE_MAX_PARTS];
};

/* What a row gives to its templates. */
struct template_row {
	const char *const *cells; /* by index into template_columns */
	const json_t *blank;      /* array of cells that mean nothing, or NULL */
	const char *unit, *digest;
};

/* maps: the object that {column|map} looks in, or NULL. On a fault false, with a message. */
bool template_parse(struct template_text *t, const char *source, struct template_columns *columns,
    const json_t *maps, char *error, size_t error_size);

/*
 * Put the text into out, replacing what it held. false: a map lacks a value, and out holds
 * "value (map)" instead.
 */
bool template_render(
    const struct template_text *t, const struct template_row *row, struct buf *out);

void template_free(struct template_text *t);

#endif
