/* merkle.c - the tree over a log's leaf hashes, and the checking of proofs, after RFC 9162 (2.1). */
#include "merkle.h"

#include <string.h>

#include "crypto.h"

bool merkle_load(struct merkle *tree, int64_t size, const void *nodes, size_t len)
{
	*tree = (struct merkle){0};
	if (size < 0 || size > MERKLE_MAX_SIZE ||
	    len != (size_t)__builtin_popcountll((uint64_t)size) * MERKLE_HASH)
		return false;
	tree->size = size;
	tree->count = (int)(len / MERKLE_HASH);
	if (len)
		memcpy(tree->nodes, nodes, len);
	return true;
}

/* Append a perfect subtree of that height; completed gets the roots that stand in tiles, if not NULL. */
static int append(struct merkle *tree, int height, const uint8_t hash[MERKLE_HASH],
    uint8_t (*completed)[MERKLE_HASH])
{
	uint8_t node[MERKLE_HASH];
	int count = 0;

	memcpy(node, hash, sizeof node);
	for (int h = height; tree->size >> h & 1;) {
		crypto_node_hash(tree->nodes[--tree->count], node, node);
		if (++h % MERKLE_TILE_HEIGHT == 0 && completed)
			memcpy(completed[count++], node, sizeof node);
	}
	memcpy(tree->nodes[tree->count++], node, sizeof node);
	tree->size += (int64_t)1 << height;
	return count;
}

bool merkle_append_node(struct merkle *tree, int height, const uint8_t hash[MERKLE_HASH])
{
	int64_t leaves;

	if (height < 0 || height > 61)
		return false;
	leaves = (int64_t)1 << height;
	if (tree->size % leaves || tree->size > MERKLE_MAX_SIZE - leaves)
		return false;
	append(tree, height, hash, NULL);
	return true;
}

void merkle_append(struct merkle *tree, const uint8_t leaf[MERKLE_HASH])
{
	append(tree, 0, leaf, NULL);
}

int merkle_append_completing(struct merkle *tree, const uint8_t leaf[MERKLE_HASH],
    uint8_t roots[MERKLE_MAX_LEVELS][MERKLE_HASH])
{
	return append(tree, 0, leaf, roots);
}

void merkle_root(const struct merkle *tree, uint8_t root[MERKLE_HASH])
{
	if (tree->count == 0) {
		crypto_sha256("", 0, root);
		return;
	}
	memcpy(root, tree->nodes[tree->count - 1], MERKLE_HASH);
	for (int i = tree->count - 2; i >= 0; i--)
		crypto_node_hash(tree->nodes[i], root, root);
}

bool merkle_verify_inclusion(const uint8_t leaf[MERKLE_HASH], int64_t index, int64_t size,
    const uint8_t (*path)[MERKLE_HASH], int count, const uint8_t root[MERKLE_HASH])
{
	uint8_t hash[MERKLE_HASH];
	int64_t n = index, last = size - 1; /* the node on the way up, and the last one beside it */

	if (index < 0 || index >= size)
		return false;
	memcpy(hash, leaf, sizeof hash);
	for (int i = 0; i < count; i++) {
		if (last == 0)
			return false;
		if (n & 1 || n == last) {
			crypto_node_hash(path[i], hash, hash);
			for (; !(n & 1) && n; n >>= 1)
				last >>= 1;
		} else {
			crypto_node_hash(hash, path[i], hash);
		}
		n >>= 1;
		last >>= 1;
	}
	return last == 0 && memcmp(hash, root, sizeof hash) == 0;
}

bool merkle_verify_consistency(int64_t from, const uint8_t from_root[MERKLE_HASH], int64_t to,
    const uint8_t to_root[MERKLE_HASH], const uint8_t (*path)[MERKLE_HASH], int count)
{
	uint8_t before[MERKLE_HASH], after[MERKLE_HASH];
	int64_t n = from - 1, last = to - 1;
	int i = 0;

	if (from < 0 || from > to)
		return false;
	if (from == to)
		return count == 0 && memcmp(from_root, to_root, MERKLE_HASH) == 0;
	if (from == 0) {
		crypto_sha256("", 0, before);
		return count == 0 && memcmp(before, from_root, sizeof before) == 0;
	}
	for (; n & 1; n >>= 1)
		last >>= 1;
	if (n > 0 && count == 0)
		return false;
	/* What both trees have first: the smaller one itself where it is perfect. */
	memcpy(before, n > 0 ? path[i++] : from_root, sizeof before);
	memcpy(after, before, sizeof after);
	for (; i < count; i++) {
		if (last == 0)
			return false;
		if (n & 1 || n == last) {
			crypto_node_hash(path[i], before, before);
			crypto_node_hash(path[i], after, after);
			for (; !(n & 1) && n; n >>= 1)
				last >>= 1;
		} else {
			crypto_node_hash(after, path[i], after);
		}
		n >>= 1;
		last >>= 1;
	}
	return last == 0 && memcmp(before, from_root, sizeof before) == 0 &&
	       memcmp(after, to_root, sizeof after) == 0;
}
