/* proof.h - proofs of a log's tree, made from the tiles that the database keeps. */
#ifndef PROOF_H
#define PROOF_H

#include "buf.h"
#include "db_pool.h"
#include "merkle_proof.h"

struct proof {
	bool inclusion;
	int64_t from, to; /* event and size, or two sizes */
	int count;
	uint8_t first[MERKLE_HASH]; /* the event's leaf hash, or the root at from */
	uint8_t root[MERKLE_HASH];  /* at to */
	uint8_t path[MERKLE_MAX_PATH][MERKLE_HASH];
};

/* DB_OK with the proof, which is valid only during the call; DB_FAILED: a tile lacks. */
typedef void (*proof_cb)(void *arg, const struct proof *proof, enum db_outcome outcome);

/*
 * That event from (1 <= from <= to) is in the tree of that log at size to; or that the tree at size
 * from (1 <= from <= to) is the beginning of that at to. The log must be that long. false: the pool is
 * busy, cb will not be called.
 */
bool proof_make(struct db_pool *pool, int32_t store_id, bool inclusion, int64_t from, int64_t to,
    proof_cb cb, void *arg);

/* Its members of a JSON object: ,"seq":…,"size":… or ,"from":…,"to":… and the hashes in hex. */
void proof_write(const struct proof *proof, struct buf *out);

#endif
