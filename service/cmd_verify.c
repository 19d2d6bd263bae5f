/* cmd_verify.c - taizhang verify: is everything in the database what its entries say? */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "die.h"
#include "migrate.h"
#include "verify.h"

#define EXIT_FAULTS 3

static int run(struct conf *conf, int argc, char **argv)
{
	char **stores = xcalloc((size_t)argc, sizeof(*stores));
	char error[1024];
	int count = 0, faults;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--store") != 0 || i + 1 == argc) {
			free(stores);
			return cmd_misused(&cmd_verify, argv[i]);
		}
		stores[count++] = argv[++i];
	}
	if (!migrate_check(conf->database, error, sizeof(error)))
		die("verify: %s", error);
	faults = verify_run(conf->database, stores, count, stdout);
	free(stores);
	if (faults > 0)
		printf("\n发现 %d 类差错 %d kind(s) of fault found\n", faults, faults);
	else
		puts("\n全部相符 everything agrees");
	return faults > 0 ? EXIT_FAULTS : 0;
}

const struct cmd cmd_verify = {
    .name = "verify",
    .usage = "taizhang verify [--database CONNINFO] [--store CODE]...",
    .summary = "从分录重新计算并核对全部数据 · recompute everything from the entries and compare",
    .help =
	"只依据分录重新计算每个结存、序号、批次、日汇总、单号与预警，并逐字节核对日志。\n"
	"Recomputes every balance, sequence, lot, day, slip number and alert from the entries\n"
	"alone, and compares the log with them byte for byte. Reads one moment's state; posting\n"
	"may go on meanwhile.\n\n"
	"  --store CODE   只核对该库房，可重复 only this store; may be repeated\n\n"
	"退出状态 Exit status: 0 全部相符 all agrees, 3 有差错 faults were found (the first of "
	"each\n"
	"kind is named with its place), 1 未能核对 could not verify.\n",
    .run = run,
};
