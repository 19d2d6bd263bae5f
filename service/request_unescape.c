/* request_unescape.c - percent-encoding undone; apart from evhttp, so that it is fuzzed alone. */
#include "request.h"

#include <ctype.h>

static int hex_value(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : (c | 32) - 'a' + 10;
}

bool request_unescape(char *text, bool plus)
{
	char *out = text;

	for (const char *p = text; *p; p++) {
		if (*p == '%') {
			if (!isxdigit((unsigned char)p[1]) || !isxdigit((unsigned char)p[2]))
				return false;
			*out = (char)(hex_value(p[1]) * 16 + hex_value(p[2]));
			if (!*out++)
				return false;
			p += 2;
		} else {
			*out++ = plus && *p == '+' ? ' ' : *p;
		}
	}
	*out = '\0';
	return buf_utf8(text, (size_t)(out - text));
}
