/* cursor.h - the opaque next_cursor of a page: one or two numbers, the key of its last row. */
#ifndef CURSOR_H
#define CURSOR_H

#include <stdbool.h>
#include <stdint.h>

#define CURSOR_MAX_KEYS 2
#define CURSOR_MAX 33

/* Write the cursor of keys[0..count), one at least, and a NUL. */
void cursor_write(const int64_t *keys, int count, char out[CURSOR_MAX]);

/* false: not a cursor of ours with so many keys. */
bool cursor_read(const char *s, int64_t *keys, int count);

#endif
