/* read_export.h - a list as a file, whole: chunk after chunk, as the client takes them. */
#ifndef READ_EXPORT_H
#define READ_EXPORT_H

#include "read_query.h"

/* Answer the request, whose format is set. Takes over the query. */
void read_export_run(struct request *req, struct read_query *query);

#endif
