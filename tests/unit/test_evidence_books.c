/* test_evidence_books.c - balances, lots and numbers, kept anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "evidence_books.h"

/* ledger, lot, seq, quantity, balance after; what is wrong, and what is expected then */
struct step {
	struct evidence_entry entry;
	enum evidence_wrong wrong;
	int64_t expected;
};

static void walk(bool from_start, const struct step *steps, int count)
{
	struct evidence_books *books = evidence_books_new(from_start);
	int64_t expected;

	for (int i = 0; i < count; i++) {
		assert_int_equal(
		    evidence_books_enter(books, &steps[i].entry, &expected), steps[i].wrong);
		if (steps[i].wrong != EVIDENCE_RIGHT)
			assert_int_equal(expected, steps[i].expected);
	}
	evidence_books_free(books);
}

#define WALK(from_start, steps) walk(from_start, steps, sizeof(steps) / sizeof *(steps))

static void whole_log(void **state)
{
	static const struct step steps[] = {
	    {{"n95", "A", 1, 10, 10}, EVIDENCE_RIGHT, 0},
	    {{"n95", "B", 2, 5, 15}, EVIDENCE_RIGHT, 0},
	    {{"n9", "5B", 1, 1, 1}, EVIDENCE_RIGHT, 0},
	    {{"n95", "A", 3, -10, 5}, EVIDENCE_RIGHT, 0},
	    {{"n95", "A", 4, -1, 4}, EVIDENCE_WRONG_LOT, 0},
	    {{"n95", "B", 6, -1, 3}, EVIDENCE_WRONG_SEQUENCE, 5},
	    {{"n95", "B", 7, 1, 5}, EVIDENCE_WRONG_BALANCE, 4},
	    {{"n95", "B", 8, 1, 6}, EVIDENCE_RIGHT, 0}, /* one wrong entry is one fault */
	    {{"n95", "B", 9, -8, -2}, EVIDENCE_WRONG_BALANCE, -2},
	    {{"glove", "", 1, 4, 5}, EVIDENCE_WRONG_BALANCE, 4},
	    {{"gown", "", 2, 4, 4}, EVIDENCE_WRONG_SEQUENCE, 1},
	};

	(void)state;
	WALK(true, steps);
}

static void later_part(void **state)
{
	static const struct step steps[] = {
	    {{"n95", "A", 7, -10, 5}, EVIDENCE_RIGHT, 0},
	    {{"n95", "C", 8, -2, 3}, EVIDENCE_RIGHT, 0},
	    {{"n95", "C", 9, -2, 2}, EVIDENCE_WRONG_BALANCE, 1},
	    {{"glove", "", 3, 9, 4}, EVIDENCE_WRONG_BALANCE, 4}, /* from below zero */
	    {{"gown", "", 0, 9, 9}, EVIDENCE_WRONG_SEQUENCE, 0},
	};

	(void)state;
	WALK(false, steps);
}

static void numbers(void **state)
{
	struct evidence_books *books = evidence_books_new(true);
	clock_date first = clock_date_make(1900, 1, 1), last = clock_date_make(2199, 12, 31);
	int expected = 0;

	(void)state;
	assert_true(evidence_books_number(books, SLIP_IN, first, 1, &expected));
	assert_true(evidence_books_number(books, SLIP_OUT, first, 1, &expected));
	assert_true(evidence_books_number(books, SLIP_OUT, last, 1, &expected));
	assert_true(evidence_books_number(books, SLIP_IN, first, 2, &expected));
	assert_false(evidence_books_number(books, SLIP_IN, first, 4, &expected));
	assert_int_equal(expected, 3);
	assert_true(evidence_books_number(books, SLIP_IN, first, 5, &expected));
	assert_false(evidence_books_number(books, SLIP_IN, last, 2, &expected));
	assert_int_equal(expected, 1);
	assert_false(evidence_books_number(books, SLIP_IN, first - 1, 1, &expected));
	assert_false(evidence_books_number(books, SLIP_IN, last + 1, 1, &expected));
	evidence_books_free(books);

	books = evidence_books_new(false);
	assert_true(evidence_books_number(books, SLIP_IN, first, 8, &expected));
	assert_true(evidence_books_number(books, SLIP_IN, first, 9, &expected));
	assert_false(evidence_books_number(books, SLIP_IN, first, 9, &expected));
	evidence_books_free(books);
}

static void lots_are_bounded(void **state)
{
	struct evidence_books *books = evidence_books_new(true);
	struct evidence_totals totals;
	int64_t expected;
	char lot[16];

	(void)state;
	for (int i = 1; i <= EVIDENCE_MAX_LOTS + 1; i++) {
		snprintf(lot, sizeof lot, "%d", i);
		evidence_books_totals(books, &totals);
		assert_true(totals.lots);
		assert_int_equal(evidence_books_enter(books,
				     &(struct evidence_entry){"n95", lot, i, 1, i}, &expected),
		    EVIDENCE_RIGHT);
	}
	evidence_books_totals(books, &totals);
	assert_false(totals.lots);
	assert_int_equal(totals.ledgers, 1);
	evidence_books_free(books);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(whole_log),
	    cmocka_unit_test(later_part),
	    cmocka_unit_test(numbers),
	    cmocka_unit_test(lots_are_bounded),
	};

	return cmocka_run_group_tests_name("evidence_books", tests, NULL, NULL);
}
