/*
 * cmd_seed.c - taizhang seed: the places, users, store and weeks of slips that a first start has.
 *
 * Every step is one that may have been done before: what is there already is left as it is, and
 * slips carry keys. So a seed that was interrupted goes on where it stopped.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "account.h"
#include "cmd.h"
#include "die.h"
#include "offline.h"
#include "password.h"
#include "seed_plan.h"

#define STORE "XT"
#define COMMUNITY "xita"
#define KEY_LAST "seed-last" /* of the last slip: the seed is complete */

static const char *const places[][5] = {
    /* code, kind, name_zh, name_en, parent */
    {"gujiao", "district", "古交市", "Gujiao", NULL},
    {"malan", "street", "马兰镇", "Malan", "gujiao"},
    {COMMUNITY, "community", "西塔社区", "Xita", "malan"},
};

static const char *const users[][4] = {
    /* name and role, display_name, place */
    {"storekeeper", "库管员 郭晓燕", COMMUNITY},
    {"coordinator", "协调员 马志强", "malan"},
    {"auditor", "审计员 田雨", "gujiao"},
    {"admin", "管理员 韩冰", "gujiao"},
};

struct seed {
	struct offline o;
	const struct conf *conf;
	json_t *passwords;
	int added, kept; /* places, stores, users */

	int32_t store_id, actor_id;
	clock_date opened;
	bool complete;

	struct post_command *last; /* the latest slip planned: not submitted yet */
	int planned, answered, posted, replayed, refused;
	bool submitted_all, done;
};

/* --- Places, store, users --- */

static bool change(
    struct seed *seed, enum stmt_id stmt, const char *event, const struct db_param *params)
{
	struct problem problem;

	if (offline_change(&seed->o, stmt, params, event, &problem, NULL)) {
		seed->added++;
		return true;
	}
	if (problem.code == PROBLEM_conflict) {
		seed->kept++;
		return true;
	}
	offline_complain("seed", &problem);
	return false;
}

static bool add_place(struct seed *seed, const char *code, const char *kind, const char *name_zh,
    const char *name_en, const char *parent)
{
	return change(seed, STMT_PLACE_ADD, "place_added",
	    (struct db_param[]){DB_NULL, DB_TEXT(code), DB_TEXT(kind), DB_TEXT(name_zh),
		DB_TEXT(name_en), DB_TEXT(parent)});
}

static bool add_places(struct seed *seed)
{
	char code[32], zh[32], en[32];

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (!add_place(
			seed, places[i][0], places[i][1], places[i][2], places[i][3], places[i][4]))
			return false;
	for (int i = 0; i < SEED_GROUPS; i++)
		if (!add_place(seed, seed_groups[i].code, "group", seed_groups[i].name_zh,
			seed_groups[i].name_en, COMMUNITY))
			return false;
	for (int i = 1; i <= SEED_GRIDS; i++) {
		snprintf(code, sizeof(code), COMMUNITY "-grid-%02d", i);
		snprintf(zh, sizeof(zh), "第%d微网格", i);
		snprintf(en, sizeof(en), "Grid %d", i);
		if (!add_place(seed, code, "grid", zh, en, COMMUNITY))
			return false;
	}
	return true;
}

static bool add_store(struct seed *seed)
{
	return change(seed, STMT_STORE_ADD, "store_added",
	    (struct db_param[]){DB_NULL, DB_TEXT(STORE), DB_TEXT(COMMUNITY),
		DB_TEXT("西塔社区防疫物资库"), DB_TEXT("Xita community store")});
}

static bool add_users(struct seed *seed)
{
	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		const char *name = users[i][0];
		const char *password = json_string_value(json_object_get(seed->passwords, name));
		char *hash = password_hash(password, (int)seed->conf->password_cost);
		char *roles = xasprintf("[{\"role\":\"%s\",\"place\":\"%s\"}]", name, users[i][2]);
		bool done = change(seed, STMT_USER_ADD, "user_added",
		    (struct db_param[]){DB_NULL, DB_TEXT(name), DB_TEXT(users[i][1]), DB_TEXT(hash),
			DB_TEXT(roles)});

		free(roles);
		free(hash);
		if (!done)
			return false;
	}
	return true;
}

/* --- Slips and thresholds --- */

static void on_answered(void *arg, const struct post_answer *answer)
{
	struct seed *seed = arg;

	seed->answered++;
	if (answer->status < 300 && answer->replayed) {
		seed->replayed++;
	} else if (answer->status < 300) {
		seed->posted++;
	} else if (seed->refused++ == 0) {
		if (answer->problem)
			offline_complain("seed", answer->problem);
		else
			fprintf(stderr, "taizhang seed: %.*s\n", (int)answer->refusal_len,
			    answer->refusal);
	}
	seed->done = seed->submitted_all && seed->answered == seed->planned;
}

static struct post_command *command(
    struct seed *seed, enum post_kind kind, const char *key, const char *what, json_t *body)
{
	struct post_command *command = post_command_new(kind);

	command->store_id = seed->store_id;
	command->actor_id = seed->actor_id;
	problem_copy(command->actor, sizeof(command->actor), "system");
	problem_copy(command->source, sizeof(command->source), seed->o.source);
	problem_copy(command->key, sizeof(command->key), key);
	slip_request_hash(what, body, command->request_hash);
	command->done = on_answered;
	command->arg = seed;
	return command;
}

static void submit(struct seed *seed, struct post_command *command)
{
	seed->planned++;
	post_submit(seed->o.post, command);
}

