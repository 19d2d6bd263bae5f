/* main.c - the command line's first word: finds the subcommand, loads the settings, runs it. */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "conf.h"
#include "version.h"

static const struct cmd *const commands[] = {
    &cmd_serve,
    &cmd_migrate,
    &cmd_seed,
    &cmd_user,
    &cmd_token,
    &cmd_import,
    &cmd_export,
    &cmd_key,
    &cmd_verify,
    &cmd_channel,
    &cmd_xlsx,
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void print_overview(FILE *out)
{
	fputs("taizhang 台账：防疫物资出入库台账服务 · stock ledgers of protective supplies\n\n"
	      "用法 Usage: taizhang COMMAND [--SETTING VALUE]... [ARGUMENT]...\n\n",
	    out);
	for (size_t i = 0; i < COMMANDS; i++)
		if (!commands[i]->hidden)
			fprintf(out, "  %-8s %s\n", commands[i]->name, commands[i]->summary);
	fputs("\n"
	      "  taizhang help COMMAND    某个命令的用法 how a command is used\n"
	      "  taizhang help settings   所有设置 every setting: --NAME VALUE, environment "
	      "TAIZHANG_NAME, or a line of the file that --config names\n"
	      "  taizhang --version\n",
	    out);
}

static void print_help(const struct cmd *cmd)
{
	printf("%s\n\n用法 Usage: %s\n", cmd->summary, cmd->usage);
	if (cmd->help && cmd->help[0])
		printf("\n%s", cmd->help);
	puts("\n设置 Settings: taizhang help settings");
}

static const struct cmd *find(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

static int unknown(const char *name)
{
	fprintf(stderr,
	    "taizhang: 没有命令 %s no such command: %s\n"
	    "提示 Hint: taizhang --help 列出所有命令 lists the commands\n",
	    name, name);
	return CMD_MISUSED;
}

static int help(const char *about)
{
	if (!about) {
		print_overview(stdout);
		return 0;
	}
	if (strcmp(about, "settings") == 0) {
		conf_help(stdout);
		return 0;
	}
	const struct cmd *cmd = find(about);
	if (!cmd)
		return unknown(about);
	print_help(cmd);
	return 0;
}

static bool is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
	struct conf conf = {0};
	char error[1024];
	int rest = argc - 1;

	if (!conf_load(&conf, &rest, argv + 1, error, sizeof(error))) {
		fprintf(stderr, "taizhang %s: %s\n", cmd->name, error);
		return CMD_MISUSED;
	}
	int status = cmd->run(&conf, rest + 1, argv);
	conf_clear(&conf);
	return status;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		print_overview(stderr);
		return CMD_MISUSED;
	}
	if (is_help(argv[1]))
		return help(NULL);
	if (strcmp(argv[1], "help") == 0)
		return help(argv[2]);
	if (strcmp(argv[1], "--version") == 0) {
		puts("taizhang " VERSION);
		return 0;
	}
	const struct cmd *cmd = find(argv[1]);
	if (!cmd)
		return unknown(argv[1]);
	for (int i = 2; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (is_help(argv[i]))
			return help(cmd->name);
	return run(cmd, argc - 1, argv + 1);
}
