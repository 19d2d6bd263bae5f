/*
 * fuzz_slip.c - slips as JSON, decided over a small world: a line an attempt, as somebody would post
 * them one after the other. A line may also be one of
 *
 *   ! EVENT             reverse the slip of that event
 *   = MINIMUM TARGET    thresholds of masks
 *   * 0|1               readiness: normal, emergency
 *
 * Whatever happens, the ledgers add up, and what is refused leaves no trace.
 */
#include "fuzz.h"

#include "decide.h"

#define MAX_COMMANDS 32

static struct world world;
static struct world_store *store;
static struct post_command *commands[MAX_COMMANDS];
static int command_count;

static void begin(void)
{
	world = (struct world){
	    .at = "2022-11-20T08:00:00.000000+08:00",
	    .today = clock_date_make(2022, 11, 20),
	    .backdate_days = 400,
	};
	store = world_store_add(&world, 7);
	strcpy(store->code, "XT");
	world_ledger_add(store, 1, "mask");
	world_ledger_add(store, 2, "gel");
	world_pack_add(world_ledger(store, "mask"), "盒", 50);
	world_pack_add(world_ledger(store, "mask"), "箱", 1000000);
}

static void end(void)
{
	world_free(&world);
	while (command_count > 0)
		post_command_free(commands[--command_count]);
}

static struct post_command *command(enum post_kind kind)
{
	struct post_command *c = post_command_new(kind);

	c->store_id = 7;
	c->actor_id = 3;
	strcpy(c->actor, "张三");
	strcpy(c->source, "127.0.0.1");
	commands[command_count++] = c;
	return c;
}

/* --- What must hold --- */

/* Is it JSON, and if canonical is asked for, written as RFC 8785 would? */
static void check_json(const char *bytes, size_t len, bool canonical)
{
	json_t *json = json_loadb(bytes, len, JSON_ALLOW_NUL, NULL);
	char *again;

	CHECK(json);
	again = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
	if (canonical)
		CHECK(strlen(again) == len && memcmp(again, bytes, len) == 0);
	free(again);
	json_decref(json);
}

static void check_problem(const struct problem *problem)
{
	struct buf text = BUF_EMPTY;

	CHECK(problem->code != PROBLEM_none && problem->code != PROBLEM_internal);
	problem_json(problem, "0", &text);
	check_json(text.data, text.len, false);
	buf_free(&text);
}

static void check_ledger(const struct world_ledger *ledger)
{
	int64_t lots = 0, sum = 0, seq = 0;

	for (int i = 0; i < ledger->lot_count; i++) {
		CHECK(ledger->lots[i]->balance >= 0);
		lots += ledger->lots[i]->balance;
	}
	for (int i = 0; i < world.entries.count; i++) {
		const struct world_entry *entry = &world.entries.v[i];

		if (entry->ledger != ledger)
			continue;
		sum += entry->quantity;
		CHECK(entry->quantity != 0);
		CHECK(entry->seq == ++seq);
		CHECK(entry->balance_after == sum && sum >= 0);
	}
	CHECK(ledger->balance == sum && lots == sum && sum <= DECIDE_MAX_BALANCE);
	CHECK(ledger->entry_seq == seq);
}

/* What a command may change, counted. */
struct trace {
	int entries, slips, events;
	int64_t balances, event_seq;
	int32_t serials;
};

static struct trace trace(void)
{
	struct trace t = {.entries = world.entries.count,
	    .slips = world.slips.count,
	    .events = world.events.count,
	    .event_seq = store->event_seq};

	for (int i = 0; i < store->ledger_count; i++)
		t.balances += store->ledgers[i]->balance;
	for (int i = 0; i < store->series_count; i++)
		t.serials += store->series[i].serial;
	return t;
}

static void check_events(int from)
{
	for (int i = from; i < world.events.count; i++) {
		const struct world_event *event = &world.events.v[i];

		CHECK(event->seq == i + 1);
		check_json(world.bytes.data + event->record, event->record_len, true);
	}
}

static void check_number(const struct decision *decision)
{
	enum slip_kind kind;
	clock_date date;
	int serial;

	CHECK(slip_number_parse(decision->number, "XT", &kind, &date, &serial));
	CHECK(serial >= 1 && date <= world.today);
}

