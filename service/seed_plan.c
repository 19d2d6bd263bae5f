/* seed_plan.c - four weeks of a community's storeroom, made up but the same every time. */
#include "seed_plan.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "die.h"

#define DAYS 28
#define MAX_LINES 4
#define ISSUES_LEAST 4 /* a day */
#define ISSUES_MOST 8

const struct seed_supply seed_supplies[SEED_SUPPLIES] = {
    {
	.item = "disposable-mask",
	.levels = {{10000, 40000}, {30000, 80000}},
	.pack = "箱",
	.pack_quantity = 2000,
	.opening_packs = 10,
	.delivery_packs = 3,
	.every = 7,
	.until = 0,
	.lot = "M",
	.shelf_days = 720,
	.issue_most = 600,
	.floor = 500,
    },
    {
	.item = "n95",
	.levels = {{800, 2400}, {2000, 6000}},
	.pack = "箱",
	.pack_quantity = 400,
	.opening_packs = 4,
	.delivery_packs = 1,
	.every = 7,
	.until = 11,
	.lot = "N",
	.shelf_days = 1080,
	.issue_most = 60,
	.floor = 40,
    },
    {
	.item = "glove",
	.levels = {{2000, 8000}, {6000, 16000}},
	.pack = "箱",
	.pack_quantity = 1000,
	.opening_packs = 5,
	.delivery_packs = 2,
	.every = 7,
	.until = 2,
	.lot = "G",
	.shelf_days = 1080,
	.issue_most = 150,
	.floor = 100,
    },
    {
	.item = "face-shield",
	.levels = {{300, 1000}, {800, 2400}},
	.pack = "箱",
	.pack_quantity = 200,
	.opening_packs = 4,
	.delivery_packs = 1,
	.every = 14,
	.until = 12,
	.lot = "F",
	.shelf_days = 1800,
	.issue_most = 30,
	.floor = 15,
    },
    {
	.item = "isolation-gown",
	.levels = {{200, 800}, {600, 1600}},
	.pack = "箱",
	.pack_quantity = 100,
	.opening_packs = 6,
	.delivery_packs = 2,
	.every = 7,
	.until = 3,
	.lot = "Y",
	.shelf_days = 720,
	.issue_most = 25,
	.floor = 20,
    },
    {
	.item = "protective-suit",
	.levels = {{150, 500}, {400, 1200}},
	.pack = "箱",
	.pack_quantity = 50,
	.opening_packs = 8,
	.delivery_packs = 3,
	.every = 7,
	.until = 4,
	.lot = "P",
	.shelf_days = 720,
	.issue_most = 15,
	.floor = 20,
    },
    {
	.item = "hand-gel",
	.levels = {{120, 480}, {360, 960}},
	.pack = "箱",
	.pack_quantity = 24,
	.opening_packs = 10,
	.delivery_packs = 5,
	.every = 7,
	.until = 1,
	.lot = "X",
	.shelf_days = 900,
	.issue_most = 12,
	.floor = 24,
    },
};

const struct seed_group seed_groups[SEED_GROUPS] = {
    {"xita-testing", "核酸检测落实", "Testing group"},
    {"xita-isolation", "管控隔离落实", "Isolation group"},
    {"xita-logistics", "后勤服务落实", "Logistics group"},
};

static const char *const people[] = {"王建国", "李秀英", "张伟", "刘芳", "陈静", "杨帆", "赵敏",
    "黄磊", "周红", "吴强", "徐丽", "孙鹏"};
static const char *const keepers[] = {"郭晓燕", "马志强"};

#define PICK(plan, list) ((list)[pick((plan), sizeof(list) / sizeof((list)[0]))])

struct plan {
	void (*take)(void *arg, const char *key, json_t *slip);
	void *arg;
	uint32_t random;
	clock_date day;
	int days_left;
	int slips, documents[2];
	int64_t stock[SEED_SUPPLIES]; /* base units, so that nothing planned is refused */
};

/* 0 to below n. Xorshift: the same on every machine. */
static unsigned pick(struct plan *plan, unsigned n)
{
	plan->random ^= plan->random << 13;
	plan->random ^= plan->random >> 17;
	plan->random ^= plan->random << 5;
	return plan->random % n;
}

