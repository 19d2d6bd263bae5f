/* buf.h - a growable run of bytes, and the JSON that is written into one without building a tree. */
#ifndef BUF_H
#define BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	char *data; /* NULL while empty; not NUL-terminated unless buf_str() was called */
	size_t len;
	size_t cap;
};

#define BUF_EMPTY ((struct buf){0})

void buf_add(struct buf *b, const void *data, size_t len);
void buf_puts(struct buf *b, const char *s);
void buf_putc(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_int(struct buf *b, int64_t n);

/* A JSON string with its quotes, escaped as RFC 8785 (canonical JSON) asks. NULL writes null. */
void buf_json(struct buf *b, const char *s);
void buf_json_len(struct buf *b, const char *s, size_t len);

/* Is it well-formed UTF-8? */
bool buf_utf8(const char *s, size_t len);

/* The bytes with a NUL behind them; owned by the buf. */
const char *buf_str(struct buf *b);

/* Hand the NUL-terminated bytes to the caller, who frees them; the buf is empty again. */
char *buf_take(struct buf *b, size_t *len);

void buf_free(struct buf *b);

#endif
