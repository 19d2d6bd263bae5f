/* test_diag.c - each log line is one JSON object, whatever was logged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "diag.h"

/* Standard error is this file while a test logs. */
static FILE *caught;
static int real_stderr;

static int catch_stderr(void **state)
{
	(void)state;
	caught = tmpfile();
	real_stderr = dup(STDERR_FILENO);
	return dup2(fileno(caught), STDERR_FILENO) < 0;
}

static int release_stderr(void **state)
{
	(void)state;
	dup2(real_stderr, STDERR_FILENO);
	close(real_stderr);
	fclose(caught);
	diag_set_level(DIAG_INFO);
	return 0;
}

/* The next line that was logged; NULL when there is none. */
static json_t *next_line(long *at)
{
	char line[4096];
	json_t *json;

	fseek(caught, *at, SEEK_SET);
	if (!fgets(line, sizeof line, caught))
		return NULL;
	*at = ftell(caught);
	assert_int_equal(line[strlen(line) - 1], '\n');
	json = json_loads(line, 0, NULL);
	assert_non_null(json);
	return json;
}

static const char *text(json_t *json, const char *name)
{
	return json_string_value(json_object_get(json, name));
}

static void lines(void **state)
{
	long at = 0;
	json_t *json;

	(void)state;
	diag(DIAG_INFO, "r-1", "answered", "{s:s,s:i}", "path", "/库\n", "status", 201);
	diag(DIAG_ERROR, NULL, "plain", NULL);
	diag(DIAG_WARN, NULL, "empty", "{}");

	json = next_line(&at);
	assert_int_equal(json_object_size(json), 6);
	assert_string_equal(text(json, "level"), "info");
	assert_string_equal(text(json, "event"), "answered");
	assert_string_equal(text(json, "request"), "r-1");
	assert_string_equal(text(json, "path"), "/库\n");
	assert_int_equal(json_integer_value(json_object_get(json, "status")), 201);
	assert_int_equal(strlen(text(json, "at")), strlen("2022-11-20T08:00:00.000Z"));
	json_decref(json);

	json = next_line(&at);
	assert_int_equal(json_object_size(json), 3);
	assert_string_equal(text(json, "level"), "error");
	json_decref(json);

	json = next_line(&at);
	assert_int_equal(json_object_size(json), 3);
	json_decref(json);
	assert_null(next_line(&at));
}

static void levels(void **state)
{
	long at = 0;
	json_t *json;

	(void)state;
	diag(DIAG_DEBUG, NULL, "dropped", NULL);
	diag_set_level(diag_level_parse("error"));
	diag(DIAG_WARN, NULL, "dropped", NULL);
	diag_set_level(diag_level_parse("debug"));
	diag(DIAG_DEBUG, NULL, "kept", NULL);
	json = next_line(&at);
	assert_string_equal(text(json, "event"), "kept");
	json_decref(json);
	assert_null(next_line(&at));
	assert_int_equal(diag_level_parse("info"), DIAG_INFO);
	assert_int_equal(diag_level_parse("warn"), DIAG_WARN);
	assert_int_equal(diag_level_parse("loud"), -1);
	assert_int_equal(diag_level_parse(""), -1);
}

/* Fields that cannot be written do not take the line with them. */
static void bad_fields(void **state)
{
	long at = 0;
	json_t *json;

	(void)state;
	diag(DIAG_INFO, NULL,
	    "ev\xff"
	    "ent",
	    "{s:s}", "name", "\xff");
	diag(DIAG_INFO, NULL, "event", "{s:s}", "name", (char *)NULL);
	for (int i = 0; i < 2; i++) {
		json = next_line(&at);
		assert_non_null(text(json, "event"));
		assert_non_null(text(json, "fields_error"));
		json_decref(json);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(lines, catch_stderr, release_stderr),
	    cmocka_unit_test_setup_teardown(levels, catch_stderr, release_stderr),
	    cmocka_unit_test_setup_teardown(bad_fields, catch_stderr, release_stderr),
	};

	return cmocka_run_group_tests_name("diag", tests, NULL, NULL);
}
