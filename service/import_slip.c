/* import_slip.c - slips of planned rows: the command that posts one, and what its answer means. */
#include "import.h"

#include <stdlib.h>
#include <string.h>

#include "crypto.h"
#include "die.h"

/* --- The command --- */

/* <mapping>:<digest>:<slip>[.<attempt>] */
static void write_key(const struct import *import, const struct import_row *row,
    const struct import_slip *slip, char out[SLIP_KEY_MAX + 1])
{
	char hex[2 * sizeof row->digest + 1];
	int n, attempt = row->attempts[slip->rule];

	crypto_hex(row->digest, sizeof row->digest, hex);
	n = snprintf(out, SLIP_KEY_MAX + 1, "%s:%s:%d", import->mapping->name, hex, slip->rule);
	if (attempt > 0)
		snprintf(out + n, SLIP_KEY_MAX + 1 - (size_t)n, ".%d", attempt);
}

static void put(json_t *json, const char *name, const struct buf *text)
{
	if (text->len > 0)
		json_object_set_new_nocheck(
		    json, name, json_stringn_nocheck(text->data, text->len));
}

static void put_date(json_t *json, const char *name, clock_date date)
{
	char text[11];

	if (date == CLOCK_DATE_NEVER)
		return;
	clock_date_format(date, text);
	json_object_set_new_nocheck(json, name, json_string_nocheck(text));
}

/* Put a field of the slip as the row has it; false when the row was given up. */
static bool put_field(
    struct import *import, const struct import_slip *slip, enum mapping_field field, json_t *json)
{
	const struct mapping_value *value = &import->mapping->slips[slip->rule].fields[field];

	for (int i = 0; i < value->count; i++) {
		const struct mapping_case *one = &value->cases[i];

		if (!mapping_when(&one->when, &import->row, import->text.data, &import->scratch))
			continue;
		if (!template_render(&one->text, &import->row, &import->scratch)) {
			import_give_up(import, &import->rows[slip->row], IMPORT_no_value,
			    import->scratch.data);
			return false;
		}
		put(json, mapping_field_names[field], &import->scratch);
		break;
	}
	return true;
}

static json_t *slip_json(struct import *import, const struct import_slip *slip)
{
	static const enum mapping_field fields[] = {MAPPING_REASON, MAPPING_COUNTERPARTY,
	    MAPPING_RECEIVER, MAPPING_HANDLER, MAPPING_DOCUMENT, MAPPING_NOTE};
	const struct import_row *row = &import->rows[slip->row];
	enum slip_kind kind = import->mapping->slips[slip->rule].kind;
	json_t *json = json_object(), *line = json_object();
	bool ok = true;

	import_look(import, row);
	if (template_render(&import->mapping->item, &import->row, &import->text))
		cell_fold(import->text.data);
	json_object_set_new_nocheck(json, "kind", json_string_nocheck(slip_kind_name(kind)));
	put_date(json, "business_date", slip->date);
	for (size_t i = 0; i < sizeof fields / sizeof fields[0] && ok; i++)
		ok = put_field(import, slip, fields[i], json);
	json_object_set_new_nocheck(
	    line, "item", json_string_nocheck(import->items[row->item].code));
	json_object_set_new_nocheck(line, "quantity", json_integer(slip->quantity));
	if (slip->pack)
		json_object_set_new_nocheck(line, "pack", json_string_nocheck(slip->pack));
	ok = ok && put_field(import, slip, MAPPING_LOT, line);
	put_date(line, "expires", slip->expires);
	json_object_set_new_nocheck(json, "lines", json_pack("[o]", line));
	if (ok)
		return json;
	json_decref(json);
	return NULL;
}

/* --- Refusals --- */

/* In the words of whoever holds the file: the item's name, not the slip's line. */
static void reject_uncovered(struct import *import, struct import_row *row,
    const struct import_slip *slip, int64_t available)
{
	const struct import_item *item = &import->items[row->item];
	int64_t wanted = slip->pack ? slip->quantity * row->number : slip->quantity;
	char *value = xasprintf("%s (%s) %lld < %lld", item->name_zh, item->code,
	    (long long)available, (long long)wanted);

	import_give_up(import, row, IMPORT_insufficient_stock, value);
	free(value);
}

/* Reject for what a problem document says; for the first of its errors, when it has any. */
static void reject_as(
    struct import *import, const struct import_slip *slip, const char *document, size_t len)
{
	struct import_row *row = &import->rows[slip->row];
	json_t *problem = json_loadb(document, len, 0, NULL);
	const json_t *error = json_array_get(json_object_get(problem, "errors"), 0);
	const json_t *about = error ? error : problem;
	const char *field = error ? json_string_value(json_object_get(error, "field")) : "";
	const char *code, *detail, *detail_en;
	char *zh, *en;

	if (json_unpack((json_t *)about, "{s:s, s:s, s:s}", "code", &code, "detail", &detail,
		"detail_en", &detail_en) != 0)
		die("a problem document cannot be read: %.*s", (int)len, document);
	if (strcmp(code, "insufficient_stock") == 0) {
		reject_uncovered(
		    import, row, slip, json_integer_value(json_object_get(problem, "available")));
		json_decref(problem);
		return;
	}
	zh = xasprintf("%s%s%s", field, *field ? "：" : "", detail);
	en = xasprintf("%s%s%s", field, *field ? ": " : "", detail_en);
	import_settle(import, row, IMPORT_REJECTED, code, zh, en);
	free(zh);
	free(en);
	json_decref(problem);
}

