/* account.c - users as asked for: what names, passwords and grants must be. */
#include "account.h"

#include <stdio.h>
#include <string.h>

#include "auth.h"
#include "die.h"
#include "field.h"

#define PASSWORD_MIN 10
#define PASSWORD_MAX 200
#define MAX_GRANTS 50

/* Characters, not bytes: ten bytes may be four of them. */
static int characters(const char *s)
{
	int count = 0;

	for (; *s; s++)
		count += ((unsigned char)*s & 0xc0) != 0x80;
	return count;
}

const char *account_password(
    const json_t *body, const char *name, const char *username, unsigned flags, struct problem *p)
{
	const char *password = field_text(body, name, PASSWORD_MAX, flags, "", p);

	if (password && (characters(password) < PASSWORD_MIN ||
			    (username && strcmp(password, username) == 0))) {
		problem_add(p, PROBLEM_weak_password, NULL, "%s", name);
		return NULL;
	}
	return password;
}

static const char *decode_username(const json_t *body, struct problem *p)
{
	const char *name = field_text(body, "username", 64, FIELD_REQUIRED, "", p);

	/* A slash would end it in addresses. The database knows every other kind of space. */
	if (name && (strpbrk(name, " /") || strstr(name, "\u3000"))) {
		problem_add(p, PROBLEM_bad_characters, NULL, "username");
		return NULL;
	}
	return name;
}

bool account_decode_grant(const json_t *grant, const char *prefix, struct problem *p)
{
	static const char *const fields[] = {"role", "place", NULL};

	field_only(grant, fields, prefix, p);
	field_word(grant, "role", role_words, FIELD_REQUIRED, prefix, p);
	field_code(grant, "place", FIELD_CODE_PLACE, FIELD_REQUIRED, prefix, p);
	return p->code == PROBLEM_none;
}

static char *decode_roles(const json_t *body, struct problem *p)
{
	const json_t *roles = field_array(body, "roles", MAX_GRANTS, 0, "", p);
	char *text, prefix[32];

	for (size_t i = 0; i < json_array_size(roles); i++) {
		const json_t *grant = json_array_get(roles, i);

		snprintf(prefix, sizeof prefix, "roles[%zu].", i);
		if (json_is_object(grant))
			account_decode_grant(grant, prefix, p);
		else
			problem_add(p, PROBLEM_wrong_type, "object", "roles[%zu]", i);
	}
	text = roles ? json_dumps(roles, JSON_COMPACT) : xstrdup("[]");
	if (!text)
		die("out of memory");
	return text;
}

bool account_decode(const json_t *body, struct account *out, struct problem *p)
{
	static const char *const fields[] = {"username", "display_name", "password", "roles", NULL};

	*out = (struct account){0};
	*p = (struct problem){.line = -1};
	field_only(body, fields, "", p);
	out->username = decode_username(body, p);
	out->display_name = field_text(body, "display_name", 100, FIELD_REQUIRED, "", p);
	out->password = account_password(body, "password", out->username, FIELD_REQUIRED, p);
	out->roles = decode_roles(body, p);
	return p->code == PROBLEM_none;
}

bool account_decode_change(
    const json_t *body, const char *username, struct account *out, struct problem *p)
{
	static const char *const fields[] = {"display_name", "password", "disabled", NULL};
	bool disabled;

	*out = (struct account){0};
	*p = (struct problem){.line = -1};
	field_only(body, fields, "", p);
	out->username = username;
	out->display_name = field_text(body, "display_name", 100, FIELD_NOT_BLANK, "", p);
	out->password = account_password(body, "password", username, FIELD_NOT_BLANK, p);
	if (field_bool(body, "disabled", 0, "", &disabled, p))
		out->disabled = disabled ? "t" : "f";
	return p->code == PROBLEM_none;
}
