/*
 * test_merkle.c - the tree, its proofs and their tiles: the vectors of Certificate Transparency, and
 * trees of many sizes against the recursive definitions of RFC 9162.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto.h"
#include "merkle.h"
#include "merkle_proof.h"

#define LEAVES 66000

typedef uint8_t hash[MERKLE_HASH];

static hash *leaves; /* of the trees of any size */

static void hex_is(const uint8_t *data, const char *expected)
{
	char hex[2 * MERKLE_HASH + 1];

	crypto_hex(data, MERKLE_HASH, hex);
	assert_string_equal(hex, expected);
}

/* --- The definitions, as the RFC writes them (2.1.1, 2.1.3.1, 2.1.4.1) --- */

static int64_t split(int64_t n)
{
	int64_t k = 1;

	while (2 * k < n)
		k *= 2;
	return k;
}

static void mth(const hash *d, int64_t n, hash out)
{
	hash left, right;

	if (n == 0) {
		crypto_sha256("", 0, out);
	} else if (n == 1) {
		memcpy(out, d, MERKLE_HASH);
	} else {
		mth(d, split(n), left);
		mth(d + split(n), n - split(n), right);
		crypto_node_hash(left, right, out);
	}
}

static int path_of(int64_t m, const hash *d, int64_t n, hash *path)
{
	int64_t k;
	int count;

	if (n == 1)
		return 0;
	k = split(n);
	if (m < k) {
		count = path_of(m, d, k, path);
		mth(d + k, n - k, path[count]);
	} else {
		count = path_of(m - k, d + k, n - k, path);
		mth(d, k, path[count]);
	}
	return count + 1;
}

static int subproof(int64_t m, const hash *d, int64_t n, bool whole, hash *path)
{
	int64_t k;
	int count;

	if (m == n) {
		if (!whole)
			mth(d, n, path[0]);
		return whole ? 0 : 1;
	}
	k = split(n);
	if (m <= k) {
		count = subproof(m, d, k, whole, path);
		mth(d + k, n - k, path[count]);
	} else {
		count = subproof(m - k, d + k, n - k, false, path);
		mth(d, k, path[count]);
	}
	return count + 1;
}

/* --- Proofs out of tiles --- */

/* All that the log has of a tile when it has that many leaves. */
static void tile_fill(struct merkle_tiles *tiles, const struct merkle_tile *tile, int64_t size)
{
	int64_t width = (int64_t)1 << (MERKLE_TILE_HEIGHT * tile->level);
	hash hashes[MERKLE_TILE];
	int count = 0;

	for (int64_t n = tile->tile * MERKLE_TILE; count < MERKLE_TILE && (n + 1) * width <= size;
	     n++)
		mth(leaves + n * width, width, hashes[count++]);
	assert_true(
	    merkle_tiles_set(tiles, tile->level, tile->tile, hashes, (size_t)count * MERKLE_HASH));
}

static void path_from_tiles(
    const struct merkle_range *ranges, int count, int64_t size, hash *path, int most_tiles)
{
	struct merkle_tiles tiles = {0};

	for (int i = 0; i < count; i++)
		merkle_tiles_want(&tiles, ranges[i]);
	assert_true(tiles.count <= most_tiles);
	for (int i = 0; i < count; i++)
		assert_false(merkle_tiles_hash(&tiles, ranges[i], path[i]));
	for (int i = 0; i < tiles.count; i++)
		tile_fill(&tiles, tiles.v[i], size);
	for (int i = 0; i < count; i++)
		assert_true(merkle_tiles_hash(&tiles, ranges[i], path[i]));
	merkle_tiles_free(&tiles);
}

