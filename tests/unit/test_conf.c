/* test_conf.c - settings: which source wins, what is refused and named, what is shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "conf.h"

static char path[] = "/tmp/test_conf_XXXXXX";
static char error[1024];

static int make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	clearenv();
	return fd < 0 || close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static int clean_environment(void **state)
{
	(void)state;
	return clearenv();
}

static void write_bytes(const char *bytes, size_t len)
{
	FILE *f = fopen(path, "w");

	fwrite(bytes, 1, len, f);
	fclose(f);
}

static void write_file(const char *text)
{
	write_bytes(text, strlen(text));
}

#define MAX_ARGS 16

/* Loads with these words as the command line; what is left of it ends up in the same array. */
static bool load(struct conf *conf, int *argc, char *argv[MAX_ARGS + 1])
{
	*argc = 0;
	while (argv[*argc])
		++*argc;
	error[0] = '\0';
	return conf_load(conf, argc, argv, error, sizeof error);
}

#define LOAD(conf, ...) (argv = (char * [MAX_ARGS + 1]){__VA_ARGS__}, load(conf, &argc, argv))

static void refused(const char *const *words, char **argv)
{
	struct conf conf;
	int argc;

	if (load(&conf, &argc, argv))
		fail_msg("%s was accepted", argv[0] ? argv[0] : "the file or environment");
	assert_null(conf.sources);
	for (; *words; words++)
		if (!strstr(error, *words))
			fail_msg("\"%s\" does not name %s", error, *words);
}

/* The error of a load with these arguments names each of the words. */
#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define ARGS(...) ((char *[MAX_ARGS + 1]){__VA_ARGS__})

static char *shown(const struct conf *conf)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	conf_print(conf, out);
	fclose(out);
	return text;
}

static void assert_shown(const struct conf *conf, const char *line)
{
	char *text = shown(conf);

	if (!strstr(text, line))
		fail_msg("\"%s\" is not in\n%s", line, text);
	free(text);
}

static void defaults(void **state)
{
	struct conf conf;
	char **argv;
	int argc;

	(void)state;
	assert_true(LOAD(&conf, NULL));
	assert_int_equal(argc, 0);
	assert_string_equal(conf.listen, "127.0.0.1:8470");
	assert_string_equal(conf.time_zone, "Asia/Shanghai");
	assert_int_equal(conf.password_cost, 17);
	assert_shown(&conf, "listen               = 127.0.0.1:8470   # default\n");
	conf_clear(&conf);
	conf_clear(&conf); /* again is no harm */
}

/* The table is in alphabetical order, whole, and its defaults lie within their ranges. */
static void table(void **state)
{
	static const struct {
		const char *name, *zh, *en;
		int64_t value, min, max;
	} rows[] = {
#define SETTING_TEXT(name, value, flags, zh, en) {#name, zh, en, 0, 0, 0},
#define SETTING_WORD(name, value, words, flags, zh, en) {#name, zh, en, 0, 0, 0},
#define SETTING_INT(name, value, min, max, flags, zh, en) {#name, zh, en, value, min, max},
#include "settings.def"
#undef SETTING_TEXT
#undef SETTING_WORD
#undef SETTING_INT
	};
	size_t len;
	char *text;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	conf_help(out);
	fclose(out);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (i && strcmp(rows[i - 1].name, rows[i].name) >= 0)
			fail_msg("%s comes after %s", rows[i].name, rows[i - 1].name);
		assert_in_range(rows[i].value, rows[i].min, rows[i].max);
		assert_true(*rows[i].zh && *rows[i].en);
		assert_non_null(strstr(text, rows[i].name));
		assert_non_null(strstr(text, rows[i].zh));
		assert_non_null(strstr(text, rows[i].en));
	}
	assert_non_null(strstr(text, "--post-queue N   TAIZHANG_POST_QUEUE"));
	assert_non_null(strstr(text, "20000 (1..1000000)"));
	free(text);
}

