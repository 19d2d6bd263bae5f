/*
 * evidence_verify.h - is an evidence file what it claims to be? Needs nothing but the file: no
 * server, no database, no settings. The file may be anybody's: memory is bounded whatever it holds.
 */
#ifndef EVIDENCE_VERIFY_H
#define EVIDENCE_VERIFY_H

#include <stdio.h>

#include "evidence_code.h"
#include "evidence_zip.h"

struct evidence_request {
	struct evidence_input file;
	const char *since; /* an older checkpoint's note; NULL: none */
	size_t since_len;
	struct evidence_input older; /* or an older evidence file, whose events are compared, too */
	const char *key;             /* a verifier line that is trusted; NULL: the file's own */
	const struct evidence_code *code; /* of a paper to be checked, too; NULL: none */
};

enum evidence_verdict {
	EVIDENCE_PROVED,
	EVIDENCE_FAULTY, /* something is wrong, and was named */
	EVIDENCE_UNTOLD, /* it could not be told, and was said why */
};

/* Tells people on out what was proved, or what is wrong and where. */
enum evidence_verdict evidence_verify(const struct evidence_request *request, FILE *out);

/* Print a slip from the record of its event as it stands on paper. */
void evidence_print_slip(const char *record, const char *store, FILE *out);

#endif