/* The path proves what it should, and nothing near it: no other leaf, size, root or hash. */
static void inclusion(int64_t index, int64_t size)
{
	struct merkle_range ranges[MERKLE_MAX_PATH];
	hash path[MERKLE_MAX_PATH + 1] = {{0}}, expected[MERKLE_MAX_PATH], root, bad;
	int count = merkle_inclusion(index, size, ranges);
	const uint8_t *leaf = leaves[index];

	assert_int_equal(path_of(index, leaves, size, expected), count);
	path_from_tiles(ranges, count, size, path, 6);
	assert_memory_equal(path, expected, (size_t)count * MERKLE_HASH);
	mth(leaves, size, root);
	assert_true(merkle_verify_inclusion(leaf, index, size, path, count, root));

	memcpy(bad, root, sizeof bad);
	bad[index % MERKLE_HASH] ^= 1;
	assert_false(merkle_verify_inclusion(leaf, index, size, path, count, bad));
	assert_false(merkle_verify_inclusion(bad, index, size, path, count, root));
	assert_false(merkle_verify_inclusion(leaf, index, size, path, count + 1, root));
	assert_false(merkle_verify_inclusion(leaf, size, size, path, count, root));
	assert_false(merkle_verify_inclusion(leaf, -1, size, path, count, root));
	if (size > 1) {
		assert_false(merkle_verify_inclusion(leaf, index ^ 1, size, path, count, root));
		assert_false(merkle_verify_inclusion(leaf, index, size, path, count - 1, root));
	}
	for (int i = 0; i < count; i++) {
		path[i][i] ^= 0x80;
		assert_false(merkle_verify_inclusion(leaf, index, size, path, count, root));
		path[i][i] ^= 0x80;
	}
}

static void consistency(int64_t from, int64_t to)
{
	struct merkle_range ranges[MERKLE_MAX_PATH];
	hash path[MERKLE_MAX_PATH + 1] = {{0}}, expected[MERKLE_MAX_PATH], from_root, to_root, bad;
	int count = merkle_consistency(from, to, ranges);

	if (from > 0)
		assert_int_equal(subproof(from, leaves, to, true, expected), count);
	else
		assert_int_equal(count, 0);
	path_from_tiles(ranges, count, to, path, 6);
	assert_memory_equal(path, expected, (size_t)count * MERKLE_HASH);
	mth(leaves, from, from_root);
	mth(leaves, to, to_root);
	assert_true(merkle_verify_consistency(from, from_root, to, to_root, path, count));

	memcpy(bad, to_root, sizeof bad);
	bad[from % MERKLE_HASH] ^= 1;
	if (from > 0) /* nothing is the beginning of everything */
		assert_false(merkle_verify_consistency(from, from_root, to, bad, path, count));
	assert_false(merkle_verify_consistency(from, bad, to, to_root, path, count));
	assert_false(merkle_verify_consistency(from, from_root, to, to_root, path, count + 1));
	assert_false(merkle_verify_consistency(to + 1, from_root, to, to_root, path, count));
	if (count)
		assert_false(
		    merkle_verify_consistency(from, from_root, to, to_root, path, count - 1));
	for (int i = 0; i < count; i++) {
		path[i][i] ^= 0x80;
		assert_false(merkle_verify_consistency(from, from_root, to, to_root, path, count));
		path[i][i] ^= 0x80;
	}
}

/* --- Tests --- */

