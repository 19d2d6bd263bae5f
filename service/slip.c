/* slip.c - reading a slip out of its JSON, naming every field that is wrong. */
#include "slip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto.h"
#include "die.h"
#include "field.h"

static const char *const kind_names[] = {[SLIP_IN] = "in", [SLIP_OUT] = "out", NULL};

static const char *const reason_names[SLIP_REASONS + 1] = {
    [SLIP_PURCHASE] = "purchase",
    [SLIP_DONATION] = "donation",
    [SLIP_ALLOCATION] = "allocation",
    [SLIP_OPENING] = "opening",
    [SLIP_COUNT_GAIN] = "count_gain",
    [SLIP_RETURN] = "return",
    [SLIP_TRANSFER] = "transfer",
    [SLIP_ISSUE] = "issue",
    [SLIP_SCRAP] = "scrap",
    [SLIP_COUNT_LOSS] = "count_loss",
    [SLIP_REVERSAL] = "reversal",
};

/* What each kind may give as its reason: the one list, also shown to whoever gives another. */
static const char *const kind_reasons[][8] = {
    [SLIP_IN] = {"purchase", "donation", "allocation", "return", "opening", "count_gain",
	"transfer"},
    [SLIP_OUT] = {"issue", "transfer", "scrap", "return", "count_loss"},
};

static const char *const slip_fields[] = {"kind", "reason", "business_date", "counterparty",
    "receiver", "handler", "document", "note", "lines", NULL};
static const char *const line_fields[] = {"item", "quantity", "pack", "lot", "expires", NULL};

const char *slip_kind_name(enum slip_kind kind)
{
	return kind_names[kind];
}

const char *slip_reason_name(enum slip_reason reason)
{
	return reason_names[reason];
}

static bool reason_fits(enum slip_kind kind, enum slip_reason reason)
{
	for (int i = 0; kind_reasons[kind][i]; i++)
		if (strcmp(kind_reasons[kind][i], reason_names[reason]) == 0)
			return true;
	return false;
}

static void decode_reason(struct slip *slip, json_t *json, struct problem *problem)
{
	int kind = field_word(json, "kind", kind_names, FIELD_REQUIRED, "", problem);
	int reason = field_word(json, "reason", reason_names, FIELD_REQUIRED, "", problem);
	char allowed[128] = "";

	if (kind < 0 || reason < 0)
		return;
	slip->kind = (enum slip_kind)kind;
	slip->reason = (enum slip_reason)reason;
	if (reason_fits(slip->kind, slip->reason))
		return;
	for (int i = 0; kind_reasons[kind][i]; i++) {
		strcat(allowed, i ? " " : "");
		strcat(allowed, kind_reasons[kind][i]);
	}
	problem_add(problem, PROBLEM_reason_of_other_kind, allowed, "reason");
}

/* A header's text, "" when not given. */
static const char *head_text(
    const json_t *json, const char *name, int max, unsigned flags, struct problem *problem)
{
	const char *text = field_text(json, name, max, flags, "", problem);

	return text ? text : "";
}

/* A line's text, NULL when not given or empty. */
static const char *line_text(
    const json_t *json, const char *name, int max, const char *prefix, struct problem *problem)
{
	const char *text = field_text(json, name, max, 0, prefix, problem);

	return text && *text ? text : NULL;
}

static void decode_line(struct slip *slip, int i, json_t *json, struct problem *problem)
{
	struct slip_line *line = &slip->lines[i];
	char prefix[64];

	snprintf(prefix, sizeof prefix, "lines[%d].", i);
	if (!json_is_object(json)) {
		problem_add(problem, PROBLEM_wrong_type, "object", "lines[%d]", i);
		return;
	}
	field_only(json, line_fields, prefix, problem);
	line->item = field_text(json, "item", 64, FIELD_REQUIRED, prefix, problem);
	field_int(json, "quantity", 1, SLIP_MAX_QUANTITY, FIELD_REQUIRED, prefix, &line->quantity,
	    problem);
	line->pack = line_text(json, "pack", 16, prefix, problem);
	line->lot = line_text(json, "lot", 64, prefix, problem);
	line->expires = CLOCK_DATE_NEVER;
	field_date(json, "expires", 0, prefix, &line->expires, problem);
	if (slip->kind == SLIP_OUT && line->expires != CLOCK_DATE_NEVER)
		problem_add(problem, PROBLEM_only_in_slips, NULL, "%sexpires", prefix);
}

