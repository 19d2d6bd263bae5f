/* evidence_report.h - what was checked of an evidence file, and the first fault of each kind. */
#ifndef EVIDENCE_REPORT_H
#define EVIDENCE_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum evidence_check {
	CHECK_MEMBERS,
	CHECK_SIGNATURE,
	CHECK_RECORDS,
	CHECK_SEQUENCE,
	CHECK_STORE,
	CHECK_TIMES,
	CHECK_LEAVES,
	CHECK_ROOT,
	CHECK_SINCE,
	CHECK_NUMBERS,
	CHECK_BALANCES,
	CHECK_LOTS,
	CHECK_SLIPS,
	CHECK_ENTRIES,
	CHECK_CODE,
	CHECKS
};

/* What a check went over. */
enum evidence_scope { SCOPE_FILE, SCOPE_EVENTS, SCOPE_SLIPS, SCOPE_ENTRIES, EVIDENCE_SCOPES };

struct evidence_finding {
	int64_t faults;
	char place[160], found[200], expected[200];
};

struct evidence_report {
	struct evidence_finding findings[CHECKS];
	bool skipped[CHECKS]; /* could not be checked, or was not asked for */
	int64_t counts[EVIDENCE_SCOPES];
	int64_t faults;
};

/* A fault: where (printf), what was found and, where that helps, what is expected (may be ""). */
void evidence_fault(struct evidence_report *report, enum evidence_check check, const char *found,
    const char *expected, const char *place, ...) __attribute__((format(printf, 5, 6)));

/* A line each check, with the first fault of it below; gives how many kinds of fault there were. */
int evidence_report_print(const struct evidence_report *report, FILE *out);

/* Print text of a stranger's: what would steer a terminal becomes '?'. */
void evidence_print(const char *text, FILE *out);

#endif
