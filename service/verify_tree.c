/* verify_tree.c - a log's tree against its head, tiles and checkpoints. See verify_tree.h. */
#include "verify_tree.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto.h"
#include "die.h"
#include "stmt.h"

#define HEX (2 * MERKLE_HASH)

/* Columns of verify_checkpoints.sql and verify_tiles.sql. */
enum { CHECKPOINT_SIZE, CHECKPOINT_KEY, CHECKPOINT_ROOT, CHECKPOINT_NOTE };
enum { TILE_LEVEL, TILE_NUMBER, TILE_HASHES };

static int64_t number(const PGresult *result, int row, int column)
{
	return strtoll(PQgetvalue(result, row, column), NULL, 10);
}

/* --- Checkpoints, in the order of their sizes --- */

static void next_checkpoint(struct verify_tree *t)
{
	PQclear(t->next);
	t->next = PQgetResult(t->conn);
	if (PQresultStatus(t->next) == PGRES_SINGLE_TUPLE)
		return;
	if (PQresultStatus(t->next) != PGRES_TUPLES_OK)
		die("could not read the checkpoints: %s", PQerrorMessage(t->conn));
	PQclear(t->next);
	PQclear(PQgetResult(t->conn)); /* the NULL that ends the query */
	t->next = NULL;
}

static bool ends_with(const char *s, const char *end)
{
	size_t len = strlen(s), end_len = strlen(end);

	return len > end_len && s[len - end_len - 1] == '/' && strcmp(s + len - end_len, end) == 0;
}

static const struct signed_key *key_of(const struct verify_tree *t, int id)
{
	for (int i = 0; i < t->keys->count; i++)
		if (t->keys->ids[i] == id)
			return &t->keys->keys[i];
	return NULL;
}

/* Why the note is none of this log's that says what its row does, or NULL. */
static const char *note_fault(const struct verify_tree *t, int64_t size, const char *root)
{
	const char *note = PQgetvalue(t->next, 0, CHECKPOINT_NOTE);
	const struct signed_key *key = key_of(t, (int)number(t->next, 0, CHECKPOINT_KEY));
	struct checkpoint said;
	char hex[HEX + 1];
	size_t text_len;

	if (!checkpoint_parse(note, strlen(note), &said))
		return "不是检查点 no checkpoint";
	crypto_hex(said.root, sizeof(said.root), hex);
	if (said.size != size || strcmp(hex, root) != 0 || !ends_with(said.origin, t->code))
		return "与其记录不符 says other than its row";
	if (!key || !note_verify(note, strlen(note), said.origin, key->public, &text_len))
		return "签名不符 signature is wrong";
	if (!key->trusted)
		return "公钥无人作证 nobody endorsed the key";
	return NULL;
}

/* Against the tree as it is, which is that of the log at this size, or never will be. */
static void check_root(struct verify_tree *t, int64_t size, const char *root, struct finding *to,
    const char *what, int64_t good)
{
	uint8_t computed[MERKLE_HASH];
	char expected[HEX + 1], place[96];

	merkle_root(&t->tree, computed);
	crypto_hex(computed, sizeof(computed), expected);
	snprintf(place, sizeof(place), "%s %" PRId64, what, size);
	if (t->tree.size < size)
		finding_add(
		    to, t->name, root, "", "%s > %" PRId64 " 事件 events", place, t->tree.size);
	else if (strcmp(expected, root) != 0)
		finding_add(to, t->name, root, expected,
		    "%s: 事件 #%" PRId64 "–#%" PRId64 " 有变 events changed", place, good + 1,
		    size);
}

/* All checkpoints up to that size; the tree has grown as far as it does before the next event. */
static void settle(struct verify_tree *t, int64_t upto)
{
	int64_t size, before;
	const char *root, *fault;

	while (t->next && (size = number(t->next, 0, CHECKPOINT_SIZE)) <= upto) {
		root = PQgetvalue(t->next, 0, CHECKPOINT_ROOT);
		before = t->to.roots->faults;
		check_root(t, size, root, t->to.roots, "检查点 checkpoint", t->good);
		if (t->to.roots->faults == before)
			t->good = size;
		fault = note_fault(t, size, root);
		if (fault)
			finding_add(t->to.signatures, t->name, fault, "",
			    "检查点 checkpoint %" PRId64, size);
		next_checkpoint(t);
	}
	if (t->kept && !t->kept_seen && t->kept->size <= upto) {
		char hex[HEX + 1];

		t->kept_seen = true;
		crypto_hex(t->kept->root, sizeof(t->kept->root), hex);
		check_root(t, t->kept->size, hex, t->to.kept, "旧检查点 old checkpoint", 0);
	}
}

/* --- Tiles and head --- */

