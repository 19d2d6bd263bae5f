/*
 * evidence_pack.h - makes an evidence file as a stream: it says what to read, is handed the rows, and
 * gives bytes of the zip. Whoever drives it (the service, the command line) reads and writes; only one
 * piece is in memory at a time.
 */
#ifndef EVIDENCE_PACK_H
#define EVIDENCE_PACK_H

#include <libpq-fe.h>

#include "db.h"
#include "evidence.h"

struct evidence_pack;

/*
 * What the file is to hold. checkpoint is the signed note of the proof's size, keys is keys.txt.
 * Nothing of these is kept.
 */
struct evidence_contents {
	int32_t store_id;
	const char *store; /* its code */
	const struct evidence_proof *proof;
	const char *checkpoint, *keys;
};
struct evidence_pack *evidence_pack_new(const struct evidence_contents *contents);
void evidence_pack_free(struct evidence_pack *pack);

#define EVIDENCE_PACK_PARAMS 7

/* What is to be read next; false: nothing, the file is whole with what evidence_pack_bytes() gives. */
bool evidence_pack_ask(
    struct evidence_pack *pack, enum stmt_id *stmt, struct db_param params[EVIDENCE_PACK_PARAMS]);

/* The answer to that. false: the file could not be written on. */
bool evidence_pack_take(struct evidence_pack *pack, const PGresult *result);

/* Bytes that are ready; the caller sets len to 0 when it has taken them. */
struct buf *evidence_pack_bytes(struct evidence_pack *pack);

#endif