static void decide_checked(const struct post_command *c)
{
	struct trace before = trace(), after;
	struct decision decision;

	decide(&world, c, &decision);
	after = trace();
	for (int i = 0; i < store->ledger_count; i++)
		check_ledger(store->ledgers[i]);
	if (decision.problem.code != PROBLEM_none) {
		check_problem(&decision.problem);
		CHECK(before.entries == after.entries && before.slips == after.slips);
		CHECK(before.events == after.events && before.event_seq == after.event_seq);
		CHECK(before.balances == after.balances && before.serials == after.serials);
		return;
	}
	check_events(before.events);
	if (c->kind == POST_SLIP || c->kind == POST_REVERSAL) {
		CHECK(after.slips == before.slips + 1 && after.serials == before.serials + 1);
		check_number(&decision);
	}
}

/* --- The lines --- */

static void slip_line(const char *line, size_t len)
{
	json_t *json = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
	struct problem problem;
	struct slip *slip;
	uint8_t hash[32];

	if (!json_is_object(json)) {
		json_decref(json);
		return;
	}
	slip_request_hash("slip", json, hash);
	slip = slip_decode(json, &problem);
	json_decref(json);
	if (slip) {
		struct post_command *c = command(POST_SLIP);

		c->slip = slip;
		decide_checked(c);
	} else {
		check_problem(&problem);
	}
}

static void reversal_line(const char *line)
{
	long event = strtol(line + 1, NULL, 10);
	const struct world_slip *slip = NULL;
	struct post_command *c;

	for (int i = 0; i < world.slips.count; i++)
		if (world.slips.v[i].event_seq == event)
			slip = &world.slips.v[i];
	if (!slip)
		return;
	c = command(POST_REVERSAL);
	c->reversal.event_seq = event;
	c->reversal.kind = slip->kind;
	c->reversal.is_reversal = slip->reason == SLIP_REVERSAL;
	slip_number("XT", slip->kind, slip->date, slip->serial, c->reversal.number);
	c->reversal.counterparty = xstrdup(slip->counterparty);
	c->reversal.receiver = xstrdup(slip->receiver);
	c->reversal.note = xstrdup("写错");
	c->reversal.entries = xcalloc((size_t)world.entries.count, sizeof *c->reversal.entries);
	for (int i = 0; i < world.entries.count; i++) {
		const struct world_entry *entry = &world.entries.v[i];
		struct post_reversed_entry *e;

		if (entry->event_seq != event)
			continue;
		e = &c->reversal.entries[c->reversal.entry_count++];
		strcpy(e->item, entry->ledger->item);
		e->lot_seq = entry->lot->seq;
		e->quantity = entry->quantity;
	}
	decide_checked(c);
}

static void level_line(const char *line)
{
	struct post_command *c = command(POST_THRESHOLDS);
	struct post_thresholds levels = {-1, -1};
	char *end;

	levels.minimum = strtol(line + 1, &end, 10) % SLIP_MAX_QUANTITY;
	levels.target = strtol(end, NULL, 10) % SLIP_MAX_QUANTITY;
	if (levels.minimum < 0 || levels.target < levels.minimum)
		levels = (struct post_thresholds){-1, -1};
	strcpy(c->thresholds.item, "mask");
	c->thresholds.levels[0] = c->thresholds.levels[1] = levels;
	decide_checked(c);
}

static void readiness_line(const char *line)
{
	struct post_command *c = command(POST_READINESS);

	c->readiness.emergency = strchr(line, '1') != NULL;
	c->readiness.reason = xstrdup("封控");
	strcpy(c->readiness.place, "sanhao");
	decide_checked(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xstrndup((const char *)data, size), *rest = text, *line;

	begin();
	while (command_count < MAX_COMMANDS && (line = strsep(&rest, "\n"))) {
		if (*line == '!')
			reversal_line(line);
		else if (*line == '=')
			level_line(line);
		else if (*line == '*')
			readiness_line(line);
		else
			slip_line(line, strlen(line));
	}
	end();
	free(text);
	return 0;
}
