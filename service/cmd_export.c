/* cmd_export.c - taizhang export evidence: a store's log with its proof as a file, from the database. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checkpoints.h"
#include "clock.h"
#include "cmd.h"
#include "die.h"
#include "evidence_export.h"
#include "offline.h"

struct export
{
	struct offline o;
	const struct conf *conf;
	struct evidence_wish wish;
	const char *output;
	char *checkpoint;
};

static const char *day(const char *text)
{
	clock_date date;

	if (!clock_date_parse(text, &date))
		die("不是日期 not a date: %s", text);
	return text;
}

static int64_t size(const char *text)
{
	char *end;
	long long n = strtoll(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || n > MERKLE_MAX_SIZE)
		die("--since 是旧检查点的事件数 is the older checkpoint's number of events: %s",
		    text);
	return n;
}

static bool read_options(struct export *x, int argc, char **argv)
{
	static const struct option options[] = {
	    {"store", required_argument, NULL, 's'},
	    {"from", required_argument, NULL, 'f'},
	    {"to", required_argument, NULL, 't'},
	    {"since", required_argument, NULL, 'i'},
	    {"output", required_argument, NULL, 'o'},
	    {0},
	};
	int option;

	optind = 1;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (option) {
		case 's':
			x->wish.store = optarg;
			break;
		case 'f':
			x->wish.from = day(optarg);
			break;
		case 't':
			x->wish.to = day(optarg);
			break;
		case 'i':
			x->wish.since = size(optarg);
			break;
		case 'o':
			x->output = optarg;
			break;
		default:
			return false;
		}
	if (argc - optind == 1 && strcmp(argv[optind], "evidence") == 0 && x->wish.store &&
	    x->output)
		return true;
	fprintf(stderr, "taizhang export: 需要 needs: evidence --store STORE --output FILE.zip\n");
	return false;
}

static void find_store(struct export *x)
{
	struct db_param params[] = {DB_TEXT(x->wish.store)};
	PGresult *result = offline_read(&x->o, STMT_AUTH_STORE, params);

	bool found = result && PQntuples(result) > 0;

	if (found)
		x->wish.store_id = (int32_t)db_int(result, 0, 0);
	PQclear(result);
	if (!found)
		die("没有库房 no such store: %s", x->wish.store);
}

/* --- The file --- */

static bool put(FILE *file, struct buf *bytes)
{
	bool ok = fwrite(bytes->data, 1, bytes->len, file) == bytes->len;

	bytes->len = 0;
	return ok;
}

/* false: it was told why. */
static bool write_file(struct export *x, struct evidence_export *export, FILE *file)
{
	struct db_param params[EVIDENCE_PACK_PARAMS];
	struct problem problem;
	enum stmt_id stmt;

	while (evidence_export_ask(export, &stmt, params)) {
		PGresult *result = offline_read(&x->o, stmt, params);
		struct buf *bytes;
		bool ok = result && evidence_export_take(export, result, &problem);

		PQclear(result);
		if (!ok) {
			if (result)
				offline_complain("export", &problem);
			return false;
		}
		bytes = evidence_export_bytes(export);
		if (bytes && bytes->len > 0 && !put(file, bytes)) {
			fprintf(stderr, "taizhang export: %s: %s\n", x->output, strerror(errno));
			return false;
		}
	}
	return true;
}

/* Under its name only when it is whole. */
static bool make_file(struct export *x)
{
	struct problem problem;
	struct evidence_export *export = evidence_export_new(&x->wish, &problem);
	char *part = xasprintf("%s.part", x->output);
	FILE *file = NULL;
	bool ok = false;

	if (!export) {
		offline_complain("export", &problem);
	} else if (!(file = fopen(part, "wb"))) {
		fprintf(stderr, "taizhang export: %s: %s\n", part, strerror(errno));
	} else {
		ok = write_file(x, export, file);
		ok = fclose(file) == 0 && ok;
		if (ok && rename(part, x->output) != 0) {
			fprintf(stderr, "taizhang export: %s: %s\n", x->output, strerror(errno));
			ok = false;
		}
		if (!ok)
			unlink(part);
	}
	evidence_export_free(export);
	free(part);
	return ok;
}

/* --- The checkpoint --- */

struct checkpointing {
	struct problem problem;
	char *note;
	bool done;
};

static void on_checkpoint(void *arg, const struct checkpoints_answer *answer)
{
	struct checkpointing *c = arg;

	c->done = true;
	if (answer->problem)
		c->problem = *answer->problem;
	else
		c->note = xstrdup(answer->note);
}

/* Its own connection takes a moment to come up. */
static char *make_checkpoint(struct export *x)
{
	int64_t deadline = clock_ms() + x->conf->database_timeout;
	struct checkpointing c;
	char error[1024];
	struct checkpoints *checkpoints =
	    checkpoints_new(x->o.base, x->conf, x->o.change, error, sizeof error);

	if (!checkpoints)
		die("export: %s", error);
	for (;;) {
		c = (struct checkpointing){.problem.line = -1};
		checkpoints_make(checkpoints, x->wish.store_id, on_checkpoint, &c);
		offline_wait(&x->o, &c.done);
		if (c.note || c.problem.code != PROBLEM_database_away || clock_ms() > deadline)
			break;
		event_base_loop(x->o.base, EVLOOP_ONCE);
	}
	checkpoints_free(checkpoints);
	if (!c.note)
		offline_complain("export", &c.problem);
	return c.note;
}

static int run(struct conf *conf, int argc, char **argv)
{
	struct export x = {.conf = conf, .wish = {.since = -1, .log_name = conf->log_name}};
	char *note;
	bool ok;

	if (!read_options(&x, argc, argv))
		return cmd_misused(&cmd_export, NULL);
	offline_open(&x.o, conf);
	find_store(&x);
	x.wish.checkpoint = note = make_checkpoint(&x);
	ok = note && make_file(&x);
	free(note);
	offline_close(&x.o);
	return ok ? 0 : 1;
}

const struct cmd cmd_export = {
    .name = "export",
    .usage = "taizhang export evidence --store STORE [--from DATE] [--to DATE] [--since SIZE]\n"
	     "         --output FILE.zip",
    .summary = "导出可离线核对的证据文件 · a store's log with its proof, to be checked offline",
    .help =
	"为日志此刻的末尾签发检查点（设置 signing_key），再把事件、单据、分录与证明写成一个 zip "
	"文件。\n"
	"Signs a checkpoint of the log's present end (setting signing_key), then writes events,\n"
	"slips, entries and the proof into a zip file. Posting may go on meanwhile.\n\n"
	"  --store STORE   库房代码 the store's code\n"
	"  --from DATE     从哪一天起 from this day on; 2026-01-31\n"
	"  --to DATE       到哪一天止 up to this day\n"
	"  --since SIZE    证明也包含旧检查点（其事件数） show that an older checkpoint of so "
	"many\n"
	"                  events is contained, too, where the range does not reach back to it\n"
	"  --output FILE   写到这里 write it there\n\n"
	"核对 To check it: taizhang verify --evidence FILE.zip\n",
    .run = run,
};
