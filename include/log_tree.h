/*
 * log_tree.h - the tree of a log as the database keeps it: its nodes with the log's head
 * (store_head.frontier), its completed subtrees in tiles (log_tile).
 */
#ifndef LOG_TREE_H
#define LOG_TREE_H

#include "merkle.h"
#include "rows.h"

/* A root of 256^level leaves: number n of its level. */
struct log_tree_hash {
	int level;
	int64_t n;
	uint8_t hash[MERKLE_HASH];
};

/* Take up the tree from its nodes as PostgreSQL spells bytea. What does not fit leaves a tree of no
   leaves: the database then refuses what it would be written back as. */
void log_tree_load(struct merkle *tree, int64_t size, const char *bytea);

/* Append a leaf; gives what it completes, and how many. */
int log_tree_append(struct merkle *tree, const uint8_t leaf[MERKLE_HASH],
    struct log_tree_hash completed[MERKLE_MAX_LEVELS]);

/* The rows of log_add_hashes.sql, a struct rows_spec, which come after the events; and one of them. */
#define LOG_TREE_ROWS                                                                              \
	{                                                                                          \
		STMT_LOG_ADD_HASHES, 4, false,                                                     \
		{                                                                                  \
			PGARRAY_INT4, PGARRAY_INT4, PGARRAY_INT8, PGARRAY_BYTEA                    \
		}                                                                                  \
	}
void log_tree_row(struct pgarray *columns, int32_t store_id, const struct log_tree_hash *hash);

#endif
