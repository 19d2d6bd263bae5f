/*
 * evidence_export.h - everything that goes into an evidence file, from the database: its range, the
 * keys, the nodes of the tree, then the file itself (evidence_pack.h). Whoever drives it asks what it
 * wants to know and hands it the answers, one at a time.
 */
#ifndef EVIDENCE_EXPORT_H
#define EVIDENCE_EXPORT_H

#include "evidence_pack.h"
#include "problem.h"

struct evidence_wish {
	int32_t store_id;
	const char *store;      /* its code */
	const char *from, *to;  /* days, checked; NULL: from the first event, to the last */
	int64_t since;          /* an older size to be shown contained; -1: none */
	const char *log_name;   /* what its keys are called */
	const char *checkpoint; /* the signed note, of now: the file holds no event beyond it */
};

struct evidence_export;

/* Nothing of the wish is kept. NULL: *problem says why it cannot be had. */
struct evidence_export *evidence_export_new(
    const struct evidence_wish *wish, struct problem *problem);
void evidence_export_free(struct evidence_export *x);

/* What to read next; false: nothing, the file is whole. */
bool evidence_export_ask(
    struct evidence_export *x, enum stmt_id *stmt, struct db_param params[EVIDENCE_PACK_PARAMS]);

/* The answer to that. false: *problem. */
bool evidence_export_take(
    struct evidence_export *x, const PGresult *result, struct problem *problem);

/* Bytes of the file, ready to be sent; the caller sets len to 0. NULL: it has not begun. */
struct buf *evidence_export_bytes(struct evidence_export *x);

#endif
