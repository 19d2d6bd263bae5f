/* post_write.h - the second half of a posting transaction: write what the world says, commit. */
#ifndef POST_WRITE_H
#define POST_WRITE_H

#include "batch.h"
#include "db.h"

struct post_write;

struct post_write *post_write_new(void);

/*
 * Queue the writes and the COMMIT; the caller ends the unit. written is called when the last row is
 * there and the COMMIT still under way, and not at all when there is nothing to write.
 */
void post_write_send(
    struct post_write *write, struct db_conn *conn, struct batch *batch, db_cb written, void *arg);
void post_write_free(struct post_write *write);

#endif
