/*
 * verify.h - recompute the ledgers from their entries alone, and compare (blocking libpq: the command
 * line only). Memory does not grow with what there is to verify.
 */
#ifndef VERIFY_H
#define VERIFY_H

#include <stdbool.h>
#include <stdio.h>

#include <libpq-fe.h>

struct verify_options {
	char *const *stores; /* their codes; none: everything */
	int store_count;
	const char *
	    since; /* a checkpoint's note, kept outside, of which the logs must be the continuation;
			      NULL: none */
	const char *key; /* the public key to trust, with those that it endorses, as NAME+ID+KEY;
			      NULL: the keys in the database */
};

/*
 * Verify as of one moment. Prints each check with how much it covered, and the first fault of each
 * kind. Returns how many kinds of fault there were; dies with a message when it cannot find out.
 */
int verify_run(const char *conninfo, const struct verify_options *options, FILE *out);

/* A connection that sees the given snapshot, or (NULL) takes its own, and may only read. Dies with a
   message when it cannot; the caller finishes it. */
PGconn *verify_open(const char *conninfo, const char *snapshot);

#endif
