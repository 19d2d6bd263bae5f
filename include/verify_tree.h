/*
 * verify_tree.h - the tree over a log's records, grown beside the walk over the log: what the log's
 * head, its tiles and every checkpoint say of it must be what comes out.
 */
#ifndef VERIFY_TREE_H
#define VERIFY_TREE_H

#include <libpq-fe.h>

#include "log_tree.h"
#include "signed_keys.h"
#include "signed_note.h"
#include "verify_finding.h"

/* The keys that checkpoints may be signed with. */
struct verify_keys {
	int count;
	int *ids; /* in the table; 0: it is none of those */
	struct signed_key *keys;
	PGresult *rows; /* where the endorsements stand */
};

/* Where the faults go. */
struct verify_tree_findings {
	struct finding *head, *tiles, *roots, *signatures;
	struct finding *kept; /* the checkpoint that was kept */
};

struct verify_tree {
	const char *store_id, *name, *code; /* code: as in a checkpoint's origin */
	const char *frontier;               /* of the head, in hex; NULL: it has none */
	const struct verify_keys *keys;
	const struct checkpoint *kept; /* of this log, kept outside; NULL: none */
	struct verify_tree_findings to;
	PGconn *conn; /* of its own, within the snapshot */

	struct merkle tree;
	PGresult *tiles;
	PGresult *next; /* checkpoint that the walk comes to; NULL: no more */
	int64_t good;   /* size of the last checkpoint that was right */
	bool kept_seen;
};

/* Begin, with everything above the empty line set. */
void verify_tree_start(struct verify_tree *tree);

/* The next event, of that sequence and leaf hash as its record gives it. */
void verify_tree_leaf(struct verify_tree *tree, int64_t seq, const uint8_t leaf[MERKLE_HASH]);

/* The log is at its end. */
void verify_tree_end(struct verify_tree *tree);

#endif
