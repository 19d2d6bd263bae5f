/* problem.c - refusals, as RFC 9457 problem documents. */
#include "problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"

enum language { ZH, EN };

static const struct kind {
	const char *name;
	int status;
	const char *title[2], *detail[2];
} kinds[] = {
#define PROBLEM(code, status, title_zh, title_en, detail_zh, detail_en)                            \
	{#code, status, {title_zh, title_en}, {detail_zh, detail_en}},
#include "problems.def"
#undef PROBLEM
};

/* What a constraint says to whoever ran into it. Rows with a field become its error. */
static const struct constraint {
	const char *name;
	enum problem_code code;
	const char *field;
	const char *value; /* NULL: the key's value, out of the server's detail */
} constraints[] = {
    {"api_token_name_check", PROBLEM_out_of_range, "name", "1–100"},
    {"app_user_display_name_check", PROBLEM_out_of_range, "display_name", "1–100"},
    {"app_user_username_check", PROBLEM_bad_characters, "username", ""},
    {"app_user_username_key", PROBLEM_conflict, NULL, NULL},
    {"item_check", PROBLEM_bad_characters, "name_zh", ""},
    {"item_code_check", PROBLEM_bad_characters, "code", ""},
    {"item_code_key", PROBLEM_conflict, NULL, NULL},
    {"item_name_en_check", PROBLEM_out_of_range, "name_en", "1–100"},
    {"item_name_zh_check", PROBLEM_out_of_range, "name_zh", "1–100"},
    {"item_unit_check", PROBLEM_out_of_range, "unit", "1–16"},
    {"item_unit_en_check", PROBLEM_out_of_range, "unit_en", "1–16"},
    {"pack_name_check", PROBLEM_out_of_range, "packs", "1–16"},
    {"pack_pkey", PROBLEM_conflict, NULL, NULL},
    {"pack_quantity_check", PROBLEM_out_of_range, "packs", "1–1000000"},
    {"place_code_check", PROBLEM_bad_characters, "code", ""},
    {"place_code_key", PROBLEM_conflict, NULL, NULL},
    {"place_identity", PROBLEM_in_use, NULL, "code, parent, kind"},
    {"place_kind_order", PROBLEM_place_order, "kind", ""},
    {"place_name_en_check", PROBLEM_out_of_range, "name_en", "1–100"},
    {"place_name_zh_check", PROBLEM_out_of_range, "name_zh", "1–100"},
    {"store_code_check", PROBLEM_bad_characters, "code", ""},
    {"store_code_key", PROBLEM_conflict, NULL, NULL},
    {"store_identity", PROBLEM_in_use, NULL, "code, place"},
    {"store_name_en_check", PROBLEM_out_of_range, "name_en", "1–100"},
    {"store_name_zh_check", PROBLEM_out_of_range, "name_zh", "1–100"},
    {"user_grant_pkey", PROBLEM_conflict, NULL, NULL},
};

/* Prefixes of SQLSTATE under which nothing is wrong with the request itself. */
static const struct state {
	const char *prefix;
	enum problem_code code;
} states[] = {
    {"08", PROBLEM_database_away},    /* connection exceptions */
    {"25006", PROBLEM_database_away}, /* read only: no longer the primary */
    {"40001", PROBLEM_busy},          /* serialization failure */
    {"40P01", PROBLEM_busy},          /* deadlock */
    {"53", PROBLEM_database_away},    /* out of disk, memory, connections */
    {"55P03", PROBLEM_busy},          /* lock not available */
    {"57014", PROBLEM_busy},          /* statement timeout */
    {"57P0", PROBLEM_database_away},  /* shutdown, crash, starting up */
};

/* Words of wrong_type in Chinese. */
static const struct word {
	const char *en, *zh;
} words[] = {
    {"array", "数组"},
    {"boolean", "布尔值（true 或 false）"},
    {"integer", "整数"},
    {"object", "对象"},
    {"string", "字符串"},
};

#define COUNT(a) (sizeof(a) / sizeof *(a))

void problem_set(struct problem *p, enum problem_code code)
{
	memset(p, 0, sizeof *p);
	p->code = code;
	p->line = -1;
	if (kinds[code].status == 503)
		p->retry_after = 1;
}

void problem_copy(char *out, size_t size, const char *s)
{
	size_t len = strnlen(s, size);

	if (len == size)
		for (len--; len && ((unsigned char)s[len] & 0xc0) == 0x80; len--)
			;
	memcpy(out, s, len);
	out[len] = '\0';
}

/* The next free error; NULL when there are enough of them to start correcting. */
static struct problem_error *next_error(struct problem *p)
{
	if (p->code != PROBLEM_validation_failed)
		problem_set(p, PROBLEM_validation_failed);
	return p->error_count < PROBLEM_MAX_ERRORS ? &p->errors[p->error_count++] : NULL;
}

void problem_add(struct problem *p, enum problem_code code, const char *value, const char *fmt, ...)
{
	struct problem_error *error = next_error(p);
	char field[2 * sizeof error->field];
	va_list ap;

	if (!error)
		return;
	error->code = code;
	problem_copy(error->value, sizeof error->value, value ? value : "");
	va_start(ap, fmt);
	vsnprintf(field, sizeof field, fmt, ap);
	va_end(ap);
	problem_copy(error->field, sizeof error->field, field);
}

static void refuse(struct problem *p, enum problem_code code, const char *field, const char *value)
{
	if (field) {
		problem_set(p, PROBLEM_none);
		problem_add(p, code, value, "%s", field);
	} else {
		problem_set(p, code);
		problem_copy(p->value, sizeof p->value, value);
	}
}

void problem_parse(struct problem *p, const char *text)
{
	size_t name_len = strcspn(text, "@:");
	const char *value = text + strcspn(text, ":");
	char field[sizeof p->errors->field] = "";

	value += *value == ':';
	if (text[name_len] == '@')
		snprintf(field, sizeof field, "%.*s", (int)strcspn(text + name_len + 1, ":"),
		    text + name_len + 1);
	for (size_t i = PROBLEM_none + 1; i < PROBLEM_COUNT; i++)
		if (strlen(kinds[i].name) == name_len && !memcmp(kinds[i].name, text, name_len)) {
			refuse(p, (enum problem_code)i, *field ? field : NULL, value);
			return;
		}
	problem_set(p, PROBLEM_internal);
}

int problem_status(const struct problem *p)
{
	return kinds[p->code].status;
}

const char *problem_code_name(enum problem_code code)
{
	return kinds[code].name;
}

/* --- The document --- */

/* Everything a detail can name. */
struct facts {
	const struct problem *problem;
	enum problem_code code;
	const char *value;
};

static const char *value_in(const struct facts *facts, enum language language)
{
	if (language == ZH && facts->code == PROBLEM_wrong_type)
		for (size_t i = 0; i < COUNT(words); i++)
			if (!strcmp(words[i].en, facts->value))
				return words[i].zh;
	return facts->value;
}

static void fill(const struct facts *facts, enum language language, const char *name, size_t len,
    struct buf *out)
{
	const struct problem *p = facts->problem;

	if (!strncmp(name, "item", len))
		buf_puts(out, p->item);
	else if (!strncmp(name, "available", len))
		buf_int(out, p->available);
	else if (!strncmp(name, "line", len))
		buf_int(out, p->line + 1);
	else if (!strncmp(name, "value", len))
		buf_puts(out, value_in(facts, language));
	else if (!strncmp(name, "errors", len))
		buf_int(out, p->error_count);
}

static void add_detail(const struct facts *facts, enum language language, struct buf *out)
{
	static const char *const names[] = {"detail", "detail_en"};
	const char *from = kinds[facts->code].detail[language], *brace, *end;
	struct buf text = BUF_EMPTY;

	for (; (brace = strchr(from, '{')) && (end = strchr(brace, '}')); from = end + 1) {
		buf_add(&text, from, (size_t)(brace - from));
		fill(facts, language, brace + 1, (size_t)(end - brace - 1), &text);
	}
	buf_puts(&text, from);
	buf_printf(out, ",\"%s\":", names[language]);
	buf_json_len(out, text.data, text.len);
	buf_free(&text);
}

static void add_details(const struct facts *facts, struct buf *out)
{
	add_detail(facts, ZH, out);
	add_detail(facts, EN, out);
}

static void add_errors(const struct problem *p, struct buf *out)
{
	for (int i = 0; i < p->error_count; i++) {
		const struct problem_error *error = &p->errors[i];

		buf_puts(out, i ? ",{\"field\":" : ",\"errors\":[{\"field\":");
		buf_json(out, error->field);
		buf_printf(out, ",\"code\":\"%s\"", kinds[error->code].name);
		add_details(&(struct facts){p, error->code, error->value}, out);
		buf_putc(out, '}');
	}
	if (p->error_count)
		buf_putc(out, ']');
}

void problem_json(const struct problem *p, const char *request, struct buf *out)
{
	const struct kind *kind = &kinds[p->code];

	buf_printf(out, "{\"type\":\"urn:taizhang:problem:%s\",\"title\":", kind->name);
	buf_json(out, kind->title[ZH]);
	buf_puts(out, ",\"title_en\":");
	buf_json(out, kind->title[EN]);
	buf_printf(out, ",\"status\":%d,\"code\":\"%s\"", kind->status, kind->name);
	add_details(&(struct facts){p, p->code, p->value}, out);
	if (request) {
		char *instance = xasprintf("urn:taizhang:request:%s", request);

		buf_puts(out, ",\"instance\":");
		buf_json(out, instance);
		free(instance);
	}
	if (p->line >= 0)
		buf_printf(out, ",\"line\":%d,\"field\":\"lines[%d].%s\"", p->line, p->line,
		    p->code == PROBLEM_expired_lot ? "lot" : "quantity");
	if (*p->item) {
		buf_puts(out, ",\"item\":");
		buf_json(out, p->item);
	}
	if (p->code == PROBLEM_insufficient_stock || p->code == PROBLEM_reversal_would_oversell) {
		buf_puts(out, ",\"available\":");
		buf_int(out, p->available);
	}
	add_errors(p, out);
	buf_putc(out, '}');
}

/* --- What the database refused --- */

/* The value in PostgreSQL's detail "Key (code)=(XT) already exists.", whatever its language. */
static void key_value(const PGresult *result, char *out, size_t size)
{
	const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
	const char *from = detail ? strstr(detail, ")=(") : NULL;
	const char *to = from ? strrchr(from, ')') : NULL;
	char text[256];

	*out = '\0';
	if (to && to > from + 3) {
		snprintf(text, sizeof text, "%.*s", (int)(to - from - 3), from + 3);
		problem_copy(out, size, text);
	}
}

void problem_from_sql(struct problem *p, const PGresult *result)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
	char key[sizeof p->value];

	for (size_t i = 0; state && i < COUNT(states); i++)
		if (!strncmp(state, states[i].prefix, strlen(states[i].prefix))) {
			problem_set(p, states[i].code);
			return;
		}
	if (!state || strncmp(state, "23", 2) != 0)
		constraint = NULL; /* only integrity violations are the request's own fault */
	for (size_t i = 0; constraint && i < COUNT(constraints); i++)
		if (!strcmp(constraint, constraints[i].name)) {
			key_value(result, key, sizeof key);
			refuse(p, constraints[i].code, constraints[i].field,
			    constraints[i].value ? constraints[i].value : key);
			return;
		}
	problem_set(p, PROBLEM_internal);
}
