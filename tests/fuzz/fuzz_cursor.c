/*
 * fuzz_cursor.c - the short texts of a query: cursors, slip numbers, dates, times, percent-encoding.
 * Each has one spelling, so that what was read is written back as the same.
 */
#include "fuzz.h"

#include "cursor.h"
#include "request.h"
#include "slip.h"

static void cursors(const char *text)
{
	int64_t keys[CURSOR_MAX_KEYS];
	char again[CURSOR_MAX];

	for (int count = 1; count <= CURSOR_MAX_KEYS; count++) {
		if (!cursor_read(text, keys, count))
			continue;
		cursor_write(keys, count, again);
		CHECK(strcmp(again, text) == 0);
	}
}

static void numbers(const char *text)
{
	int serial, year, month, day;
	char again[SLIP_NUMBER_MAX];
	enum slip_kind kind;
	clock_date date;

	if (!slip_number_parse(text, "XT", &kind, &date, &serial))
		return;
	clock_date_split(date, &year, &month, &day);
	CHECK(serial >= 1 && year >= 1900 && year <= 2199); /* the database takes no other */
	slip_number("XT", kind, date, serial, again);
	CHECK(strcmp(again, text) == 0);
}

static void times(const char *text)
{
	char again[11];
	clock_date date;

	if (clock_date_parse(text, &date)) {
		clock_date_format(date, again);
		CHECK(strcmp(again, text) == 0);
	}
	if (clock_time_ok(text))
		CHECK(strlen(text) >= strlen("2022-11-20T08:00:00Z"));
}

static void escapes(const char *text)
{
	char *copy = xstrdup(text);

	if (request_unescape(copy, true)) {
		CHECK(strlen(copy) <= strlen(text));
		CHECK(buf_utf8(copy, strlen(copy)));
	}
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);

	cursors(text);
	numbers(text);
	times(text);
	escapes(text);
	free(text);
	return 0;
}
