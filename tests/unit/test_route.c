/* test_route.c - the table itself, and which of its rows a method and path find. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "route.h"

static char allowed[ROUTE_MAX_ALLOWED];

static int match(struct request *req, const char *method, const char *path)
{
	*req = (struct request){.method = method, .path = path};
	return route_match(req, allowed);
}

static void clear(struct request *req)
{
	for (int i = 0; i < REQUEST_MAX_ARGS; i++)
		free(req->args[i]);
}

/* The route found, as "METHOD path", its values and format. */
static void finds(const char *method, const char *path, const char *route, const char *arg0,
    const char *arg1, const char *format)
{
	struct request req;
	const char *const args[] = {arg0, arg1};

	if (match(&req, method, path) != 0)
		fail_msg("%s %s was not found", method, path);
	assert_string_equal(req.route->path, route);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(req.args[i] == NULL, args[i] == NULL);
		if (args[i])
			assert_string_equal(req.args[i], args[i]);
	}
	assert_int_equal(req.format == NULL, format == NULL);
	if (format)
		assert_string_equal(req.format, format);
	clear(&req);
}

static void finds_nothing(const char *path)
{
	struct request req;

	if (match(&req, "GET", path) != 404)
		fail_msg("%s was found", path);
	clear(&req);
}

static void test_paths(void **state)
{
	(void)state;
	finds("GET", "/healthz", "/healthz", NULL, NULL, NULL);
	finds("HEAD", "/healthz", "/healthz", NULL, NULL, NULL);
	finds("GET", "/api/v1/stores/XT/slips", "/api/v1/stores/{store}/slips", "XT", NULL, NULL);
	finds("GET", "/api/v1/stores/XT/slips/XT-RK-20221120-0001",
	    "/api/v1/stores/{store}/slips/{number}", "XT", "XT-RK-20221120-0001", NULL);
	finds("POST", "/api/v1/stores/XT/slips/batch", "/api/v1/stores/{store}/slips/batch", "XT",
	    NULL, NULL);
	finds("GET", "/api/v1/stores/XT/slips/batch", "/api/v1/stores/{store}/slips/{number}", "XT",
	    "batch", NULL);
}

static void test_formats(void **state)
{
	(void)state;
	finds("GET", "/api/v1/stores/XT/slips.csv", "/api/v1/stores/{store}/slips", "XT", NULL,
	    "csv");
	finds("GET", "/api/v1/stores/XT/ledgers/n95/entries.ndjson",
	    "/api/v1/stores/{store}/ledgers/{item}/entries", "XT", "n95", "ndjson");
	finds("GET", "/api/v1/events.xlsx", "/api/v1/events", NULL, NULL, "xlsx");
	finds_nothing("/api/v1/stores/XT/slips.txt");
	finds_nothing("/api/v1/stores/XT/slips.");
	finds_nothing("/api/v1/stores/XT/slips.csv.csv");
	finds_nothing("/api/v1/stores.csv/XT/slips");
	finds_nothing("/healthz.csv");
	/* No list: the dot is part of the value. */
	finds("GET", "/api/v1/stores/XT/slips/1.csv", "/api/v1/stores/{store}/slips/{number}", "XT",
	    "1.csv", NULL);
}

/* Decoded after it was split: a coded slash is part of a value. */
static void test_decoding(void **state)
{
	(void)state;
	finds("PATCH", "/api/v1/users/%E5%BC%A0%E4%B8%89", "/api/v1/users/{username}", "张三", NULL,
	    NULL);
	finds("PATCH", "/api/v1/users/a%2Fb", "/api/v1/users/{username}", "a/b", NULL, NULL);
	finds("PATCH", "/api/v1/users/a+b", "/api/v1/users/{username}", "a+b", NULL, NULL);
	finds("GET", "/%68ealthz", "/healthz", NULL, NULL, NULL);
	finds_nothing("/api/v1/users/a%00b");
	finds_nothing("/api/v1/users/a%zz");
	finds_nothing("/api/v1/users/a%4");
	finds_nothing("/api/v1/users/%ff%fe");
	finds_nothing("/api/v1%2Fitems");
}

static void test_nothing(void **state)
{
	(void)state;
	finds_nothing("");
	finds_nothing("*");
	finds_nothing("healthz");
	finds_nothing("//healthz");
	finds_nothing("/healthz/");
	finds_nothing("/healthzz");
	finds_nothing("/health");
	finds_nothing("/api/v1/stores//slips");
	finds_nothing("/api/v1/stores/XT/slips/");
	finds_nothing("/api/v1/stores/XT/../XT/slips");
	finds_nothing("/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t/u/v/w/x/y/z");
}

static void test_other_methods(void **state)
{
	struct request req;

	(void)state;
	assert_int_equal(match(&req, "PUT", "/healthz"), 405);
	assert_string_equal(allowed, "GET, HEAD, OPTIONS");
	assert_int_equal(match(&req, "GET", "/api/v1/stores/XT/slips/N/reversal"), 405);
	assert_string_equal(allowed, "POST, OPTIONS");
	assert_int_equal(match(&req, "unknown", "/api/v1/session"), 405);
	assert_string_equal(allowed, "POST, GET, HEAD, DELETE, OPTIONS");
	assert_null(req.route);
	assert_null(req.args[0]);
}

/* No row is hidden behind an earlier one, and each says all that its walk needs. */
static void test_table(void **state)
{
	(void)state;
	for (int i = 0; i < route_count; i++) {
		const struct route *route = &route_table[i];
		bool scoped = route->scope == SCOPE_STORE || route->scope == SCOPE_PLACE;
		bool names = strstr(route->path, "{store}") || strstr(route->path, "{place}/") ||
			     strstr(route->path, "places/{place}");
		struct request req;

		assert_int_equal(match(&req, route->method, route->path), 0);
		assert_ptr_equal(req.route, route);
		clear(&req);

		assert_true(route->handler || route->params);
		if (scoped != names)
			fail_msg("%s names a store or place but is not of it", route->path);
		if ((route->scope == SCOPE_PUBLIC || route->scope == SCOPE_SELF) !=
		    (route->roles == 0))
			fail_msg("%s: roles do not go with its scope", route->path);
		if (i > 0 && strcmp(route_table[i - 1].path, route->path) > 0)
			fail_msg("%s is out of order", route->path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_paths),
	    cmocka_unit_test(test_formats),
	    cmocka_unit_test(test_decoding),
	    cmocka_unit_test(test_nothing),
	    cmocka_unit_test(test_other_methods),
	    cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
