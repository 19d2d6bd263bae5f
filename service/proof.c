/* proof.c - making proofs: one statement gives all tiles that one takes. */
#include "proof.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto.h"
#include "diag.h"
#include "die.h"

struct making {
	struct proof proof;
	struct merkle_range first, root, path[MERKLE_MAX_PATH];
	struct merkle_tiles tiles;
	proof_cb cb;
	void *arg;
};

static void making_free(struct making *m)
{
	merkle_tiles_free(&m->tiles);
	free(m);
}

static bool hash_all(struct making *m)
{
	struct proof *proof = &m->proof;
	bool ok = merkle_tiles_hash(&m->tiles, m->first, proof->first) &&
		  merkle_tiles_hash(&m->tiles, m->root, proof->root);

	for (int i = 0; ok && i < proof->count; i++)
		ok = merkle_tiles_hash(&m->tiles, m->path[i], proof->path[i]);
	return ok;
}

/* A tile; none: it stays empty. */
static void take_tile(struct making *m, const PGresult *result, int row)
{
	uint8_t bytes[MERKLE_TILE * MERKLE_HASH];
	const char *text = db_text(result, row, 2);
	int len = text ? crypto_bytea(text, bytes, sizeof bytes) : 0;

	if (len > 0)
		merkle_tiles_set(&m->tiles, (int)db_int(result, row, 0), db_int(result, row, 1),
		    bytes, (size_t)len);
}

static void on_tiles(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct making *m = arg;

	for (int i = 0; outcome == DB_OK && i < PQntuples(result); i++)
		take_tile(m, result, i);
	if (outcome == DB_OK && !hash_all(m)) {
		diag(DIAG_ERROR, NULL, "proof_failed", "{s:s}", "reason", "a tile is not whole");
		outcome = DB_FAILED;
	}
	m->cb(m->arg, &m->proof, outcome);
	making_free(m);
}

static void add_number(struct buf *array, int64_t number)
{
	buf_putc(array, array->len ? ',' : '{');
	buf_int(array, number);
}

static bool ask(struct making *m, struct db_pool *pool, int32_t store_id)
{
	struct buf levels = BUF_EMPTY, numbers = BUF_EMPTY;
	char store[16];
	bool asked;

	for (int i = 0; i < m->tiles.count; i++) {
		add_number(&levels, m->tiles.v[i]->level);
		add_number(&numbers, m->tiles.v[i]->tile);
	}
	buf_putc(&levels, '}');
	buf_putc(&numbers, '}');
	snprintf(store, sizeof store, "%" PRId32, store_id);
	asked = db_read(pool, STMT_LOG_TILES,
	    (struct db_param[]){
		DB_TEXT(store), DB_TEXT(buf_str(&levels)), DB_TEXT(buf_str(&numbers))},
	    on_tiles, m);
	buf_free(&levels);
	buf_free(&numbers);
	return asked;
}

bool proof_make(struct db_pool *pool, int32_t store_id, bool inclusion, int64_t from, int64_t to,
    proof_cb cb, void *arg)
{
	struct making *m = xcalloc(1, sizeof *m);

	m->proof = (struct proof){.inclusion = inclusion, .from = from, .to = to};
	m->cb = cb;
	m->arg = arg;
	m->first =
	    inclusion ? (struct merkle_range){from - 1, from} : (struct merkle_range){0, from};
	m->root = (struct merkle_range){0, to};
	m->proof.count = inclusion ? merkle_inclusion(from - 1, to, m->path)
				   : merkle_consistency(from, to, m->path);
	merkle_tiles_want(&m->tiles, m->first);
	merkle_tiles_want(&m->tiles, m->root);
	for (int i = 0; i < m->proof.count; i++)
		merkle_tiles_want(&m->tiles, m->path[i]);
	if (ask(m, pool, store_id))
		return true;
	making_free(m);
	return false;
}

static void write_hash(struct buf *out, const uint8_t hash[MERKLE_HASH])
{
	char hex[2 * MERKLE_HASH + 1];

	crypto_hex(hash, MERKLE_HASH, hex);
	buf_printf(out, "\"%s\"", hex);
}

void proof_write(const struct proof *proof, struct buf *out)
{
	bool inclusion = proof->inclusion;

	buf_printf(out,
	    ",\"%s\":%" PRId64 ",\"%s\":%" PRId64 ",\"%s\":", inclusion ? "seq" : "from",
	    proof->from, inclusion ? "size" : "to", proof->to,
	    inclusion ? "leaf_hash" : "from_root");
	write_hash(out, proof->first);
	buf_printf(out, ",\"%s\":", inclusion ? "root" : "to_root");
	write_hash(out, proof->root);
	buf_puts(out, ",\"path\":[");
	for (int i = 0; i < proof->count; i++) {
		if (i)
			buf_putc(out, ',');
		write_hash(out, proof->path[i]);
	}
	buf_putc(out, ']');
}
