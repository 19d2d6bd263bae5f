/*
 * cmd_xlsx.c - taizhang xlsx DIRECTORY: rows from standard input into an Excel file, which is open for
 * it as file descriptor 3. Not for people: the service runs it for its exports (read_xlsx.c).
 *
 * Input: an array of the columns' names, then an object for each row, a line each; an empty line says
 * that this was all.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "cmd.h"
#include "die.h"
#include "xlsx.h"

#define NICE 10 /* whoever posts goes first */

/* false: the input ended early. */
static bool take_rows(struct xlsx *xlsx, FILE *in)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	bool ended = false;

	while (!ended && (len = getline(&line, &size, in)) > 0) {
		json_t *json;

		if (*line == '\n') {
			ended = true;
			break;
		}
		json = json_loadb(line, (size_t)len, 0, NULL);
		if (json_is_array(json))
			xlsx_columns(xlsx, json);
		else if (json_is_object(json))
			xlsx_row(xlsx, json);
		else
			die("not a row: %.100s", line);
		json_decref(json);
	}
	free(line);
	return ended;
}

static int run(struct conf *conf, int argc, char **argv)
{
	struct xlsx *xlsx;
	const char *error;

	(void)conf;
	if (argc != 2)
		return cmd_misused(&cmd_xlsx, argv[argc - 1]);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpriority(PRIO_PROCESS, 0, NICE);
	xlsx = xlsx_new("/proc/self/fd/3", argv[1]);
	if (!take_rows(xlsx, stdin))
		_Exit(1); /* whoever gave them is gone */
	error = xlsx_close(xlsx);
	if (error)
		die("could not write the Excel file: %s", error);
	return 0;
}

const struct cmd cmd_xlsx = {
    .name = "xlsx",
    .usage = "taizhang xlsx DIRECTORY",
    .summary = "服务内部用于生成 Excel 文件 · what the service makes Excel files with",
    .run = run,
    .hidden = true,
};
