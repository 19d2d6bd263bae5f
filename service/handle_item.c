/* handle_item.c - items and their packs, for administrators. */
#include "handlers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "field.h"
#include "handle_change.h"
#include "route.h"

#define MAX_PACKS 20
#define MAX_PACK 1000000

static bool pack_named_before(const json_t *packs, size_t i, const char *name)
{
	for (size_t j = 0; j < i; j++) {
		const json_t *other = json_object_get(json_array_get(packs, j), "name");

		if (json_is_string(other) && strcmp(json_string_value(other), name) == 0)
			return true;
	}
	return false;
}

/* "packs" as the statements take them; the caller frees. */
static char *decode_packs(const json_t *json, struct problem *p)
{
	static const char *const fields[] = {"name", "quantity", NULL};
	const json_t *packs = field_array(json, "packs", MAX_PACKS, 0, "", p);
	char *text, prefix[32];

	for (size_t i = 0; i < json_array_size(packs); i++) {
		const json_t *pack = json_array_get(packs, i);
		const char *name;
		int64_t quantity;

		snprintf(prefix, sizeof prefix, "packs[%zu].", i);
		if (!json_is_object(pack)) {
			problem_add(p, PROBLEM_wrong_type, "object", "packs[%zu]", i);
			continue;
		}
		field_only(pack, fields, prefix, p);
		name = field_text(pack, "name", 16, FIELD_REQUIRED, prefix, p);
		field_int(pack, "quantity", 1, MAX_PACK, FIELD_REQUIRED, prefix, &quantity, p);
		if (name && pack_named_before(packs, i, name))
			problem_add(p, PROBLEM_conflict, name, "%sname", prefix);
	}
	text = packs ? json_dumps(packs, JSON_COMPACT) : xstrdup("[]");
	if (!text)
		die("out of memory");
	return text;
}

void handle_item_post(struct request *req)
{
	static const char *const fields[] = {
	    "code", "category", "name_zh", "name_en", "unit", "unit_en", "packs", NULL};
	static const char *const categories[] = {
	    "protection", "testing", "disinfection", "isolation", NULL};
	struct problem problem = {.line = -1};
	const json_t *json = req->json;
	const char *code, *zh, *en, *unit, *unit_en;
	char *packs;
	int category;

	field_only(json, fields, "", &problem);
	code = field_code(json, "code", FIELD_CODE_ITEM, FIELD_REQUIRED, "", &problem);
	category = field_word(json, "category", categories, FIELD_REQUIRED, "", &problem);
	zh = field_text(json, "name_zh", 100, FIELD_REQUIRED, "", &problem);
	en = field_text(json, "name_en", 100, FIELD_REQUIRED, "", &problem);
	unit = field_text(json, "unit", 16, FIELD_REQUIRED, "", &problem);
	unit_en = field_text(json, "unit_en", 16, FIELD_REQUIRED, "", &problem);
	packs = decode_packs(json, &problem);
	if (problem.code)
		request_problem(req, &problem);
	else
		handle_change(req, 201, "item_added", STMT_ITEM_ADD,
		    (struct db_param[]){DB_TEXT(code), DB_TEXT(categories[category]), DB_TEXT(zh),
			DB_TEXT(en), DB_TEXT(unit), DB_TEXT(unit_en), DB_TEXT(packs)});
	free(packs);
}

void handle_item_patch(struct request *req)
{
	static const char *const fields[] = {"name_zh", "name_en", "packs", NULL};
	struct problem problem = {.line = -1};
	const char *zh, *en;
	char *packs;

	field_only(req->json, fields, "", &problem);
	zh = field_text(req->json, "name_zh", 100, FIELD_NOT_BLANK, "", &problem);
	en = field_text(req->json, "name_en", 100, FIELD_NOT_BLANK, "", &problem);
	packs = decode_packs(req->json, &problem);
	if (problem.code)
		request_problem(req, &problem);
	else
		handle_change(req, 200, "item_changed", STMT_ITEM_CHANGE,
		    (struct db_param[]){
			DB_TEXT(req->args[0]), DB_TEXT(zh), DB_TEXT(en), DB_TEXT(packs)});
	free(packs);
}
