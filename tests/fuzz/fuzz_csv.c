/*
 * fuzz_csv.c - CSV files, whatever wrote them, taken in by the mappings that are shipped. The first
 * byte says by which: 0 to 3; anything else is part of the file, and the first mapping is taken.
 */
#include "fuzz_import.h"

static const char *const names[] = {
    "taizhang-paper", "getusppe", "wuhan-redcross-receipts", "wuhan-redcross-issues"};
#define MAPPINGS (sizeof names / sizeof names[0])
static struct mapping *mappings[MAPPINGS];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char path[128], error[1024];

	(void)argc;
	(void)argv;
	for (size_t i = 0; i < MAPPINGS; i++) {
		snprintf(path, sizeof path, "deploy/mappings/%s.json", names[i]);
		mappings[i] = mapping_load(path, error, sizeof error);
		if (!mappings[i])
			die("%s", error);
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mapping *mapping = mappings[0];
	struct csv_table table;
	char error[1024];

	if (size > 0 && data[0] >= '0' && data[0] < '0' + (int)MAPPINGS) {
		mapping = mappings[data[0] - '0'];
		data++;
		size--;
	}
	if (csv_table_parse(&table, "t.csv", (const char *)data, size, error, sizeof error)) {
		fuzz_rewrite(&table);
		fuzz_import(mapping, &table);
	}
	csv_table_free(&table);
	return 0;
}
