/* scan.c - canonical JSON, walked over in place. */
#include "scan.h"

#include <string.h>

bool scan_literal(const char **p, const char *text)
{
	size_t len = strlen(text);

	if (strncmp(*p, text, len) != 0)
		return false;
	*p += len;
	return true;
}

bool scan_string(const char **p)
{
	const char *s = *p;

	if (*s++ != '"')
		return false;
	while (*s && *s != '"')
		s += s[0] == '\\' && s[1] ? 2 : 1;
	if (!*s)
		return false;
	*p = s + 1;
	return true;
}

bool scan_digits(const char **p)
{
	size_t len = strspn(*p, "0123456789");

	*p += len;
	return len > 0;
}

bool scan_value(const char **p)
{
	const char *start = *p;
	int depth = 0;

	for (;;) {
		switch (**p) {
		case '\0':
			return false;
		case '"':
			if (!scan_string(p))
				return false;
			continue;
		case '{':
		case '[':
			depth++;
			break;
		case '}':
		case ']':
			if (depth-- == 0)
				return *p > start;
			break;
		case ',':
			if (depth == 0)
				return *p > start;
			break;
		}
		(*p)++;
	}
}

enum scan_step scan_next(const char **p, struct scan_item *item)
{
	char before = **p;
	bool named;

	*item = (struct scan_item){0};
	if (before == '{' || before == '[') {
		(*p)++;
		if (**p == '}' || **p == ']')
			return (*p)++, SCAN_END;
	} else if (before == '}' || before == ']') {
		return (*p)++, SCAN_END;
	} else if (before == ',') {
		(*p)++;
	} else {
		return SCAN_BAD;
	}
	item->name = *p;
	named = scan_string(p) && **p == ':';
	if (named) {
		item->name_len = (size_t)(*p - item->name) - 2;
		item->name++;
		(*p)++;
	} else {
		*p = item->name;
		item->name = NULL;
	}
	item->value = *p;
	if (!scan_value(p))
		return SCAN_BAD;
	item->len = (size_t)(*p - item->value);
	return SCAN_ITEM;
}
