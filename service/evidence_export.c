/* evidence_export.c - range, keys and tiles become the proof; then the file. */
#include "evidence_export.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto.h"
#include "die.h"
#include "evidence_keys.h"
#include "pgarray.h"

enum step { RANGE, KEYS, TILES, PACK };

struct evidence_export {
	enum step step;
	int32_t store_id;
	char store_text[12], size_text[24], store[33];
	char from[11], to[11];
	char log_name[NOTE_NAME_MAX + 1];
	char *checkpoint;
	struct evidence_proof proof;
	struct buf keys;
	struct buf levels, tiles; /* arrays of the tiles wanted */
	struct merkle_tiles wanted;
	struct evidence_pack *pack;
};

struct evidence_export *evidence_export_new(
    const struct evidence_wish *wish, struct problem *problem)
{
	struct checkpoint checkpoint;
	struct evidence_export *x;
	char limit[32];

	*problem = (struct problem){.line = -1};
	if (!checkpoint_parse(wish->checkpoint, strlen(wish->checkpoint), &checkpoint)) {
		problem_set(problem, PROBLEM_internal);
		return NULL;
	}
	if (wish->since > checkpoint.size) {
		snprintf(limit, sizeof limit, "0..%" PRId64, checkpoint.size);
		problem_add(problem, PROBLEM_out_of_range, limit, "since");
		return NULL;
	}
	x = xcalloc(1, sizeof *x);
	x->store_id = wish->store_id;
	snprintf(x->store_text, sizeof x->store_text, "%" PRId32, wish->store_id);
	snprintf(x->size_text, sizeof x->size_text, "%" PRId64, checkpoint.size);
	snprintf(x->store, sizeof x->store, "%s", wish->store);
	snprintf(x->from, sizeof x->from, "%s", wish->from ? wish->from : "");
	snprintf(x->to, sizeof x->to, "%s", wish->to ? wish->to : "");
	snprintf(x->log_name, sizeof x->log_name, "%s", wish->log_name);
	x->checkpoint = xstrdup(wish->checkpoint);
	memcpy(x->proof.origin, checkpoint.origin, sizeof x->proof.origin);
	x->proof.size = checkpoint.size;
	x->proof.since = wish->since;
	return x;
}

void evidence_export_free(struct evidence_export *x)
{
	if (!x)
		return;
	evidence_pack_free(x->pack);
	merkle_tiles_free(&x->wanted);
	buf_free(&x->keys);
	buf_free(&x->levels);
	buf_free(&x->tiles);
	free(x->checkpoint);
	free(x);
}

struct buf *evidence_export_bytes(struct evidence_export *x)
{
	return x->pack ? evidence_pack_bytes(x->pack) : NULL;
}

/* --- Range and keys --- */

static bool take_range(struct evidence_export *x, const PGresult *result)
{
	x->proof.first = db_int(result, 0, 0);
	x->proof.last = db_int(result, 0, 1);
	if (x->proof.last < x->proof.first - 1) /* days the wrong way round */
		x->proof.last = x->proof.first - 1;
	return true;
}

/* Rows of log_key_all.sql. */
static bool take_keys(struct evidence_export *x, const PGresult *result)
{
	int key = PQfnumber(result, "public_key"), endorsement = PQfnumber(result, "endorsement");
	bool ok = PQntuples(result) > 0;

	for (int i = 0; ok && i < PQntuples(result); i++) {
		uint8_t *public;
		int len = crypto_base64_decode(PQgetvalue(result, i, key), &public);

		ok = len == NOTE_PUBLIC_KEY;
		if (ok)
			evidence_keys_add(
			    x->log_name, public, db_text(result, i, endorsement), &x->keys);
		if (len >= 0)
			free(public);
	}
	return ok;
}

/* --- Tiles --- */

static struct merkle_range range_of(struct merkle_node node)
{
	return (struct merkle_range){node.index << node.height, (node.index + 1) << node.height};
}

static void want_cover(struct evidence_export *x, struct merkle_range range)
{
	struct merkle_node nodes[MERKLE_MAX_COVER];
	int count = merkle_cover(range, nodes);

	for (int i = 0; i < count; i++)
		merkle_tiles_want(&x->wanted, range_of(nodes[i]));
}