struct slip *slip_decode(json_t *json, struct problem *problem)
{
	const json_t *lines;
	struct slip *slip;
	size_t count;

	*problem = (struct problem){.line = -1};
	lines = field_array(json, "lines", SLIP_MAX_LINES, FIELD_REQUIRED, "", problem);
	count = json_array_size(lines);
	slip = xcalloc(1, sizeof *slip + count * sizeof slip->lines[0]);
	slip->json = json_incref(json);
	slip->line_count = (int)count;
	slip->business_date = CLOCK_DATE_NEVER;

	field_only(json, slip_fields, "", problem);
	decode_reason(slip, json, problem);
	field_date(json, "business_date", 0, "", &slip->business_date, problem);
	slip->counterparty = head_text(json, "counterparty", 200, 0, problem);
	slip->receiver = head_text(json, "receiver", 100, 0, problem);
	slip->handler = head_text(json, "handler", 100, 0, problem);
	slip->document = head_text(json, "document", 100, 0, problem);
	slip->note = head_text(json, "note", 1000, FIELD_MULTILINE, problem);
	for (size_t i = 0; i < count; i++)
		decode_line(slip, (int)i, json_array_get(lines, i), problem);

	if (problem->code != PROBLEM_none) {
		slip_free(slip);
		return NULL;
	}
	return slip;
}

void slip_free(struct slip *slip)
{
	if (!slip)
		return;
	json_decref(slip->json);
	free(slip);
}

bool slip_key_ok(const char *key)
{
	size_t len = strlen(key);

	return len >= 1 && len <= SLIP_KEY_MAX &&
	       strspn(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-:.") ==
		   len;
}

void slip_request_hash(const char *what, json_t *body, uint8_t out[32])
{
	struct buf text = BUF_EMPTY;
	char *json = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS);

	if (!json)
		die("out of memory");
	buf_puts(&text, what);
	buf_putc(&text, '\n');
	buf_puts(&text, json);
	crypto_sha256(text.data, text.len, out);
	buf_free(&text);
	free(json);
}

void slip_number(
    const char *store, enum slip_kind kind, clock_date date, int serial, char out[SLIP_NUMBER_MAX])
{
	int year, month, day;

	clock_date_split(date, &year, &month, &day);
	snprintf(out, SLIP_NUMBER_MAX, "%.16s-%s-%04d%02d%02d-%04d", store,
	    kind == SLIP_IN ? "RK" : "CK", year, month, day, serial);
}

bool slip_number_parse(
    const char *number, const char *store, enum slip_kind *kind, clock_date *date, int *serial)
{
	size_t len = strlen(store);
	int year, month, day, end = 0;
	char letters[3], again[SLIP_NUMBER_MAX];

	if (strncmp(number, store, len) != 0 ||
	    sscanf(number + len, "-%2[A-Z]-%4d%2d%2d-%9d%n", letters, &year, &month, &day, serial,
		&end) != 5 ||
	    number[len + (size_t)end] != '\0' || year < 1900 || year > 2199 || *serial < 1)
		return false;
	*kind = strcmp(letters, "RK") == 0 ? SLIP_IN : SLIP_OUT;
	*date = clock_date_make(year, month, day);
	/* One spelling a slip: what we would not have written is no number of ours. */
	slip_number(store, *kind, *date, *serial, again);
	return strcmp(again, number) == 0;
}
