/* db_pool.c - reads over a few connections: the idlest one takes the next. */
#include "db_pool.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"

/* Reads sent ahead on one connection: hides the round trip without queueing behind slow ones. */
#define READS_AHEAD 4

struct pool_read {
	struct pool_read *next;
	struct pool_conn *conn; /* NULL while waiting */
	enum stmt_id stmt;
	struct db_param *params;
	db_cb cb;
	void *arg;
};

struct pool_conn {
	struct db_pool *pool;
	struct db_conn *conn;
	struct pool_read *head, **tail; /* sent, in order */
	int under_way;
};

struct db_pool {
	int size, depth, max_queue;
	struct pool_read *waiting, **waiting_tail;
	struct pool_conn conns[];
};

static void pool_fill(struct db_pool *pool);

static void read_free(struct pool_read *read)
{
	free(read->params);
	free(read);
}

static void on_read_done(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct pool_read *read = arg;
	struct pool_conn *pc = read->conn;

	pc->head = read->next;
	if (!pc->head)
		pc->tail = &pc->head;
	pc->under_way--;
	pc->pool->depth--;
	read->cb(read->arg, outcome, result);
	read_free(read);
	if (outcome != DB_LOST)
		pool_fill(pc->pool);
}

static struct pool_conn *pool_idlest(struct db_pool *pool)
{
	struct pool_conn *best = NULL;

	for (int i = 0; i < pool->size; i++) {
		struct pool_conn *pc = &pool->conns[i];

		if (db_conn_ready(pc->conn) && pc->under_way < READS_AHEAD &&
		    (!best || pc->under_way < best->under_way))
			best = pc;
	}
	return best;
}

static void pool_fill(struct db_pool *pool)
{
	struct pool_conn *pc;

	while (pool->waiting && (pc = pool_idlest(pool)) != NULL) {
		struct pool_read *read = pool->waiting;

		pool->waiting = read->next;
		if (!pool->waiting)
			pool->waiting_tail = &pool->waiting;
		read->next = NULL;
		read->conn = pc;
		*pc->tail = read;
		pc->tail = &read->next;
		pc->under_way++;
		db_call(pc->conn, read->stmt, read->params, on_read_done, read);
		db_sync(pc->conn, NULL, NULL);
	}
}

/* Without a connection nobody knows when the reads could be sent: they fail at once. */
static void on_up(void *arg, bool ready)
{
	struct pool_conn *pc = arg;
	struct db_pool *pool = pc->pool;

	if (ready || db_pool_ready(pool)) {
		pool_fill(pool);
		return;
	}
	struct pool_read *read = pool->waiting, *next;
	pool->waiting = NULL;
	pool->waiting_tail = &pool->waiting;
	for (; read; read = next) {
		next = read->next;
		pool->depth--;
		read->cb(read->arg, DB_LOST, NULL);
		read_free(read);
	}
}

struct db_pool *db_pool_new(struct event_base *base, const struct db_options *options, int size)
{
	struct db_pool *pool = xcalloc(1, sizeof *pool + (size_t)size * sizeof pool->conns[0]);

	pool->size = size;
	pool->max_queue = options->max_queue;
	pool->waiting_tail = &pool->waiting;
	for (int i = 0; i < size; i++) {
		struct pool_conn *pc = &pool->conns[i];

		pc->pool = pool;
		pc->tail = &pc->head;
		pc->conn = db_conn_new(base, options, on_up, pc);
	}
	return pool;
}

bool db_pool_ready(const struct db_pool *pool)
{
	for (int i = 0; i < pool->size; i++)
		if (db_conn_ready(pool->conns[i].conn))
			return true;
	return false;
}

int db_pool_depth(const struct db_pool *pool)
{
	return pool->depth;
}

bool db_read(
    struct db_pool *pool, enum stmt_id stmt, const struct db_param *params, db_cb cb, void *arg)
{
	struct pool_read *read;

	if (pool->depth >= pool->max_queue || !db_pool_ready(pool))
		return false;
	read = xcalloc(1, sizeof *read);
	read->stmt = stmt;
	read->params = db_params_copy(stmt, params);
	read->cb = cb;
	read->arg = arg;
	*pool->waiting_tail = read;
	pool->waiting_tail = &read->next;
	pool->depth++;
	pool_fill(pool);
	return true;
}

void db_pool_free(struct db_pool *pool)
{
	struct pool_read *read, *next;

	if (!pool)
		return;
	for (int i = 0; i < pool->size; i++) {
		db_conn_free(pool->conns[i].conn);
		for (read = pool->conns[i].head; read; read = next) {
			next = read->next;
			read_free(read);
		}
	}
	for (read = pool->waiting; read; read = next) {
		next = read->next;
		read_free(read);
	}
	free(pool);
}
