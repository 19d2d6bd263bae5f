/* db_pool.h - a few connections for reads: each read is a unit of its own. */
#ifndef DB_POOL_H
#define DB_POOL_H

#include "db.h"

struct db_pool;

struct db_pool *db_pool_new(struct event_base *base, const struct db_options *options, int size);
bool db_pool_ready(const struct db_pool *pool); /* a connection is up */

/* false: the queue is full or no connection is up; cb will not be called. */
bool db_read(
    struct db_pool *pool, enum stmt_id stmt, const struct db_param *params, db_cb cb, void *arg);
int db_pool_depth(const struct db_pool *pool); /* reads waiting or under way */

/* Callbacks of what is under way do not run. */
void db_pool_free(struct db_pool *pool);

#endif
