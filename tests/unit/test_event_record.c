/* test_event_record.c - an event's bytes, their hash, and the body found again in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "crypto.h"
#include "event_record.h"

static struct event_record event_of(const char *body)
{
	return (struct event_record){.actor = "李\"四\"",
	    .at = "2022-11-20T08:00:00.123456+08:00",
	    .body = body,
	    .body_len = strlen(body),
	    .seq = 7,
	    .source = "127.0.0.1",
	    .store = "XT",
	    .type = "slip"};
}

static void exact_bytes(void **state)
{
	static const char expected[] =
	    "{\"actor\":\"李\\\"四\\\"\",\"at\":\"2022-11-20T08:00:00.123456+08:00\","
	    "\"body\":{\"a\":[1]},\"seq\":7,\"source\":\"127.0.0.1\",\"store\":\"XT\","
	    "\"type\":\"slip\"}";
	struct event_record event = event_of("{\"a\":[1]}");
	struct buf out = BUF_EMPTY;
	uint8_t leaf[32], leaf_expected[32];

	(void)state;
	buf_puts(&out, "before");
	event_record_write(&event, &out, leaf);
	assert_memory_equal(out.data, "before", 6);
	assert_string_equal(buf_str(&out) + 6, expected);
	crypto_leaf_hash(expected, sizeof expected - 1, leaf_expected);
	assert_memory_equal(leaf, leaf_expected, 32);
	buf_free(&out);
}

/* Sorted and compact, as jansson would write it from a tree. */
static void canonical(void **state)
{
	struct event_record event = event_of("{\"b\":{\"c\":\"x\"},\"lines\":[]}");
	struct buf out = BUF_EMPTY;
	uint8_t leaf[32];
	json_t *json;
	char *text;

	(void)state;
	event_record_write(&event, &out, leaf);
	json = json_loadb(out.data, out.len, 0, NULL);
	text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(text, buf_str(&out));
	free(text);
	json_decref(json);
	buf_free(&out);
}

static void body_again(void **state)
{
	static const char *const bodies[] = {"{}", "[]", "null", "12", "\"text\"", "\"\"",
	    "{\"a\":{\"b\":[{},[\"]}\"]]}}", "{\"note\":\"\\\",\\\"seq\\\":9,\\\"source\\\":\"}",
	    "{\"k\":\"\\\\\"}", "{\"seq\":1,\"body\":{\"seq\":2}}", "\"},\\\"seq\\\":\""};

	(void)state;
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		struct event_record event = event_of(bodies[i]);
		struct buf out = BUF_EMPTY;
		uint8_t leaf[32];
		const char *body;
		size_t len;

		event.actor = "\",\"body\":\\";
		event_record_write(&event, &out, leaf);
		body = event_record_body(buf_str(&out), &len);
		assert_non_null(body);
		assert_int_equal(len, strlen(bodies[i]));
		assert_memory_equal(body, bodies[i], len);
		buf_free(&out);
	}
}

/* Neither other JSON nor a record cut short. */
static void not_ours(void **state)
{
	static const char *const bad[] = {"", "{}", "{\"actor\":\"a\"}",
	    "{\"actor\":1,\"at\":\"\",\"body\":{},\"seq\":1,\"source\":\"\",\"store\":\"\","
	    "\"type\":\"\"}",
	    "{\"actor\":\"\",\"at\":\"\",\"body\":,\"seq\":1,\"source\":\"\",\"store\":\"\","
	    "\"type\":\"\"}",
	    "{\"actor\":\"\",\"at\":\"\",\"body\":{},\"seq\":x,\"source\":\"\",\"store\":\"\","
	    "\"type\":\"\"}",
	    "{\"actor\":\"\",\"at\":\"\",\"body\":{},\"seq\":1,\"source\":\"\",\"store\":\"\","
	    "\"type\":\"\"} "};
	struct event_record event = event_of("{\"a\":\"b\"}");
	struct buf out = BUF_EMPTY;
	uint8_t leaf[32];
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (event_record_body(bad[i], &len))
			fail_msg("%s was taken for a record", bad[i]);
	event_record_write(&event, &out, leaf);
	for (size_t n = 0; n < out.len; n++) {
		char *prefix = strndup(out.data, n);

		assert_null(event_record_body(prefix, &len));
		free(prefix);
	}
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(exact_bytes),
	    cmocka_unit_test(canonical),
	    cmocka_unit_test(body_again),
	    cmocka_unit_test(not_ours),
	};

	return cmocka_run_group_tests_name("event_record", tests, NULL, NULL);
}
