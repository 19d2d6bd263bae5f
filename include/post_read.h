/* post_read.h - the first half of a posting transaction: lock the stores, read what is touched. */
#ifndef POST_READ_H
#define POST_READ_H

#include "batch.h"
#include "db.h"
#include "known.h"

struct post_read;

struct post_read *post_read_new(struct known *known); /* borrowed: stores are taken from it */

/*
 * Queue the calls that open the transaction and fill batch->world and the items' prior answers; the
 * caller ends the unit. The batch must stay until the unit is over.
 */
void post_read_send(struct post_read *read, struct db_conn *conn, struct batch *batch);

/* Once the unit is over, what was known may prove stale: then that is asked for, and the caller ends a
 * further unit. False: the world is whole. */
bool post_read_again(struct post_read *read, struct db_conn *conn);
void post_read_free(struct post_read *read);

#endif
