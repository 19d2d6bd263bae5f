/* cell.c - what people write into the cells of a ledger kept by hand. See cell.h. */
#include "cell.h"

#include <stdlib.h>
#include <string.h>

#define LONGEST_NUMBER 96 /* of a cell with a number or date in it, in bytes */
#define LARGEST 1000000000000000LL
#define DAY_MS 86400000
#define SERIAL_FIRST 20000 /* 1954-10-03; what lies beyond these is rather a quantity */
#define SERIAL_LAST 73050  /* 2099-12-31 */

/* --- Text --- */

/* Characters that nobody sees, and those that look like a space. */
static const struct odd {
	const char *bytes;
	bool space;
} odds[] = {
    {"\t", true}, {"\n", true}, {"\r", true}, {"\xc2\xa0", true}, /* U+00A0 no-break space */
    {"\xc2\xad", false},                                          /* U+00AD soft hyphen */
    {"\xe2\x80\x82", true},                                       /* U+2002 en space */
    {"\xe2\x80\x83", true},                                       /* U+2003 em space */
    {"\xe2\x80\x89", true},                                       /* U+2009 thin space */
    {"\xe2\x80\x8b", false},                                      /* U+200B zero-width space */
    {"\xe2\x80\x8c", false}, {"\xe2\x80\x8d", false},
    {"\xe2\x80\x8e", false},                         /* U+200E left-to-right mark */
    {"\xe2\x80\x8f", false}, {"\xe2\x80\xaf", true}, /* U+202F narrow no-break space */
    {"\xe2\x81\xa0", false},                         /* U+2060 word joiner */
    {"\xe3\x80\x80", true},                          /* U+3000 ideographic space */
    {"\xef\xbb\xbf", false},                         /* U+FEFF byte order mark */
};

/* The odd character at s, or NULL. */
static const struct odd *odd_at(const char *s)
{
	for (size_t i = 0; i < sizeof odds / sizeof odds[0]; i++)
		if (strncmp(s, odds[i].bytes, strlen(odds[i].bytes)) == 0)
			return &odds[i];
	return NULL;
}

/* How many bytes from s on are neither a space nor may begin an odd character. */
static size_t plain_run(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;

	while (*p > ' ' && *p != 0xc2 && *p != 0xe2 && *p != 0xe3 && *p != 0xef)
		p++;
	return (size_t)((const char *)p - s);
}

void cell_clean(const char *cell, struct buf *out)
{
	size_t begin = out->len, end = begin, run;

	for (const char *s = cell; *s; s += run) {
		const struct odd *odd;

		run = plain_run(s);
		if (run == 0) {
			odd = odd_at(s);
			run = odd ? strlen(odd->bytes) : 1;
			if (odd ? odd->space : *s == ' ') {
				if (end > begin)
					buf_putc(out, ' '); /* stays only if something follows */
				continue;
			}
			if (odd)
				continue;
		}
		buf_add(out, s, run);
		end = out->len;
	}
	out->len = end;
}

void cell_fold(char *text)
{
	const unsigned char *from = (const unsigned char *)text;
	char *to = text;

	while (*from) {
		/* U+FF01 to U+FF5E are U+0021 to U+007E, U+3000 is the space. */
		if (from[0] == 0xef && (from[1] == 0xbc || (from[1] == 0xbd && from[2] <= 0x9e)) &&
		    from[2] >= 0x80) {
			unsigned c = 0xf000u | (from[1] & 0x3fu) << 6 | (from[2] & 0x3fu);

			if (c >= 0xff01) {
				*to++ = (char)(c - 0xfee0);
				from += 3;
				continue;
			}
		} else if (from[0] == 0xe3 && from[1] == 0x80 && from[2] == 0x80) {
			*to++ = ' ';
			from += 3;
			continue;
		}
		*to++ = (char)*from++;
	}
	*to = '\0';
}

