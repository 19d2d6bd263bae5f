/* cmd_user.c - taizhang user: users and their grants, by whoever operates the service. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "account.h"
#include "cmd.h"
#include "die.h"
#include "password.h"
#include "verb.h"

struct options {
	const char *display_name;
	const char *password_file; /* NULL: standard input */
	json_t *roles;             /* [{"role","place"}] */
};

/* --- Passwords: never on the command line, where everybody on the machine sees them --- */

/* A line without its end; false at the end of the input. */
static bool read_line(FILE *in, char **line)
{
	size_t size = 0;
	ssize_t len = getline(line, &size, in);

	while (len > 0 && ((*line)[len - 1] == '\n' || (*line)[len - 1] == '\r'))
		(*line)[--len] = '\0';
	return len >= 0;
}

static char *prompt(const char *text)
{
	struct termios before, silent;
	char *line = NULL;
	bool read;

	fputs(text, stderr);
	if (tcgetattr(STDIN_FILENO, &before) != 0)
		die("读不到终端 cannot read the terminal");
	silent = before;
	silent.c_lflag &= (tcflag_t)~ECHO;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	read = read_line(stdin, &line);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	fputc('\n', stderr);
	if (!read)
		die("没有输入密码 no password was given");
	return line;
}

static char *prompt_twice(void)
{
	char *first = prompt("新密码 New password: ");
	char *second = prompt("再输一次 Again: ");

	if (strcmp(first, second) != 0)
		die("两次输入的密码不同 the two passwords differ");
	free(second);
	return first;
}

static char *get_password(const struct options *options)
{
	FILE *in = stdin;
	char *line = NULL;

	if (!options->password_file && isatty(STDIN_FILENO))
		return prompt_twice();
	if (options->password_file) {
		in = fopen(options->password_file, "re");
		if (!in)
			die("打不开密码文件 cannot open the password file %s: %m",
			    options->password_file);
	}
	if (!read_line(in, &line))
		die("没有输入密码 no password was given");
	if (in != stdin)
		fclose(in);
	return line;
}

/* --- The verbs --- */

/* The fields as a body, so that the rules are those of the API. */
static json_t *body_of(const char *name, const char *value)
{
	json_t *body = json_pack("{s:s}", name, value);

	if (!body)
		die("不是 UTF-8 文字 not UTF-8 text: %s", name);
	return body;
}

static bool run_add(struct verb_call *call)
{
	const struct options *options = call->options;
	json_t *body = body_of("username", call->words[0]);
	char *password = get_password(call->options), *hash = NULL;
	struct account account;
	struct problem problem;
	bool done = false;

	json_object_set_new(body, "password", json_string(password));
	json_object_set_new(body, "display_name",
	    json_string(options->display_name ? options->display_name : call->words[0]));
	json_object_set(body, "roles", options->roles);
	if (!account_decode(body, &account, &problem)) {
		offline_complain(call->cmd->name, &problem);
		goto out;
	}
	hash = password_hash(account.password, (int)call->conf->password_cost);
	if (!hash)
		die("out of memory");
	done = verb_change(call, STMT_USER_ADD, "user_added",
	    (struct db_param[]){DB_NULL, DB_TEXT(account.username), DB_TEXT(account.display_name),
		DB_TEXT(hash), DB_TEXT(account.roles)});
out:
	explicit_bzero(password, strlen(password));
	free(password);
	free(hash);
	free(account.roles);
	json_decref(body);
	return done;
}

static bool run_password(struct verb_call *call)
{
	char *password = get_password(call->options), *hash = NULL;
	json_t *body = body_of("password", password);
	struct account account;
	struct problem problem;
	bool done = false;

	if (!account_decode_change(body, call->words[0], &account, &problem)) {
		offline_complain(call->cmd->name, &problem);
		goto out;
	}
	hash = password_hash(password, (int)call->conf->password_cost);
	if (!hash)
		die("out of memory");
	done = verb_change(call, STMT_USER_CHANGE, "user_changed",
	    (struct db_param[]){DB_NULL, DB_TEXT(call->words[0]), DB_NULL, DB_TEXT(hash), DB_NULL});
out:
	explicit_bzero(password, strlen(password));
	free(password);
	free(hash);
	json_decref(body);
	return done;
}

static bool set_disabled(struct verb_call *call, const char *disabled)
{
	return verb_change(call, STMT_USER_CHANGE, "user_changed",
	    (struct db_param[]){
		DB_NULL, DB_TEXT(call->words[0]), DB_NULL, DB_NULL, DB_TEXT(disabled)});
}

