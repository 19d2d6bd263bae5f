/*
 * read_xlsx.h - a list's rows as an Excel file, made by a child process of this program beside the
 * loop (cmd_xlsx.c), into a file that has no name, and sent when it is whole.
 */
#ifndef READ_XLSX_H
#define READ_XLSX_H

#include "request.h"
#include "server.h"

/* The files that a process has under way. */
struct read_xlsx_all;
struct read_xlsx_all *read_xlsx_all_new(struct server *server);
void read_xlsx_all_free(struct read_xlsx_all *all); /* after the requests are gone */

#define READ_XLSX_TYPE "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

/*
 * Stand between a source of rows and the request: *source, which gives lines as cmd_xlsx.c takes
 * them, becomes the one to be handed to request_stream(). From then on the functions below take the
 * place of the request's exits, with the same rules; gone() also says that the file came to nothing.
 * NULL: *problem says why not.
 */
struct read_xlsx *read_xlsx_new(
    struct request *req, struct request_source *source, struct problem *problem);
void read_xlsx_chunk(struct read_xlsx *x, const char *data, size_t len);
void read_xlsx_end(struct read_xlsx *x);
void read_xlsx_abort(struct read_xlsx *x);

#endif