static void want_tiles(struct evidence_export *x)
{
	struct pgarray levels = {.type = PGARRAY_INT4}, tiles = {.type = PGARRAY_INT8};
	struct merkle_range path[MERKLE_MAX_PATH];
	int count =
	    x->proof.since < 0 ? 0 : merkle_consistency(x->proof.since, x->proof.size, path);

	want_cover(x, (struct merkle_range){0, x->proof.first - 1});
	want_cover(x, (struct merkle_range){x->proof.last, x->proof.size});
	for (int i = 0; i < count; i++)
		merkle_tiles_want(&x->wanted, path[i]);
	for (int i = 0; i < x->wanted.count; i++) {
		pgarray_int4(&levels, x->wanted.v[i]->level);
		pgarray_int8(&tiles, x->wanted.v[i]->tile);
	}
	pgarray_finish(&levels, &x->levels);
	pgarray_finish(&tiles, &x->tiles);
	pgarray_free(&levels);
	pgarray_free(&tiles);
}

static bool set_tile(struct evidence_export *x, int level, int64_t tile, const char *text)
{
	uint8_t hashes[MERKLE_TILE * MERKLE_HASH];
	int len = crypto_bytea(text, hashes, sizeof hashes);

	return len >= 0 && merkle_tiles_set(&x->wanted, level, tile, hashes, (size_t)len);
}

static int take_cover(const struct evidence_export *x, struct merkle_range range,
    uint8_t hashes[MERKLE_MAX_COVER][MERKLE_HASH])
{
	struct merkle_node nodes[MERKLE_MAX_COVER];
	int count = merkle_cover(range, nodes);

	for (int i = 0; i < count; i++)
		if (!merkle_tiles_node(&x->wanted, nodes[i], hashes[i]))
			return -1;
	return count;
}

static int take_path(const struct evidence_export *x, uint8_t hashes[MERKLE_MAX_PATH][MERKLE_HASH])
{
	struct merkle_range path[MERKLE_MAX_PATH];
	int count =
	    x->proof.since < 0 ? 0 : merkle_consistency(x->proof.since, x->proof.size, path);

	for (int i = 0; i < count; i++)
		if (!merkle_tiles_hash(&x->wanted, path[i], hashes[i]))
			return -1;
	return count;
}

/* Rows of log_tiles.sql. false: the tree that the database keeps is not whole. */
static bool take_tiles(struct evidence_export *x, const PGresult *result)
{
	struct evidence_proof *proof = &x->proof;

	for (int i = 0; i < PQntuples(result); i++)
		if (!PQgetisnull(result, i, 2))
			set_tile(x, (int)db_int(result, i, 0), db_int(result, i, 1),
			    PQgetvalue(result, i, 2));
	proof->left_count = take_cover(x, (struct merkle_range){0, proof->first - 1}, proof->left);
	proof->right_count =
	    take_cover(x, (struct merkle_range){proof->last, proof->size}, proof->right);
	proof->path_count = take_path(x, proof->path);
	return proof->left_count >= 0 && proof->right_count >= 0 && proof->path_count >= 0;
}

static void begin_pack(struct evidence_export *x)
{
	x->pack = evidence_pack_new(&(struct evidence_contents){
	    .store_id = x->store_id,
	    .store = x->store,
	    .proof = &x->proof,
	    .checkpoint = x->checkpoint,
	    .keys = buf_str(&x->keys),
	});
}

/* --- The steps --- */

bool evidence_export_ask(
    struct evidence_export *x, enum stmt_id *stmt, struct db_param params[EVIDENCE_PACK_PARAMS])
{
	params[0] = DB_TEXT(x->store_text);
	switch (x->step) {
	case RANGE:
		*stmt = STMT_EVIDENCE_RANGE;
		params[1] = DB_TEXT(*x->from ? x->from : NULL);
		params[2] = DB_TEXT(*x->to ? x->to : NULL);
		params[3] = DB_TEXT(x->size_text);
		break;
	case KEYS:
		*stmt = STMT_LOG_KEY_ALL;
		break;
	case TILES:
		*stmt = STMT_LOG_TILES;
		if (x->levels.len == 0)
			want_tiles(x);
		params[1] = DB_BYTES(x->levels.data, x->levels.len);
		params[2] = DB_BYTES(x->tiles.data, x->tiles.len);
		break;
	case PACK:
		return evidence_pack_ask(x->pack, stmt, params);
	}
	return true;
}

bool evidence_export_take(
    struct evidence_export *x, const PGresult *result, struct problem *problem)
{
	bool ok = true;

	switch (x->step) {
	case RANGE:
		ok = take_range(x, result);
		x->step = KEYS;
		break;
	case KEYS:
		ok = take_keys(x, result);
		x->step = TILES;
		break;
	case TILES:
		ok = take_tiles(x, result);
		if (ok)
			begin_pack(x);
		x->step = PACK;
		break;
	case PACK:
		ok = evidence_pack_take(x->pack, result);
		break;
	}
	if (!ok)
		problem_set(problem, PROBLEM_internal);
	return ok;
}
