/* handle_place.c - places and stores, for administrators. */
#include "handlers.h"

#include "field.h"
#include "handle_change.h"
#include "route.h"

/* Names in both languages: all of a new one's, or those that change. */
static void decode_names(
    const json_t *json, unsigned flags, const char **zh, const char **en, struct problem *p)
{
	*zh = field_text(json, "name_zh", 100, flags, "", p);
	*en = field_text(json, "name_en", 100, flags, "", p);
}

void handle_place_post(struct request *req)
{
	static const char *const fields[] = {"code", "kind", "name_zh", "name_en", "parent", NULL};
	static const char *const kinds[] = {
	    "district", "street", "community", "grid", "group", NULL};
	struct id_text actor = id_text(req->caller->user_id);
	struct problem problem = {.line = -1};
	const char *code, *parent, *zh, *en;
	int kind;

	field_only(req->json, fields, "", &problem);
	code = field_code(req->json, "code", FIELD_CODE_PLACE, FIELD_REQUIRED, "", &problem);
	kind = field_word(req->json, "kind", kinds, FIELD_REQUIRED, "", &problem);
	decode_names(req->json, FIELD_REQUIRED, &zh, &en, &problem);
	parent = field_code(req->json, "parent", FIELD_CODE_PLACE, 0, "", &problem);
	if (problem.code) {
		request_problem(req, &problem);
		return;
	}
	handle_change(req, 201, "place_added", STMT_PLACE_ADD,
	    (struct db_param[]){DB_TEXT(actor.s), DB_TEXT(code), DB_TEXT(kinds[kind]), DB_TEXT(zh),
		DB_TEXT(en), DB_TEXT(parent)});
}

void handle_store_post(struct request *req)
{
	static const char *const fields[] = {"code", "place", "name_zh", "name_en", NULL};
	struct id_text actor = id_text(req->caller->user_id);
	struct problem problem = {.line = -1};
	const char *code, *place, *zh, *en;

	field_only(req->json, fields, "", &problem);
	code = field_code(req->json, "code", FIELD_CODE_STORE, FIELD_REQUIRED, "", &problem);
	place = field_code(req->json, "place", FIELD_CODE_PLACE, FIELD_REQUIRED, "", &problem);
	decode_names(req->json, FIELD_REQUIRED, &zh, &en, &problem);
	if (problem.code) {
		request_problem(req, &problem);
		return;
	}
	handle_change(req, 201, "store_added", STMT_STORE_ADD,
	    (struct db_param[]){
		DB_TEXT(actor.s), DB_TEXT(code), DB_TEXT(place), DB_TEXT(zh), DB_TEXT(en)});
}

static void rename_by_id(struct request *req, int32_t id, const char *event, enum stmt_id stmt)
{
	static const char *const fields[] = {"name_zh", "name_en", NULL};
	struct problem problem = {.line = -1};
	struct id_text text = id_text(id);
	const char *zh, *en;

	field_only(req->json, fields, "", &problem);
	decode_names(req->json, FIELD_NOT_BLANK, &zh, &en, &problem);
	if (problem.code)
		request_problem(req, &problem);
	else
		handle_change(req, 200, event, stmt,
		    (struct db_param[]){DB_TEXT(text.s), DB_TEXT(zh), DB_TEXT(en)});
}

void handle_place_patch(struct request *req)
{
	rename_by_id(req, req->scope.place_id, "place_changed", STMT_PLACE_CHANGE);
}

void handle_store_patch(struct request *req)
{
	rename_by_id(req, req->scope.store_id, "store_changed", STMT_STORE_CHANGE);
}
