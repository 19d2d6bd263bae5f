/* test_cell.c - cells of ledgers kept by hand: text, quantities and dates as people write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cell.h"

static void clean(void **state)
{
	static const struct {
		const char *cell, *clean;
	} cases[] = {
	    {"口罩", "口罩"},
	    {"  口罩 \t", "口罩"},
	    {"\xef\xbb\xbf口\xe2\x80\x8b罩\xc2\xa0", "口罩"},
	    {"医用\xc2\xa0口罩", "医用 口罩"},
	    {"\xe3\x80\x80"
	     "a\xe3\x80\x80"
	     "b",
		"a b"},
	    {"a\nb", "a b"},
	    {"（日本）", "（日本）"},
	    {"\xe2\x80\x8b \xc2\xa0", ""},
	    {"", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf out = BUF_EMPTY;

		cell_clean(cases[i].cell, &out);
		assert_string_equal(buf_str(&out), cases[i].clean);
		buf_free(&out);
	}
}

static void clean_appends(void **state)
{
	struct buf out = BUF_EMPTY;

	(void)state;
	buf_puts(&out, "a ");
	cell_clean("  b  ", &out);
	cell_clean("  ", &out);
	cell_clean("c", &out);
	assert_string_equal(buf_str(&out), "a bc");
	buf_free(&out);
}

static void fold(void **state)
{
	char text[] = "ＫＮ９５（口罩），１：～ｚ";

	(void)state;
	cell_fold(text);
	assert_string_equal(text, "KN95(口罩),1:~z");
	memcpy(
	    text, "\xef\xbd\0x", 5); /* cut off within a character: what is behind stays unread */
	cell_fold(text);
	assert_memory_equal(text, "\xef\xbd\0x", 5);
}

static void quantities(void **state)
{
	static const struct {
		const char *cell;
		int64_t value;
		const char *unit;
	} cases[] = {
	    {"0", 0, ""},
	    {"-1", -1, ""},
	    {"+7", 7, ""},
	    {"1,200", 1200, ""},
	    {"1,234,567", 1234567, ""},
	    {"１２００", 1200, ""},
	    {"１，２００只", 1200, "只"},
	    {"80.0", 80, ""},
	    {"1.2万", 12000, ""},
	    {"1.2345万", 12345, ""},
	    {"3 万只", 30000, "只"},
	    {"2亿", 200000000, ""},
	    {"5千只", 5000, "只"},
	    {"198箱", 198, "箱"},
	    {"12000 支", 12000, "支"},
	    {"\xe2\x80\x8b"
	     "20\xc2\xa0盒",
		20, "盒"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t value = -7;
		char unit[CELL_UNIT_MAX];

		assert_int_equal(cell_quantity(cases[i].cell, &value, unit), CELL_OK);
		assert_int_equal(value, cases[i].value);
		assert_string_equal(unit, cases[i].unit);
	}
}

static void not_quantities(void **state)
{
	static const struct {
		const char *cell;
		enum cell_fault fault;
	} cases[] = {
	    {"", CELL_EMPTY},
	    {" \xe2\x80\x8b", CELL_EMPTY},
	    {"若干", CELL_UNREADABLE},
	    {"约100", CELL_UNREADABLE},
	    {"-", CELL_UNREADABLE},
	    {"1.2.3", CELL_UNREADABLE},
	    {"1 2", CELL_UNREADABLE},
	    {"1,2", CELL_UNREADABLE},
	    {"1.5", CELL_FRACTION},
	    {"1.05", CELL_FRACTION},
	    {"1.20001万", CELL_FRACTION},
	    {"1.200001万", CELL_FRACTION},
	    {"1.23456万", CELL_FRACTION},
	    {"99999999999999999999", CELL_TOO_LARGE},
	    {"999999999999亿", CELL_TOO_LARGE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t value;
		char unit[CELL_UNIT_MAX];

		assert_int_equal(cell_quantity(cases[i].cell, &value, unit), cases[i].fault);
	}
}

static void dates(void **state)
{
	static const struct cell_date_rules ymd = {CELL_YMD, 2022};
	static const struct cell_date_rules dmy = {CELL_DMY, 0}, mdy = {CELL_MDY, 0};
	static const struct {
		const char *cell;
		const struct cell_date_rules *rules;
		const char *date;
		int32_t ms;
	} cases[] = {
	    {"2022-11-20", &ymd, "2022-11-20", 0},
	    {"2022/11/2", &ymd, "2022-11-02", 0},
	    {"2022.1.2", &ymd, "2022-01-02", 0},
	    {"22.11.20", &ymd, "2022-11-20", 0},
	    {"2022年11月20日", &ymd, "2022-11-20", 0},
	    {"2022 年 1 月 2 日", &ymd, "2022-01-02", 0},
	    {"２０２２－１１－２０", &ymd, "2022-11-20", 0},
	    {"20221120", &ymd, "2022-11-20", 0},
	    {"11月20日", &ymd, "2022-11-20", 0},
	    {"5月3号", &ymd, "2022-05-03", 0},
	    {"11.20", &ymd, "2022-11-20", 0},
	    {"44885", &ymd, "2022-11-20", 0},
	    {"44885.5", &ymd, "2022-11-20", 43200000},
	    {"43854", &ymd, "2020-01-24", 0},
	    {"2020-01-30 00:00:00", &ymd, "2020-01-30", 0},
	    {"2022/11/20 8:30", &ymd, "2022-11-20", 30600000},
	    {"2021-01-05 15:33:25.882 UTC", &ymd, "2021-01-05", 56005882},
	    {"2021-01-05 15:33:25.88 UTC", &ymd, "2021-01-05", 56005880},
	    {"2021-01-05T15:33:25+08:00", &ymd, "2021-01-05", 56005000},
	    {"3/4/2022", &dmy, "2022-04-03", 0},
	    {"3/4/2022", &mdy, "2022-03-04", 0},
	    {"3/4/22", &mdy, "2022-03-04", 0},
	    {"2022-03-04", &dmy, "2022-03-04", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		clock_date date = 0;
		int32_t ms = -1;
		char text[11];

		if (cell_date(cases[i].cell, cases[i].rules, &date, &ms) != CELL_OK)
			fail_msg("%s is a date", cases[i].cell);
		clock_date_format(date, text);
		assert_string_equal(text, cases[i].date);
		assert_int_equal(ms, cases[i].ms);
	}
}

static void not_dates(void **state)
{
	static const struct cell_date_rules plain = {CELL_YMD, 0};
	static const char *const cells[] = {
	    "截至28日",
	    "2022-13-01",
	    "2022-02-30",
	    "3/4/2022",
	    "11月20日",
	    "2022年11月",
	    "合计",
	    "2022-11-20x",
	    "1200",
	    "12345678901",
	    "99999",
	    "-",
	    "2022-11-20 25:00",
	    "2022--11-20",
	};

	(void)state;
	for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
		clock_date date;

		if (cell_date(cells[i], &plain, &date, NULL) != CELL_UNREADABLE)
			fail_msg("%s is no date", cells[i]);
	}
	clock_date date;
	assert_int_equal(cell_date(" ", &plain, &date, NULL), CELL_EMPTY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(clean),
	    cmocka_unit_test(clean_appends),
	    cmocka_unit_test(fold),
	    cmocka_unit_test(quantities),
	    cmocka_unit_test(not_quantities),
	    cmocka_unit_test(dates),
	    cmocka_unit_test(not_dates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