static void later_wins(void **state)
{
	struct conf conf;
	char **argv, line[128];
	int argc;

	(void)state;
	write_file("\xef\xbb\xbf# settings\r\n\n"
		   "post_queue=11\n"
		   "  post_batch  =  12\t# a comment\r\n"
		   "listen = 127.0.0.1:1 \n"
		   "key_days = 8");
	setenv("TAIZHANG_POST_BATCH", "22", 1);
	setenv("TAIZHANG_LISTEN", "127.0.0.1:2", 1);
	setenv("TAIZHANGX", "not ours", 1);
	assert_true(LOAD(&conf, "--config", path, "--listen", "127.0.0.1:3"));
	assert_int_equal(conf.post_queue, 11);
	assert_int_equal(conf.post_batch, 22);
	assert_int_equal(conf.key_days, 8);
	assert_string_equal(conf.listen, "127.0.0.1:3");
	snprintf(line, sizeof line, "post_queue           = 11               # %s:3\n", path);
	assert_shown(&conf, line);
	assert_shown(&conf, "= 22               # environment variable TAIZHANG_POST_BATCH\n");
	assert_shown(&conf, "= 127.0.0.1:3      # flag --listen\n");
	conf_clear(&conf);
}

static void file_by_environment(void **state)
{
	struct conf conf;
	char **argv;
	int argc;

	(void)state;
	write_file("post_queue = 11\n");
	setenv("TAIZHANG_CONFIG", path, 1);
	assert_true(LOAD(&conf, NULL));
	assert_int_equal(conf.post_queue, 11);
	conf_clear(&conf);
	setenv("TAIZHANG_CONFIG", "/nonexistent/file", 1);
	assert_true(LOAD(&conf, "--config", path)); /* the flag wins */
	assert_int_equal(conf.post_queue, 11);
	conf_clear(&conf);
	refused(WORDS("/nonexistent/file", "No such file"), ARGS(NULL));
}

static void other_arguments_stay(void **state)
{
	struct conf conf;
	char **argv;
	int argc;

	(void)state;
	assert_true(LOAD(&conf, "slips", "--post-queue=5", "--dry-run", "--key-days", "9", "a=b",
	    "--post_queue=6", "--", "--post-queue=7"));
	assert_int_equal(conf.post_queue, 5);
	assert_int_equal(conf.key_days, 9);
	assert_int_equal(argc, 6);
	assert_string_equal(argv[0], "slips");
	assert_string_equal(argv[1], "--dry-run");
	assert_string_equal(argv[2], "a=b");
	assert_string_equal(argv[3], "--post_queue=6");
	assert_string_equal(argv[4], "--");
	assert_string_equal(argv[5], "--post-queue=7");
	assert_null(argv[6]);
	conf_clear(&conf);
}

/* A value may hold anything, an equals sign or a quoted # too. */
static void odd_texts(void **state)
{
	struct conf conf;
	char **argv;
	int argc;

	(void)state;
	write_file("database = host=/run password='a #b\\' #c' x#y # comment\n"
		   "tls_key =\n"
		   "#post_queue = 1\n");
	assert_true(LOAD(&conf, "--config", path, "--owner-database=dbname=x user=y"));
	assert_string_equal(conf.database, "host=/run password='a #b\\' #c' x#y");
	assert_string_equal(conf.owner_database, "dbname=x user=y");
	assert_string_equal(conf.tls_key, "");
	assert_int_equal(conf.post_queue, 20000);
	conf_clear(&conf);
	/* a quote that nothing closes is a letter like others */
	write_file("spool_directory = /tmp/it's # here\n");
	assert_true(LOAD(&conf, "--config", path));
	assert_string_equal(conf.spool_directory, "/tmp/it's");
	conf_clear(&conf);
}

static void bad_values(void **state)
{
	static char *const bad[] = {"", "x", "1x", " 1", "+1", "1 ", "0x10", "1.5", "-1", "0",
	    "1000001", "99999999999999999999"};
	static const char *const fine[] = {"1", "1000000"};
	struct conf conf;
	char **argv, arg[64];
	int argc;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		refused(
		    WORDS("post_queue", "flag --post-queue", "1 到 1000000", "from 1 to 1000000"),
		    ARGS("--post-queue", bad[i]));
	for (size_t i = 0; i < sizeof fine / sizeof *fine; i++) {
		snprintf(arg, sizeof arg, "--post-queue=%s", fine[i]);
		assert_true(LOAD(&conf, arg));
		conf_clear(&conf);
	}
	refused(WORDS("log_level", "flag --log-level", "loud", "debug info warn error"),
	    ARGS("--log-level=loud"));
	refused(WORDS("log_level"), ARGS("--log-level=debug info"));
	refused(WORDS("log_level"), ARGS("--log-level="));
	refused(WORDS("--post-queue", "缺少"), ARGS("--post-queue"));
	refused(WORDS("--config"), ARGS("--config"));
}

