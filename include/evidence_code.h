/*
 * evidence_code.h - the code that is printed on slips and ledger pages: "<slip number>.<event>.<size
 * of the tree>.<first 16 hex digits of its root>". Pure.
 */
#ifndef EVIDENCE_CODE_H
#define EVIDENCE_CODE_H

#include <stdbool.h>
#include <stdint.h>

#include "merkle.h"
#include "slip.h"

#define EVIDENCE_CODE_ROOT 8 /* bytes of the root */

struct evidence_code {
	char store[17];
	char number[SLIP_NUMBER_MAX];
	int64_t event, size; /* event <= size */
	uint8_t root[EVIDENCE_CODE_ROOT];
};

/* false: nothing that we print is spelled like that. Upper and lower case are alike. */
bool evidence_code_parse(const char *text, struct evidence_code *out);

/* Does the root begin as the paper says? */
bool evidence_code_fits(const struct evidence_code *code, const uint8_t root[MERKLE_HASH]);

#endif
