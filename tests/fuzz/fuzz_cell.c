/*
 * fuzz_cell.c - quantities and dates as people write them; a plain decimal number is computed a
 * second time, digit by digit.
 */
#include "fuzz.h"

#include <ctype.h>

#include "cell.h"

#define MOST 1000000000000000LL

static void texts(const char *text)
{
	struct buf once = BUF_EMPTY, twice = BUF_EMPTY;

	cell_clean(text, &once);
	CHECK(once.len <= strlen(text));
	cell_clean(buf_str(&once), &twice);
	if (buf_utf8(text, strlen(text)))
		CHECK(strcmp(buf_str(&once), buf_str(&twice)) == 0);
	cell_fold((char *)buf_str(&twice));
	CHECK(strlen(twice.data) <= once.len);
	buf_free(&once);
	buf_free(&twice);
}

/* A number of at most 15 digits before the point and nothing else: what is it? */
static enum cell_fault plain_number(const char *text, int64_t *out)
{
	const char *s = text;

	*out = 0;
	for (; isdigit((unsigned char)*s); s++)
		if (*out < MOST)
			*out = *out * 10 + (*s - '0');
	if (s == text || s - text > 15 || (*s && *s != '.') || (*s && !s[1]) || strlen(text) > 90)
		return CELL_UNREADABLE; /* as far as this can tell */
	if (*s == '.' && s[1 + strspn(s + 1, "0123456789")])
		return CELL_UNREADABLE;
	return *s && s[1 + strspn(s + 1, "0")] ? CELL_FRACTION : CELL_OK;
}

static void quantities(const char *text)
{
	char unit[CELL_UNIT_MAX];
	int64_t value = 0, plain;
	enum cell_fault fault = cell_quantity(text, &value, unit);
	enum cell_fault expected = plain_number(text, &plain);

	if (expected != CELL_UNREADABLE)
		CHECK(fault == expected);
	if (fault != CELL_OK)
		return;
	CHECK(value >= -MOST && value <= MOST);
	CHECK(strlen(unit) < sizeof unit);
	if (expected == CELL_OK)
		CHECK(value == plain);
}

static void dates(const char *text)
{
	struct cell_date_rules rules = {.year = 2022};
	int year, month, day;
	clock_date date;
	int32_t ms;

	for (int order = CELL_YMD; order <= CELL_MDY; order++) {
		rules.order = (enum cell_date_order)order;
		if (cell_date(text, &rules, &date, &ms) != CELL_OK)
			continue;
		clock_date_split(date, &year, &month, &day);
		CHECK(year >= 1900 && year <= 2199);
		CHECK(ms >= 0 && ms <= 86400999); /* with a leap second */
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);

	texts(text);
	quantities(text);
	dates(text);
	free(text);
	return 0;
}