/* The tile's row, or -1. */
static int tile_row(const struct verify_tree *t, int level, int64_t tile)
{
	int low = 0, high = PQntuples(t->tiles);

	while (low < high) {
		int middle = (low + high) / 2;
		int64_t l = number(t->tiles, middle, TILE_LEVEL);
		int64_t n = number(t->tiles, middle, TILE_NUMBER);

		if (l == level && n == tile)
			return middle;
		if (l < level || (l == level && n < tile))
			low = middle + 1;
		else
			high = middle;
	}
	return -1;
}

static void check_hash(struct verify_tree *t, const struct log_tree_hash *hash)
{
	int row = tile_row(t, hash->level, hash->n / MERKLE_TILE);
	int at = (int)(hash->n % MERKLE_TILE) * HEX;
	char expected[HEX + 1], found[HEX + 1] = "–";

	crypto_hex(hash->hash, sizeof(hash->hash), expected);
	if (row >= 0 && PQgetlength(t->tiles, row, TILE_HASHES) >= at + HEX)
		snprintf(
		    found, sizeof(found), "%.*s", HEX, PQgetvalue(t->tiles, row, TILE_HASHES) + at);
	if (strcmp(found, expected) != 0)
		finding_add(t->to.tiles, t->name, found, expected,
		    "第 %d 层 level %d: 事件 events #%" PRId64 "–#%" PRId64, hash->level,
		    hash->level, (hash->n << (MERKLE_TILE_HEIGHT * hash->level)) + 1,
		    (hash->n + 1) << (MERKLE_TILE_HEIGHT * hash->level));
}

/* No tile holds more than the log completes. */
static void check_tile_ends(struct verify_tree *t)
{
	for (int i = 0; i < PQntuples(t->tiles); i++) {
		int64_t level = number(t->tiles, i, TILE_LEVEL);
		int64_t tile = number(t->tiles, i, TILE_NUMBER);
		int64_t most = (t->tree.size >> (MERKLE_TILE_HEIGHT * level)) - tile * MERKLE_TILE;
		char found[24];

		if (PQgetlength(t->tiles, i, TILE_HASHES) / HEX <= most)
			continue;
		snprintf(found, sizeof(found), "%d", PQgetlength(t->tiles, i, TILE_HASHES) / HEX);
		finding_add(t->to.tiles, t->name, found, "",
		    "第 %" PRId64 " 层 level %" PRId64 " #%" PRId64 " 多出的哈希 hashes of nothing",
		    level, level, tile);
	}
}

static void check_head(struct verify_tree *t)
{
	char expected[MERKLE_MAX_NODES * HEX + 1], found[HEX + 1];
	size_t at = 0;

	crypto_hex(t->tree.nodes, (size_t)t->tree.count * MERKLE_HASH, expected);
	if (!t->frontier || strcmp(t->frontier, expected) == 0)
		return; /* a log without a head is a fault of its own */
	while (strncmp(t->frontier + at, expected + at, HEX) == 0)
		at += HEX;
	snprintf(found, sizeof(found), "%s", t->frontier + at);
	expected[at + HEX < sizeof(expected) ? at + HEX : at] = '\0';
	finding_add(t->to.head, t->name, *found ? found : "–", expected[at] ? expected + at : "–",
	    "日志末尾 the log's end, 节点 node %zu", at / HEX + 1);
}

/* --- From outside --- */

void verify_tree_start(struct verify_tree *t)
{
	const char *params[] = {t->store_id};

	t->tree = (struct merkle){0};
	t->next = NULL;
	t->good = 0;
	t->kept_seen = false;
	t->tiles = PQexecParams(
	    t->conn, stmt_table[STMT_VERIFY_TILES].sql, 1, NULL, params, NULL, NULL, 0);
	if (PQresultStatus(t->tiles) != PGRES_TUPLES_OK)
		die("could not read the tiles: %s", PQerrorMessage(t->conn));
	if (!PQsendQueryParams(
		t->conn, stmt_table[STMT_VERIFY_CHECKPOINTS].sql, 1, NULL, params, NULL, NULL, 0) ||
	    !PQsetSingleRowMode(t->conn))
		die("could not read the checkpoints: %s", PQerrorMessage(t->conn));
	next_checkpoint(t);
}

void verify_tree_leaf(struct verify_tree *t, int64_t seq, const uint8_t leaf[MERKLE_HASH])
{
	struct log_tree_hash completed[MERKLE_MAX_LEVELS];
	int count;

	settle(t, seq - 1);
	count = log_tree_append(&t->tree, leaf, completed);
	for (int i = 0; i < count; i++)
		check_hash(t, &completed[i]);
}

void verify_tree_end(struct verify_tree *t)
{
	settle(t, INT64_MAX);
	check_tile_ends(t);
	check_head(t);
	PQclear(t->tiles);
	t->tiles = NULL;
}
