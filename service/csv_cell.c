/* csv_cell.c - cells of a CSV file: quoted, and defused for spreadsheets. */
#include "csv_cell.h"

#include <string.h>

#define LONGEST_NUMBER 11 /* digits that a spreadsheet shows as they are */

void csv_cell_quoted(const char *s, size_t len, struct buf *out)
{
	if (!memchr(s, '"', len) && !memchr(s, ',', len) && !memchr(s, '\n', len) &&
	    !memchr(s, '\r', len)) {
		buf_add(out, s, len);
		return;
	}
	buf_putc(out, '"');
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '"')
			buf_putc(out, '"');
		buf_putc(out, s[i]);
	}
	buf_putc(out, '"');
}

bool csv_cell_guarded(const char *s, size_t len)
{
	size_t digits = 0;

	if (len > 0 && memchr("=+-@\t\r", *s, 6))
		return true;
	while (digits < len && s[digits] >= '0' && s[digits] <= '9')
		digits++;
	return digits == len && len > LONGEST_NUMBER;
}

void csv_cell_text(const char *s, size_t len, struct buf *out)
{
	struct buf guarded = BUF_EMPTY;

	if (!csv_cell_guarded(s, len)) {
		csv_cell_quoted(s, len, out);
		return;
	}
	buf_putc(&guarded, '\'');
	buf_add(&guarded, s, len);
	csv_cell_quoted(guarded.data, guarded.len, out);
	buf_free(&guarded);
}