static void bad_environment(void **state)
{
	(void)state;
	setenv("TAIZHANG_POST_QUEUE", "many", 1);
	refused(
	    WORDS("post_queue", "environment variable TAIZHANG_POST_QUEUE", "many"), ARGS(NULL));
	clearenv();
	setenv("TAIZHANG_POST_QUEU", "1", 1);
	refused(WORDS("TAIZHANG_POST_QUEU "), ARGS(NULL));
	clearenv();
	setenv("TAIZHANG_post_queue", "1", 1);
	refused(WORDS("TAIZHANG_post_queue"), ARGS(NULL));
	clearenv();
	setenv("TAIZHANG_", "1", 1);
	refused(WORDS("TAIZHANG_"), ARGS(NULL));
}

static void bad_files(void **state)
{
	static const struct {
		const char *text, *words[3];
	} cases[] = {
	    {"post_queue = 1\n\nno_such = 2\n", {":3", "no_such"}},
	    {"Post_queue = 1\n", {":1", "Post_queue"}},
	    {"post-queue = 1\n", {":1", "post-queue"}},
	    {"post_queue = 0\n", {":1", "post_queue", "1 到 1000000"}},
	    {"post_queue = 1\npost_queue = 2\n", {":2", "post_queue", ":1"}},
	    {"# x\nhello\n", {":2"}},
	    {" = 1\n", {":1"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *const *w = cases[i].words;

		write_file(cases[i].text);
		refused(
		    WORDS(path, w[0], w[1] ? w[1] : "", w[2] ? w[2] : ""), ARGS("--config", path));
	}
	refused(WORDS("/tmp: Is a directory"), ARGS("--config", "/tmp"));
	write_bytes("key_days = 8\npost_queue = 1\0 2\n", 32);
	refused(WORDS(path, ":2", "not text"), ARGS("--config", path));
}

static void secrets(void **state)
{
	struct conf conf;
	char **argv, *text;
	int argc;

	(void)state;
	setenv("TAIZHANG_OWNER_DATABASE", "postgresql://u:hunter3@h/d", 1);
	assert_true(LOAD(&conf, "--database", "host=h password=hunter2"));
	text = shown(&conf);
	assert_null(strstr(text, "hunter"));
	assert_non_null(
	    strstr(text, "database             = ***              # flag --database\n"));
	assert_non_null(
	    strstr(text, "***              # environment variable TAIZHANG_OWNER_DATABASE"));
	free(text);
	conf_clear(&conf);

	/* nor in what is said about a line that went wrong */
	write_file("database = host=h password=hunter2\ndatabase = password=hunter4\n");
	refused(WORDS("database"), ARGS("--config", path));
	assert_null(strstr(error, "hunter"));
	write_file("host:h:hunter2\n");
	refused(WORDS(":1"), ARGS("--config", path));
	assert_null(strstr(error, "hunter"));
}

static void reload(void **state)
{
	struct conf conf;
	char **argv;
	int argc;

	(void)state;
	write_file("key_days = 10\npost_queue = 11\ntrusted_proxy = 10.0.0.1\nlog_level = warn\n");
	assert_true(LOAD(&conf, "--config", path, "--session-hours=3"));

	write_file("# moved\nkey_days = 20\npost_queue = 12\ntrusted_proxy = 10.0.0.2\n"
		   "session_hours = 4\n");
	assert_true(conf_reload(&conf, error, sizeof error));
	assert_int_equal(conf.key_days, 20);
	assert_int_equal(conf.post_queue, 11); /* needs a restart */
	assert_string_equal(conf.trusted_proxy, "10.0.0.2");
	assert_string_equal(conf.log_level, "info"); /* no longer given */
	assert_int_equal(conf.session_hours, 3);     /* the flag still wins */
	assert_shown(&conf, ":2\n");

	write_file("key_days = 30\ntrusted_proxy = 10.0.0.3\nkey_day = 1\n");
	assert_false(conf_reload(&conf, error, sizeof error));
	assert_non_null(strstr(error, "key_day"));
	assert_int_equal(conf.key_days, 20);
	assert_string_equal(conf.trusted_proxy, "10.0.0.2");
	conf_clear(&conf);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, clean_environment)
	const struct CMUnitTest tests[] = {
	    TEST(defaults),
	    TEST(table),
	    TEST(later_wins),
	    TEST(file_by_environment),
	    TEST(other_arguments_stay),
	    TEST(odd_texts),
	    TEST(bad_values),
	    TEST(bad_environment),
	    TEST(bad_files),
	    TEST(secrets),
	    TEST(reload),
	};

	return cmocka_run_group_tests_name("conf", tests, make_file, remove_file);
}
