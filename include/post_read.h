/* post_read.h - the first half of a posting transaction: lock the stores, read what is touched. */
#ifndef POST_READ_H
#define POST_READ_H

#include "batch.h"
#include "db.h"

struct post_read;

struct post_read *post_read_new(void);

/*
 * Queue the calls that open the transaction and fill batch->world and the items' prior answers; the
 * caller ends the unit. The batch must stay until the unit is over.
 */
void post_read_send(struct post_read *read, struct db_conn *conn, struct batch *batch);
void post_read_free(struct post_read *read);

#endif
