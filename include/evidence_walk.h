/*
 * evidence_walk.h - the members of an evidence file that grow with the log, read side by side once,
 * in the log's order; one event is held at a time.
 */
#ifndef EVIDENCE_WALK_H
#define EVIDENCE_WALK_H

#include "evidence.h"
#include "evidence_report.h"
#include "evidence_source.h"

/* A size on the way whose root is wanted. */
struct evidence_root {
	int64_t size;
	bool seen;
	uint8_t root[MERKLE_HASH];
};

struct evidence_walk {
	const struct evidence_proof *proof;
	const char *store; /* its code, as in records */
	struct evidence_source events, leaves, slips, entries;
	struct evidence_source older; /* leaves of an older evidence file */
	int64_t older_first;          /* the event of its first line; 0: there is none */

	struct evidence_root since; /* of the older checkpoint; size -1: none */
	struct evidence_root code;  /* of the paper's code */
	int64_t show;               /* an event whose record is wanted; 0: none */

	/* The outcome, beside what the report is told. */
	struct buf shown;               /* that record */
	char first_at[40], last_at[40]; /* times of the first and the last event */
	uint8_t root[MERKLE_HASH];      /* of the whole tree */
	bool whole;                     /* it got to the end, so that root is one */
	int ledgers;
	bool lots;
};

/* Fill in the outcome and the report's faults and counts. Closes nothing. */
void evidence_walk(struct evidence_walk *walk, struct evidence_report *report);

#endif
