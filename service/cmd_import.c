/* cmd_import.c - taizhang import slips: a CSV file into a store's ledgers, through a mapping. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "cmd_import.h"

enum { DONE = 0, FAILED = 1, NOT_ALL = 3 };

static bool read_options(struct cmd_import *run, int argc, char **argv)
{
	static const struct option options[] = {
	    {"store", required_argument, NULL, 's'},
	    {"mapping", required_argument, NULL, 'm'},
	    {"rejects", required_argument, NULL, 'r'},
	    {"user", required_argument, NULL, 'u'},
	    {"dry-run", no_argument, NULL, 'n'},
	    {"create-items", no_argument, NULL, 'c'},
	    {"strict", no_argument, NULL, 'x'},
	    {"json", no_argument, NULL, 'j'},
	    {0},
	};
	int option;

	optind = 1;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (option) {
		case 's':
			run->store = optarg;
			break;
		case 'm':
			run->mapping = optarg;
			break;
		case 'r':
			run->rejects = optarg;
			break;
		case 'u':
			run->user = optarg;
			break;
		case 'n':
			run->dry_run = true;
			break;
		case 'c':
			run->create_items = true;
			break;
		case 'x':
			run->strict = true;
			break;
		case 'j':
			run->json = true;
			break;
		default:
			return false;
		}
	if (argc - optind == 2 && strcmp(argv[optind], "slips") == 0 && run->store &&
	    run->mapping) {
		run->file = argv[optind + 1];
		return true;
	}
	fprintf(
	    stderr, "taizhang import: 需要 needs: slips --store STORE --mapping FILE FILE.csv\n");
	return false;
}

/* The rejects must not overwrite what they are rejected from. */
static bool same_file(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static bool work(struct cmd_import *run)
{
	bool ok;

	if (!cmd_import_find(run))
		return false;
	import_plan(&run->import);
	cmd_import_make_items(run);
	ok = run->dry_run ? cmd_import_rehearse(run) : cmd_import_post(run);
	cmd_import_progress(run);
	cmd_import_report(run);
	return cmd_import_write_rejects(run) && ok;
}

static int import_file(struct cmd_import *run, const struct conf *conf)
{
	struct csv_table table = {0};
	struct mapping *mapping;
	char error[1024];
	int status = FAILED;

	mapping = mapping_load(run->mapping, error, sizeof error);
	if (!mapping || !csv_table_read(&table, run->file, error, sizeof error)) {
		fprintf(stderr, "taizhang import: %s\n", error);
		goto out;
	}
	if (!import_open(&run->import, mapping, &table, error, sizeof error)) {
		fprintf(stderr, "taizhang import: %s: %s\n", run->file, error);
		goto out;
	}
	run->import.create_items = run->create_items;
	offline_open(&run->offline, conf);
	run->offline.source = "import";
	if (work(run))
		status = run->strict && (run->import.fates[IMPORT_REJECTED] > 0 ||
					    run->import.difference_count > 0)
			     ? NOT_ALL
			     : DONE;
	offline_close(&run->offline);
out:
	import_close(&run->import);
	csv_table_free(&table);
	if (mapping)
		mapping_free(mapping);
	return status;
}

static int run(struct conf *conf, int argc, char **argv)
{
	struct cmd_import run = {
	    .user = "system",
	    .backdate_days = (int)conf->backdate_days,
	    .post_queue = (int)conf->post_queue,
	    .terminal = isatty(STDERR_FILENO) == 1,
	};

	if (!read_options(&run, argc, argv))
		return cmd_misused(&cmd_import, NULL);
	if (run.rejects && same_file(run.rejects, run.file)) {
		fprintf(stderr,
		    "taizhang import: --rejects 不能是导入的文件 cannot be the file itself\n");
		return CMD_MISUSED;
	}
	return import_file(&run, conf);
}

const struct cmd cmd_import = {
    .name = "import",
    .usage = "taizhang import slips --store STORE --mapping FILE [--dry-run] [--create-items]\n"
	     "         [--rejects FILE] [--user NAME] [--strict] [--json] FILE.csv",
    .summary = "从 CSV 文件导入单据 · import slips from a CSV file",
    .help =
	"按映射文件（JSON，见 deploy/mappings/ 与 include/mapping.h）把每一行变成入库单或出库单并\n"
	"记账。编码（UTF-8、GB18030）、分隔符、全角数字、日期写法自动识别。同一文件可以重复导入：\n"
	"已记账的行不会再记。\n"
	"Each row becomes slips, by a mapping file (JSON; see deploy/mappings/ and\n"
	"include/mapping.h). Encoding (UTF-8, GB18030), separator, full-width digits and spellings "
	"of\n"
	"dates are recognised. A file may be imported again: what was posted is not posted "
	"twice.\n\n"
	"  --store STORE     库房代码 the store's code\n"
	"  --mapping FILE    映射文件：列如何成为单据 how columns become slips\n"
	"  --dry-run         只判断，不记账 decide everything, change nothing\n"
	"  --create-items    建立映射文件中定义而库中没有的物资 make items that the mapping "
	"defines\n"
	"                    and the store lacks\n"
	"  --rejects FILE    写出被拒绝的行和原因；更正后可直接导入 write rejected rows with "
	"their\n"
	"                    reasons; correct them there and import that file\n"
	"  --user NAME       记账人，默认 system who posts\n"
	"  --strict          有被拒绝的行或结存不符时退出码为 3 exit with 3 when rows were "
	"rejected\n"
	"                    or balances differ\n"
	"  --json            以 JSON 输出结果 report as JSON\n\n"
	"映射文件 The mapping file (JSON). {列名} 是单元格，{列名|对照表} 经 maps 转换 {column} is "
	"a\n"
	"cell, {column|map} goes through maps:\n"
	"  name      映射名，幂等键的一部分，用后勿改 part of the keys: never change it\n"
	"  extends   沿用另一映射文件中未写的部分 what is not said is taken from that file\n"
	"  item, items  物资：依次的规则，正则或列表到代码；new 为所缺物资的定义 rules in order, "
	"from\n"
	"            names to codes; new defines the item if it is missing\n"
	"  quantity, unit, units, contents  数量、单位、折算、内装数 quantities, units, contents\n"
	"  slips     每行的单据：kind reason business_date counterparty… what a row posts\n"
	"  rows      不是收发的行：跳过或拒绝，并写明原因 rows to skip or reject, and why\n"
	"  order identity dates blank fill_down optional balance maps new  见 see mapping.h\n\n"
	"退出码 Exit status: 0 每行都有结果 every row met its fate, 1 未能完成 could not be done,\n"
	"2 用法错误 wrong usage, 3 见 see --strict\n",
    .run = run,
};
