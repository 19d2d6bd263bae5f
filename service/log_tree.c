/* log_tree.c - the tree of a log out of the database and back. */
#include "log_tree.h"

#include <string.h>

#include "crypto.h"

void log_tree_load(struct merkle *tree, int64_t size, const char *bytea)
{
	uint8_t nodes[MERKLE_MAX_NODES * MERKLE_HASH];
	int len = crypto_bytea(bytea, nodes, sizeof nodes);

	if (len < 0 || !merkle_load(tree, size, nodes, (size_t)len))
		*tree = (struct merkle){0};
}

int log_tree_append(struct merkle *tree, const uint8_t leaf[MERKLE_HASH],
    struct log_tree_hash completed[MERKLE_MAX_LEVELS])
{
	uint8_t roots[MERKLE_MAX_LEVELS][MERKLE_HASH];
	int count = merkle_append_completing(tree, leaf, roots);

	for (int i = 0; i < count; i++) {
		completed[i].level = i + 1;
		completed[i].n = (tree->size >> (MERKLE_TILE_HEIGHT * (i + 1))) - 1;
		memcpy(completed[i].hash, roots[i], MERKLE_HASH);
	}
	return count;
}

void log_tree_row(struct pgarray *columns, int32_t store_id, const struct log_tree_hash *hash)
{
	pgarray_int4(&columns[0], store_id);
	pgarray_int4(&columns[1], hash->level);
	pgarray_int8(&columns[2], hash->n);
	pgarray_bytes(&columns[3], hash->hash, sizeof hash->hash);
}