static bool run_disable(struct verb_call *call)
{
	return set_disabled(call, "t");
}

static bool run_enable(struct verb_call *call)
{
	return set_disabled(call, "f");
}

/* NAME ROLE PLACE */
static bool change_grant(struct verb_call *call, enum stmt_id stmt, const char *event)
{
	char **words = call->words;
	json_t *grant = json_pack("{s:s,s:s}", "role", words[1], "place", words[2]);
	struct problem problem = {.line = -1};
	bool right = account_decode_grant(grant, "", &problem);

	json_decref(grant);
	if (right)
		return verb_change(call, stmt, event,
		    (struct db_param[]){
			DB_NULL, DB_TEXT(words[0]), DB_TEXT(words[1]), DB_TEXT(words[2])});
	offline_complain(call->cmd->name, &problem);
	return false;
}

static bool run_grant(struct verb_call *call)
{
	return change_grant(call, STMT_GRANT_ADD, "grant_added");
}

static bool run_revoke(struct verb_call *call)
{
	return change_grant(call, STMT_GRANT_REMOVE, "grant_removed");
}

static bool run_list(struct verb_call *call)
{
	return verb_list(call, STMT_USER_ALL);
}

static const struct verb verbs[] = {
    {"add", 1, run_add},
    {"password", 1, run_password},
    {"grant", 3, run_grant},
    {"revoke", 3, run_revoke},
    {"disable", 1, run_disable},
    {"enable", 1, run_enable},
    {"list", 0, run_list},
    {0},
};

/* ROLE@PLACE */
static bool add_role(json_t *roles, const char *text)
{
	const char *at = strchr(text, '@');

	return at && json_array_append_new(roles, json_pack("{s:s%,s:s}", "role", text,
						      (size_t)(at - text), "place", at + 1)) == 0;
}

static bool parse(struct options *options, int argc, char **argv)
{
	static const struct option flags[] = {
	    {"display-name", required_argument, NULL, 'd'},
	    {"password", optional_argument, NULL, '!'}, /* else short for the next one */
	    {"password-file", required_argument, NULL, 'p'},
	    {"role", required_argument, NULL, 'r'},
	    {0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", flags, NULL)) != -1) {
		if (c == 'd')
			options->display_name = optarg;
		else if (c == 'p')
			options->password_file = optarg;
		else if (c != 'r' || !add_role(options->roles, optarg))
			return false;
	}
	return true;
}

static int run(struct conf *conf, int argc, char **argv)
{
	struct options options = {.roles = json_array()};
	int status;

	if (parse(&options, argc, argv))
		status = verb_run(&cmd_user, verbs, conf, &options, argc - optind, argv + optind);
	else
		status = cmd_misused(&cmd_user, NULL);
	json_decref(options.roles);
	return status;
}

const struct cmd cmd_user = {
    .name = "user",
    .usage = "taizhang user add|password|grant|revoke|disable|enable|list …",
    .summary = "用户与授权 · users and what they may",
    .help =
	"  taizhang user add NAME [--display-name TEXT] [--role ROLE@PLACE]... [--password-file "
	"FILE]\n"
	"      新用户 a new user, with first grants\n"
	"  taizhang user password NAME [--password-file FILE]\n"
	"      设新密码，其所有登录随即失效 set a new password; all their sessions end\n"
	"  taizhang user grant NAME ROLE PLACE\n"
	"  taizhang user revoke NAME ROLE PLACE\n"
	"      授予或收回角色，对该地点及其下级有效 give or take a role, valid at the place and "
	"below\n"
	"  taizhang user disable NAME\n"
	"  taizhang user enable NAME\n"
	"      停用（登录与令牌随即失效）或恢复 shut out (sessions end, tokens stop), or let in\n"
	"  taizhang user list\n"
	"      用户名、显示名、状态、授权，以制表符分隔 name, display name, state, grants, tabs "
	"between\n\n"
	"ROLE: storekeeper 库管员, coordinator 协调员, auditor 审计员, admin 管理员\n\n"
	"密码从终端（不回显）、标准输入的第一行或 --password-file "
	"的第一行读取，绝不写在命令行上。\n"
	"The password is typed (unseen), or is the first line of standard input or of\n"
	"--password-file; it never stands on the command line.\n",
    .run = run,
};
