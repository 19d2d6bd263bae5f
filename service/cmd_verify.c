/* cmd_verify.c - taizhang verify: is everything in the database, or in an evidence file, what it should be? */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "die.h"
#include "evidence_paper.h"
#include "evidence_verify.h"
#include "migrate.h"
#include "verify.h"

#define EXIT_FAULTS 3

struct options {
	char **stores;
	int store_count;
	const char *evidence, *since, *key, *slip;
};

/* The options that are said once. */
static const char **option_of(struct options *options, const char *name)
{
	const struct {
		const char *name;
		const char **value;
	} table[] = {
	    {"--evidence", &options->evidence},
	    {"--since", &options->since},
	    {"--key", &options->key},
	    {"--slip", &options->slip},
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (strcmp(name, table[i].name) == 0)
			return *table[i].value ? NULL : table[i].value;
	return NULL;
}

/* NULL, or the argument that makes no sense. */
static const char *read_options(struct options *options, int argc, char **argv)
{
	for (int i = 1; i < argc; i += 2) {
		const char **value = option_of(options, argv[i]);
		bool store = strcmp(argv[i], "--store") == 0;

		if (i + 1 == argc || (!store && !value))
			return argv[i];
		if (store)
			options->stores[options->store_count++] = argv[i + 1];
		else
			*value = argv[i + 1];
	}
	if (options->store_count > 0 && (options->evidence || options->slip))
		return "--store";
	if (!options->evidence && (options->since || options->key))
		return options->since ? "--since" : "--key";
	return NULL;
}

/* A small file whole; the caller frees. */
static char *read_note(const char *path, size_t *len)
{
	FILE *file = fopen(path, "rb");
	char *note = xcalloc(1, NOTE_MAX_BYTES + 1);

	if (!file)
		die("打不开 cannot open: %s", path);
	*len = fread(note, 1, NOTE_MAX_BYTES + 1, file);
	if (ferror(file) || *len > NOTE_MAX_BYTES)
		die("不是检查点 not a checkpoint: %s", path);
	fclose(file);
	return note;
}

static bool is_zip(const char *path)
{
	FILE *file = fopen(path, "rb");
	char start[4] = "";
	bool zip;

	if (!file)
		die("打不开 cannot open: %s", path);
	zip =
	    fread(start, 1, sizeof start, file) == sizeof start && memcmp(start, "PK\3\4", 4) == 0;
	fclose(file);
	return zip;
}

static int verify_evidence(const struct options *options, const struct evidence_code *code)
{
	static const int statuses[] = {
	    [EVIDENCE_PROVED] = 0, [EVIDENCE_FAULTY] = EXIT_FAULTS, [EVIDENCE_UNTOLD] = 1};
	struct evidence_request request = {
	    .file.path = options->evidence, .key = options->key, .code = code};
	char *since = NULL;
	int status;

	if (options->since && is_zip(options->since))
		request.older.path = options->since;
	else if (options->since)
		request.since = since = read_note(options->since, &request.since_len);
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

static int verify_database(const struct conf *conf, const struct options *options)
{
	int faults;

	check_schema(conf);
	faults = verify_run(conf->database, options->stores, options->store_count, stdout);
	if (faults > 0)
		printf("\n发现 %d 类差错 %d kind(s) of fault found\n", faults, faults);
	else
		puts("\n全部相符 everything agrees");
	return faults > 0 ? EXIT_FAULTS : 0;
}

static int verify_slip(const struct conf *conf, const struct evidence_code *code)
{
	check_schema(conf);
	return evidence_paper_verify(conf->database, code, stdout) == EVIDENCE_PROVED ? 0
										      : EXIT_FAULTS;
}

static int run(struct conf *conf, int argc, char **argv)
{
	struct options options = {.stores = xcalloc((size_t)argc, sizeof(char *))};
	const char *wrong = read_options(&options, argc, argv);
	struct evidence_code code;
	int status;

	if (wrong) {
		status = cmd_misused(&cmd_verify, wrong);
	} else if (options.slip && !evidence_code_parse(options.slip, &code)) {
		fprintf(stderr,
		    "taizhang verify: 不是单据上的代码 not a code as printed on a slip: %s\n"
		    "    XT-CK-20261128-0001.1234.5000.9f86d081884c7d65\n",
		    options.slip);
		status = CMD_MISUSED;
	} else if (options.evidence) {
		status = verify_evidence(&options, options.slip ? &code : NULL);
	} else if (options.slip) {
		status = verify_slip(conf, &code);
	} else {
		status = verify_database(conf, &options);
	}
	free(options.stores);
	return status;
}

const struct cmd cmd_verify = {
    .name = "verify",
    .usage = "taizhang verify [--database CONNINFO] [--store CODE]...\n"
	     "       taizhang verify --slip CODE [--evidence FILE]\n"
	     "       taizhang verify --evidence FILE [--since OLD-CHECKPOINT] [--key KEY]",
    .summary = "从分录重新计算并核对全部数据 · recompute everything from the entries and compare",
    .help =
	"只依据分录重新计算每个结存、序号、批次、日汇总、单号与预警，并逐字节核对日志。\n"
	"Recomputes every balance, sequence, lot, day, slip number and alert from the entries\n"
	"alone, and compares the log with them byte for byte. Reads one moment's state; posting\n"
	"may go on meanwhile.\n\n"
	"  --store CODE      只核对该库房，可重复 only this store; may be repeated\n"
	"  --evidence FILE   核对证据文件，无需数据库、设置或网络 check an evidence file; needs "
	"no\n"
	"                    database, settings or network\n"
	"  --since FILE      上次取走的检查点：证明此后没有改写 the checkpoint kept from last "
	"time:\n"
	"                    proves that nothing before was rewritten\n"
	"  --key KEY         您信任的公钥；否则采用文件自带的 the key you trust; otherwise the "
	"file's\n"
	"                    own is used\n"
	"  --slip CODE       单据或台账页上印的代码 the code printed on a slip or a ledger page\n\n"
	"退出状态 Exit status: 0 全部相符 all agrees, 3 有差错 faults were found (the first of "
	"each\n"
	"kind is named with its place), 1 未能核对 could not verify.\n",
    .run = run,
};