/* The thresholds come once there is something in the store, or else every alert opens. */
static void submit_thresholds(struct seed *seed)
{
	char key[SLIP_KEY_MAX + 1];

	for (int i = 0; i < SEED_SUPPLIES; i++) {
		const struct seed_supply *supply = &seed_supplies[i];
		json_t *body = json_pack("{s:s,s:[I,I,I,I]}", "item", supply->item, "levels",
		    (json_int_t)supply->levels[0].minimum, (json_int_t)supply->levels[0].target,
		    (json_int_t)supply->levels[1].minimum, (json_int_t)supply->levels[1].target);
		struct post_command *thresholds;

		snprintf(key, sizeof(key), "seed-thresholds-%s", supply->item);
		thresholds = command(seed, POST_THRESHOLDS, key, "thresholds", body);
		problem_copy(
		    thresholds->thresholds.item, sizeof(thresholds->thresholds.item), supply->item);
		memcpy(thresholds->thresholds.levels, supply->levels, sizeof(supply->levels));
		submit(seed, thresholds);
		json_decref(body);
	}
}

/* One slip stays behind until the next one comes: only the last gets the last key. */
static void take_slip(void *arg, const char *key, json_t *json)
{
	struct seed *seed = arg;
	struct problem problem;
	struct slip *slip = slip_decode(json, &problem);
	struct post_command *next;

	if (!slip)
		die("the seed's slip %s is wrong: %s", key, problem.errors[0].field);
	next = command(seed, POST_SLIP, key, "slip", json);
	next->slip = slip;
	json_decref(json);
	if (seed->last) {
		submit(seed, seed->last);
		if (seed->planned == 1)
			submit_thresholds(seed);
	}
	seed->last = next;
}

static bool post_all(struct seed *seed)
{
	seed_plan(seed->opened, take_slip, seed);
	problem_copy(seed->last->key, sizeof(seed->last->key), KEY_LAST);
	submit(seed, seed->last);
	seed->submitted_all = true;
	offline_wait(&seed->o, &seed->done);
	return seed->refused == 0;
}

/* --- The command --- */

static bool read_state(struct seed *seed)
{
	PGresult *state = offline_read(
	    &seed->o, STMT_SEED_STATE, (struct db_param[]){DB_TEXT(STORE), DB_TEXT(KEY_LAST)});

	if (!state)
		return false;
	if (db_text(state, 0, 0)) {
		seed->store_id = (int32_t)db_int(state, 0, 0);
		clock_date_parse(db_text(state, 0, 1), &seed->opened);
	}
	seed->actor_id = (int32_t)db_int(state, 0, 2);
	seed->complete = *db_text(state, 0, 3) == 't';
	PQclear(state);
	return true;
}

static bool run_seed(struct seed *seed)
{
	if (!read_state(seed))
		return false;
	if (seed->complete) {
		puts("已有初始数据，无需更改 already seeded, nothing to do");
		return true;
	}
	if (!add_places(seed) || !add_store(seed) || !add_users(seed))
		return false;
	printf("地点、库房、用户 places, stores, users: 新增 added %d, 已有 there already %d\n",
	    seed->added, seed->kept);
	if (!read_state(seed) || !post_all(seed))
		return false;
	printf("单据与阈值 slips and thresholds: 新增 posted %d, 已有 there already %d\n",
	    seed->posted, seed->replayed);
	return true;
}

static json_t *read_passwords(const char *path)
{
	json_error_t error;
	json_t *passwords = json_load_file(path, 0, &error);

	if (!passwords)
		die("seed: 读不出密码文件 cannot read the passwords in %s: %s", path, error.text);
	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		const char *password = json_string_value(json_object_get(passwords, users[i][0]));
		json_t *fields = json_pack("{s:s}", "password", password ? password : "");
		struct account account;
		struct problem problem;

		if (!account_decode_change(fields, users[i][0], &account, &problem))
			die("seed: %s 中用户 %s 没有合用的密码 no usable password of user %s in %s",
			    path, users[i][0], users[i][0], path);
		json_decref(fields);
	}
	return passwords;
}

static int run(struct conf *conf, int argc, char **argv)
{
	struct seed seed = {.conf = conf};
	bool done;

	if (argc != 3 || strcmp(argv[1], "--passwords") != 0)
		return cmd_misused(&cmd_seed, argc > 1 ? argv[1] : NULL);
	seed.passwords = read_passwords(argv[2]);
	conf->backdate_days = 0; /* its slips lie weeks back, whatever others may post */
	offline_open(&seed.o, conf);
	seed.o.source = "seed";
	done = run_seed(&seed);
	offline_close(&seed.o);
	json_decref(seed.passwords);
	return done ? 0 : 1;
}

const struct cmd cmd_seed = {
    .name = "seed",
    .usage = "taizhang seed --passwords FILE",
    .summary =
	"填入初始数据：西塔社区的库房、用户和四周单据 · fill a new database for a first look",
    .help =
	"古交市 → 马兰镇 → 西塔社区 → 47 个微网格与三个工作组，库房 XT 及其七本台账、阈值，\n"
	"每个角色一名用户，以及截至建库当日四周的单据（作为补录单据现在记账）。\n"
	"Places from Gujiao down to the 47 grids and three working groups of Xita, store XT with\n"
	"its seven ledgers and thresholds, a user for each role, and slips of the four weeks up\n"
	"to the day the store was opened, posted now as late ones.\n\n"
	"  --passwords FILE   JSON：用户名 → 密码 user name → password, of storekeeper,\n"
	"                     coordinator, auditor and admin\n\n"
	"已完成则什么也不做；中断后再次运行会接着做完。\n"
	"Does nothing when it was done before, and goes on where it was interrupted.\n",
    .run = run,
};
