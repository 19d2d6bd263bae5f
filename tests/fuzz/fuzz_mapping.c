/* fuzz_mapping.c - mapping files, and a CSV file that follows behind a line of "---". */
#include "fuzz_file.h"
#include "fuzz_import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char line[] = "\n---\n";
	const uint8_t *csv = memmem(data, size, line, sizeof line - 1);
	struct csv_table table;
	char error[1024] = "";
	struct mapping *mapping =
	    mapping_load(fuzz_file(data, csv ? (size_t)(csv - data) : size), error, sizeof error);

	if (!mapping) {
		CHECK(error[0]);
		return 0;
	}
	if (csv) {
		csv += sizeof line - 1;
		if (csv_table_parse(&table, "t.csv", (const char *)csv, size - (size_t)(csv - data),
			error, sizeof error))
			fuzz_import(mapping, &table);
		csv_table_free(&table);
	}
	mapping_free(mapping);
	return 0;
}
