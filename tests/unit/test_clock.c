/* test_clock.c - dates: every day of the range there and back, and nothing else taken for one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#include "clock.h"

static void every_day(void **state)
{
	clock_date first, last, back;
	char text[11], expected[64];

	(void)state;
	assert_true(clock_date_parse("1900-01-01", &first));
	assert_true(clock_date_parse("2199-12-31", &last));
	assert_int_equal(last - first + 1, 109573); /* 300 years, 73 of them leap years */
	for (clock_date d = first; d <= last; d++) {
		time_t seconds = (time_t)d * 86400;
		struct tm tm;
		int year, month, day;

		gmtime_r(&seconds, &tm);
		clock_date_split(d, &year, &month, &day);
		assert_int_equal(year, tm.tm_year + 1900);
		assert_int_equal(month, tm.tm_mon + 1);
		assert_int_equal(day, tm.tm_mday);
		assert_int_equal(clock_date_make(year, month, day), d);
		clock_date_format(d, text);
		snprintf(expected, sizeof expected, "%04d-%02d-%02d", year, month, day);
		assert_string_equal(text, expected);
		assert_true(clock_date_parse(text, &back));
		assert_int_equal(back, d);
	}
}

static void known_days(void **state)
{
	char text[11];

	(void)state;
	assert_int_equal(clock_date_make(1970, 1, 1), 0);
	assert_int_equal(clock_date_make(1969, 12, 31), -1);
	assert_int_equal(clock_date_make(2000, 1, 1), 10957);
	assert_int_equal(clock_date_make(0, 3, 1), -719468);
	assert_int_equal(clock_date_make(-1, 12, 31), clock_date_make(0, 1, 1) - 1);
	clock_date_format(CLOCK_DATE_NEVER, text);
	assert_string_equal(text, "infinity");
}

static void no_dates(void **state)
{
	static const char *const bad[] = {"", "2022", "2022-11", "2022-11-2", "2022-11-200",
	    "22-11-20", "2022/11/20", "2022-13-01", "2022-00-01", "2022-01-00", "2022-01-32",
	    "2022-02-29", "2100-02-29", "2022-04-31", "1899-12-31", "2200-01-01", " 2022-11-20",
	    "2022-11-20 ", "+022-11-20", "2022--1-20", "2022-1a-20", "20221120", "infinity",
	    "2022-11-20T00:00:00", "２０２２-11-20"};
	clock_date d = 12345;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (clock_date_parse(bad[i], &d))
			fail_msg("%s was taken for a date", bad[i]);
	assert_int_equal(d, 12345);
	assert_true(clock_date_parse("2000-02-29", &d));
	assert_true(clock_date_parse("2024-02-29", &d));
}

static void times(void **state)
{
	static const char *const good[] = {"2022-11-20T08:30:00+08:00", "2022-11-20T23:59:59Z",
	    "2022-11-20T00:00:00-00:00", "2022-11-20T08:30:00.5Z",
	    "2022-11-20T08:30:00.123456789-03:30", "2022-11-20T08:30:00+14:59"};
	static const char *const bad[] = {"", "2022-11-20", "2022-11-20T", "2022-11-20T08:30Z",
	    "2022-11-20T08:30:00", "2022-11-20 08:30:00Z", "2022-11-20t08:30:00z",
	    "2022-02-30T08:30:00Z", "2022-11-20T24:00:00Z", "2022-11-20T08:60:00Z",
	    "2022-11-20T08:30:60Z", "2022-11-20T08:30:00.Z", "2022-11-20T08:30:00.1234567890Z",
	    "2022-11-20T08:30:00Z ", "2022-11-20T08:30:00+08", "2022-11-20T08:30:00+0800",
	    "2022-11-20T08:30:00+08:0", "2022-11-20T08:30:00+15:00", "2022-11-20T08:30:00+08:60",
	    "2022-11-20T08:30:00+08:000", "2022-11-20T8:30:00Z", "2022-11-20T08:30:00.5"};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		if (!clock_time_ok(good[i]))
			fail_msg("%s was not taken for a time", good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (clock_time_ok(bad[i]))
			fail_msg("%s was taken for a time", bad[i]);
}

static void monotonic(void **state)
{
	int64_t before = clock_ms(), micro = clock_us();

	(void)state;
	for (int i = 0; i < 1000; i++) {
		int64_t now = clock_ms();

		assert_true(now >= before);
		assert_true(clock_us() >= micro);
		before = now;
		micro = clock_us();
	}
	assert_in_range(clock_us() / 1000, before, before + 60000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_day),
	    cmocka_unit_test(known_days),
	    cmocka_unit_test(no_dates),
	    cmocka_unit_test(times),
	    cmocka_unit_test(monotonic),
	};

	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
