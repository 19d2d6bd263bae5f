/* evidence_books.c - search trees of ledgers and of the lots that are not empty. */
#include "evidence_books.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"

struct ledger {
	int64_t seq, balance;
	char item[];
};

/* Lots of balance 0 are left out: most lots there ever were are used up. */
struct lot {
	int64_t balance;
	size_t item_len;
	char key[]; /* item, NUL, what tells it from others, NUL */
};

/* Dates that are read at all: clock_date_parse(). */
#define FIRST_DAY (-25567) /* 1900-01-01 */
#define DAYS 109573        /* to 2199-12-31 */

struct evidence_books {
	bool from_start, lots_kept;
	void *ledgers, *lots; /* of tsearch() */
	int ledger_count, lot_count;
	int serials[2][DAYS]; /* last of each series; 0: none yet */
};

static int ledger_order(const void *a, const void *b)
{
	return strcmp(((const struct ledger *)a)->item, ((const struct ledger *)b)->item);
}

static int lot_order(const void *a, const void *b)
{
	const struct lot *x = a, *y = b;
	int order = strcmp(x->key, y->key);

	return order ? order : strcmp(x->key + x->item_len + 1, y->key + y->item_len + 1);
}

struct evidence_books *evidence_books_new(bool from_start)
{
	struct evidence_books *books = xcalloc(1, sizeof *books);

	books->from_start = books->lots_kept = from_start;
	return books;
}

static void free_lots(struct evidence_books *books)
{
	tdestroy(books->lots, free);
	books->lots = NULL;
	books->lot_count = 0;
}

void evidence_books_free(struct evidence_books *books)
{
	tdestroy(books->ledgers, free);
	free_lots(books);
	free(books);
}

/* --- Lots --- */

static struct lot *lot_new(const struct evidence_entry *entry)
{
	size_t item_len = strlen(entry->ledger), lot_len = strlen(entry->lot);
	struct lot *lot = xcalloc(1, sizeof *lot + item_len + lot_len + 2);

	lot->item_len = item_len;
	memcpy(lot->key, entry->ledger, item_len + 1);
	memcpy(lot->key + item_len + 1, entry->lot, lot_len + 1);
	return lot;
}

static void drop_lot(struct evidence_books *books, struct lot *lot)
{
	tdelete(lot, &books->lots, lot_order);
	free(lot);
	books->lot_count--;
}

/* false: there was not as much in it; *expected is how much there was. */
static bool move_lot(
    struct evidence_books *books, const struct evidence_entry *entry, int64_t *expected)
{
	struct lot *lot = lot_new(entry), **found;

	if (!books->lots_kept) {
		free(lot);
		return true;
	}
	found = tsearch(lot, &books->lots, lot_order);
	if (!found)
		die("out of memory for lots");
	if (*found == lot)
		books->lot_count++;
	else
		free(lot);
	lot = *found;
	*expected = lot->balance;
	lot->balance += entry->quantity;
	if (lot->balance <= 0) {
		bool empty = lot->balance == 0;

		drop_lot(books, lot);
		return empty;
	}
	if (books->lot_count > EVIDENCE_MAX_LOTS) {
		books->lots_kept = false;
		free_lots(books);
	}
	return true;
}

/* --- Ledgers --- */

static struct ledger *find_ledger(struct evidence_books *books, const char *item, bool *new)
{
	size_t len = strlen(item) + 1;
	struct ledger *ledger = xcalloc(1, sizeof *ledger + len), **found;

	memcpy(ledger->item, item, len);
	found = tsearch(ledger, &books->ledgers, ledger_order);
	if (!found)
		die("out of memory for ledgers");
	*new = *found == ledger;
	if (*new)
		books->ledger_count++;
	else
		free(ledger);
	return *found;
}

/* The ledger's next entry, as it stands: sequence and balance, whether or not they are right. */
static enum evidence_wrong enter_ledger(
    struct evidence_books *books, const struct evidence_entry *entry, int64_t *expected)
{
	struct ledger *ledger, before;
	bool new;

	ledger = find_ledger(books, entry->ledger, &new);
	before = *ledger;
	if (new && !books->from_start) {
		before.seq = entry->seq - 1;
		before.balance = entry->balance_after - entry->quantity;
	}
	ledger->seq = entry->seq;
	ledger->balance = entry->balance_after;
	*expected = before.seq + 1;
	if (entry->seq != *expected || entry->seq < 1)
		return EVIDENCE_WRONG_SEQUENCE;
	*expected = before.balance + entry->quantity;
	if (entry->balance_after != *expected || entry->balance_after < 0 || before.balance < 0)
		return EVIDENCE_WRONG_BALANCE;
	return EVIDENCE_RIGHT;
}

enum evidence_wrong evidence_books_enter(
    struct evidence_books *books, const struct evidence_entry *entry, int64_t *expected)
{
	enum evidence_wrong wrong;
	int64_t in_lot;

	if (books->ledger_count > EVIDENCE_MAX_LEDGERS)
		return EVIDENCE_TOO_MANY;
	wrong = enter_ledger(books, entry, expected);
	if (move_lot(books, entry, &in_lot) || wrong != EVIDENCE_RIGHT)
		return wrong;
	*expected = in_lot;
	return EVIDENCE_WRONG_LOT;
}

/* --- Numbers --- */

bool evidence_books_number(
    struct evidence_books *books, enum slip_kind kind, clock_date date, int serial, int *expected)
{
	int day = date - FIRST_DAY, *last;

	*expected = 0;
	if (day < 0 || day >= DAYS)
		return false;
	last = &books->serials[kind][day];
	*expected = *last + 1;
	if (*last == 0 && !books->from_start)
		*expected = serial > 0 ? serial : 1;
	*last = serial;
	return serial == *expected;
}

void evidence_books_totals(const struct evidence_books *books, struct evidence_totals *totals)
{
	totals->ledgers = books->ledger_count;
	totals->lots = books->lots_kept;
}
