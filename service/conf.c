/*
 * conf.c - settings: one declared table (settings.def), filled default < file < environment < flag.
 */
#include "conf.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "diag.h"
#include "die.h"

static const struct setting {
	const char *name;
	size_t offset;
	const char *text; /* the default of a text, and of a word */
	const char *words;
	int64_t number, min, max;
	const char *zh, *en;
	unsigned flags;
	bool is_int;
} settings[] = {
#define SETTING_TEXT(name, value, flags, zh, en)                                                   \
	{#name, offsetof(struct conf, name), value, NULL, 0, 0, 0, zh, en, flags, false},
#define SETTING_WORD(name, value, words, flags, zh, en)                                            \
	{#name, offsetof(struct conf, name), value, words, 0, 0, 0, zh, en, flags, false},
#define SETTING_INT(name, value, min, max, flags, zh, en)                                          \
	{#name, offsetof(struct conf, name), NULL, NULL, value, min, max, zh, en, flags, true},
#include "settings.def"
#undef SETTING_TEXT
#undef SETTING_WORD
#undef SETTING_INT
};

#define SETTINGS (sizeof settings / sizeof *settings)
#define SPELT_MAX 80
#define FILE_FLAG "--config"
#define FILE_VARIABLE "TAIZHANG_CONFIG"

struct conf_sources {
	char *file; /* NULL: none */
	int flag_count;
	char **flags;         /* --name=value, as they were given */
	char *from[SETTINGS]; /* where each value is from, in words; NULL: the default */
};

/* One reading of all sources. */
struct reading {
	struct conf *conf;
	char *error;
	size_t error_size;
};

static char **text_of(const struct conf *conf, const struct setting *s)
{
	return (char **)((char *)conf + s->offset);
}

static int64_t *number_of(const struct conf *conf, const struct setting *s)
{
	return (int64_t *)((char *)conf + s->offset);
}

static char **from_of(const struct conf *conf, const struct setting *s)
{
	return &conf->sources->from[s - settings];
}

/* Always false, so that a fault can be said and returned in one. */
static bool __attribute__((format(printf, 2, 3)))
fault(const struct reading *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->error, r->error_size, fmt, ap);
	va_end(ap);
	return false;
}

/* --- Names --- */

enum spelling { IN_FILE, IN_ENVIRONMENT, AS_FLAG };

static void spell(const struct setting *s, enum spelling spelling, char out[SPELT_MAX])
{
	static const char *const prefixes[] = {"", "TAIZHANG_", "--"};
	char *p = out + strlen(prefixes[spelling]);

	snprintf(out, SPELT_MAX, "%s%s", prefixes[spelling], s->name);
	for (; *p; p++)
		if (spelling == IN_ENVIRONMENT)
			*p = (char)toupper((unsigned char)*p);
		else if (spelling == AS_FLAG && *p == '_')
			*p = '-';
}

static const struct setting *find(const char *word, size_t len, enum spelling spelling)
{
	char spelt[SPELT_MAX];

	for (size_t i = 0; i < SETTINGS; i++) {
		spell(&settings[i], spelling, spelt);
		if (strlen(spelt) == len && !memcmp(spelt, word, len))
			return &settings[i];
	}
	return NULL;
}

/* --- Values --- */

static bool number_parse(const char *s, int64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoll(s, &end, 10);
	return (isdigit((unsigned char)*s) || *s == '-') && !*end && !errno;
}

static bool is_word(const char *words, const char *value)
{
	size_t len = strlen(value);

	for (const char *w = words; *w; w += strcspn(w, " "), w += *w == ' ')
		if (len && strcspn(w, " ") == len && !memcmp(w, value, len))
			return true;
	return false;
}

static bool set(
    const struct reading *r, const struct setting *s, const char *value, const char *from)
{
	int64_t number;

	if (s->is_int) {
		if (!number_parse(value, &number) || number < s->min || number > s->max)
			return fault(r,
			    "设置 %s（%s）的值“%s”不可用：应为 %" PRId64 " 到 %" PRId64 " 的整数\n"
			    "setting %s (%s): \"%s\" is not an integer from %" PRId64
			    " to %" PRId64,
			    s->name, from, value, s->min, s->max, s->name, from, value, s->min,
			    s->max);
		*number_of(r->conf, s) = number;
	} else {
		if (s->words && !is_word(s->words, value))
			return fault(r,
			    "设置 %s（%s）的值“%s”不可用：应为其中之一：%s\n"
			    "setting %s (%s): \"%s\" is not one of: %s",
			    s->name, from, value, s->words, s->name, from, value, s->words);
		free(*text_of(r->conf, s));
		*text_of(r->conf, s) = xstrdup(value);
	}
	free(*from_of(r->conf, s));
	*from_of(r->conf, s) = xstrdup(from);
	return true;
}

static void set_defaults(struct conf *conf)
{
	for (const struct setting *s = settings; s < settings + SETTINGS; s++)
		if (s->is_int)
			*number_of(conf, s) = s->number;
		else
			*text_of(conf, s) = xstrdup(s->text);
}

static void clear_values(struct conf *conf)
{
	for (const struct setting *s = settings; s < settings + SETTINGS; s++) {
		if (!s->is_int)
			free(*text_of(conf, s));
		free(*from_of(conf, s));
		*from_of(conf, s) = NULL;
	}
}

/* --- The file --- */

/* Cut white space off both ends. */
static char *trim(char *s)
{
	char *end = s + strlen(s);

	while (isspace((unsigned char)*s))
		s++;
	while (end > s && isspace((unsigned char)end[-1]))
		end--;
	*end = '\0';
	return s;
}

/* Past the quote that closes the one at p; past this one alone where none does. */
static char *past_quoted(char *p)
{
	for (char *end = p + 1; *end; end++) {
		if (*end == '\'')
			return end + 1;
		if (*end == '\\' && end[1])
			end++;
	}
	return p + 1;
}

/* A # begins a comment at the start or after white space, but not within '…', as libpq quotes. */
static void cut_comment(char *line)
{
	for (char *p = line; *p;) {
		if (*p == '\'') {
			p = past_quoted(p);
		} else if (*p == '\\' && p[1]) {
			p += 2;
		} else if (*p != '#' || (p > line && !isspace((unsigned char)p[-1]))) {
			p++;
		} else {
			*p = '\0';
			return;
		}
	}
}

static bool read_line(const struct reading *r, char *line, const char *from)
{
	const struct setting *s;
	char *name, *equals;

	cut_comment(line);
	name = trim(line);
	if (!*name)
		return true;
	equals = strchr(name, '=');
	if (!equals)
		return fault(r,
		    "%s：这一行不是“设置 = 值”\n"
		    "%s: this line is not \"name = value\"",
		    from, from);
	*equals = '\0';
	name = trim(name);
	s = find(name, strlen(name), IN_FILE);
	if (!s)
		return fault(r,
		    "%s：没有设置 %s；taizhang help settings 列出全部设置\n"
		    "%s: there is no setting %s; taizhang help settings lists them all",
		    from, name, from, name);
	if (*from_of(r->conf, s))
		return fault(r,
		    "%s：设置 %s 已在 %s 给出\n"
		    "%s: setting %s was given already at %s",
		    from, name, *from_of(r->conf, s), from, name, *from_of(r->conf, s));
	return set(r, s, trim(equals + 1), from);
}

static bool read_file(const struct reading *r, const char *path)
{
	FILE *file = fopen(path, "re");
	char *line = NULL, *from;
	size_t size = 0;
	ssize_t len;
	bool ok = file;

	for (int n = 1; ok && (len = getline(&line, &size, file)) >= 0; n++) {
		const char *text = n == 1 && !strncmp(line, "\xef\xbb\xbf", 3) ? line + 3 : line;

		from = xasprintf("%s:%d", path, n);
		ok = strlen(line) == (size_t)len
			 ? read_line(r, line + (text - line), from)
			 : fault(r, "%s：这一行不是文本\n%s: this line is not text", from, from);
		free(from);
	}
	if (!file || (ok && ferror(file)))
		ok = fault(r, "无法读取设置文件 %s：%s\ncould not read the settings file %s: %s",
		    path, strerror(errno), path, strerror(errno));
	free(line);
	if (file)
		fclose(file);
	return ok;
}

/* --- The environment and the command line --- */

static bool read_environment(const struct reading *r)
{
	char from[SPELT_MAX + 32];

	for (char **e = environ; e && *e; e++) {
		int len = (int)strcspn(*e, "=");
		const struct setting *s = find(*e, (size_t)len, IN_ENVIRONMENT);

		if (strncmp(*e, "TAIZHANG_", 9) != 0 || !(*e)[len] ||
		    (len == sizeof FILE_VARIABLE - 1 && !memcmp(*e, FILE_VARIABLE, (size_t)len)))
			continue;
		if (!s)
			return fault(r,
			    "环境变量 %.*s 不是任何设置；taizhang help settings 列出全部设置\n"
			    "environment variable %.*s is no setting; taizhang help settings lists "
			    "them all",
			    len, *e, len, *e);
		snprintf(from, sizeof from, "environment variable %.*s", len, *e);
		if (!set(r, s, *e + len + 1, from))
			return false;
	}
	return true;
}

static bool read_flags(const struct reading *r)
{
	const struct conf_sources *sources = r->conf->sources;
	char from[SPELT_MAX + 32];

	for (int i = 0; i < sources->flag_count; i++) {
		const char *flag = sources->flags[i];
		size_t len = strcspn(flag, "=");

		snprintf(from, sizeof from, "flag %.*s", (int)len, flag);
		if (!set(r, find(flag, len, AS_FLAG), flag + len + 1, from))
			return false;
	}
	return true;
}

/* Move the settings' flags from argv into sources, where a reload finds them again. */
static bool take_flags(const struct reading *r, int *argc, char **argv)
{
	struct conf_sources *sources = r->conf->sources;
	int kept = 0, i;

	sources->flags = xcalloc((size_t)*argc + 1, sizeof *sources->flags);
	for (i = 0; i < *argc && strcmp(argv[i], "--") != 0; i++) {
		size_t len = strcspn(argv[i], "=");
		const char *flag = argv[i], *value = flag + len + 1;
		bool is_file = len == sizeof FILE_FLAG - 1 && !memcmp(flag, FILE_FLAG, len);

		if (!is_file && !find(flag, len, AS_FLAG)) {
			argv[kept++] = argv[i];
			continue;
		}
		if (!flag[len]) {
			if (++i == *argc)
				return fault(
				    r, "参数 %s 缺少值\nflag %s lacks its value", flag, flag);
			value = argv[i];
		}
		if (is_file) {
			free(sources->file);
			sources->file = xstrdup(value);
		} else {
			sources->flags[sources->flag_count++] =
			    xasprintf("%.*s=%s", (int)len, flag, value);
		}
	}
	while (i < *argc)
		argv[kept++] = argv[i++];
	argv[kept] = NULL;
	*argc = kept;
	return true;
}

/* --- Loading --- */

static bool read_all(const struct reading *r)
{
	const char *file = r->conf->sources->file;

	set_defaults(r->conf);
	return (!file || read_file(r, file)) && read_environment(r) && read_flags(r);
}

bool conf_load(struct conf *conf, int *argc, char **argv, char *error, size_t error_size)
{
	struct reading r = {conf, error, error_size};

	*conf = (struct conf){.sources = xcalloc(1, sizeof *conf->sources)};
	if (getenv(FILE_VARIABLE))
		conf->sources->file = xstrdup(getenv(FILE_VARIABLE));
	if (take_flags(&r, argc, argv) && read_all(&r))
		return true;
	conf_clear(conf);
	return false;
}

static bool same(const struct conf *a, const struct conf *b, const struct setting *s)
{
	return s->is_int ? *number_of(a, s) == *number_of(b, s)
			 : !strcmp(*text_of(a, s), *text_of(b, s));
}

static void swap_text(char **a, char **b)
{
	char *t = *a;

	*a = *b;
	*b = t;
}

bool conf_reload(struct conf *conf, char *error, size_t error_size)
{
	struct conf_sources sources = *conf->sources;
	struct conf fresh = {.sources = &sources};
	bool ok;

	memset(sources.from, 0, sizeof sources.from);
	ok = read_all(&(struct reading){&fresh, error, error_size});
	for (const struct setting *s = settings; ok && s < settings + SETTINGS; s++) {
		if (same(conf, &fresh, s)) {
			swap_text(from_of(conf, s), from_of(&fresh, s));
		} else if (!(s->flags & CONF_RELOAD)) {
			diag(DIAG_WARN, NULL, "setting_needs_restart", "{s:s}", "setting", s->name);
		} else {
			swap_text(from_of(conf, s), from_of(&fresh, s));
			if (s->is_int)
				*number_of(conf, s) = *number_of(&fresh, s);
			else
				swap_text(text_of(conf, s), text_of(&fresh, s));
		}
	}
	clear_values(&fresh);
	return ok;
}

void conf_clear(struct conf *conf)
{
	if (!conf->sources)
		return;
	clear_values(conf);
	for (int i = 0; i < conf->sources->flag_count; i++)
		free(conf->sources->flags[i]);
	free(conf->sources->flags);
	free(conf->sources->file);
	free(conf->sources);
	*conf = (struct conf){0};
}

/* --- Showing --- */

/* As the file would have it, so that what is printed can be used as one; secrets apart. */
void conf_print(const struct conf *conf, FILE *out)
{
	for (const struct setting *s = settings; s < settings + SETTINGS; s++) {
		const char *from = *from_of(conf, s);
		struct buf value = BUF_EMPTY;

		if (s->is_int)
			buf_int(&value, *number_of(conf, s));
		else if (s->flags & CONF_SECRET && **text_of(conf, s))
			buf_puts(&value, "***");
		else
			buf_puts(&value, *text_of(conf, s));
		fprintf(
		    out, "%-20s = %-16s # %s\n", s->name, buf_str(&value), from ? from : "default");
		buf_free(&value);
	}
}

static void print_range(const struct setting *s, FILE *out)
{
	if (s->is_int)
		fprintf(out, "%" PRId64 " (%" PRId64 "..%" PRId64 ")", s->number, s->min, s->max);
	else if (s->words)
		fprintf(out, "%s (%s)", s->text, s->words);
	else
		fputs(*s->text ? s->text : "空 empty", out);
}

void conf_help(FILE *out)
{
	char flag[SPELT_MAX], variable[SPELT_MAX];

	fputs("设置的来源，后者优先 Sources of settings, the later wins:\n"
	      "  默认 default < 文件 file (--config FILE, TAIZHANG_CONFIG) < 环境变量 environment "
	      "< 参数 flag\n"
	      "文件的每行 A line of the file: name = value；“#”起注释 begins a comment\n"
	      "时间除另有说明外以毫秒计 Times are in milliseconds unless named otherwise\n",
	    out);
	for (const struct setting *s = settings; s < settings + SETTINGS; s++) {
		spell(s, AS_FLAG, flag);
		spell(s, IN_ENVIRONMENT, variable);
		fprintf(out, "\n%s   %s %s   %s\n    %s\n    %s\n    默认 default: ", s->name, flag,
		    s->is_int  ? "N"
		    : s->words ? "WORD"
			       : "TEXT",
		    variable, s->zh, s->en);
		print_range(s, out);
		fputs(
		    s->flags & CONF_RELOAD ? "   SIGHUP 可重读 is reread on SIGHUP\n" : "\n", out);
	}
}
