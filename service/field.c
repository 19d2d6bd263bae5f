/* field.c - the fields of a JSON object, checked: each wrong one is added to the problem. */
#include "field.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "buf.h"

bool field_given(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return value && !json_is_null(value);
}

/* The value when it is there and of this type, else NULL. */
static const json_t *field_get(const json_t *object, const char *name, json_type type,
    const char *type_name, unsigned flags, const char *prefix, struct problem *p)
{
	const json_t *value = json_object_get(object, name);

	if (!value || json_is_null(value)) {
		if (flags & FIELD_REQUIRED)
			problem_add(p, PROBLEM_required, NULL, "%s%s", prefix, name);
		return NULL;
	}
	if (json_typeof(value) != type) {
		problem_add(p, PROBLEM_wrong_type, type_name, "%s%s", prefix, name);
		return NULL;
	}
	return value;
}

/*
 * The code point at *s, which is moved on. jansson has checked the UTF-8, so this need not: it only
 * must not run past the NUL.
 */
static uint32_t next_code_point(const char **s)
{
	const unsigned char *u = (const unsigned char *)*s;
	uint32_t c = *u++;
	int more = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;

	if (more)
		c &= 0x3fu >> more;
	for (; more && *u; more--)
		c = c << 6 | (*u++ & 0x3f);
	*s = (const char *)u;
	return c;
}

static bool is_control(uint32_t c, unsigned flags)
{
	if (c == '\n' || c == '\t')
		return !(flags & FIELD_MULTILINE);
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xfffe || c == 0xffff;
}

static bool is_space(uint32_t c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == 0xa0 || c == 0x3000;
}

const char *field_text(const json_t *object, const char *name, int max, unsigned flags,
    const char *prefix, struct problem *p)
{
	const json_t *value = field_get(object, name, JSON_STRING, "string", flags, prefix, p);
	const char *text = json_string_value(value), *s;
	bool blank = true, bad = false;
	int length = 0;
	char limit[16];

	if (!text)
		return NULL;
	for (s = text; *s; length++) {
		uint32_t c = next_code_point(&s);

		blank = blank && is_space(c);
		bad = bad || is_control(c, flags);
	}
	if (bad || (size_t)(s - text) != json_string_length(value)) {
		problem_add(p, PROBLEM_bad_characters, NULL, "%s%s", prefix, name);
		return NULL;
	}
	if (length > max) {
		snprintf(limit, sizeof limit, "%d", max);
		problem_add(p, PROBLEM_too_long, limit, "%s%s", prefix, name);
		return NULL;
	}
	if (blank && flags & (FIELD_REQUIRED | FIELD_NOT_BLANK)) {
		problem_add(p, PROBLEM_required, NULL, "%s%s", prefix, name);
		return NULL;
	}
	return text;
}

bool field_int(const json_t *object, const char *name, int64_t min, int64_t max, unsigned flags,
    const char *prefix, int64_t *out, struct problem *p)
{
	const json_t *value = field_get(object, name, JSON_INTEGER, "integer", flags, prefix, p);
	int64_t n = json_integer_value(value);
	char range[48];

	if (!value)
		return false;
	if (n < min || n > max) {
		snprintf(range, sizeof range, "%" PRId64 "..%" PRId64, min, max);
		problem_add(p, PROBLEM_out_of_range, range, "%s%s", prefix, name);
		return false;
	}
	*out = n;
	return true;
}

bool field_date(const json_t *object, const char *name, unsigned flags, const char *prefix,
    clock_date *out, struct problem *p)
{
	const json_t *value = field_get(object, name, JSON_STRING, "string", flags, prefix, p);

	if (!value)
		return false;
	if (!clock_date_parse(json_string_value(value), out)) {
		problem_add(p, PROBLEM_bad_date, json_string_value(value), "%s%s", prefix, name);
		return false;
	}
	return true;
}

