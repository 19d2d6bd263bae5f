/* csv_table.c - a CSV file as a table of UTF-8 cells: encoding, separator, then libcsv. */
#include "csv_table.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include <csv.h>

#include "buf.h"
#include "die.h"

#define READ_STEP (1u << 20)

struct parse {
	struct csv_table *table;
	const char *name;
	char *error;
	size_t error_size;
	bool failed;

	size_t used;            /* of table->text */
	size_t count, capacity; /* cells, as they come */
	const char **cells;
	size_t row_begin; /* index of the row's first cell */
	size_t row_count, row_capacity;
	struct span {
		size_t begin, count;
		uint32_t line;
	} * spans;
	uint32_t line; /* of the row being read */
	int last_end;  /* the character that ended the last row, with nothing since */
};

static void fail(struct parse *p, const char *zh, const char *en)
{
	if (!p->failed)
		snprintf(p->error, p->error_size, "%s: 第 %u 行：%s row %u: %s", p->name, p->line,
		    zh, p->line, en);
	p->failed = true;
}

static void *grown(void *v, size_t count, size_t *capacity, size_t size)
{
	if (count < *capacity)
		return v;
	*capacity = *capacity ? *capacity * 2 : 1024;
	return xrealloc(v, *capacity * size);
}

static void on_cell(void *data, size_t len, void *arg)
{
	struct parse *p = arg;
	char *at = p->table->text + p->used;

	p->last_end = 0;
	if (len > CSV_TABLE_MAX_CELL)
		fail(p, "单元格过长，可能缺少右引号",
		    "the cell is too long; a closing quote may be missing");
	else if (p->count - p->row_begin >= CSV_TABLE_MAX_COLUMNS)
		fail(p, "列数过多", "too many columns");
	if (p->failed)
		return;
	memcpy(at, data, len);
	at[len] = '\0';
	p->used += len + 1;
	p->cells = grown(p->cells, p->count, &p->capacity, sizeof *p->cells);
	p->cells[p->count++] = at;
}

/* end: the character that ended the row, -1 at the end of the file. */
static void on_row(int end, void *arg)
{
	struct parse *p = arg;
	size_t count = p->count - p->row_begin;

	if (count == 0 && p->last_end == '\r' && end == '\n') {
		p->last_end = 0; /* the second half of CRLF */
		return;
	}
	p->last_end = end;
	p->line++;
	if (count == 0 || p->failed)
		return;
	if (p->row_count == CSV_TABLE_MAX_ROWS) {
		fail(p, "行数过多，请拆分文件", "too many rows; split the file");
		return;
	}
	p->spans = grown(p->spans, p->row_count, &p->row_capacity, sizeof *p->spans);
	p->spans[p->row_count++] = (struct span){p->row_begin, count, p->line - 1};
	if (count > p->table->width)
		p->table->width = count;
	p->row_begin = p->count;
}

/* --- Encoding --- */

static const struct mark {
	const char *bytes, *encoding;
	size_t len;
} marks[] = {
    {"\xef\xbb\xbf", "UTF-8", 3},
    {"\xff\xfe", "UTF-16LE", 2},
    {"\xfe\xff", "UTF-16BE", 2},
};

static bool convert(const char *encoding, const char *bytes, size_t len, struct buf *out,
    char *error, size_t error_size)
{
	char step[16384], *from = (char *)bytes;
	iconv_t cd = iconv_open("UTF-8", encoding);
	size_t left = len;

	if (cd == (iconv_t)-1)
		die("iconv knows no %s", encoding);
	while (left > 0) {
		char *to = step;
		size_t room = sizeof step;
		size_t n = iconv(cd, &from, &left, &to, &room);

		buf_add(out, step, (size_t)(to - step));
		if (n == (size_t)-1 && errno != E2BIG) {
			snprintf(error, error_size,
			    "第 %zu 字节既不是 UTF-8 也不是 %s，请另存为 UTF-8 "
			    "byte %zu is neither UTF-8 nor %s; save the file as UTF-8",
			    len - left + 1, encoding, len - left + 1, encoding);
			iconv_close(cd);
			return false;
		}
	}
	iconv_close(cd);
	return true;
}

/* The text in UTF-8 without a mark. It is either within bytes or in *converted. */
static bool decode(struct parse *p, const char **bytes, size_t *len, struct buf *converted)
{
	const char *encoding = NULL;
	char fault[256];

	for (size_t i = 0; i < sizeof marks / sizeof marks[0] && !encoding; i++)
		if (*len >= marks[i].len && memcmp(*bytes, marks[i].bytes, marks[i].len) == 0) {
			encoding = marks[i].encoding;
			*bytes += marks[i].len;
			*len -= marks[i].len;
		}
	if (!encoding || strcmp(encoding, "UTF-8") == 0)
		encoding = buf_utf8(*bytes, *len) ? "UTF-8" : "GB18030";
	p->table->encoding = encoding;
	if (strcmp(encoding, "UTF-8") != 0) {
		if (!convert(encoding, *bytes, *len, converted, fault, sizeof fault)) {
			snprintf(p->error, p->error_size, "%s: %s", p->name, fault);
			return false;
		}
		*bytes = converted->data ? converted->data : "";
		*len = converted->len;
	}
	if (memchr(*bytes, '\0', *len)) {
		snprintf(p->error, p->error_size, "%s: 不是文本文件 not a text file", p->name);
		return false;
	}
	return true;
}

