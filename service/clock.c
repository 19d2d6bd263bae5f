/* clock.c - time: monotonic for waiting, and civil dates (proleptic Gregorian). */
#include "clock.h"

#include <string.h>
#include <time.h>

#define DAYS_TO_1970 719468 /* from 0000-03-01; years are counted from March, leap days come last */
#define DAYS_OF_400_YEARS 146097

int64_t clock_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

struct timeval clock_timeval(int64_t ms)
{
	return (struct timeval){.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
}

int64_t clock_ms(void)
{
	return clock_us() / 1000;
}

clock_date clock_date_make(int year, int month, int day)
{
	int y = month > 2 ? year : year - 1;
	int era = (y >= 0 ? y : y - 399) / 400;
	int year_of_era = y - era * 400;
	int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return era * DAYS_OF_400_YEARS + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
	       day_of_year - DAYS_TO_1970;
}

void clock_date_split(clock_date date, int *year, int *month, int *day)
{
	int64_t days = (int64_t)date + DAYS_TO_1970;
	int64_t era = (days >= 0 ? days : days - (DAYS_OF_400_YEARS - 1)) / DAYS_OF_400_YEARS;
	int doe = (int)(days - era * DAYS_OF_400_YEARS); /* day of era */
	int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int march_month = (5 * doy + 2) / 153;

	*day = doy - (153 * march_month + 2) / 5 + 1;
	*month = march_month < 10 ? march_month + 3 : march_month - 9;
	*year = (int)(era * 400) + yoe + (*month <= 2);
}

/* n digits; -1 when one of them is none. */
static int digits(const char *s, int n)
{
	int v = 0;

	for (int i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		v = v * 10 + s[i] - '0';
	}
	return v;
}

bool clock_date_parse(const char *s, clock_date *out)
{
	int year, month, day, y, m, d;
	clock_date date;

	if (strnlen(s, 11) != 10 || s[4] != '-' || s[7] != '-')
		return false;
	year = digits(s, 4);
	month = digits(s + 5, 2);
	day = digits(s + 8, 2);
	if (year < 1900 || year > 2199 || month < 1 || month > 12 || day < 1)
		return false;
	date = clock_date_make(year, month, day);
	clock_date_split(date, &y, &m, &d);
	if (y != year || m != month || d != day)
		return false;
	*out = date;
	return true;
}

void clock_date_format(clock_date date, char out[11])
{
	int parts[3], *year = &parts[0];
	static const int at[] = {3, 6, 9}, width[] = {4, 2, 2}; /* last digit of each part */

	if (date == CLOCK_DATE_NEVER) {
		memcpy(out, "infinity", sizeof "infinity");
		return;
	}
	clock_date_split(date, year, &parts[1], &parts[2]);
	memcpy(out, "0000-00-00", sizeof "0000-00-00");
	for (int i = 0; i < 3; i++)
		for (int j = 0; j < width[i]; j++, parts[i] /= 10)
			out[at[i] - j] = (char)('0' + parts[i] % 10);
}

/* Two digits no larger than max and, unless it is NUL, what follows them; moves *s on. */
static bool two_digits(const char **s, int max, char follows)
{
	const char *d = *s;
	int n;

	if (d[0] < '0' || d[0] > '9' || d[1] < '0' || d[1] > '9')
		return false;
	n = (d[0] - '0') * 10 + d[1] - '0';
	if (n > max || (follows && d[2] != follows))
		return false;
	*s = d + (follows ? 3 : 2);
	return true;
}

bool clock_time_ok(const char *s)
{
	char date[11];
	clock_date day;
	size_t digits;

	if (strlen(s) < sizeof date || s[10] != 'T')
		return false;
	memcpy(date, s, 10);
	date[10] = '\0';
	s += 11;
	if (!clock_date_parse(date, &day) || !two_digits(&s, 23, ':') || !two_digits(&s, 59, ':') ||
	    !two_digits(&s, 59, '\0'))
		return false;
	if (*s == '.') {
		digits = strspn(s + 1, "0123456789");
		if (digits < 1 || digits > 9)
			return false;
		s += 1 + digits;
	}
	if (*s == 'Z')
		return s[1] == '\0';
	if (*s != '+' && *s != '-')
		return false;
	s++;
	return two_digits(&s, 14, ':') && two_digits(&s, 59, '\0') && *s == '\0';
}

bool clock_instant(const char *s, size_t len, int64_t *us)
{
	static const char form[] = "dddd-dd-ddTdd:dd:dd.dddddd+dd:dd";
	int64_t day, minutes;
	char date[11];
	clock_date at;

	if (len != sizeof form - 1 || memchr(s, 0, len))
		return false;
	for (size_t i = 0; i < len; i++)
		if (form[i] == 'd' ? s[i] < '0' || s[i] > '9'
				   : s[i] != form[i] && !(form[i] == '+' && s[i] == '-'))
			return false;
	memcpy(date, s, 10);
	date[10] = '\0';
	if (!clock_date_parse(date, &at) || digits(s + 11, 2) > 23 || digits(s + 14, 2) > 59 ||
	    digits(s + 17, 2) > 59)
		return false;
	day = at;
	minutes = digits(s + 27, 2) * 60 + digits(s + 30, 2);
	minutes = digits(s + 11, 2) * 60 + digits(s + 14, 2) - (s[26] == '+' ? minutes : -minutes);
	*us = ((day * 1440 + minutes) * 60 + digits(s + 17, 2)) * 1000000 + digits(s + 20, 6);
	return true;
}
