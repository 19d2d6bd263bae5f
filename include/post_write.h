/* post_write.h - the second half of a posting transaction: write what the world says, commit. */
#ifndef POST_WRITE_H
#define POST_WRITE_H

#include "batch.h"
#include "db.h"

struct post_write;

struct post_write *post_write_new(void);

/* Queue the writes and the COMMIT; the caller ends the unit. */
void post_write_send(struct post_write *write, struct db_conn *conn, struct batch *batch);
void post_write_free(struct post_write *write);

#endif
