/* cmd_verify.c - taizhang verify: is everything in the database what its entries say? */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "die.h"
#include "migrate.h"
#include "signed_note.h"
#include "verify.h"

#define EXIT_FAULTS 3

/* A checkpoint's note that was kept in a file; the caller frees. */
static char *read_note(const char *file)
{
	char *note = xcalloc(NOTE_MAX_BYTES + 2, 1);
	FILE *f = fopen(file, "re");
	size_t len = f ? fread(note, 1, NOTE_MAX_BYTES + 1, f) : 0;

	if (!f || ferror(f))
		die("verify: 无法读取 could not read %s: %s", file, strerror(errno));
	fclose(f);
	if (len > NOTE_MAX_BYTES || strlen(note) != len)
		die("verify: 不是检查点 no checkpoint: %s", file);
	return note;
}

static bool parse(struct verify_options *options, char **stores, int argc, char **argv)
{
	static const struct option flags[] = {
	    {"key", required_argument, NULL, 'k'},
	    {"since", required_argument, NULL, 's'},
	    {"store", required_argument, NULL, 'o'},
	    {0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", flags, NULL)) != -1) {
		if (c == 'k')
			options->key = optarg;
		else if (c == 's' && !options->since)
			options->since = read_note(optarg);
		else if (c == 'o')
			stores[options->store_count++] = optarg;
		else
			return false;
	}
	options->stores = stores;
	return optind == argc;
}

static int run(struct conf *conf, int argc, char **argv)
{
	char **stores = xcalloc((size_t)argc, sizeof(*stores));
	struct verify_options options = {0};
	char error[1024];
	int faults;

	if (!parse(&options, stores, argc, argv)) {
		free(stores);
		free((char *)options.since);
		return cmd_misused(&cmd_verify, NULL);
	}
	if (!migrate_check(conf->database, error, sizeof(error)))
		die("verify: %s", error);
	faults = verify_run(conf->database, &options, stdout);
	free(stores);
	free((char *)options.since);
	if (faults > 0)
		printf("\n发现 %d 类差错 %d kind(s) of fault found\n", faults, faults);
	else
		puts("\n全部相符 everything agrees");
	return faults > 0 ? EXIT_FAULTS : 0;
}

const struct cmd cmd_verify = {
    .name = "verify",
    .usage = "taizhang verify [--database CONNINFO] [--store CODE]... [--since FILE] [--key KEY]",
    .summary = "从分录重新计算并核对全部数据 · recompute everything from the entries and compare",
    .help =
	"只依据分录重新计算每个结存、序号、批次、日汇总、单号与预警，并逐字节核对日志；\n"
	"只依据日志的记录重新计算其哈希树，并核对签发过的每个检查点。\n"
	"Recomputes every balance, sequence, lot, day, slip number and alert from the entries\n"
	"alone, and compares the log with them byte for byte; recomputes the logs' trees from\n"
	"their records alone, and every checkpoint signed. Reads one moment's state; posting may\n"
	"go on meanwhile.\n\n"
	"  --store CODE   只核对该库房，可重复 only this store; may be repeated\n"
	"  --since FILE   以前保存的检查点：日志应是它的延续 a checkpoint kept from before, of\n"
	"                 which the log must be the continuation\n"
	"  --key KEY      只相信此公钥，及由它作证的 trust only this public key, and those that "
	"it\n"
	"                 endorsed (taizhang key show)\n\n"
	"退出状态 Exit status: 0 全部相符 all agrees, 3 有差错 faults were found (the first of "
	"each\n"
	"kind is named with its place), 1 未能核对 could not verify.\n",
    .run = run,
};
