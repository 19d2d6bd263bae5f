/* cmd_import.h - the parts of `taizhang import` that talk to the database or to people. */
#ifndef CMD_IMPORT_H
#define CMD_IMPORT_H

#include "import.h"
#include "offline.h"

struct cmd_import {
	const char *file, *store, *user; /* of the command line */
	const char *mapping, *rejects;   /* paths; rejects NULL: none */
	bool dry_run, create_items, strict, json;

	struct offline offline;
	struct import import;
	int32_t store_id, user_id;
	int backdate_days, post_queue; /* as the settings */
	uint32_t items_made;

	bool terminal; /* standard error is one: progress is drawn */
	int64_t drawn_ms;
	int drawn; /* tenths told to a log */
};

/* --- cmd_import_items.c --- */

/* Find the store and the user, and tell the import what items there are. false: said why. */
bool cmd_import_find(struct cmd_import *run);

/* Make the items that rows need and the store lacks. Rows of those refused are given up. */
void cmd_import_make_items(struct cmd_import *run);

/* --- cmd_import_post.c, cmd_import_rehearse.c --- */

/* Post every slip, or only decide about it. false: it could not be finished; said why. */
bool cmd_import_post(struct cmd_import *run);
bool cmd_import_rehearse(struct cmd_import *run);

/* A command for a slip, with who posts it. */
void cmd_import_sign(const struct cmd_import *run, struct post_command *command);

/* --- cmd_import_report.c --- */

/* Rows are decided about; draws or tells how far it is. */
void cmd_import_progress(struct cmd_import *run);

/* Write the rejects file. false: said why. */
bool cmd_import_write_rejects(const struct cmd_import *run);

/* Tell on standard output what became of the file. */
void cmd_import_report(const struct cmd_import *run);

#endif
