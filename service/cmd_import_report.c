/* cmd_import_report.c - what people see of an import: how far it is, what became of it, what was
 * rejected and why. */
#include "cmd_import.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "die.h"

#define BAR 40
#define REDRAW_MS 100

/* --- Progress --- */

static uint32_t decided(const struct import *import)
{
	uint32_t count = 0;

	for (int f = IMPORT_READY + 1; f < IMPORT_FATES; f++)
		count += import->fates[f];
	return count;
}

static void draw(uint32_t done, uint32_t total)
{
	int filled = (int)((uint64_t)done * BAR / total);

	fputs("\r[", stderr);
	for (int i = 0; i < BAR; i++)
		putc(i < filled ? '#' : '-', stderr);
	fprintf(stderr, "] %3u%% %u/%u%s", (unsigned)((uint64_t)done * 100 / total), done, total,
	    done == total ? "\n" : "");
}

void cmd_import_progress(struct cmd_import *run)
{
	uint32_t total = run->import.row_count, done = decided(&run->import);
	int64_t now = clock_ms();
	int tenths = total ? (int)((uint64_t)done * 10 / total) : 0;

	if (!total || run->drawn == 10)
		return;
	if (run->terminal) {
		if (done < total && now - run->drawn_ms < REDRAW_MS)
			return;
		run->drawn_ms = now;
		draw(done, total);
		run->drawn = done == total ? 10 : 0;
	} else if (tenths > run->drawn) {
		run->drawn = tenths;
		fprintf(stderr, "%d%% %u/%u 行 rows\n", tenths * 10, done, total);
	}
}

/* --- Rejects --- */

static void write_header(const struct import *import, FILE *out)
{
	const char *const *cells = csv_table_row(import->table, import->header);
	bool first = true;

	fputs("\xef\xbb\xbf", out); /* or spreadsheets take it for their local encoding */
	for (size_t c = 0; c < import->table->width; c++)
		if (strncmp(cells[c], "reject_", 7) != 0) {
			csv_table_write(out, cells[c], first);
			first = false;
		}
	for (int c = 0; c < REJECT_COLUMNS; c++)
		csv_table_write(out, import_reject_columns[c], false);
	fputs("\r\n", out);
}

/* "0 1": the slip that was posted keeps its key, so that the corrected row posts only the other. */
static void write_attempts(const struct import *import, const struct import_row *row, FILE *out)
{
	char text[MAPPING_MAX_SLIPS * 4 + 1] = "";
	bool any = false;

	for (int s = 0; s < import->mapping->slip_count; s++) {
		snprintf(text + strlen(text), sizeof text - strlen(text), "%s%d", s ? " " : "",
		    row->attempts[s]);
		any |= row->attempts[s] > 0;
	}
	csv_table_write(out, any ? text : "", false);
}

static void write_row(const struct import *import, const struct import_row *row, FILE *out)
{
	const char *const *names = csv_table_row(import->table, import->header);
	const char *const *cells = csv_table_row(import->table, row->at);
	char line[16];
	bool first = true;

	for (size_t c = 0; c < import->table->width; c++)
		if (strncmp(names[c], "reject_", 7) != 0) {
			csv_table_write(out, cells[c], first);
			first = false;
		}
	snprintf(line, sizeof line, "%u", import_line(import, row));
	csv_table_write(out, line, false);
	csv_table_write(out, row->reason->code, false);
	csv_table_write(out, row->reason->zh, false);
	csv_table_write(out, row->reason->en, false);
	write_attempts(import, row, out);
	fputs("\r\n", out);
}

bool cmd_import_write_rejects(const struct cmd_import *run)
{
	const struct import *import = &run->import;
	FILE *out;
	bool ok;

	if (!run->rejects)
		return true;
	out = fopen(run->rejects, "w");
	if (out) {
		write_header(import, out);
		for (uint32_t r = 0; r < import->row_count; r++)
			if (import->rows[r].fate == IMPORT_REJECTED)
				write_row(import, &import->rows[r], out);
	}
	ok = out && !ferror(out);
	if (out && fclose(out) != 0)
		ok = false;
	if (!ok)
		fprintf(stderr, "taizhang import: 无法写入 cannot write %s: %s\n", run->rejects,
		    strerror(errno));
	return ok;
}

/* --- The report --- */

static const struct {
	enum import_fate fate;
	const char *name, *zh, *dry_zh, *dry_en;
} fates[] = {
    {IMPORT_POSTED, "posted", "已记账", "可记账", "would be posted"},
    {IMPORT_REPEATED, "repeated", "此前已记账", "此前已记账", "repeated"},
    {IMPORT_REJECTED, "rejected", "拒绝", "将被拒绝", "would be rejected"},
    {IMPORT_SKIPPED, "skipped", "跳过", "跳过", "skipped"},
    {IMPORT_READY, "undecided", "未处理", "未处理", "undecided"},
};

struct tally {
	const struct import_reason *reason; /* of the first such row */
	enum import_fate fate;
	uint32_t count;
};

