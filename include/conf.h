/* conf.h - settings: one declared table (settings.def), filled default < file < environment < flag. */
#ifndef CONF_H
#define CONF_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/*
 * settings.def, in alphabetical order: SETTING_TEXT(name, default, flags, help_zh, help_en),
 * SETTING_WORD(name, default, words, flags, help_zh, help_en), whose value is one of the words, and
 * SETTING_INT(name, default, min, max, flags, help_zh, help_en).
 * Setting post_queue is --post-queue on the command line, TAIZHANG_POST_QUEUE in the environment,
 * post_queue = … in the file (--config FILE or TAIZHANG_CONFIG), where # after white space begins a
 * comment.
 */
struct conf {
#define SETTING_TEXT(name, ...) char *name;
#define SETTING_WORD(name, ...) char *name;
#define SETTING_INT(name, ...) int64_t name;
#include "settings.def"
#undef SETTING_TEXT
#undef SETTING_WORD
#undef SETTING_INT
	struct conf_sources *sources; /* conf.c's own */
};

enum conf_flags {
	CONF_SECRET = 1, /* shown as *** */
	CONF_RELOAD = 2, /* SIGHUP takes it in */
};

/*
 * Read all sources; argc/argv are what follows the subcommand, of which the settings' flags are
 * taken out (the rest moved up, *argc lowered). On a fault returns false and writes a message that
 * names the setting and its source into error, in Chinese and English, a line each; conf is empty
 * then. Else conf is the caller's, freed with conf_clear().
 */
bool conf_load(struct conf *conf, int *argc, char **argv, char *error, size_t error_size);

/* Read again and take over only what CONF_RELOAD allows: texts of those are other pointers then.
   Names of changed ones that need a restart are logged. On a fault nothing changes. */
bool conf_reload(struct conf *conf, char *error, size_t error_size);

void conf_print(const struct conf *conf, FILE *out); /* effective values and their sources */
void conf_help(FILE *out);                           /* every setting with its help */
void conf_clear(struct conf *conf);

#endif
