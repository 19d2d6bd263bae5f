/* slip_body.c - members in the order of RFC 8785 (sorted), so that the bytes are canonical. */
#include "slip_body.h"

static void write_date(struct buf *out, const char *name, clock_date date)
{
	char text[11];

	buf_puts(out, name);
	if (date == CLOCK_DATE_NEVER) {
		buf_puts(out, "null");
		return;
	}
	clock_date_format(date, text);
	buf_json(out, text);
}

static void write_text(struct buf *out, const char *name, const char *value)
{
	buf_puts(out, name);
	buf_json(out, value);
}

static void write_int(struct buf *out, const char *name, int64_t value)
{
	buf_puts(out, name);
	buf_int(out, value);
}

static void write_line(struct buf *out, const struct world_entry *entry)
{
	write_int(out, "{\"balance_after\":", entry->balance_after);
	write_date(out, ",\"expires\":", entry->lot->expires);
	write_text(out, ",\"item\":", entry->ledger->item);
	write_int(out, ",\"ledger_seq\":", entry->seq);
	write_int(out, ",\"line\":", entry->line);
	write_text(out, ",\"lot\":", *entry->lot->number ? entry->lot->number : NULL);
	write_text(out, ",\"pack\":", entry->pack);
	if (entry->pack)
		write_int(out, ",\"pack_quantity\":", entry->pack_quantity);
	else
		buf_puts(out, ",\"pack_quantity\":null");
	write_int(out, ",\"quantity\":", entry->quantity < 0 ? -entry->quantity : entry->quantity);
	buf_putc(out, '}');
}

void slip_body_write(const struct world *world, const struct world_slip *slip,
    const struct world_entry *entries, int count, const char *number, const char *posted_by,
    const char *reverses, struct buf *out)
{
	write_date(out, "{\"business_date\":", slip->date);
	write_text(out, ",\"counterparty\":", slip->counterparty);
	write_text(out, ",\"document\":", slip->document);
	write_int(out, ",\"event_seq\":", slip->event_seq);
	write_text(out, ",\"handler\":", slip->handler);
	write_text(out, ",\"kind\":", slip_kind_name(slip->kind));
	buf_puts(out, ",\"lines\":[");
	for (int i = 0; i < count; i++) {
		if (i > 0)
			buf_putc(out, ',');
		write_line(out, &entries[i]);
	}
	write_text(out, "],\"note\":", slip->note);
	write_text(out, ",\"number\":", number);
	write_text(out, ",\"posted_at\":", world->at);
	write_text(out, ",\"posted_by\":", posted_by);
	write_text(out, ",\"reason\":", slip_reason_name(slip->reason));
	write_text(out, ",\"receiver\":", slip->receiver);
	buf_puts(out, ",\"reversed_by\":null");
	write_text(out, ",\"reverses\":", reverses);
	write_text(out, ",\"store\":", slip->store->code);
	buf_putc(out, '}');
}
