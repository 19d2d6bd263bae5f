/* cmd_migrate.c - taizhang migrate: bring the database to this program's schema. */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "migrate.h"

static int run(struct conf *conf, int argc, char **argv)
{
	bool check = argc == 2 && strcmp(argv[1], "--check") == 0;
	char error[1024];

	if (argc > 1 && !check)
		return cmd_misused(&cmd_migrate, argv[1]);
	if (check ? !migrate_check(conf->owner_database, error, sizeof(error))
		  : !migrate_run(conf->owner_database, error, sizeof(error))) {
		fprintf(stderr, "taizhang migrate: %s\n", error);
		return 1;
	}
	if (check)
		puts("数据库结构与本程序一致 the schema is this program's");
	return 0;
}

const struct cmd cmd_migrate = {
    .name = "migrate",
    .usage = "taizhang migrate [--owner-database CONNINFO] [--check]",
    .summary = "建立或升级数据库结构 · create or upgrade the database's schema",
    .help = "以属主角色（owner_database）依次执行尚未执行的迁移，每个迁移一个事务。\n"
	    "Applies the migrations that the database lacks, in order, each in a transaction, as\n"
	    "the owner's role (owner_database). Several at once wait for each other.\n\n"
	    "  --check   只核对，不更改 only compare, change nothing\n",
    .run = run,
};
