/* web.h - the browser app's files, embedded at build time by service/web/embed.mjs. */
#ifndef WEB_H
#define WEB_H

#include <stdbool.h>
#include <stddef.h>

#include "request.h"

struct web_bytes {
	const char *data; /* NULL: there are none */
	size_t len;
};

struct web_file {
	const char *path, *type;
	const char *hash; /* of its content */
	bool immutable;   /* the path has another hash of it: it will never be another content's */
	struct web_bytes plain, gzip; /* gzip only where it is the smaller one */
};

extern const struct web_file web_files[];
extern const int web_file_count;

/* The file at the path that a request names, or NULL. */
const struct web_file *web_find(const char *path);

/* Answer a GET or HEAD with it. */
void web_answer(struct request *req, const struct web_file *file);

/*
 * Does a list such as Accept-Encoding's take this coding? "*" stands for any, q=0 is a no. NULL: no.
 */
bool web_accepts(const char *list, const char *coding);

#endif
