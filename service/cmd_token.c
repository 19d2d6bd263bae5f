/* cmd_token.c - taizhang token: API tokens, by whoever operates the service. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth.h"
#include "clock.h"
#include "cmd.h"
#include "die.h"
#include "verb.h"

struct options {
	const char *expires; /* NULL: never */
};

/* The secret is all of standard output, for a script to keep. */
static bool run_add(struct verb_call *call)
{
	const struct options *options = call->options;
	char *secret = auth_new_secret("tzt_");
	uint8_t token_hash[32];
	bool done;

	auth_token_hash(secret, token_hash);
	done = verb_change(call, STMT_TOKEN_ADD, "token_added",
	    (struct db_param[]){DB_TEXT(call->words[0]), DB_TEXT(call->words[1]),
		DB_BYTES(token_hash, sizeof token_hash), DB_TEXT(options->expires)});
	if (done)
		puts(secret);
	free(secret);
	return done;
}

static bool run_revoke(struct verb_call *call)
{
	char *end, id[16];
	long n = strtol(call->words[0], &end, 10);

	if (*end || n <= 0 || n > INT32_MAX)
		die("令牌编号应为整数 a token's id is a whole number: %s", call->words[0]);
	snprintf(id, sizeof id, "%ld", n);
	return verb_change(
	    call, STMT_TOKEN_REVOKE, "token_revoked", (struct db_param[]){DB_NULL, DB_TEXT(id)});
}

static bool run_list(struct verb_call *call)
{
	return verb_list(call, STMT_TOKEN_ALL);
}

static const struct verb verbs[] = {
    {"add", 2, run_add},
    {"revoke", 1, run_revoke},
    {"list", 0, run_list},
    {0},
};

static bool parse(struct options *options, int argc, char **argv)
{
	static const struct option flags[] = {
	    {"expires", required_argument, NULL, 'e'},
	    {0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", flags, NULL)) != -1) {
		if (c != 'e')
			return false;
		if (!clock_time_ok(optarg))
			die("时间应为 a time is written 2022-11-20T08:30:00+08:00: %s", optarg);
		options->expires = optarg;
	}
	return true;
}

static int run(struct conf *conf, int argc, char **argv)
{
	struct options options = {0};

	if (!parse(&options, argc, argv))
		return cmd_misused(&cmd_token, NULL);
	return verb_run(&cmd_token, verbs, conf, &options, argc - optind, argv + optind);
}

const struct cmd cmd_token = {
    .name = "token",
    .usage = "taizhang token add|revoke|list …",
    .summary = "脚本用的 API 令牌 · API tokens for scripts",
    .help =
	"  taizhang token add USER NAME [--expires TIME]\n"
	"      新令牌，权限同该用户；密文只显示这一次 a new token that may what the user may; the\n"
	"      secret is shown this once\n"
	"  taizhang token revoke ID\n"
	"      吊销 revoke\n"
	"  taizhang token list\n"
	"      编号、用户、名称、签发、到期、状态，以制表符分隔 id, user, name, made, expires,\n"
	"      state, tabs between\n\n"
	"TIME: 2022-11-20T08:30:00+08:00\n\n"
	"请求带上 Requests carry it as: Authorization: Bearer SECRET\n",
    .run = run,
};