static void vectors(void **state)
{
	static const struct {
		const char *data;
		size_t len;
		const char *root; /* of the tree up to here */
	} cases[] = {
	    {"", 0, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
	    {"\0", 1, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
	    {"\x10", 1, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
	    {"\x20\x21", 2, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
	    {"\x30\x31", 2, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
	    {"\x40\x41\x42\x43", 4,
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"},
	    {"\x50\x51\x52\x53\x54\x55\x56\x57", 8,
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
	    {"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16,
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},
	};
	static const struct {
		int64_t index, size;
		const char *path[4];
	} inclusions[] =
	    {
		{0, 1, {NULL}},
		{0, 8,
		    {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
			"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
			"6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
		{5, 8,
		    {"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
			"ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
			"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
		{2, 3, {"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"}},
		{1, 5,
		    {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
			"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
			"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}},
	    },
	  consistencies[] = {
	      {1, 1, {NULL}},
	      {1, 8,
		  {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
		      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
		      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
	      {6, 8,
		  {"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
		      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
		      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
	      {2, 5,
		  {"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
		      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}},
	  };
	struct merkle_range ranges[MERKLE_MAX_PATH];
	struct merkle tree = {0};
	hash *random = leaves, eight[8], roots[9], path[MERKLE_MAX_PATH], root;

	(void)state;
	leaves = eight;
	merkle_root(&tree, roots[0]);
	hex_is(roots[0], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	for (int i = 0; i < 8; i++) {
		crypto_leaf_hash(cases[i].data, cases[i].len, leaves[i]);
		merkle_append(&tree, leaves[i]);
		merkle_root(&tree, roots[i + 1]);
		hex_is(roots[i + 1], cases[i].root);
	}
	for (size_t i = 0; i < sizeof inclusions / sizeof *inclusions; i++) {
		int64_t index = inclusions[i].index, size = inclusions[i].size;
		int count = merkle_inclusion(index, size, ranges);

		path_from_tiles(ranges, count, 8, path, 1);
		for (int n = 0; n < count; n++)
			hex_is(path[n], inclusions[i].path[n]);
		assert_null(inclusions[i].path[count]);
		assert_true(
		    merkle_verify_inclusion(leaves[index], index, size, path, count, roots[size]));
	}
	for (size_t i = 0; i < sizeof consistencies / sizeof *consistencies; i++) {
		int64_t from = consistencies[i].index, to = consistencies[i].size;
		int count = merkle_consistency(from, to, ranges);

		path_from_tiles(ranges, count, 8, path, 1);
		for (int n = 0; n < count; n++)
			hex_is(path[n], consistencies[i].path[n]);
		assert_null(consistencies[i].path[count]);
		mth(leaves, from, root);
		assert_memory_equal(root, roots[from], sizeof root);
		assert_true(
		    merkle_verify_consistency(from, roots[from], to, roots[to], path, count));
	}
	leaves = random;
}

/* The tree grown leaf by leaf, and the same taken up from its nodes' bytes at every size. */
static void grows(void **state)
{
	struct merkle tree = {0}, loaded;
	hash root, expected, completed[MERKLE_MAX_LEVELS];
	int tops;

	(void)state;
	for (int64_t size = 0;; size++) {
		assert_int_equal(tree.size, size);
		assert_int_equal(tree.count, __builtin_popcountll((uint64_t)size));
		merkle_root(&tree, root);
		if (size < 600 || size % 4099 == 0) {
			mth(leaves, size, expected);
			assert_memory_equal(root, expected, sizeof root);
		}
		assert_true(
		    merkle_load(&loaded, size, tree.nodes, (size_t)tree.count * MERKLE_HASH));
		assert_memory_equal(&loaded.nodes, &tree.nodes, (size_t)tree.count * MERKLE_HASH);
		if (size == LEAVES)
			break;
		merkle_append(&tree, leaves[size]);
		tops = merkle_append_completing(&loaded, leaves[size], completed);
		assert_int_equal(tops, (size + 1) % 65536 == 0 ? 2 : (size + 1) % 256 == 0);
		for (int level = 1; level <= tops && (size < 1000 || level == 2); level++) {
			int64_t width = (int64_t)1 << (MERKLE_TILE_HEIGHT * level);

			mth(leaves + size + 1 - width, width, expected);
			assert_memory_equal(completed[level - 1], expected, sizeof expected);
		}
		assert_int_equal(tree.count, loaded.count);
		assert_memory_equal(tree.nodes, loaded.nodes, (size_t)tree.count * MERKLE_HASH);
	}
}

/* What cannot be a tree is refused, and no size runs over the nodes. */
static void bounds(void **state)
{
	static const uint8_t nodes[64][MERKLE_HASH];
	struct merkle tree;

	(void)state;
	assert_false(merkle_load(&tree, 3, nodes, MERKLE_HASH));
	assert_false(merkle_load(&tree, 3, nodes, 2 * MERKLE_HASH + 1));
	assert_false(merkle_load(&tree, 0, nodes, MERKLE_HASH));
	assert_false(merkle_load(&tree, -1, nodes, sizeof nodes));
	assert_false(merkle_load(&tree, INT64_MAX, nodes, (size_t)63 * MERKLE_HASH));
	assert_true(merkle_load(&tree, MERKLE_MAX_SIZE, nodes, MERKLE_HASH));
	assert_false(merkle_append_node(&tree, 0, nodes[0]));
	assert_true(merkle_load(&tree, MERKLE_MAX_SIZE - 1, nodes, (size_t)62 * MERKLE_HASH));
	assert_false(merkle_append_node(&tree, 1, nodes[0]));
	assert_true(merkle_append_node(&tree, 0, nodes[0]));
	assert_int_equal(tree.count, 1);
	assert_int_equal(tree.size, MERKLE_MAX_SIZE);
	assert_true(merkle_load(&tree, 4, nodes, MERKLE_HASH));
	assert_false(merkle_append_node(&tree, 3, nodes[0]));
	assert_false(merkle_append_node(&tree, -1, nodes[0]));
	assert_false(merkle_append_node(&tree, 62, nodes[0]));
	assert_true(merkle_append_node(&tree, 2, nodes[0]));
	assert_int_equal(tree.size, 8);
}

static void proofs(void **state)
{
	static const int64_t sizes[] = {
	    255, 256, 257, 511, 513, 1000, 4096, 65535, 65536, 65537, LEAVES};

	(void)state;
	for (int64_t size = 1; size <= 70; size++) {
		for (int64_t i = 0; i < size; i++)
			inclusion(i, size);
		for (int64_t from = 0; from <= size; from++)
			consistency(from, size);
	}
	for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
		inclusion(0, sizes[s]);
		inclusion(sizes[s] - 1, sizes[s]);
		inclusion(sizes[s] * 5 / 7, sizes[s]);
		for (size_t f = 0; f <= s; f += sizes[s] > 10000 ? 3 : 1)
			consistency(sizes[f], sizes[s]);
		consistency(sizes[s] * 2 / 3, sizes[s]);
	}
}

/* From any size to any other by the perfect subtrees between: what an evidence file carries. */
static void covers(void **state)
{
	static const int64_t sizes[] = {0, 1, 2, 7, 255, 256, 300, 1000, 4097, 65537, LEAVES};
	const int count = sizeof sizes / sizeof *sizes;
	struct merkle_node nodes[MERKLE_MAX_COVER];
	struct merkle tree;
	hash node, root, expected;

	(void)state;
	for (int from = 0; from < count; from++) {
		for (int to = from; to < count; to++) {
			struct merkle_range range = {sizes[from], sizes[to]};
			struct merkle_tiles tiles = {0};
			int n;

			tree = (struct merkle){0};
			for (int64_t i = 0; i < range.from; i++)
				merkle_append(&tree, leaves[i]);
			merkle_tiles_want(&tiles, range);
			for (int i = 0; i < tiles.count; i++)
				tile_fill(&tiles, tiles.v[i], LEAVES);
			n = merkle_cover(range, nodes);
			for (int i = 0; i < n; i++) {
				assert_true(merkle_tiles_node(&tiles, nodes[i], node));
				assert_true(merkle_append_node(&tree, nodes[i].height, node));
			}
			assert_int_equal(tree.size, range.to);
			merkle_root(&tree, root);
			mth(leaves, range.to, expected);
			assert_memory_equal(root, expected, sizeof root);
			merkle_tiles_free(&tiles);
		}
	}
	assert_int_equal(
	    merkle_cover((struct merkle_range){1, MERKLE_MAX_SIZE - 1}, nodes), 2 * 61);
}

static void tiles_refuse(void **state)
{
	static const uint8_t bytes[(MERKLE_TILE + 1) * MERKLE_HASH];
	struct merkle_tiles tiles = {0};
	hash node;

	(void)state;
	merkle_tiles_want(&tiles, (struct merkle_range){512, 520});
	merkle_tiles_want(&tiles, (struct merkle_range){520, 521});
	assert_int_equal(tiles.count, 1);
	assert_false(merkle_tiles_set(&tiles, 0, 3, bytes, MERKLE_HASH));
	assert_false(merkle_tiles_set(&tiles, 1, 2, bytes, MERKLE_HASH));
	assert_false(merkle_tiles_set(&tiles, 0, 2, bytes, MERKLE_HASH + 1));
	assert_false(merkle_tiles_set(&tiles, 0, 2, bytes, sizeof bytes));
	assert_true(merkle_tiles_set(&tiles, 0, 2, bytes, (size_t)8 * MERKLE_HASH));
	assert_true(merkle_tiles_node(&tiles, (struct merkle_node){3, 64}, node));
	assert_false(merkle_tiles_node(&tiles, (struct merkle_node){0, 520}, node));
	assert_false(merkle_tiles_node(&tiles, (struct merkle_node){0, 0}, node));
	merkle_tiles_free(&tiles);
}

/* The same leaves each time: hashes of their numbers. */
static int setup(void **state)
{
	(void)state;
	leaves = malloc(sizeof *leaves * LEAVES);
	for (int i = 0; i < LEAVES; i++)
		crypto_leaf_hash(&i, sizeof i, leaves[i]);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(leaves);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(vectors),
	    cmocka_unit_test(grows),
	    cmocka_unit_test(bounds),
	    cmocka_unit_test(proofs),
	    cmocka_unit_test(covers),
	    cmocka_unit_test(tiles_refuse),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
