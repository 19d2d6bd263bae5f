/*
 * xlsx.c - sheets with a header that stays in sight and filters; numbers as numbers, dates as
 * dates, and all that people wrote as text, which no spreadsheet runs.
 */
#include "xlsx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xlsxwriter.h>

#include "buf.h"
#include "clock.h"
#include "die.h"

#define MAX_TEXT 32767 /* UTF-16 units that a cell holds */
#define CUT " …（过长截断 cut: too long for a cell）"
#define EXACT_MAX (1LL << 53) /* a number is a double */

enum kind { TEXT, DATE, TIME, KINDS };

struct column_name {
	const char *name, *zh;
	enum kind kind;
};

static const struct column_name column_names[] = {
#define COLUMN(name, zh, kind) {#name, zh, kind},
#include "columns.def"
#undef COLUMN
};

static const char *const line_columns[] = {"line", "item", "quantity", "pack_quantity", "pack",
    "lot", "expires", "ledger_seq", "balance_after"}; /* as slip_page.sql */

struct column {
	char *name;
	enum kind kind;
	bool of_line; /* of a slip's lines */
};

struct xlsx {
	lxw_workbook *file;
	lxw_worksheet *sheet; /* the last one */
	lxw_format *header, *formats[KINDS];
	lxw_row_t row; /* the next one of the sheet */
	lxw_col_t column_count;
	struct column columns[64];
	struct buf text;
	const char *error; /* NULL: all is well */
};

/* --- Text --- */

/* Bytes and UTF-16 units of the character at s. */
static size_t char_len(const char *s, size_t *units)
{
	unsigned char c = (unsigned char)*s;

	*units = c >= 0xf0 ? 2 : 1;
	return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* XML holds neither of these two: U+FFFE, U+FFFF. */
static bool is_no_character(const char *s)
{
	return !strncmp(s, "\xef\xbf\xbe", 3) || !strncmp(s, "\xef\xbf\xbf", 3);
}

/* "_x0041_" in a file means A: what people wrote is what is shown. */
static bool is_escape(const char *s)
{
	return s[0] == '_' && s[1] == 'x' && strspn(s + 2, "0123456789ABCDEFabcdef") >= 4 &&
	       s[6] == '_';
}

/* Make the text such that a cell holds it. */
static const char *cell_text(struct xlsx *w, const char *s)
{
	size_t left = MAX_TEXT, units, n, cut_at = 0;

	w->text.len = 0;
	for (; *s; s += n) {
		n = char_len(s, &units);
		if (left >= sizeof CUT)
			cut_at = w->text.len;
		if (units > left) {
			w->text.len = cut_at;
			buf_puts(&w->text, CUT);
			break;
		}
		if (is_no_character(s))
			buf_puts(&w->text, "\xef\xbf\xbd");
		else
			buf_add(&w->text, s, n);
		if (is_escape(s)) {
			buf_puts(&w->text, "x005F_");
			units += 6;
		}
		left -= units < left ? units : left;
	}
	return buf_str(&w->text);
}

/* --- Cells --- */

static void check(struct xlsx *w, lxw_error error)
{
	if (error && !w->error)
		w->error = lxw_strerror(error);
}

static bool date_of(const char *s, lxw_datetime *out)
{
	char day[11];
	clock_date date;

	snprintf(day, sizeof day, "%.10s", s);
	if (!clock_date_parse(day, &date))
		return false;
	clock_date_split(date, &out->year, &out->month, &out->day);
	return true;
}

/* As the clock on the wall there showed it: Excel knows no zones. */
static bool time_of(const char *s, lxw_datetime *out)
{
	return clock_time_ok(s) && date_of(s, out) &&
	       sscanf(s + 11, "%d:%d:%lf", &out->hour, &out->min, &out->sec) == 3;
}

static void write_text(struct xlsx *w, lxw_col_t at, const char *s, lxw_format *format)
{
	check(w, worksheet_write_string(w->sheet, w->row, at, cell_text(w, s), format));
}

static void write_string(struct xlsx *w, lxw_col_t at, enum kind kind, const char *s)
{
	lxw_datetime time = {0};

	if ((kind == DATE && strlen(s) == 10 && date_of(s, &time)) ||
	    (kind == TIME && time_of(s, &time)))
		check(w, worksheet_write_datetime(w->sheet, w->row, at, &time, w->formats[kind]));
	else
		write_text(w, at, s, w->formats[TEXT]);
}

static void write_integer(struct xlsx *w, lxw_col_t at, json_int_t n)
{
	char text[24];

	if (n <= EXACT_MAX && n >= -EXACT_MAX) {
		check(w, worksheet_write_number(w->sheet, w->row, at, (double)n, NULL));
		return;
	}
	snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, n);
	write_text(w, at, text, w->formats[TEXT]);
}

