/* cmd_import_items.c - the store, the user and the items of an import; items that it makes. */
#include "cmd_import.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"

bool cmd_import_find(struct cmd_import *run)
{
	const struct db_param who[] = {DB_TEXT(run->store), DB_TEXT(run->user)};
	struct db_param store[1];
	char store_id[16];
	PGresult *result = offline_read(&run->offline, STMT_IMPORT_STORE, who);
	bool ok = result && PQntuples(result) == 1 && !PQgetisnull(result, 0, 1);

	if (result && !ok)
		fprintf(stderr, "taizhang import: 没有%s %s no such %s: %s\n",
		    PQntuples(result) ? "用户" : "库房", PQntuples(result) ? run->user : run->store,
		    PQntuples(result) ? "user" : "store",
		    PQntuples(result) ? run->user : run->store);
	if (ok) {
		run->store_id = (int32_t)db_int(result, 0, 0);
		run->user_id = (int32_t)db_int(result, 0, 1);
	}
	PQclear(result);
	if (!ok)
		return false;

	snprintf(store_id, sizeof store_id, "%d", run->store_id);
	store[0] = DB_TEXT(store_id);
	result = offline_read(&run->offline, STMT_IMPORT_ITEMS, store);
	for (int i = 0; result && i < PQntuples(result); i++) {
		const char *text = db_text(result, i, 6);
		json_t *packs = text ? json_loads(text, 0, NULL) : NULL;

		import_add_item(&run->import, db_text(result, i, 0), db_text(result, i, 1),
		    db_text(result, i, 2), db_text(result, i, 3), db_text(result, i, 4), packs)
		    ->moved = strcmp(db_text(result, i, 5), "t") == 0;
		json_decref(packs);
	}
	ok = result != NULL;
	PQclear(result);
	return ok;
}

/* Rows of an item that could not be made. */
static void give_up_rows(struct import *import, int item, const struct problem *problem)
{
	const struct problem_error *error = &problem->errors[0];
	char *value =
	    problem->error_count
		? xasprintf("%s (%s: %s %s)", import->items[item].code, error->field,
		      problem_code_name(error->code), error->value)
		: xasprintf("%s (%s)", import->items[item].code, problem_code_name(problem->code));

	for (uint32_t r = 0; r < import->row_count; r++) {
		struct import_row *row = &import->rows[r];

		if (row->item != item || row->answered == row->slip_count)
			continue;
		import_give_up(import, row, IMPORT_bad_item, value);
		row->answered = row->slip_count;
	}
	free(value);
}

void cmd_import_make_items(struct cmd_import *run)
{
	struct import *import = &run->import;

	for (int i = 0; i < import->item_count; i++) {
		const struct import_item *item = &import->items[i];
		const struct db_param params[] = {DB_TEXT(item->code), DB_TEXT(item->category),
		    DB_TEXT(item->name_zh), DB_TEXT(item->name_en), DB_TEXT(item->unit),
		    DB_TEXT(item->unit_en), DB_TEXT("[]")};
		struct problem problem;

		if (!item->category || !item->moved)
			continue; /* there already, or no row came to need it */
		if (run->dry_run || offline_change(&run->offline, STMT_ITEM_ADD, params,
					"item_added", &problem, NULL))
			run->items_made++;
		else
			give_up_rows(import, i, &problem);
	}
}
