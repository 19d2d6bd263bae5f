/* fuzz_import.h - a CSV file taken through a mapping, as `taizhang import` would, but for posting. */
#ifndef FUZZ_IMPORT_H
#define FUZZ_IMPORT_H

#include "fuzz.h"

#include "import.h"

/* Written as we write CSV and read again, it is the same table, but for what is left of line ends. */
static inline void fuzz_rewrite(const struct csv_table *table)
{
	struct csv_table again;
	char *text, error[1024];
	size_t len;
	FILE *out = open_memstream(&text, &len);

	for (size_t r = 0; r < table->rows; r++) {
		for (size_t c = 0; c < table->width; c++)
			csv_table_write(out, csv_table_row(table, r)[c], c == 0);
		fputs("\r\n", out);
	}
	fclose(out);
	CHECK(csv_table_parse(&again, "again", text, len, error, sizeof error));
	CHECK(again.rows == table->rows && (again.width == table->width || !table->rows));
	for (size_t i = 0; i < table->rows * table->width; i++)
		CHECK(strcmp(again.cells[i], table->cells[i]) == 0);
	csv_table_free(&again);
	free(text);
}

static inline void fuzz_row(struct import *import, struct import_row *row, unsigned answer)
{
	struct post_command *commands[MAPPING_MAX_SLIPS];
	struct import_slip *slips[MAPPING_MAX_SLIPS];
	static const char refusal[] =
	    "{\"code\":\"not_found\",\"detail\":\"x\",\"detail_en\":\"y\"}";
	static const char body[] = "{\"lines\":[{\"balance_after\":5}]}";
	const struct post_answer answers[] = {
	    {.status = 201, .body = body, .body_len = sizeof body - 1},
	    {.status = 200, .replayed = true, .body = body, .body_len = sizeof body - 1},
	    {.status = 409, .refusal = refusal, .refusal_len = sizeof refusal - 1},
	};
	int count = import_commands(import, row, commands, slips);

	for (int i = 0; i < count; i++) {
		CHECK(slip_key_ok(commands[i]->key));
		CHECK(commands[i]->slip->line_count == 1);
		CHECK(import_answer(import, slips[i], &answers[answer % 3]));
		post_command_free(commands[i]);
	}
	CHECK(row->fate != IMPORT_READY);
}

/* Every row meets one fate, and says why it is not posted. */
static inline void fuzz_import(struct mapping *mapping, struct csv_table *table)
{
	char error[1024];
	struct import import;
	uint32_t fates = 0;
	json_t *packs = json_pack("{s:i, s:i}", "盒", 50, "箱", 1000000);

	if (import_open(&import, mapping, table, error, sizeof error)) {
		import.create_items = true;
		import_add_item(&import, "disposable-mask", "一次性口罩", "Disposable mask", "只",
		    "piece", packs);
		import_plan(&import);
		for (uint32_t r = 0; r < import.row_count; r++)
			if (import.rows[r].fate == IMPORT_READY)
				fuzz_row(&import, &import.rows[r], r);
		import_check(&import);
		for (uint32_t r = 0; r < import.row_count; r++) {
			const struct import_row *row = &import.rows[r];

			CHECK((row->fate == IMPORT_REJECTED || row->fate == IMPORT_SKIPPED) ==
			      (row->reason != NULL));
		}
		for (int f = IMPORT_POSTED; f < IMPORT_FATES; f++)
			fates += import.fates[f];
		CHECK(fates == import.row_count && import.checked == import.row_count);
	}
	import_close(&import);
	json_decref(packs);
}

#endif
