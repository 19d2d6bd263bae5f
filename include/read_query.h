/* read_query.h - a declared read made ready to ask: its statement, parameters and place in the list. */
#ifndef READ_QUERY_H
#define READ_QUERY_H

#include <stdbool.h>

#include "cursor.h"
#include "db_pool.h"
#include "request.h"

struct read_query {
	enum stmt_id stmt;
	int count;
	struct db_param params[DB_MAX_PARAMS]; /* they point into the request, or below */
	int rows;                              /* of a page */
	int limit_at, key_at;                  /* index of these parameters; -1: there is none */
	int key_count;
	char limit[16], keys[CURSOR_MAX_KEYS][24];
	char texts[6][24]; /* other short values that are ours */
	int text_count;
	char *places;
};

/*
 * Fill in what the route's params say. NULL: *problem names every query parameter that is wrong.
 * The request must live as long as it is asked.
 */
struct read_query *read_query_new(struct request *req, struct problem *problem);

/* Ask for so many rows; ask for those after this row of a result. */
void read_query_limit(struct read_query *query, int rows);
void read_query_after(struct read_query *query, const PGresult *result, int row);

/* What the columns and rows of a result are (read.h). */
struct read_shape {
	int fields;  /* so many columns from the first */
	int members; /* the columns from this one on are members of the page */
	int rows;    /* 0 where the first row stands for an empty list */
	bool found;  /* there is such a list */
};
void read_query_shape(
    const struct read_query *query, const PGresult *result, struct read_shape *shape);

/* Ask. false: *problem says why not, cb will not be called. */
bool read_query_ask(const struct read_query *query, struct db_pool *pool, db_cb cb, void *arg,
    struct problem *problem);

/* The problem that an outcome other than DB_OK stands for. */
void read_query_problem(enum db_outcome outcome, const PGresult *result, struct problem *problem);

void read_query_free(struct read_query *query);

#endif
