/* cmd_key.c - taizhang key: the key that signs checkpoints, and the one that comes after it. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "cmd.h"
#include "die.h"
#include "signed_keys.h"
#include "signed_note.h"
#include "verb.h"

struct options {
	bool lost; /* the key before was */
};

static struct note_key *load(const char *file)
{
	char error[1024];
	struct note_key *key = note_key_load(file, error, sizeof error);

	if (!key)
		die("key: %s", error);
	return key;
}

static struct note_key *load_current(const struct conf *conf)
{
	if (!*conf->signing_key)
		die("key: 设置 signing_key 为空 the setting signing_key is empty");
	return load(conf->signing_key);
}

static struct note_key *make(const char *file)
{
	struct note_key *key = note_key_new();
	char error[1024];

	if (!note_key_save(key, file, error, sizeof error))
		die("key: %s", error);
	return key;
}

/* What verifies under that name, on a line of standard output for a script to keep. */
static void print_verifier(const struct note_key *key, const char *name)
{
	uint8_t public[NOTE_PUBLIC_KEY];
	struct buf out = BUF_EMPTY;

	note_key_public(key, public);
	note_verifier_write(name, public, &out);
	puts(buf_str(&out));
	buf_free(&out);
}

static void check_log_name(const struct conf *conf)
{
	if (!note_log_name_ok(conf->log_name))
		die("key: 设置 log_name 不可用：不能含空格和加号 the setting log_name cannot be "
		    "used: "
		    "no spaces, no pluses");
}

/* --- Verbs without a database --- */

static int key_new(const struct conf *conf, const char *file)
{
	struct note_key *key = make(file);

	print_verifier(key, conf->log_name);
	note_key_free(key);
	return 0;
}

static int key_show(const struct conf *conf, int count, char **stores)
{
	struct note_key *key = load_current(conf);

	if (count == 0)
		print_verifier(key, conf->log_name);
	for (int i = 0; i < count; i++) {
		char *name = xasprintf("%s/%s", conf->log_name, stores[i]);

		if (!note_name_ok(name))
			die("key: 名称不可用 cannot be a name: %s", name);
		print_verifier(key, name);
		free(name);
	}
	note_key_free(key);
	return 0;
}

/* --- Verbs with one --- */

/* The new key's file is there first: a key that is recorded and nowhere would sign nothing. */
static bool run_rotate(struct verb_call *call)
{
	const struct options *options = call->options;
	struct note_key *from = options->lost ? NULL : load_current(call->conf);
	struct note_key *to = make(call->words[0]);
	struct buf endorsement = BUF_EMPTY;
	uint8_t public[NOTE_PUBLIC_KEY];
	bool done;

	note_key_public(to, public);
	if (from)
		signed_keys_endorse(call->conf->log_name, from, to, &endorsement);
	done = verb_change(call, STMT_LOG_KEY_ADD, "log_key_added",
	    (struct db_param[]){DB_BYTES(public, sizeof public),
		from ? DB_TEXT(buf_str(&endorsement)) : DB_NULL, DB_TEXT(from ? "f" : "t")});
	if (done) {
		print_verifier(to, call->conf->log_name);
		fprintf(stderr,
		    "已登记。请把 signing_key 设为 %s 并重启服务。\n"
		    "It is recorded. Set signing_key to %s and restart the service.\n",
		    call->words[0], call->words[0]);
	} else {
		fprintf(stderr,
		    "未登记；%s 可以删去后重试。\n"
		    "Not recorded; remove %s and try again.\n",
		    call->words[0], call->words[0]);
	}
	note_key_free(from);
	note_key_free(to);
	buf_free(&endorsement);
	return done;
}

static bool run_list(struct verb_call *call)
{
	return verb_list(call, STMT_LOG_KEY_LIST);
}

static const struct verb verbs[] = {
    {"rotate", 1, run_rotate},
    {"list", 0, run_list},
    {0},
};

static bool parse(struct options *options, int argc, char **argv)
{
	static const struct option flags[] = {
	    {"lost", no_argument, NULL, 'l'},
	    {0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", flags, NULL)) != -1) {
		if (c != 'l')
			return false;
		options->lost = true;
	}
	return true;
}

static int run(struct conf *conf, int argc, char **argv)
{
	struct options options = {0};
	char **words;
	int count;

	if (!parse(&options, argc, argv))
		return cmd_misused(&cmd_key, NULL);
	check_log_name(conf);
	words = argv + optind;
	count = argc - optind;
	if (count == 2 && strcmp(words[0], "new") == 0)
		return key_new(conf, words[1]);
	if (count >= 1 && strcmp(words[0], "show") == 0)
		return key_show(conf, count - 1, words + 1);
	return verb_run(&cmd_key, verbs, conf, &options, count, words);
}

const struct cmd cmd_key = {
    .name = "key",
    .usage = "taizhang key new|show|rotate|list …",
    .summary = "检查点的签名私钥 · the key that signs checkpoints",
    .help =
	"  taizhang key new FILE\n"
	"      新私钥存入新文件（仅属主可读），显示其公钥 a new key in a new file that only its\n"
	"      owner reads; prints its public key\n"
	"  taizhang key show [STORE]...\n"
	"      当前私钥（设置 signing_key）的公钥；给出库房则以该库房日志的名义 the public key of\n"
	"      the one in use (setting signing_key), under the names of these stores' logs if "
	"given\n"
	"  taizhang key rotate FILE [--lost]\n"
	"      新私钥，由当前私钥作证并登记；此前签发的检查点仍可核对 a new key, endorsed by the\n"
	"      one in use, and recorded; what was signed before stays verifiable\n"
	"      --lost  当前私钥已丢失，无从作证 the one in use is lost and endorses nothing\n"
	"  taizhang key list\n"
	"      登记过的公钥：编号、公钥、时间、有无作证，以制表符分隔 public keys recorded: id, "
	"key,\n"
	"      time, endorsed or not, tabs between\n\n"
	"公钥写作 NAME+ID+KEY（C2SP signed-note），请交审计员保存：taizhang verify --key "
	"用它核对。\n"
	"Public keys are written NAME+ID+KEY (C2SP signed-note). Give them to the auditors:\n"
	"taizhang verify --key takes them.\n",
    .run = run,
};
