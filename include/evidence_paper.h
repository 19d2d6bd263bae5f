/* evidence_paper.h - is a printed slip what the database says? */
#ifndef EVIDENCE_PAPER_H
#define EVIDENCE_PAPER_H

#include "evidence_verify.h"

/*
 * Compute the tree's root at the size on the paper from the records alone, and look for the slip. Dies
 * with a plain message when the database cannot be read.
 */
enum evidence_verdict evidence_paper_verify(
    const char *conninfo, const struct evidence_code *code, FILE *out);

#endif
