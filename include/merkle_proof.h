/*
 * merkle_proof.h - proofs made from tiles: runs of 256 hashes, each the root of 256^level leaves.
 * Pure: it says which tiles a proof takes, and whoever has them hands them in.
 *
 * A path is a list of hashes, each of a range of leaves. So is a root: of the range from 0 to a size.
 */
#ifndef MERKLE_PROOF_H
#define MERKLE_PROOF_H

#include "merkle.h"

#define MERKLE_MAX_PATH 64   /* hashes of a proof, at most */
#define MERKLE_MAX_COVER 128 /* perfect subtrees of a range, at most */

/* A perfect subtree: 2^height leaves from number index * 2^height on. */
struct merkle_node {
	int height;
	int64_t index;
};

struct merkle_range {
	int64_t from, to; /* leaves; without the one at to */
};

/* The fewest perfect subtrees that a range is made of, in order. Those of (0, size) are the nodes of
   struct merkle; those of (from, to) are what merkle_append_node() takes to come from one to the other. */
int merkle_cover(struct merkle_range range, struct merkle_node nodes[MERKLE_MAX_COVER]);

/* The ranges whose hashes are the path, in its order. Of a leaf in a tree (0 <= index < size) … */
int merkle_inclusion(int64_t index, int64_t size, struct merkle_range path[MERKLE_MAX_PATH]);

/* … and of a tree in a bigger one (0 <= from <= to). */
int merkle_consistency(int64_t from, int64_t to, struct merkle_range path[MERKLE_MAX_PATH]);

struct merkle_tile {
	int level;
	int64_t tile;
	int count; /* hashes there are, from the first on; more may follow as the log grows */
	uint8_t hashes[MERKLE_TILE][MERKLE_HASH];
};

/* A few tiles, each once. They are its own. */
struct merkle_tiles {
	int count, cap;
	struct merkle_tile **v;
};

/* Note that what hashing the range takes is wanted: tiles that stand in the list with count 0. */
void merkle_tiles_want(struct merkle_tiles *tiles, struct merkle_range range);

/* Fill in a tile that is wanted; false when it is not, or len is not that of up to 256 hashes. */
bool merkle_tiles_set(
    struct merkle_tiles *tiles, int level, int64_t tile, const void *hashes, size_t len);

/* The hash of a perfect subtree, and of a range that begins where one of at least its size does (all
   that the functions above name); false when a tile lacks. */
bool merkle_tiles_node(
    const struct merkle_tiles *tiles, struct merkle_node node, uint8_t hash[MERKLE_HASH]);
bool merkle_tiles_hash(
    const struct merkle_tiles *tiles, struct merkle_range range, uint8_t hash[MERKLE_HASH]);

void merkle_tiles_free(struct merkle_tiles *tiles);

#endif
