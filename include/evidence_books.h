/*
 * evidence_books.h - the books kept anew from what the log's slips say, entry by entry: balances of
 * ledgers and lots, and the numbers of slips. Pure.
 *
 * Where the log is read from its first event, everything is known. Where it is read from later on,
 * a ledger's and a series' first appearance is taken as it is, and lots cannot be told.
 */
#ifndef EVIDENCE_BOOKS_H
#define EVIDENCE_BOOKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clock.h"
#include "slip.h"

#define EVIDENCE_MAX_LEDGERS                                                                       \
	100000 /* more than a store has: a file that claims them is none of ours */
#define EVIDENCE_MAX_LOTS 200000 /* with something in them, at a time */
#define EVIDENCE_MAX_QUANTITY 1000000000000000000LL

struct evidence_entry {
	const char *ledger; /* the item's code */
	const char *lot;    /* what tells it from the ledger's other lots */
	int64_t seq, quantity /* out: negative */, balance_after;
};

enum evidence_wrong {
	EVIDENCE_RIGHT,
	EVIDENCE_WRONG_SEQUENCE, /* the ledger's next entry would be another one */
	EVIDENCE_WRONG_BALANCE,  /* balance before + quantity is another one */
	EVIDENCE_WRONG_LOT,      /* the lot would be below zero */
	EVIDENCE_TOO_MANY,       /* ledgers */
};

struct evidence_books;
struct evidence_books *evidence_books_new(bool from_start);
void evidence_books_free(struct evidence_books *books);

/* Enter it. *expected: what the books say instead. What was wrong is then taken as it stands, so that
   one wrong entry is one fault. */
enum evidence_wrong evidence_books_enter(
    struct evidence_books *books, const struct evidence_entry *entry, int64_t *expected);

/* Is that the number that follows in its series? *expected: if not, which one would be. */
bool evidence_books_number(
    struct evidence_books *books, enum slip_kind kind, clock_date date, int serial, int *expected);

struct evidence_totals {
	int ledgers;
	bool lots; /* they were all kept */
};
void evidence_books_totals(const struct evidence_books *books, struct evidence_totals *totals);

#endif
