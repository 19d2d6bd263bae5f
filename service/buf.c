/* buf.c - a growable run of bytes, and the JSON that is written into one without building a tree. */
#include "buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"

#define FIRST_SIZE 64

/* Make room for len more bytes and a NUL. */
static void reserve(struct buf *b, size_t len)
{
	size_t cap = b->cap ? b->cap : FIRST_SIZE;

	if (len >= SIZE_MAX / 2 - b->len)
		die("out of memory");
	if (b->len + len < b->cap)
		return;
	while (cap <= b->len + len)
		cap *= 2;
	b->data = xrealloc(b->data, cap);
	b->cap = cap;
}

void buf_add(struct buf *b, const void *data, size_t len)
{
	if (!len)
		return;
	reserve(b, len);
	memcpy(b->data + b->len, data, len);
	b->len += len;
}

void buf_puts(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_putc(struct buf *b, char c)
{
	reserve(b, 1);
	b->data[b->len++] = c;
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(b->data ? b->data + b->len : NULL, b->cap - b->len, fmt, ap);
	va_end(ap);
	if (n > 0) {
		if ((size_t)n >= b->cap - b->len) {
			reserve(b, (size_t)n);
			vsnprintf(b->data + b->len, (size_t)n + 1, fmt, again);
		}
		b->len += (size_t)n;
	}
	va_end(again);
}

void buf_int(struct buf *b, int64_t n)
{
	char digits[20], *p = digits + sizeof digits;
	uint64_t u = n < 0 ? -(uint64_t)n : (uint64_t)n;

	do
		*--p = (char)('0' + u % 10);
	while (u /= 10);
	if (n < 0)
		*--p = '-';
	buf_add(b, p, (size_t)(digits + sizeof digits - p));
}

/* Length of the UTF-8 character that begins at s, which is not ASCII; 0 when it is malformed. */
static size_t utf8_len(const unsigned char *s, const unsigned char *end)
{
	size_t len = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t c = s[0] & (0xffu >> (len + 1));

	if (s[0] < 0xc2 || s[0] > 0xf4 || len > (size_t)(end - s))
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	return c < least[len] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ? 0 : len;
}

bool buf_utf8(const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s, *end = p + len;
	size_t n = 1;

	for (; p < end && n; p += n)
		n = *p < 0x80 ? 1 : utf8_len(p, end);
	return n;
}

static void json_escape(struct buf *b, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	static const char letters[] = "btn\0fr"; /* of 8 to 13; 11 has none */
	char out[6] = {'\\', 'u', '0', '0', hex[c >> 4 & 15], hex[c & 15]};

	if (c == '"' || c == '\\')
		out[1] = (char)c;
	else if (c >= 8 && c <= 13 && letters[c - 8])
		out[1] = letters[c - 8];
	buf_add(b, out, out[1] == 'u' ? 6 : 2);
}

/*
 * Runs that need no escape are copied whole. Malformed UTF-8 becomes U+FFFD: PostgreSQL would
 * refuse it, and with it a whole batch.
 */
void buf_json_len(struct buf *b, const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s, *run = p, *end = p + len;

	reserve(b, len + 2);
	buf_putc(b, '"');
	while (p < end) {
		size_t n = 1;

		if (*p < 0x80 && *p >= 0x20 && *p != '"' && *p != '\\') {
			p++;
			continue;
		}
		if (*p >= 0x80 && (n = utf8_len(p, end))) {
			p += n;
			continue;
		}
		buf_add(b, run, (size_t)(p - run));
		if (n)
			json_escape(b, *p);
		else
			buf_puts(b, "\xef\xbf\xbd");
		run = ++p;
	}
	buf_add(b, run, (size_t)(p - run));
	buf_putc(b, '"');
}

void buf_json(struct buf *b, const char *s)
{
	if (s)
		buf_json_len(b, s, strlen(s));
	else
		buf_add(b, "null", 4);
}

const char *buf_str(struct buf *b)
{
	reserve(b, 0);
	b->data[b->len] = '\0';
	return b->data;
}

char *buf_take(struct buf *b, size_t *len)
{
	char *data = (char *)buf_str(b);

	if (len)
		*len = b->len;
	*b = BUF_EMPTY;
	return data;
}

void buf_free(struct buf *b)
{
	free(b->data);
	*b = BUF_EMPTY;
}
