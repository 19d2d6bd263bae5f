/* cursor.c - keys in hexadecimal, sixteen digits each: one spelling, so a changed one is noticed. */
#include "cursor.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS 16

void cursor_write(const int64_t *keys, int count, char out[CURSOR_MAX])
{
	for (int i = 0; i < count; i++)
		snprintf(out + i * DIGITS, DIGITS + 1, "%016" PRIx64, (uint64_t)keys[i]);
}

bool cursor_read(const char *s, int64_t *keys, int count)
{
	char digits[DIGITS + 1];

	if (strlen(s) != (size_t)count * DIGITS || s[strspn(s, "0123456789abcdef")])
		return false;
	for (int i = 0; i < count; i++) {
		snprintf(digits, sizeof digits, "%s", s + i * DIGITS);
		keys[i] = (int64_t)strtoull(digits, NULL, 16);
	}
	return true;
}