/* The separator that the first line with any holds most often outside of quotes. */
static char find_separator(const char *text, size_t len)
{
	static const char separators[] = ",;\t";
	size_t counts[3] = {0}, best = 0;
	bool quoted = false;

	for (size_t i = 0; i < len; i++) {
		const char *s = quoted ? NULL : strchr(separators, text[i]);

		if (text[i] == '"')
			quoted = !quoted;
		else if (s)
			counts[s - separators]++;
		else if (!quoted && (text[i] == '\n' || text[i] == '\r') &&
			 counts[0] + counts[1] + counts[2] > 0)
			break;
	}
	for (size_t i = 1; i < 3; i++)
		if (counts[i] > counts[best])
			best = i;
	return separators[best];
}

/* --- The table --- */

/* Rows of one width, so that a cell is found without looking at its row. */
static void lay_out(struct parse *p)
{
	struct csv_table *table = p->table;

	table->rows = p->row_count;
	table->cells = xcalloc(p->row_count * table->width, sizeof *table->cells);
	table->lines = xcalloc(p->row_count, sizeof *table->lines);
	for (size_t r = 0; r < p->row_count; r++) {
		const char **row = table->cells + r * table->width;

		table->lines[r] = p->spans[r].line;
		for (size_t c = 0; c < table->width; c++)
			row[c] = c < p->spans[r].count ? p->cells[p->spans[r].begin + c] : "";
	}
}

static void read_rows(struct parse *p, const char *text, size_t len)
{
	struct csv_parser csv;

	if (csv_init(&csv, CSV_REPALL_NL) != 0)
		die("libcsv does not start");
	csv_set_realloc_func(&csv, xrealloc);
	csv_set_delim(&csv, (unsigned char)p->table->separator);
	csv_set_blk_size(&csv, 4096);
	for (size_t at = 0; at < len && !p->failed; at += READ_STEP) {
		size_t step = len - at < READ_STEP ? len - at : READ_STEP;

		if (csv_parse(&csv, text + at, step, on_cell, on_row, p) != step)
			fail(p, csv_strerror(csv_error(&csv)), csv_strerror(csv_error(&csv)));
	}
	csv_set_opts(&csv, CSV_STRICT | CSV_STRICT_FINI); /* refuse a quote that is never closed */
	if (csv_fini(&csv, on_cell, on_row, p) != 0)
		fail(p, "此处开始的引号没有结束", "a quote that begins here is never closed");
	csv_free(&csv);
}

bool csv_table_parse(struct csv_table *table, const char *name, const char *bytes, size_t len,
    char *error, size_t error_size)
{
	struct parse p = {
	    .table = table, .name = name, .error = error, .error_size = error_size, .line = 1};
	struct buf converted = BUF_EMPTY;
	bool ok = false;

	*table = (struct csv_table){0};
	if (!decode(&p, &bytes, &len, &converted))
		goto out;
	table->separator = find_separator(bytes, len);
	table->text = xmalloc(len + 1); /* a cell's NUL takes the place of what ended it */
	read_rows(&p, bytes, len);
	if (p.row_count * table->width > CSV_TABLE_MAX_CELLS)
		fail(&p, "单元格过多，请拆分文件", "too many cells; split the file");
	if (p.failed)
		goto out;
	lay_out(&p);
	ok = true;
out:
	buf_free(&converted);
	free(p.cells);
	free(p.spans);
	return ok;
}

static bool read_all(const char *path, struct buf *out)
{
	FILE *in = fopen(path, "rb");
	char step[65536];
	size_t n;
	bool ok;

	if (!in)
		return false;
	errno = 0;
	while ((n = fread(step, 1, sizeof step, in)) > 0 && out->len <= CSV_TABLE_MAX_BYTES)
		buf_add(out, step, n);
	ok = !ferror(in);
	fclose(in);
	return ok;
}

bool csv_table_read(struct csv_table *table, const char *path, char *error, size_t error_size)
{
	struct buf bytes = BUF_EMPTY;
	bool ok = false;

	*table = (struct csv_table){0};
	if (!read_all(path, &bytes))
		snprintf(error, error_size, "无法读取 cannot read %s: %s", path, strerror(errno));
	else if (bytes.len > CSV_TABLE_MAX_BYTES)
		snprintf(error, error_size,
		    "%s: 文件超过 %u MiB，请拆分 over %u MiB; split the file", path,
		    CSV_TABLE_MAX_BYTES >> 20, CSV_TABLE_MAX_BYTES >> 20);
	else
		ok = csv_table_parse(
		    table, path, bytes.data ? bytes.data : "", bytes.len, error, error_size);
	buf_free(&bytes);
	return ok;
}

const char *const *csv_table_row(const struct csv_table *table, size_t row)
{
	return table->cells + row * table->width;
}

void csv_table_free(struct csv_table *table)
{
	free(table->cells);
	free(table->lines);
	free(table->text);
	*table = (struct csv_table){0};
}

void csv_table_write(FILE *out, const char *cell, bool first)
{
	if (!first)
		putc(',', out);
	csv_fwrite(out, cell, strlen(cell));
}
