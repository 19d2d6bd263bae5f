/* caller.c - roles and grants: what a caller may, and where. */
#include <stdlib.h>
#include <string.h>

#include "auth.h"
#include "buf.h"
#include "die.h"

/* In the order of their bits. */
const char *const role_words[] = {"storekeeper", "coordinator", "auditor", "admin", NULL};

const char *role_name(enum role role)
{
	for (int i = 0; role_words[i]; i++)
		if ((int)role == 1 << i)
			return role_words[i];
	return NULL;
}

int role_parse(const char *name)
{
	for (int i = 0; role_words[i]; i++)
		if (strcmp(role_words[i], name) == 0)
			return 1 << i;
	return 0;
}

struct caller *caller_hold(struct caller *caller)
{
	caller->refs++;
	return caller;
}

void caller_release(struct caller *caller)
{
	if (!caller || --caller->refs > 0)
		return;
	free(caller->display_name);
	free(caller->grants);
	free(caller);
}

unsigned caller_roles_at(const struct caller *caller, const int32_t *path, int depth)
{
	unsigned held = 0;

	for (int i = 0; i < caller->grant_count; i++)
		for (int j = 0; j < depth; j++)
			if (caller->grants[i].place_id == path[j])
				held |= caller->grants[i].role;
	return held;
}

unsigned caller_roles(const struct caller *caller, bool at_root)
{
	unsigned held = 0;

	for (int i = 0; i < caller->grant_count; i++)
		if (!at_root || caller->grants[i].root)
			held |= caller->grants[i].role;
	return held;
}

char *caller_places(const struct caller *caller, unsigned roles)
{
	struct buf out = BUF_EMPTY;

	buf_putc(&out, '{');
	for (int i = 0; i < caller->grant_count; i++) {
		if (!(caller->grants[i].role & roles))
			continue;
		if (out.len > 1)
			buf_putc(&out, ',');
		buf_int(&out, caller->grants[i].place_id);
	}
	buf_putc(&out, '}');
	return buf_take(&out, NULL);
}