static void write_cell(struct xlsx *w, lxw_col_t at, enum kind kind, const json_t *value)
{
	char *text;

	switch (json_typeof(value)) {
	case JSON_STRING:
		write_string(w, at, kind, json_string_value(value));
		break;
	case JSON_INTEGER:
		write_integer(w, at, json_integer_value(value));
		break;
	case JSON_REAL:
		check(
		    w, worksheet_write_number(w->sheet, w->row, at, json_real_value(value), NULL));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		check(w, worksheet_write_boolean(w->sheet, w->row, at, json_is_true(value), NULL));
		break;
	case JSON_NULL:
		break;
	default:
		text = json_dumps(value, JSON_COMPACT);
		write_text(w, at, text, w->formats[TEXT]);
		free(text);
	}
}

/* --- Sheets --- */

static const struct column_name *find_name(const char *name)
{
	for (size_t i = 0; i < sizeof column_names / sizeof *column_names; i++)
		if (!strcmp(column_names[i].name, name))
			return &column_names[i];
	return NULL;
}

/* "业务日期 business date" */
static void write_header(struct xlsx *w, lxw_col_t at, const char *name)
{
	const struct column_name *known = find_name(name);
	char *text = xasprintf("%s%s%s", known ? known->zh : "", known ? " " : "", name);

	for (char *p = text; (p = strchr(p, '_'));)
		*p = ' ';
	write_text(w, at, text, w->header);
	free(text);
}

/* A full disk shows nowhere else: the library does not look at what it writes here. */
static void finish_sheet(struct xlsx *w)
{
	if (!w->sheet)
		return;
	if (fflush(w->sheet->optimize_tmpfile) || ferror(w->sheet->optimize_tmpfile))
		w->error = "could not write the temporary file";
	worksheet_autofilter(w->sheet, 0, 0, w->row - 1, (lxw_col_t)(w->column_count - 1));
}

static void begin_sheet(struct xlsx *w)
{
	static const double widths[KINDS] = {[TEXT] = 16, [DATE] = 12, [TIME] = 20};

	finish_sheet(w);
	w->sheet = workbook_add_worksheet(w->file, NULL);
	if (!w->sheet)
		die("out of memory for a sheet");
	w->row = 0;
	worksheet_freeze_panes(w->sheet, 1, 0);
	for (lxw_col_t i = 0; i < w->column_count; i++) {
		worksheet_set_column(w->sheet, i, i, widths[w->columns[i].kind], NULL);
		write_header(w, i, w->columns[i].name);
	}
	w->row++;
}

static void add_column(struct xlsx *w, const char *name, bool of_line)
{
	const struct column_name *known = find_name(name);

	if (w->column_count == sizeof w->columns / sizeof *w->columns)
		die("too many columns");
	w->columns[w->column_count++] =
	    (struct column){xstrdup(name), known ? known->kind : TEXT, of_line};
}

void xlsx_columns(struct xlsx *w, const json_t *names)
{
	for (size_t i = 0; i < json_array_size(names); i++) {
		const char *name = json_string_value(json_array_get(names, i));

		if (strcmp(name, "lines") != 0) {
			add_column(w, name, false);
			continue;
		}
		for (size_t k = 0; k < sizeof line_columns / sizeof *line_columns; k++)
			add_column(w, line_columns[k], true);
	}
	begin_sheet(w);
}

static void write_row(struct xlsx *w, const json_t *row, const json_t *line)
{
	if (w->row == LXW_ROW_MAX)
		begin_sheet(w);
	for (lxw_col_t i = 0; i < w->column_count; i++) {
		const struct column *column = &w->columns[i];
		const json_t *value = json_object_get(column->of_line ? line : row, column->name);

		if (value)
			write_cell(w, i, column->kind, value);
	}
	w->row++;
}

void xlsx_row(struct xlsx *w, const json_t *row)
{
	const json_t *lines = json_object_get(row, "lines");

	if (!lines)
		write_row(w, row, NULL);
	for (size_t i = 0; i < json_array_size(lines); i++)
		write_row(w, row, json_array_get(lines, i));
}

/* --- The whole --- */

struct xlsx *xlsx_new(const char *path, const char *dir)
{
	static const char *const shown[KINDS] = {
	    [TEXT] = "@", [DATE] = "yyyy-mm-dd", [TIME] = "yyyy-mm-dd hh:mm:ss"};
	lxw_workbook_options options = {.constant_memory = 1, .tmpdir = (char *)dir};
	struct xlsx *w = xcalloc(1, sizeof *w);

	w->file = workbook_new_opt(path, &options);
	if (!w->file)
		die("out of memory for a workbook");
	w->header = workbook_add_format(w->file);
	format_set_bold(w->header);
	format_set_text_wrap(w->header);
	for (enum kind kind = 0; kind < KINDS; kind++) {
		w->formats[kind] = workbook_add_format(w->file);
		format_set_num_format(w->formats[kind], shown[kind]);
	}
	return w;
}

const char *xlsx_close(struct xlsx *w)
{
	lxw_error error;
	const char *why;

	finish_sheet(w);
	error = workbook_close(w->file);
	check(w, error);
	why = w->error;
	for (int i = 0; i < w->column_count; i++)
		free(w->columns[i].name);
	buf_free(&w->text);
	free(w);
	return why;
}