/* The cell cleaned and folded into out; false when it is too long for what it should hold. */
static bool take(const char *cell, char out[LONGEST_NUMBER])
{
	struct buf clean = BUF_EMPTY;
	bool fits;

	cell_clean(cell, &clean);
	fits = clean.len < LONGEST_NUMBER;
	if (fits) {
		memcpy(out, clean.len ? clean.data : "", clean.len);
		out[clean.len] = '\0';
		cell_fold(out);
	}
	buf_free(&clean);
	return fits;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static const char *skip_spaces(const char *s)
{
	while (*s == ' ')
		s++;
	return s;
}

/* --- Quantities --- */

static const struct scale {
	const char *word;
	int64_t factor;
} scales[] = {
    {"万", 10000},
    {"萬", 10000},
    {"亿", 100000000},
    {"千", 1000},
    {"百", 100},
};

/* Digits in groups of three, or in one; true when there is at least one digit. */
static bool whole_part(const char **s, int64_t *out)
{
	const char *p = *s;

	*out = 0;
	if (!is_digit(*p))
		return false;
	for (; is_digit(*p); p++) {
		if (*out > LARGEST)
			continue; /* too large anyway, and must not wrap */
		*out = *out * 10 + (*p - '0');
		if (p[1] == ',' && is_digit(p[2]) && is_digit(p[3]) && is_digit(p[4]) &&
		    !is_digit(p[5]))
			p++;
	}
	*s = p;
	return true;
}

enum cell_fault cell_quantity(const char *cell, int64_t *out, char unit[CELL_UNIT_MAX])
{
	char text[LONGEST_NUMBER];
	const char *s = text, *fraction = "";
	int64_t value, part = 0, factor = 1;
	bool negative = false;

	unit[0] = '\0';
	if (!take(cell, text))
		return CELL_UNREADABLE;
	if (!*s)
		return CELL_EMPTY;
	if (*s == '-' || *s == '+')
		negative = *s++ == '-';
	s = skip_spaces(s);
	if (!whole_part(&s, &value))
		return CELL_UNREADABLE;
	if (*s == '.' && is_digit(s[1])) {
		fraction = ++s;
		while (is_digit(*s))
			s++;
	}
	s = skip_spaces(s);
	for (size_t i = 0; i < sizeof scales / sizeof scales[0]; i++)
		if (strncmp(s, scales[i].word, strlen(scales[i].word)) == 0) {
			factor = scales[i].factor;
			s = skip_spaces(s + strlen(scales[i].word));
			break;
		}
	if (is_digit(*s) || *s == '.' || *s == ',' || strlen(s) >= CELL_UNIT_MAX)
		return CELL_UNREADABLE;
	if (value > LARGEST / factor)
		return CELL_TOO_LARGE;
	value *= factor;
	for (; is_digit(*fraction); fraction++) {
		factor /= 10;
		if (*fraction != '0' && factor == 0)
			return CELL_FRACTION;
		part += (*fraction - '0') * factor;
	}
	strcpy(unit, s);
	*out = negative ? -(value + part) : value + part;
	return CELL_OK;
}

/* --- Dates --- */

/* A run of digits, at most eight of them; -1 when there is none. */
static int number(const char **s, int *digits)
{
	int value = 0;

	for (*digits = 0; is_digit(**s) && *digits < 8; (*s)++, (*digits)++)
		value = value * 10 + (**s - '0');
	return *digits ? value : -1;
}

/* Past one of the words, NULL-ended, and the spaces round it; false when none of them is there. */
static bool pass(const char **s, const char *const words[])
{
	const char *p = skip_spaces(*s);

	for (; *words; words++)
		if (strncmp(p, *words, strlen(*words)) == 0) {
			*s = skip_spaces(p + strlen(*words));
			return true;
		}
	return false;
}

static bool make_date(int year, int month, int day, clock_date *out)
{
	int y, m, d;

	if (year < 1900 || year > 2199 || month < 1 || month > 12 || day < 1 || day > 31)
		return false;
	*out = clock_date_make(year, month, day);
	clock_date_split(*out, &y, &m, &d);
	return m == month && d == day;
}

/* A spreadsheet counts days from 1899-12-30; the fraction is the time. */
static bool serial_date(const char *s, int days, clock_date *date, int32_t *ms)
{
	int64_t fraction = 0, scale = 1;

	if (*s == '.')
		for (s++; is_digit(*s); s++)
			if (scale < 1000000000) {
				fraction = fraction * 10 + (*s - '0');
				scale *= 10;
			}
	if (*s || days < SERIAL_FIRST || days > SERIAL_LAST)
		return false;
	*date = clock_date_make(1899, 12, 30) + days;
	*ms = (int32_t)(fraction * DAY_MS / scale);
	return true;
}

/* [T]8:30[:15[.25]] and a zone, which is not looked at; or nothing. */
static bool time_of_day(const char *s, int32_t *ms)
{
	int parts[3] = {0}, digits, scale = 100;

	if (*s == 'T')
		s++;
	s = skip_spaces(s);
	*ms = 0;
	if (!*s)
		return true;
	for (int i = 0; i < 3; i++) {
		parts[i] = number(&s, &digits);
		if (parts[i] < 0 || digits > 2)
			return false;
		if (*s != ':') {
			if (i == 0)
				return false;
			break;
		}
		if (i < 2)
			s++;
	}
	if (parts[0] > 23 || parts[1] > 59 || parts[2] > 60)
		return false;
	*ms = ((parts[0] * 60 + parts[1]) * 60 + parts[2]) * 1000;
	if (*s == '.')
		for (s++; is_digit(*s); s++, scale /= 10)
			*ms += (*s - '0') * scale;
	s = skip_spaces(s);
	return strspn(s, "+-:0123456789 ABCDEFGHIJKLMNOPQRSTUVWXYZ") == strlen(s);
}

/* The numbers of a date, two or three; how many there are, 0 when they are no date's. */
static int date_parts(const char **s, int part[3], int digits[3])
{
	static const char *const between[] = {"-", "/", ".", "年", "月", NULL};
	static const char *const behind[] = {"日", "号", NULL};
	int count = 0;

	do {
		part[count] = number(s, &digits[count]);
		if (part[count] < 0 || digits[count] > 4)
			return 0;
		count++;
	} while (count < 3 && pass(s, between));
	pass(s, behind);
	return count;
}

static bool read_date(
    const char *s, const struct cell_date_rules *rules, clock_date *date, int32_t *ms)
{
	/* Where year, month and day stand among three parts. */
	static const int places[][3] = {
	    [CELL_YMD] = {0, 1, 2}, [CELL_DMY] = {2, 1, 0}, [CELL_MDY] = {2, 0, 1}};
	const char *begin = s;
	const int *place = places[CELL_YMD];
	int part[3], digits[3], year, run, count;

	year = number(&s, &run);
	if (run == 5)
		return serial_date(s, year, date, ms);
	if (run == 8)
		return make_date(year / 10000, year / 100 % 100, year % 100, date) &&
		       time_of_day(s, ms);
	s = begin;
	count = date_parts(&s, part, digits);
	if (count == 2)
		return rules->year && digits[0] <= 2 && digits[1] <= 2 &&
		       make_date(rules->year, part[0], part[1], date) && time_of_day(s, ms);
	if (count != 3)
		return false;
	if (digits[0] <= 2)
		place = places[rules->order];
	year = part[place[0]];
	if (digits[place[0]] <= 2)
		year += 2000;
	return make_date(year, part[place[1]], part[place[2]], date) && time_of_day(s, ms);
}

enum cell_fault cell_date(
    const char *cell, const struct cell_date_rules *rules, clock_date *date, int32_t *ms)
{
	char text[LONGEST_NUMBER];
	int32_t unwanted = 0;

	if (!take(cell, text))
		return CELL_UNREADABLE;
	if (!text[0])
		return CELL_EMPTY;
	return read_date(text, rules, date, ms ? ms : &unwanted) ? CELL_OK : CELL_UNREADABLE;
}