const char *field_time(
    const json_t *object, const char *name, unsigned flags, const char *prefix, struct problem *p)
{
	const char *text = field_text(object, name, 40, flags | FIELD_NOT_BLANK, prefix, p);

	if (!text)
		return NULL;
	if (!clock_time_ok(text)) {
		problem_add(p, PROBLEM_bad_time, text, "%s%s", prefix, name);
		return NULL;
	}
	return text;
}

bool field_bool(const json_t *object, const char *name, unsigned flags, const char *prefix,
    bool *out, struct problem *p)
{
	const json_t *value = json_object_get(object, name);

	if (!json_is_true(value))
		value = field_get(object, name, JSON_FALSE, "boolean", flags, prefix, p);
	if (!value)
		return false;
	*out = json_is_true(value);
	return true;
}

int field_word(const json_t *object, const char *name, const char *const words[], unsigned flags,
    const char *prefix, struct problem *p)
{
	const json_t *value = field_get(object, name, JSON_STRING, "string", flags, prefix, p);
	struct buf all = BUF_EMPTY;

	if (!value)
		return -1;
	for (int i = 0; words[i]; i++) {
		if (!strcmp(words[i], json_string_value(value)) &&
		    strlen(words[i]) == json_string_length(value)) {
			buf_free(&all);
			return i;
		}
		buf_printf(&all, "%s%s", i ? ", " : "", words[i]);
	}
	problem_add(p, PROBLEM_unknown_value, buf_str(&all), "%s%s", prefix, name);
	buf_free(&all);
	return -1;
}

const json_t *field_array(const json_t *object, const char *name, int max, unsigned flags,
    const char *prefix, struct problem *p)
{
	const json_t *value = field_get(object, name, JSON_ARRAY, "array", flags, prefix, p);
	int least = flags & FIELD_REQUIRED ? 1 : 0;
	char range[32];

	if (!value)
		return NULL;
	if (json_array_size(value) < (size_t)least || json_array_size(value) > (size_t)max) {
		snprintf(range, sizeof range, "%d..%d", least, max);
		problem_add(p, PROBLEM_out_of_range, range, "%s%s", prefix, name);
		return NULL;
	}
	return value;
}

const json_t *field_object(
    const json_t *object, const char *name, unsigned flags, const char *prefix, struct problem *p)
{
	return field_get(object, name, JSON_OBJECT, "object", flags, prefix, p);
}

void field_only(
    const json_t *object, const char *const names[], const char *prefix, struct problem *p)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)object, key, value)
	{
		bool known = false;

		for (int i = 0; names[i] && !known; i++)
			known = !strcmp(names[i], key);
		if (!known)
			problem_add(p, PROBLEM_unknown_field, key, "%s%s", prefix, key);
	}
}

static const struct {
	const char *looks; /* for the answer */
	int max;
	const char *first, *rest;
} codes[] = {
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGIT "0123456789"
    [FIELD_CODE_PLACE] = {"A-Z a-z 0-9 _ -", 32, UPPER LOWER DIGIT, UPPER LOWER DIGIT "_-"},
    [FIELD_CODE_STORE] = {"A-Z 0-9", 16, UPPER DIGIT, UPPER DIGIT},
    [FIELD_CODE_ITEM] = {"a-z 0-9 -", 64, LOWER DIGIT, LOWER DIGIT "-"},
};

const char *field_code(const json_t *object, const char *name, enum field_code kind, unsigned flags,
    const char *prefix, struct problem *p)
{
	const char *code =
	    field_text(object, name, codes[kind].max, flags | FIELD_NOT_BLANK, prefix, p);

	if (!code)
		return NULL;
	if (!strchr(codes[kind].first, *code) || code[strspn(code, codes[kind].rest)] != '\0') {
		problem_add(p, PROBLEM_bad_code, codes[kind].looks, "%s%s", prefix, name);
		return NULL;
	}
	return code;
}
