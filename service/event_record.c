/* event_record.c - the exact bytes of an event, and the body within them. */
#include "event_record.h"

#include <string.h>

#include "crypto.h"
#include "scan.h"

size_t event_record_write(const struct event_record *event, struct buf *out, uint8_t leaf[32])
{
	size_t start = out->len, body;

	buf_puts(out, "{\"actor\":");
	buf_json(out, event->actor);
	buf_puts(out, ",\"at\":");
	buf_json(out, event->at);
	buf_puts(out, ",\"body\":");
	body = out->len;
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
	return body;
}

const char *event_record_body(const char *record, size_t *len)
{
	const char *p = record, *body, *end;

	if (!scan_literal(&p, "{\"actor\":") || !scan_string(&p) || !scan_literal(&p, ",\"at\":") ||
	    !scan_string(&p) || !scan_literal(&p, ",\"body\":"))
		return NULL;
	body = p;
	if (!scan_value(&p))
		return NULL;
	end = p;
	if (!scan_literal(&p, ",\"seq\":") || !scan_digits(&p) ||
	    !scan_literal(&p, ",\"source\":") || !scan_string(&p) ||
	    !scan_literal(&p, ",\"store\":") || !scan_string(&p) ||
	    !scan_literal(&p, ",\"type\":") || !scan_string(&p) || strcmp(p, "}"))
		return NULL;
	*len = (size_t)(end - body);
	return body;
}
