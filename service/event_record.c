/* event_record.c - the exact bytes of an event, and the body within them. */
#include "event_record.h"

#include <string.h>

#include "crypto.h"

void event_record_write(const struct event_record *event, struct buf *out, uint8_t leaf[32])
{
	size_t start = out->len;

	buf_puts(out, "{\"actor\":");
	buf_json(out, event->actor);
	buf_puts(out, ",\"at\":");
	buf_json(out, event->at);
	buf_puts(out, ",\"body\":");
	buf_add(out, event->body, event->body_len);
	buf_puts(out, ",\"seq\":");
	buf_int(out, event->seq);
	buf_puts(out, ",\"source\":");
	buf_json(out, event->source);
	buf_puts(out, ",\"store\":");
	buf_json(out, event->store);
	buf_puts(out, ",\"type\":");
	buf_json(out, event->type);
	buf_putc(out, '}');
	crypto_leaf_hash(out->data + start, out->len - start, leaf);
}

/* Each of these passes over what it names; false when something else stands there. */

static bool pass(const char **p, const char *text)
{
	size_t len = strlen(text);

	if (strncmp(*p, text, len))
		return false;
	*p += len;
	return true;
}

static bool pass_string(const char **p)
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

/* A JSON value, up to the comma or bracket that does not belong to it. */
static bool pass_value(const char **p)
{
	const char *start = *p;

	for (int depth = 0; **p;) {
		if (**p == '"') {
			if (!pass_string(p))
				return false;
			continue;
		}
		if (depth == 0 && strchr(",]}", **p))
			return *p > start;
		depth += **p == '{' || **p == '[';
		depth -= **p == '}' || **p == ']';
		(*p)++;
	}
	return false;
}

static bool pass_number(const char **p)
{
	size_t len = strspn(*p, "0123456789");

	*p += len;
	return len > 0;
}

const char *event_record_body(const char *record, size_t *len)
{
	const char *p = record, *body, *end;

	if (!pass(&p, "{\"actor\":") || !pass_string(&p) || !pass(&p, ",\"at\":") ||
	    !pass_string(&p) || !pass(&p, ",\"body\":"))
		return NULL;
	body = p;
	if (!pass_value(&p))
		return NULL;
	end = p;
	if (!pass(&p, ",\"seq\":") || !pass_number(&p) || !pass(&p, ",\"source\":") ||
	    !pass_string(&p) || !pass(&p, ",\"store\":") || !pass_string(&p) ||
	    !pass(&p, ",\"type\":") || !pass_string(&p) || strcmp(p, "}"))
		return NULL;
	*len = (size_t)(end - body);
	return body;
}
