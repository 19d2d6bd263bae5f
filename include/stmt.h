/*
 * stmt.h - the prepared statements: one file each in sql/queries/, embedded at build time.
 *
 * sql/embed.awk turns sql/queries/slip_page.sql into STMT_SLIP_PAGE. A file with lines that end in
 * "-- keyset" also yields STMT_SLIP_PAGE_ASC, in which those lines have "<" for ">", "ASC" for
 * "DESC" and the other way round.
 *
 * "-- plan: once unless $5, $6" in a file: without those parameters it goes by key whatever the
 * others are, so one plan does for all. Others are planned each time they run (see db.c).
 */
#ifndef STMT_H
#define STMT_H

#include "stmt_ids.h" /* generated: enum stmt_id { …, STMT_COUNT } */

struct stmt {
	const char *name; /* as prepared: "slip_page" */
	const char *sql;
	int params;    /* highest $n */
	unsigned once; /* 0: planned each time; else STMT_ONCE and the bits of those parameters */
};

#define STMT_ONCE 1U

extern const struct stmt stmt_table[STMT_COUNT];

#endif