/* Reasons by their codes, in order of appearance. The caller frees. */
static struct tally *tally(const struct import *import, int *count)
{
	struct tally *tallies = xcalloc(1, sizeof *tallies);

	*count = 0;
	for (uint32_t r = 0; r < import->row_count; r++) {
		const struct import_row *row = &import->rows[r];
		int at = 0;

		if (!row->reason)
			continue;
		while (at < *count && strcmp(tallies[at].reason->code, row->reason->code) != 0)
			at++;
		if (at == *count) {
			tallies = xrealloc(tallies, (size_t)++ * count * sizeof *tallies);
			tallies[at] = (struct tally){row->reason, (enum import_fate)row->fate, 0};
		}
		tallies[at].count++;
	}
	return tallies;
}

static uint32_t rows_of(const struct import *import, enum import_fate fate)
{
	return fate == IMPORT_READY ? import->row_count - decided(import) : import->fates[fate];
}

static void report_json(const struct cmd_import *run, const struct tally *tallies, int count)
{
	const struct import *import = &run->import;
	json_t *json = json_pack("{s:s, s:s, s:s, s:b, s:i, s:i, s:i}", "file", run->file,
	    "mapping", import->mapping->name, "store", run->store, "dry_run", run->dry_run, "read",
	    (int)import->row_count, "slips", (int)import->slips_posted, "items_made",
	    (int)run->items_made);
	json_t *reasons = json_array(), *differences = json_array();

	for (size_t f = 0; f < sizeof fates / sizeof fates[0]; f++)
		json_object_set_new(
		    json, fates[f].name, json_integer(rows_of(import, fates[f].fate)));
	for (int i = 0; i < count; i++)
		json_array_append_new(
		    reasons, json_pack("{s:s, s:i, s:s, s:s}", "code", tallies[i].reason->code,
				 "rows", (int)tallies[i].count, "example_zh", tallies[i].reason->zh,
				 "example_en", tallies[i].reason->en));
	for (uint32_t i = 0; i < import->difference_count; i++) {
		const struct import_difference *d = &import->differences[i];

		json_array_append_new(differences,
		    json_pack("{s:i, s:s, s:I, s:I, s:b}", "row", (int)d->line, "item",
			import->items[d->item].code, "expected", (json_int_t)d->expected, "found",
			(json_int_t)d->found, "carried", d->carried));
	}
	json_object_set_new(json, "reasons", reasons);
	json_object_set_new(json, "differences", differences);
	json_dumpf(json, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(json);
}

static void report_text(const struct cmd_import *run, const struct tally *tallies, int count)
{
	const struct import *import = &run->import;

	printf("%s (%s) → %s%s\n", run->file, import->table->encoding, run->store,
	    run->dry_run ? "  试运行，什么也没有改变 dry run, nothing was changed" : "");
	/* Numbers first: what a terminal makes of the width of Chinese does not matter then. */
	printf("%8u  行读取 rows read\n", import->row_count);
	for (size_t f = 0; f < sizeof fates / sizeof fates[0]; f++) {
		uint32_t rows = rows_of(import, fates[f].fate);

		if (rows > 0 || fates[f].fate != IMPORT_READY)
			printf("%8u  %s %s\n", rows, run->dry_run ? fates[f].dry_zh : fates[f].zh,
			    run->dry_run ? fates[f].dry_en : fates[f].name);
	}
	printf("%8u  张单据 slips\n", import->slips_posted);
	if (run->items_made)
		printf("%8u  种新物资 items made\n", run->items_made);
	for (int i = 0; i < count; i++)
		printf("\n%s %u 行 rows: %s\n  如 as: %s\n  %s\n",
		    tallies[i].fate == IMPORT_SKIPPED ? "跳过 skipped" : "拒绝 rejected",
		    tallies[i].count, tallies[i].reason->code, tallies[i].reason->zh,
		    tallies[i].reason->en);
	if (import->difference_count)
		printf("\n结存不符 balances that differ: %u\n", import->difference_count);
	for (uint32_t i = 0; i < import->difference_count; i++) {
		const struct import_difference *d = &import->differences[i];

		printf("  第 %u 行 row %u  %s  应为 expected %lld  账上写 found %lld%s\n", d->line,
		    d->line, import->items[d->item].code, (long long)d->expected,
		    (long long)d->found, d->carried ? "  （同上差异 carried over）" : "");
	}
	if (import->fates[IMPORT_REJECTED])
		printf("\n%s%s\n",
		    run->rejects ? "拒绝的行 rejected rows: "
				 : "用 --rejects FILE 取得拒绝的行和原因 "
				   "writes the rejected rows with "
				   "their reasons",
		    run->rejects ? run->rejects : "");
}

void cmd_import_report(const struct cmd_import *run)
{
	int count;
	struct tally *tallies = tally(&run->import, &count);

	if (run->json)
		report_json(run, tallies, count);
	else
		report_text(run, tallies, count);
	free(tallies);
}
