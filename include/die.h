/* die.h - end the program, and the allocators that do so when memory is out. */
#ifndef DIE_H
#define DIE_H

#include <stddef.h>

/* Print "taizhang: …" to standard error and exit with status 1. For start-up and the command line. */
_Noreturn void die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* malloc and friends that never return NULL: a ledger that cannot allocate must stop. */
void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *p, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t len);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