static void reject_problem(
    struct import *import, const struct import_slip *slip, const struct problem *problem)
{
	struct buf text = BUF_EMPTY;

	problem_json(problem, NULL, &text);
	reject_as(import, slip, text.data, text.len);
	buf_free(&text);
}

/* --- Commands --- */

static struct post_command *make_command(struct import *import, struct import_slip *slip)
{
	struct import_row *row = &import->rows[slip->row];
	json_t *json = slip_json(import, slip);
	struct post_command *command = NULL;
	struct problem problem;
	struct slip *decoded;

	if (!json)
		return NULL;
	decoded = slip_decode(json, &problem);
	if (decoded) {
		command = post_command_new(POST_SLIP);
		command->slip = decoded;
		write_key(import, row, slip, command->key);
		slip_request_hash("import", json, command->request_hash);
	} else {
		reject_problem(import, slip, &problem);
	}
	json_decref(json);
	return command;
}

int import_commands(struct import *import, struct import_row *row,
    struct post_command *commands[MAPPING_MAX_SLIPS], struct import_slip *slips[MAPPING_MAX_SLIPS])
{
	int count = 0;

	for (uint32_t i = row->first_slip; i < row->first_slip + row->slip_count; i++) {
		struct import_slip *slip = &import->slips[i];

		if (slip->done)
			continue;
		slips[count] = slip;
		commands[count] = make_command(import, slip);
		if (commands[count++])
			continue;
		while (count-- > 0)
			post_command_free(commands[count]);
		row->answered = row->slip_count;
		return 0;
	}
	return count;
}

/* --- Answers --- */

/* The last "balance_after" of a slip's canonical JSON; quotes within its texts are escaped. */
static int64_t last_balance(const char *body, size_t len)
{
	static const char name[] = "\"balance_after\":";

	for (const char *s = body + len - (sizeof name - 1); s >= body; s--)
		if (*s == '"' && memcmp(s, name, sizeof name - 1) == 0)
			return strtoll(s + sizeof name - 1, NULL, 10);
	return IMPORT_NONE;
}

/* Part of the row stands in the ledger: whoever corrects the rest must know. */
static void mention_posted(struct import_reason *reason)
{
	char *zh = xasprintf("%s（该行的另一张单据已记账。）", reason->zh);
	char *en = xasprintf("%s (The row's other slip was posted.)", reason->en);

	free(reason->zh);
	free(reason->en);
	reason->zh = zh;
	reason->en = en;
}

static void finish(struct import *import, struct import_row *row)
{
	if (row->fate == IMPORT_READY)
		import_settle(
		    import, row, row->fresh ? IMPORT_POSTED : IMPORT_REPEATED, NULL, NULL, NULL);
	else if (row->posted)
		mention_posted(row->reason);
}

bool import_answer(
    struct import *import, struct import_slip *slip, const struct post_answer *answer)
{
	struct import_row *row = &import->rows[slip->row];

	if (answer->status == 503)
		return false;
	if (answer->status < 300) {
		row->posted = true;
		row->fresh |= !answer->replayed;
		import->slips_posted += !answer->replayed;
		if (import->mapping->balance.source)
			row->balance = last_balance(answer->body, answer->body_len);
	} else if (answer->problem) {
		reject_problem(import, slip, answer->problem);
	} else {
		reject_as(import, slip, answer->refusal, answer->refusal_len);
	}
	/* A refusal against the stock is remembered under its key: the next attempt needs another. */
	if (answer->status == 409 && row->attempts[slip->rule] < UINT8_MAX)
		row->attempts[slip->rule]++;
	slip->done = true;
	if (++row->answered == row->slip_count)
		finish(import, row);
	return true;
}

/* --- Claimed balances --- */

static void differ(struct import *import, const struct import_row *row, struct import_item *item)
{
	if (import->difference_count == import->difference_capacity) {
		import->difference_capacity =
		    import->difference_capacity ? 2 * import->difference_capacity : 64;
		import->differences = xrealloc(
		    import->differences, import->difference_capacity * sizeof *import->differences);
	}
	import->differences[import->difference_count++] = (struct import_difference){
	    .line = import_line(import, row),
	    .item = row->item,
	    .expected = item->balance,
	    .found = row->claimed,
	    .carried = item->off == row->claimed - item->balance,
	};
}

void import_check(struct import *import)
{
	for (; import->checked < import->row_count; import->checked++) {
		const struct import_row *row = &import->rows[import->checked];
		struct import_item *item = row->item < 0 ? NULL : &import->items[row->item];

		if (row->answered < row->slip_count)
			return; /* not decided yet */
		if (item && row->balance != IMPORT_NONE)
			item->balance = row->balance;
		if (!item || row->claimed == IMPORT_NONE || item->balance == IMPORT_NONE)
			continue;
		if (row->claimed != item->balance)
			differ(import, row, item);
		item->off = row->claimed - item->balance;
	}
}
