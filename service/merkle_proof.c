/* merkle_proof.c - which hashes a proof is made of (RFC 9162, 2.1.3 and 2.1.4), and from which tiles. */
#include "merkle_proof.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"

/* Of the biggest perfect subtree with no more leaves than n > 0. */
static int height_within(int64_t n)
{
	return 63 - __builtin_clzll((uint64_t)n);
}

int merkle_cover(struct merkle_range range, struct merkle_node nodes[MERKLE_MAX_COVER])
{
	int count = 0;

	for (int64_t at = range.from; at < range.to;) {
		int height = height_within(range.to - at);

		if (at && __builtin_ctzll((uint64_t)at) < height)
			height = __builtin_ctzll((uint64_t)at);
		nodes[count++] = (struct merkle_node){height, at >> height};
		at += (int64_t)1 << height;
	}
	return count;
}

/* Where a tree of more than one leaf divides: its left half is the biggest perfect one. */
static int64_t middle(struct merkle_range tree)
{
	return tree.from + ((int64_t)1 << height_within(tree.to - tree.from - 1));
}

/* The path goes from the leaf up: what was found first comes last. */
static void reverse(struct merkle_range *path, int count)
{
	for (int i = 0; i < count / 2; i++) {
		struct merkle_range other = path[count - 1 - i];

		path[count - 1 - i] = path[i];
		path[i] = other;
	}
}

int merkle_inclusion(int64_t index, int64_t size, struct merkle_range path[MERKLE_MAX_PATH])
{
	struct merkle_range tree = {0, size};
	int count = 0;

	while (tree.to - tree.from > 1) {
		int64_t half = middle(tree);

		if (index < half) {
			path[count++] = (struct merkle_range){half, tree.to};
			tree.to = half;
		} else {
			path[count++] = (struct merkle_range){tree.from, half};
			tree.from = half;
		}
	}
	reverse(path, count);
	return count;
}

int merkle_consistency(int64_t from, int64_t to, struct merkle_range path[MERKLE_MAX_PATH])
{
	struct merkle_range tree = {0, to};
	int count = 0;

	if (from == 0)
		return 0;
	while (from < tree.to) {
		int64_t half = middle(tree);

		if (from <= half) {
			path[count++] = (struct merkle_range){half, tree.to};
			tree.to = half;
		} else {
			path[count++] = (struct merkle_range){tree.from, half};
			tree.from = half;
		}
	}
	if (tree.from > 0) /* the smaller tree is not what is left: its last part is */
		path[count++] = tree;
	reverse(path, count);
	return count;
}

/* --- Tiles --- */

/* A node is made of so many hashes of one tile. */
struct place {
	int level, first, count;
	int64_t tile;
};

static struct place place_of(struct merkle_node node)
{
	int within = node.height % MERKLE_TILE_HEIGHT;
	int64_t first = node.index << within;

	return (struct place){
	    .level = node.height / MERKLE_TILE_HEIGHT,
	    .tile = first / MERKLE_TILE,
	    .first = (int)(first % MERKLE_TILE),
	    .count = 1 << within,
	};
}

static struct merkle_tile *find(const struct merkle_tiles *tiles, int level, int64_t tile)
{
	for (int i = 0; i < tiles->count; i++)
		if (tiles->v[i]->level == level && tiles->v[i]->tile == tile)
			return tiles->v[i];
	return NULL;
}

static void want(struct merkle_tiles *tiles, int level, int64_t tile)
{
	struct merkle_tile *new;

	if (find(tiles, level, tile))
		return;
	if (tiles->count == tiles->cap) {
		tiles->cap = tiles->cap ? 2 * tiles->cap : 8;
		tiles->v = xrealloc(tiles->v, (size_t)tiles->cap * sizeof *tiles->v);
	}
	new = xcalloc(1, sizeof *new);
	new->level = level;
	new->tile = tile;
	tiles->v[tiles->count++] = new;
}

void merkle_tiles_want(struct merkle_tiles *tiles, struct merkle_range range)
{
	struct merkle_node nodes[MERKLE_MAX_COVER];
	int count = merkle_cover(range, nodes);

	for (int i = 0; i < count; i++) {
		struct place place = place_of(nodes[i]);

		want(tiles, place.level, place.tile);
	}
}

bool merkle_tiles_set(
    struct merkle_tiles *tiles, int level, int64_t tile, const void *hashes, size_t len)
{
	struct merkle_tile *to = find(tiles, level, tile);

	if (!to || len % MERKLE_HASH || len > sizeof to->hashes)
		return false;
	to->count = (int)(len / MERKLE_HASH);
	if (len)
		memcpy(to->hashes, hashes, len);
	return true;
}

bool merkle_tiles_node(
    const struct merkle_tiles *tiles, struct merkle_node node, uint8_t hash[MERKLE_HASH])
{
	struct place place = place_of(node);
	const struct merkle_tile *tile = find(tiles, place.level, place.tile);
	struct merkle tree = {0};

	if (!tile || place.first + place.count > tile->count)
		return false;
	for (int i = 0; i < place.count; i++)
		merkle_append(&tree, tile->hashes[place.first + i]);
	merkle_root(&tree, hash);
	return true;
}

bool merkle_tiles_hash(
    const struct merkle_tiles *tiles, struct merkle_range range, uint8_t hash[MERKLE_HASH])
{
	struct merkle_node nodes[MERKLE_MAX_COVER];
	int count = merkle_cover(range, nodes);
	struct merkle tree = {0};
	uint8_t node[MERKLE_HASH];

	for (int i = 0; i < count; i++)
		if (!merkle_tiles_node(tiles, nodes[i], node) ||
		    !merkle_append_node(&tree, nodes[i].height, node))
			return false;
	merkle_root(&tree, hash);
	return true;
}

void merkle_tiles_free(struct merkle_tiles *tiles)
{
	for (int i = 0; i < tiles->count; i++)
		free(tiles->v[i]);
	free(tiles->v);
	*tiles = (struct merkle_tiles){0};
}
