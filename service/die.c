/* die.c - end the program, and the allocators that do so when memory is out. */
#include "die.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void die(const char *fmt, ...)
{
	va_list ap;

	fputs("taizhang: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

static void *never_null(void *p)
{
	if (!p)
		die("out of memory");
	return p;
}

void *xmalloc(size_t size)
{
	return never_null(malloc(size ? size : 1));
}

void *xcalloc(size_t count, size_t size)
{
	return never_null(calloc(count ? count : 1, size ? size : 1));
}

void *xrealloc(void *p, size_t size)
{
	return never_null(realloc(p, size ? size : 1));
}

char *xstrdup(const char *s)
{
	return never_null(strdup(s));
}

char *xstrndup(const char *s, size_t len)
{
	return never_null(strndup(s, len));
}

char *xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *s;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	return never_null(n < 0 ? NULL : s);
}
