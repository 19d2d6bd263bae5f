/* clock.h - time: monotonic for waiting, and civil dates. */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/time.h>

/* Milliseconds that only go forward; the zero is arbitrary. */
int64_t clock_ms(void);
int64_t clock_us(void); /* the same in microseconds, for measuring */

/* So many milliseconds, as libevent takes them. */
struct timeval clock_timeval(int64_t ms);

/* Days since 1970-01-01. */
typedef int32_t clock_date;
#define CLOCK_DATE_NEVER INT32_MAX /* PostgreSQL's 'infinity': a lot that never expires */

/* Read strictly YYYY-MM-DD between 1900 and 2199; false when it is not a date of the calendar. */
bool clock_date_parse(const char *s, clock_date *out);

/* Write YYYY-MM-DD and a NUL; "infinity" for CLOCK_DATE_NEVER. */
void clock_date_format(clock_date date, char out[11]);

/* Is it a time as RFC 3339 writes it, with its offset: 2022-11-20T08:30:00+08:00? */
bool clock_time_ok(const char *s);

/* Read the one spelling that events have, "2022-11-20T08:00:00.123456+08:00", len bytes: microseconds
   since 1970. */
bool clock_instant(const char *s, size_t len, int64_t *us);

clock_date clock_date_make(int year, int month, int day);
void clock_date_split(clock_date date, int *year, int *month, int *day);

#endif
