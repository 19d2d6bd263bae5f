/*
 * canonical.h - is it canonical JSON (RFC 8785), as events are written: the one spelling of what it
 * says? What passes, scan.h can walk over, whoever wrote it.
 */
#ifndef CANONICAL_H
#define CANONICAL_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

#define CANONICAL_DEPTH 32 /* objects and arrays within each other, at most */

/*
 * One value, len bytes of it and no more. Numbers are integers or plain fractions without exponent,
 * as ours are; names stand in the order of their bytes, each once. *bad: where it is not.
 */
bool canonical_check(const char *text, size_t len, size_t *bad);

/* Append what a string (its value with the quotes, checked before) says. */
void canonical_text(const char *value, size_t len, struct buf *out);

#endif
