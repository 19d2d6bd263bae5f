/*
 * cell.h - what people write into the cells of a ledger kept by hand: text with invisible characters
 * in it, quantities with their units glued on, dates in a dozen spellings.
 */
#ifndef CELL_H
#define CELL_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "clock.h"

/*
 * Append the cell without invisible characters (zero-width spaces, byte order marks), with plain
 * spaces for others (no-break, ideographic, tabs), none at either end.
 */
void cell_clean(const char *cell, struct buf *out);

/* Turn full-width digits, letters and punctuation into their ASCII ones, in place. */
void cell_fold(char *text);

enum cell_fault {
	CELL_OK,
	CELL_EMPTY,
	CELL_UNREADABLE, /* not a number, or not a date */
	CELL_FRACTION,   /* not a whole number */
	CELL_TOO_LARGE,
};

/*
 * Read a whole number as people write it: 1,200  １２００  1.2万  80.0  198箱. What follows the
 * number is its unit: copied to unit, "" when nothing does. The sign is kept, so check it.
 */
#define CELL_UNIT_MAX 32
enum cell_fault cell_quantity(const char *cell, int64_t *out, char unit[CELL_UNIT_MAX]);

/* Whether 3/4/22 is 2003-04-22, the third of April or the fourth of March of 2022. */
enum cell_date_order { CELL_YMD, CELL_DMY, CELL_MDY };

struct cell_date_rules {
	enum cell_date_order order;
	int year; /* of dates written without one (5月3日); 0: such a date is unreadable */
};

/*
 * Read a date, with or without a time behind it: 2022-11-20  2022/11/20 8:30  2022.11.20  22.11.20
 * 2022年11月20日  20221120  44885 (a spreadsheet's serial number). The date is as written: a zone
 * behind the time does not move it. ms (may be NULL): of the day.
 */
enum cell_fault cell_date(
    const char *cell, const struct cell_date_rules *rules, clock_date *date, int32_t *ms);

#endif
