/* cmd_verify.c - taizhang verify: is everything in the database, an evidence file or on a paper what it should be? */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "die.h"
#include "evidence_paper.h"
#include "evidence_verify.h"
#include "migrate.h"
#include "signed_note.h"
#include "verify.h"

#define EXIT_FAULTS 3

struct options {
	char **stores;
	int store_count;
	const char *evidence, *since, *key, *slip;
	struct evidence_code code; /* of the slip */
};

static bool parse(struct options *options, int argc, char **argv)
{
	static const struct option flags[] = {
	    {"evidence", required_argument, NULL, 'e'},
	    {"key", required_argument, NULL, 'k'},
	    {"since", required_argument, NULL, 's'},
	    {"slip", required_argument, NULL, 'p'},
	    {"store", required_argument, NULL, 'o'},
	    {0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", flags, NULL)) != -1) {
		if (c == 'e')
			options->evidence = optarg;
		else if (c == 'k')
			options->key = optarg;
		else if (c == 's')
			options->since = optarg;
		else if (c == 'p')
			options->slip = optarg;
		else if (c == 'o')
			options->stores[options->store_count++] = optarg;
		else
			return false;
	}
	return optind == argc;
}

/* What goes together; false: it was told what does not. */
static bool check(struct options *options)
{
	if (options->slip && !evidence_code_parse(options->slip, &options->code)) {
		fprintf(stderr,
		    "taizhang verify: 不是单据上的代码 not a code as printed on a slip: %s\n"
		    "    XT-CK-20261128-0001.1234.5000.9f86d081884c7d65\n",
		    options->slip);
		return false;
	}
	if ((options->evidence || options->slip) && options->store_count > 0) {
		fputs("taizhang verify: --store 只用于数据库 is for the database only\n", stderr);
		return false;
	}
	if (options->slip && !options->evidence && (options->since || options->key)) {
		fputs("taizhang verify: --slip 与 --since、--key 须有 --evidence with --since or "
		      "--key "
		      "needs --evidence\n",
		    stderr);
		return false;
	}
	return true;
}

/* --- What was kept from before --- */

static FILE *open_file(const char *path)
{
	FILE *file = fopen(path, "rbe");

	if (!file)
		die("verify: 无法读取 could not read %s: %s", path, strerror(errno));
	return file;
}

static bool is_zip(const char *path)
{
	FILE *file = open_file(path);
	char start[4] = "";
	bool zip =
	    fread(start, 1, sizeof start, file) == sizeof start && memcmp(start, "PK\3\4", 4) == 0;

	fclose(file);
	return zip;
}

/* A checkpoint's note: a file of its own, or the one of an evidence file. The caller frees. */
static char *read_note(const char *path)
{
	struct buf note = BUF_EMPTY;
	char piece[NOTE_MAX_BYTES + 1];
	bool ok;

	if (is_zip(path)) {
		struct evidence_input input = {.path = path};

		ok = evidence_zip_small(&input, EVIDENCE_CHECKPOINT, NOTE_MAX_BYTES, &note) ==
		     EVIDENCE_END;
	} else {
		FILE *file = open_file(path);

		buf_add(&note, piece, fread(piece, 1, sizeof piece, file));
		ok = !ferror(file) && note.len <= NOTE_MAX_BYTES;
		fclose(file);
	}
	if (!ok || note.len == 0 || memchr(note.data, 0, note.len))
		die("verify: 不是检查点 no checkpoint: %s", path);
	return buf_take(&note, NULL);
}

/* --- What is verified --- */

static int verify_evidence(const struct options *options)
{
	static const int statuses[] = {
	    [EVIDENCE_PROVED] = 0, [EVIDENCE_FAULTY] = EXIT_FAULTS, [EVIDENCE_UNTOLD] = 1};
	struct evidence_request request = {
	    .file.path = options->evidence,
	    .key = options->key,
	    .code = options->slip ? &options->code : NULL,
	};
	char *since = NULL;
	int status;

	if (options->since && is_zip(options->since)) {
		request.older.path = options->since;
	} else if (options->since) {
		request.since = since = read_note(options->since);
		request.since_len = strlen(since);
	}
	printf("证据文件 evidence file %s\n", options->evidence);
	status = statuses[evidence_verify(&request, stdout)];
	free(since);
	return status;
}

static void check_schema(const struct conf *conf)
{
	char error[1024];

	if (!migrate_check(conf->database, error, sizeof(error)))
		die("verify: %s", error);
}

static int verify_slip(const struct conf *conf, const struct options *options)
{
	check_schema(conf);
	return evidence_paper_verify(conf->database, &options->code, stdout) == EVIDENCE_PROVED
		   ? 0
		   : EXIT_FAULTS;
}

static int verify_database(const struct conf *conf, const struct options *options)
{
	char *since = options->since ? read_note(options->since) : NULL;
	struct verify_options verify = {
	    .stores = options->stores,
	    .store_count = options->store_count,
	    .since = since,
	    .key = options->key,
	};
	int faults;

	check_schema(conf);
	faults = verify_run(conf->database, &verify, stdout);
	free(since);
	if (faults > 0)
		printf("\n发现 %d 类差错 %d kind(s) of fault found\n", faults, faults);
	else
		puts("\n全部相符 everything agrees");
	return faults > 0 ? EXIT_FAULTS : 0;
}

static int run(struct conf *conf, int argc, char **argv)
{
	struct options options = {.stores = xcalloc((size_t)argc, sizeof(char *))};
	int status;

	if (!parse(&options, argc, argv))
		status = cmd_misused(&cmd_verify, NULL);
	else if (!check(&options))
		status = CMD_MISUSED;
	else if (options.evidence)
		status = verify_evidence(&options);
	else if (options.slip)
		status = verify_slip(conf, &options);
	else
		status = verify_database(conf, &options);
	free(options.stores);
	return status;
}

const struct cmd cmd_verify = {
    .name = "verify",
    .usage = "taizhang verify [--database CONNINFO] [--store CODE]... [--since FILE] [--key KEY]\n"
	     "       taizhang verify --evidence FILE [--since FILE] [--key KEY] [--slip CODE]\n"
	     "       taizhang verify [--database CONNINFO] --slip CODE",
    .summary = "从分录重新计算并核对全部数据 · recompute everything from the entries and compare",
    .help =
	"只依据分录重新计算每个结存、序号、批次、日汇总、单号与预警，并逐字节核对日志；\n"
	"只依据日志的记录重新计算其哈希树，并核对签发过的每个检查点。\n"
	"Recomputes every balance, sequence, lot, day, slip number and alert from the entries\n"
	"alone, and compares the log with them byte for byte; recomputes the logs' trees from\n"
	"their records alone, and every checkpoint signed. Reads one moment's state; posting may\n"
	"go on meanwhile.\n\n"
	"  --store CODE     只核对该库房，可重复 only this store; may be repeated\n"
	"  --since FILE     以前保存的检查点或证据文件：日志应是它的延续 a checkpoint or evidence\n"
	"                   file kept from before, of which the log must be the continuation\n"
	"  --key KEY        只相信此公钥，及由它作证的 trust only this public key, and those that\n"
	"                   it endorsed (taizhang key show)\n"
	"  --evidence FILE  核对证据文件，无需数据库、设置或网络；以证据文件为 --since "
	"时指出被改的\n"
	"                   事件 check an evidence file; needs no database, settings or network. "
	"With\n"
	"                   an evidence file as --since it names the event that was changed\n"
	"  --slip CODE      单据或台账页上印的代码 the code printed on a slip or a ledger page\n\n"
	"退出状态 Exit status: 0 全部相符 all agrees, 3 有差错 faults were found (the first of "
	"each\n"
	"kind is named with its place), 1 未能核对 could not verify.\n",
    .run = run,
};
