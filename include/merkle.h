/*
 * merkle.h - the tree over a log's leaf hashes, as RFC 9162 (2.1) defines it. Pure.
 *
 * Event n of a log is leaf n - 1. A tree that only grows needs no more of itself than the roots of
 * the perfect subtrees that it is made of: one for each bit of its size.
 */
#ifndef MERKLE_H
#define MERKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MERKLE_HASH 32
#define MERKLE_MAX_SIZE ((int64_t)1 << 62) /* leaves: more than any log ever has */
#define MERKLE_MAX_NODES 63
#define MERKLE_TILE 256 /* hashes of a tile: merkle_proof.h */
#define MERKLE_TILE_HEIGHT 8
#define MERKLE_MAX_LEVELS 7

struct merkle {
	int64_t size;                                 /* leaves */
	int count;                                    /* nodes: the bits of size that are set */
	uint8_t nodes[MERKLE_MAX_NODES][MERKLE_HASH]; /* of the biggest subtree first */
};

/* Take up a tree of that size from its nodes' bytes; false when there are not as many as the size asks for. */
bool merkle_load(struct merkle *tree, int64_t size, const void *nodes, size_t len);

void merkle_append(struct merkle *tree, const uint8_t leaf[MERKLE_HASH]);

/* The same, giving the roots of the subtrees of 256, 256^2, … leaves that it completes: the hashes of
   level 1, 2, … of tiles. Returns how many. */
int merkle_append_completing(struct merkle *tree, const uint8_t leaf[MERKLE_HASH],
    uint8_t roots[MERKLE_MAX_LEVELS][MERKLE_HASH]);

/* Append a perfect subtree of 2^height leaves; false when the size is no multiple of that, or would
   pass MERKLE_MAX_SIZE. */
bool merkle_append_node(struct merkle *tree, int height, const uint8_t hash[MERKLE_HASH]);

/* Of size 0 it is the hash of nothing. */
void merkle_root(const struct merkle *tree, uint8_t root[MERKLE_HASH]);

/* Is leaf number index in the tree of that size and root, as the path of count hashes says? */
bool merkle_verify_inclusion(const uint8_t leaf[MERKLE_HASH], int64_t index, int64_t size,
    const uint8_t (*path)[MERKLE_HASH], int count, const uint8_t root[MERKLE_HASH]);

/* Does the bigger tree begin with the smaller one, as the path says? Of the same size they are the
   same, and all begin with the tree of nothing; either takes no path. */
bool merkle_verify_consistency(int64_t from, const uint8_t from_root[MERKLE_HASH], int64_t to,
    const uint8_t to_root[MERKLE_HASH], const uint8_t (*path)[MERKLE_HASH], int count);

#endif
