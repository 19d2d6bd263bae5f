/* canonical.c - a strict walk over JSON: white space, other escapes, other orders are refused. */
#include "canonical.h"

#include <string.h>

struct walk {
	const char *p, *end;
};

static bool value(struct walk *w, int depth);

static bool take(struct walk *w, char c)
{
	if (w->p == w->end || *w->p != c)
		return false;
	w->p++;
	return true;
}

static bool word(struct walk *w, const char *text)
{
	size_t len = strlen(text);

	if ((size_t)(w->end - w->p) < len || memcmp(w->p, text, len) != 0)
		return false;
	w->p += len;
	return true;
}

/* --- Strings --- */

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Behind a backslash: the shortest spelling there is, and only of what needs one. */
static bool escape(struct walk *w)
{
	int c;

	if (w->p == w->end)
		return false;
	if (*w->p != 'u') {
		if (!*w->p || !strchr("\"\\bfnrt", *w->p))
			return false;
		w->p++;
		return true;
	}
	if (w->end - w->p < 5 || memcmp(w->p, "u00", 3) != 0 || hex_digit(w->p[4]) < 0 ||
	    (w->p[3] != '0' && w->p[3] != '1'))
		return false;
	c = hex_digit(w->p[3]) * 16 + hex_digit(w->p[4]);
	if (c >= 8 && c <= 13 && c != 11)
		return false;
	w->p += 5;
	return true;
}

static bool string(struct walk *w)
{
	const char *start = w->p;

	if (!take(w, '"'))
		return false;
	while (w->p < w->end && *w->p != '"') {
		if ((unsigned char)*w->p < 0x20)
			return false;
		if (*w->p++ == '\\' && !escape(w))
			return false;
	}
	if (!take(w, '"'))
		return false;
	if (buf_utf8(start, (size_t)(w->p - start)))
		return true;
	w->p = start;
	return false;
}

/* --- Numbers --- */

static size_t digits(struct walk *w)
{
	const char *start = w->p;

	while (w->p < w->end && *w->p >= '0' && *w->p <= '9')
		w->p++;
	return (size_t)(w->p - start);
}

static bool number(struct walk *w)
{
	bool minus = take(w, '-');
	const char *first = w->p;
	size_t count = digits(w);

	if (count == 0 || (*first == '0' && count > 1))
		return false;
	if (take(w, '.'))
		return digits(w) > 0 && w->p[-1] != '0';
	return !minus || *first != '0';
}

/* --- Objects and arrays --- */

static bool array(struct walk *w, int depth)
{
	if (take(w, ']'))
		return true;
	do {
		if (!value(w, depth + 1))
			return false;
	} while (take(w, ','));
	return take(w, ']');
}

static bool in_order(const char *a, size_t a_len, const char *b, size_t b_len)
{
	int order = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return order < 0 || (order == 0 && a_len < b_len);
}

static bool object(struct walk *w, int depth)
{
	const char *before = NULL;
	size_t before_len = 0;

	if (take(w, '}'))
		return true;
	do {
		const char *name = w->p;
		size_t len;

		if (!string(w))
			return false;
		len = (size_t)(w->p - name) - 1; /* without the closing quote */
		if (before && !in_order(before, before_len, name, len)) {
			w->p = name;
			return false;
		}
		before = name;
		before_len = len;
		if (!take(w, ':') || !value(w, depth + 1))
			return false;
	} while (take(w, ','));
	return take(w, '}');
}

static bool value(struct walk *w, int depth)
{
	if (w->p == w->end || depth >= CANONICAL_DEPTH)
		return false;
	switch (*w->p) {
	case '{':
		w->p++;
		return object(w, depth);
	case '[':
		w->p++;
		return array(w, depth);
	case '"':
		return string(w);
	case 't':
		return word(w, "true");
	case 'f':
		return word(w, "false");
	case 'n':
		return word(w, "null");
	default:
		return number(w);
	}
}

bool canonical_check(const char *text, size_t len, size_t *bad)
{
	struct walk w = {text, text + len};
	bool ok = value(&w, 0) && w.p == w.end;

	*bad = (size_t)(w.p - text);
	return ok;
}

/* --- What a string says --- */

void canonical_text(const char *value, size_t len, struct buf *out)
{
	static const char letters[] = "\"\\bfnrt", meant[] = "\"\\\b\f\n\r\t";
	const char *p = value + 1, *end = value + len - 1;

	while (p < end) {
		const char *run = p;

		while (p < end && *p != '\\')
			p++;
		buf_add(out, run, (size_t)(p - run));
		if (p == end)
			break;
		if (p[1] == 'u') {
			buf_putc(out, (char)(hex_digit(p[4]) * 16 + hex_digit(p[5])));
			p += 6;
		} else {
			buf_putc(out, meant[strchr(letters, p[1]) - letters]);
			p += 2;
		}
	}
}
