/*
 * verify.h - recompute the ledgers from their entries alone, and compare (blocking libpq: the command
 * line only). Memory does not grow with what there is to verify.
 */
#ifndef VERIFY_H
#define VERIFY_H

#include <stdbool.h>
#include <stdio.h>

/*
 * Verify the stores of these codes, or everything when count is 0, as of one moment. Prints each
 * check with how much it covered, and the first fault of each kind. Returns how many kinds of fault
 * there were; dies with a message when it cannot find out.
 */
int verify_run(const char *conninfo, char *const *stores, int count, FILE *out);

#endif