static json_t *text(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static json_t *text(const char *fmt, ...)
{
	char buf[128];
	va_list args;

	va_start(args, fmt);
	vsnprintf(buf, sizeof(buf), fmt, args);
	va_end(args);
	return json_string(buf);
}

static json_t *date_text(clock_date date)
{
	char buf[11];

	clock_date_format(date, buf);
	return json_string(buf);
}

/* --- Lines --- */

static void add_in_line(struct plan *plan, json_t *lines, int supply, int packs, clock_date made)
{
	const struct seed_supply *s = &seed_supplies[supply];
	int year, month, day;

	clock_date_split(made, &year, &month, &day);
	plan->stock[supply] += (int64_t)packs * s->pack_quantity;
	json_array_append_new(
	    lines, json_pack("{s:s,s:i,s:s,s:o,s:o}", "item", s->item, "quantity", packs, "pack",
		       s->pack, "lot", text("%s%02d%02d", s->lot, year % 100, month), "expires",
		       date_text(clock_date_make(year, month, 1) + s->shelf_days)));
}

/* Nothing where that would go below the floor. */
static void add_out_line(struct plan *plan, json_t *lines, int supply, int quantity)
{
	const struct seed_supply *s = &seed_supplies[supply];

	if (plan->stock[supply] - quantity < s->floor)
		return;
	plan->stock[supply] -= quantity;
	json_array_append_new(lines, json_pack("{s:s,s:i}", "item", s->item, "quantity", quantity));
}

/* --- Slips --- */

/* Takes lines; a slip without any is none. */
static void add_slip(struct plan *plan, enum slip_kind kind, enum slip_reason reason,
    json_t *counterparty, const char *receiver, const char *note, json_t *lines)
{
	char key[SLIP_KEY_MAX + 1];
	int year, month, day;

	if (json_array_size(lines) == 0) {
		json_decref(counterparty);
		json_decref(lines);
		return;
	}
	clock_date_split(plan->day, &year, &month, &day);
	snprintf(key, sizeof(key), "seed-slip-%04d", ++plan->slips);
	plan->take(plan->arg, key,
	    json_pack("{s:s,s:s,s:o,s:o,s:s,s:s,s:o,s:s,s:o}", "kind", slip_kind_name(kind),
		"reason", slip_reason_name(reason), "business_date", date_text(plan->day),
		"counterparty", counterparty, "receiver", receiver, "handler", PICK(plan, keepers),
		"document",
		text("%s%d-%03d", kind == SLIP_IN ? "入字" : "领字", year, ++plan->documents[kind]),
		"note", note, "lines", lines));
}

static void add_opening(struct plan *plan)
{
	json_t *lines = json_array();

	for (int i = 0; i < SEED_SUPPLIES; i++)
		add_in_line(plan, lines, i, seed_supplies[i].opening_packs, plan->day - 200);
	add_slip(plan, SLIP_IN, SLIP_OPENING, json_string(""), "", "建账盘点 opening count", lines);
}

static void add_deliveries(struct plan *plan)
{
	json_t *bought = json_array(), *allocated = json_array();

	for (int i = 0; i < SEED_SUPPLIES; i++) {
		const struct seed_supply *s = &seed_supplies[i];
		bool scarce =
		    strcmp(s->item, "n95") == 0 || strcmp(s->item, "protective-suit") == 0;

		if (plan->days_left >= s->until && (DAYS - plan->days_left - i) % s->every == 0)
			add_in_line(plan, scarce ? allocated : bought, i, s->delivery_packs,
			    plan->day - 40);
	}
	add_slip(plan, SLIP_IN, SLIP_PURCHASE, json_string("古交市医药公司"), "", "", bought);
	add_slip(plan, SLIP_IN, SLIP_ALLOCATION, json_string("古交市疾控中心"), "", "", allocated);
}

static void add_issue(struct plan *plan)
{
	bool to_group = pick(plan, 6) == 0;
	unsigned first = pick(plan, SEED_SUPPLIES), count = 1 + pick(plan, MAX_LINES);
	json_t *lines = json_array(), *counterparty;

	for (unsigned i = 0; i < count; i++) {
		int supply = (int)((first + 2 * i) % SEED_SUPPLIES);
		int most = seed_supplies[supply].issue_most;
		int quantity = 1 + (int)pick(plan, (unsigned)most);

		add_out_line(plan, lines, supply, to_group ? 2 * quantity : quantity);
	}
	counterparty = to_group ? json_string(PICK(plan, seed_groups).name_zh)
				: text("第%u微网格", 1 + pick(plan, SEED_GRIDS));
	add_slip(plan, SLIP_OUT, SLIP_ISSUE, counterparty, PICK(plan, people), "", lines);
}

enum { MASK, N95, GLOVE, SHIELD, GOWN, SUIT, GEL };

/* What happens once in a while, by the number of days left. */
static void add_rarities(struct plan *plan)
{
	json_t *lines = json_array();

	switch (plan->days_left) {
	case 20:
		add_in_line(plan, lines, MASK, 4, plan->day - 60);
		add_in_line(plan, lines, GEL, 5, plan->day - 60);
		add_slip(plan, SLIP_IN, SLIP_DONATION, json_string("马兰镇商会"), "",
		    "捐赠 donated", lines);
		return;
	case 13:
		add_out_line(plan, lines, GOWN, 6);
		add_slip(plan, SLIP_OUT, SLIP_SCRAP, json_string(""), "",
		    "包装破损 damaged packing", lines);
		return;
	case 9:
		add_out_line(plan, lines, GLOVE, 3);
		add_slip(plan, SLIP_OUT, SLIP_COUNT_LOSS, json_string(""), "",
		    "月度盘点 monthly count", lines);
		return;
	case 5:
		add_out_line(plan, lines, SUIT, 20);
		add_slip(plan, SLIP_OUT, SLIP_TRANSFER, json_string("北塔社区"), PICK(plan, people),
		    "支援邻近社区 to the neighbours", lines);
		return;
	default:
		json_decref(lines);
	}
}

void seed_plan(clock_date last, void (*take)(void *arg, const char *key, json_t *slip), void *arg)
{
	struct plan plan = {.take = take, .arg = arg, .random = 20221120};

	for (plan.days_left = DAYS; plan.days_left >= 0; plan.days_left--) {
		unsigned issues = ISSUES_LEAST + pick(&plan, ISSUES_MOST - ISSUES_LEAST + 1);

		plan.day = last - plan.days_left;
		if (plan.days_left == DAYS)
			add_opening(&plan);
		add_deliveries(&plan);
		add_rarities(&plan);
		for (unsigned i = 0; i < issues; i++)
			add_issue(&plan);
	}
}
