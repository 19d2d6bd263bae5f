/* test_channel.c - kinds, what is entered for them, signatures, and the words of a message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "channel.h"
#include "channel_kind.h"
#include "channel_text.h"

static void kinds(void **state)
{
	static const char *const names[] = {"email", "wecom", "dingtalk", "feishu", "webhook"};
	int count = 0;
	char *shown;

	(void)state;
	while (channel_kind_at(count))
		count++;
	assert_int_equal(count, sizeof names / sizeof *names);
	for (int i = 0; i < count; i++) {
		const struct channel_kind *kind = channel_kind_find(names[i]);

		assert_non_null(kind);
		assert_string_equal(channel_kind_name(kind), names[i]);
		assert_true(channel_rate(kind) > 0);
		assert_int_equal(channel_address_secret(kind), i > 0);
	}
	assert_null(channel_kind_find("fax"));
	assert_null(channel_kind_at(-1));
	shown = channel_address_shown(channel_kind_find("email"), "a@example.org");
	assert_string_equal(shown, "a@example.org");
	free(shown);
	shown = channel_address_shown(channel_kind_find("wecom"), "https://a.example/x?key=secret");
	assert_string_equal(shown, "https://a.example/…");
	free(shown);
}

/* --- What is entered --- */

#define WHSEC "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define TEN "0123456789"
#define FIFTY TEN TEN TEN TEN TEN
#define TWO_HUNDRED FIFTY FIFTY FIFTY FIFTY

static void entered(void **state)
{
	static const struct {
		const char *kind, *address, *secret;
		enum problem_code code; /* PROBLEM_none: all is well */
		const char *field;
	} cases[] = {
	    {"email", "zhang@example.org", "", PROBLEM_none, NULL},
	    {"email", "a.b+c_d@mail.example-1.org", "", PROBLEM_none, NULL},
	    {"email", "", "", PROBLEM_bad_mail_address, "address"},
	    {"email", "zhang", "", PROBLEM_bad_mail_address, "address"},
	    {"email", "zhang@", "", PROBLEM_bad_mail_address, "address"},
	    {"email", "@example.org", "", PROBLEM_bad_mail_address, "address"},
	    {"email", "a@b@example.org", "", PROBLEM_bad_mail_address, "address"},
	    {"email", "张三@example.org", "", PROBLEM_bad_mail_address, "address"},
	    {"email", "a@例子.org", "", PROBLEM_bad_mail_address, "address"},
	    {"email", "Zhang <a@example.org>", "", PROBLEM_bad_mail_address, "address"},
	    {"email", "a@example.org, b@example.org", "", PROBLEM_bad_mail_address, "address"},
	    {"email", "a@example.org\r\nRCPT TO:<b@example.org>", "", PROBLEM_bad_mail_address,
		"address"},
	    {"email", "a..b@example.org", "", PROBLEM_bad_mail_address, "address"},
	    {"email", ".a@example.org", "", PROBLEM_bad_mail_address, "address"},
	    {"email", "a.@example.org", "", PROBLEM_bad_mail_address, "address"},
	    {"email", "a@.example.org", "", PROBLEM_bad_mail_address, "address"},
	    {"email", "a@example.org.", "", PROBLEM_bad_mail_address, "address"},
	    {"email", "-oQ@example.org", "", PROBLEM_bad_mail_address, "address"},
	    {"email", "a@" TWO_HUNDRED FIFTY ".org", "", PROBLEM_too_long, "address"},
	    {"email", "a@example.org", "x", PROBLEM_no_secret_here, "secret"},
	    {"wecom", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1", "", PROBLEM_none,
		NULL},
	    {"wecom", "https://qyapi.weixin.qq.com/", "x", PROBLEM_no_secret_here, "secret"},
	    {"wecom", "http://qyapi.weixin.qq.com/", "", PROBLEM_url_not_https, "address"},
	    {"wecom", "https://a:b@qyapi.weixin.qq.com/", "", PROBLEM_url_has_user, "address"},
	    {"wecom", "https://10.0.0.1/", "", PROBLEM_url_inside, "address"},
	    {"wecom", "qyapi", "", PROBLEM_bad_url, "address"},
	    {"wecom",
		"https://a.example/" TWO_HUNDRED TWO_HUNDRED TWO_HUNDRED TWO_HUNDRED TWO_HUNDRED
		    TWO_HUNDRED TWO_HUNDRED TWO_HUNDRED TWO_HUNDRED TWO_HUNDRED,
		"", PROBLEM_too_long, "address"},
	    {"dingtalk", "https://oapi.dingtalk.com/robot/send?access_token=1", "", PROBLEM_none,
		NULL},
	    {"dingtalk", "https://oapi.dingtalk.com/robot/send?access_token=1", "SEC1",
		PROBLEM_none, NULL},
	    {"dingtalk", "https://oapi.dingtalk.com/", TWO_HUNDRED "x", PROBLEM_too_long, "secret"},
	    {"feishu", "https://open.feishu.cn/open-apis/bot/v2/hook/1", "s", PROBLEM_none, NULL},
	    {"webhook", "https://example.org/", WHSEC, PROBLEM_none, NULL},
	    {"webhook", "https://example.org/", "", PROBLEM_required, "secret"},
	    {"webhook", "https://example.org/", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
		PROBLEM_bad_secret, "secret"},
	    {"webhook", "https://example.org/", "whsec_c2hvcnQ=", PROBLEM_bad_secret, "secret"},
	    {"webhook", "https://example.org/", "whsec_!!!!", PROBLEM_bad_secret, "secret"},
	};
	char *argv[] = {"--smtp-url", "smtp://mail.example", "--smtp-from", "a@example.org", NULL};
	struct conf conf;
	char error[1024];
	int argc = 4;

	(void)state;
	assert_true(conf_load(&conf, &argc, argv, error, sizeof error));
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct channel_target target = {cases[i].address, cases[i].secret, "zh"};
		struct problem p = {0};

		channel_check(channel_kind_find(cases[i].kind), &target, &conf, &p);
		if (p.error_count != (cases[i].code != PROBLEM_none) ||
		    (p.error_count && p.errors[0].code != cases[i].code))
			fail_msg("%s %s: %s", cases[i].kind, cases[i].address,
			    p.error_count ? problem_code_name(p.errors[0].code) : "accepted");
		if (p.error_count)
			assert_string_equal(p.errors[0].field, cases[i].field);
	}
	conf_clear(&conf);
}

static void mail_not_set_up(void **state)
{
	struct conf conf;
	char error[1024], *argv[] = {NULL};
	struct problem p = {0};
	int argc = 0;

	(void)state;
	assert_true(conf_load(&conf, &argc, argv, error, sizeof error));
	channel_check(channel_kind_find("email"),
	    &(struct channel_target){"a@example.org", "", "zh"}, &conf, &p);
	assert_int_equal(p.error_count, 1);
	assert_int_equal(p.errors[0].code, PROBLEM_mail_not_set_up);
	conf_clear(&conf);
}

/* --- Signatures --- */

static void sign_is(char *sign, const char *expected)
{
	assert_string_equal(sign, expected);
	free(sign);
}

/* The first two by openssl dgst -hmac; the third is the Standard Webhooks libraries' own. */
static void signatures(void **state)
{
	(void)state;
	sign_is(channel_dingtalk_sign("SEC5a1c", 1700000000000),
	    "G8t9Kg3Sv4Bf/Wu5VLyD8mksfnk2JFwbu7nieutDYbg=");
	sign_is(channel_feishu_sign("fs-secret", 1700000000),
	    "ognpFOmraex6LA29Ao14dsiNmmjE3YO4x5e/SX8n9Bw=");
	sign_is(channel_webhook_sign(
		    WHSEC, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, "{\"test\": 2432232314}"),
	    "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
	assert_null(channel_webhook_sign("no secret", "1", 1, ""));
}

/* --- Answers --- */

static void judged(void **state)
{
	static const struct {
		const char *kind;
		int status;
		const char *body;
		bool delivered, refused;
		int retry_after_s;
	} cases[] = {
	    {"wecom", 200, "{\"errcode\":0,\"errmsg\":\"ok\"}", true, false, 0},
	    {"wecom", 200, "{\"errcode\":45009,\"errmsg\":\"freq\"}", false, false, 60},
	    {"wecom", 200, "{\"errcode\":93000,\"errmsg\":\"no\"}", false, true, 0},
	    {"wecom", 200, "{\"errcode\":40001,\"errmsg\":\"?\"}", false, false, 0},
	    {"wecom", 200, "{\"errmsg\":\"ok\"}", false, false, 0},
	    {"wecom", 200, "{\"errcode\":\"0\"}", false, false, 0},
	    {"wecom", 200, "{\"errcode\":0", false, false, 0},
	    {"wecom", 200, "[]", false, false, 0},
	    {"wecom", 200, "", false, false, 0},
	    {"wecom", 500, "{\"errcode\":0}", false, false, 0},
	    {"dingtalk", 200, "{\"errcode\":130101,\"errmsg\":\"fast\"}", false, false, 600},
	    {"dingtalk", 200, "{\"errcode\":310000,\"errmsg\":\"sign\"}", false, true, 0},
	    {"dingtalk", 400, "{\"errcode\":300005,\"errmsg\":\"token\"}", false, true, 0},
	    {"feishu", 200, "{\"code\":0,\"msg\":\"success\"}", true, false, 0},
	    {"feishu", 200, "{\"code\":19021,\"msg\":\"sign\"}", false, true, 0},
	    {"feishu", 400, "{\"code\":11232,\"msg\":\"limited\"}", false, false, 60},
	    {"webhook", 204, "", true, false, 0},
	    {"webhook", 200, "whatever", true, false, 0},
	    {"webhook", 302, "", false, false, 0},
	    {"webhook", 404, "", false, false, 0},
	    {"webhook", 410, "", false, true, 0},
	    {"webhook", 429, "", false, false, 60},
	    {"email", 550, "", false, true, 0},
	    {"email", 535, "", false, false, 0},
	    {"email", 451, "", false, false, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct channel_kind *kind = channel_kind_find(cases[i].kind);
		bool mail = !channel_address_secret(kind);
		struct channel_outcome o = {0};

		kind->judge(&(struct outgoing_answer){.arrived = !mail,
				.status = cases[i].status,
				.body = cases[i].body,
				.body_len = strlen(cases[i].body),
				.error = ""},
		    &o);
		if (o.delivered != cases[i].delivered || o.refused != cases[i].refused ||
		    o.retry_after_s != cases[i].retry_after_s ||
		    (!mail && o.delivered == (*o.error != '\0')))
			fail_msg("%s %d %s: %d %d %d %s", cases[i].kind, cases[i].status,
			    cases[i].body, o.delivered, o.refused, o.retry_after_s, o.error);
	}
}

/* What the other end says is text of ours, whatever it was. */
static void explained(void **state)
{
	struct channel_outcome o = {0};
	char many[1024] = "";

	(void)state;
	channel_explain(&o, "code %d: %s", 7, "不行\r\n\x1b[31m");
	assert_string_equal(o.error, "code 7: 不行   [31m");
	channel_explain(&o, "%s", "not \xff\xfe utf-8");
	assert_string_equal(o.error, "not ?? utf-8");
	for (int i = 0; i < 200; i++)
		strcat(many, "长");
	channel_explain(&o, "x%s", many);
	assert_int_equal(strlen(o.error), 1 + 84 * 3);
	assert_true(buf_utf8(o.error, strlen(o.error)));
}

/* --- Words --- */

#define NAMES                                                                                      \
	"\"store\":\"XT\",\"store_name_zh\":\"西塔库\",\"store_name_en\":\"Xita\","             \
	"\"item\":\"n95\",\"item_name_zh\":\"N95口罩\",\"item_name_en\":\"N95 respirator\","     \
	"\"unit\":\"只\",\"unit_en\":\"pcs\","
#define LEVELS "\"on_hand\":3,\"minimum\":20,\"target\":100,\"suggested_quantity\":97,"
#define ONE(alert)                                                                                 \
	"{\"alerts\":[{" NAMES LEVELS alert "}],\"more\":0,\"counts\":{\"opened\":1},"             \
	"\"stores\":1,\"link\":\"https://t.example/alerts\"}"

static struct channel_message message_of(const char *kind, const char *content)
{
	json_t *json = json_loads(content, 0, NULL);

	assert_non_null(json);
	return (struct channel_message){.id = "1", .kind = kind, .content = json};
}

typedef void (*writer)(const struct channel_message *, const char *, struct buf *);

static void plain(const struct channel_message *message, const char *language, struct buf *out)
{
	channel_text_plain(message, language, SIZE_MAX, out);
}

static void says(
    writer write, const char *kind, const char *content, const char *language, const char *expected)
{
	struct channel_message message = message_of(kind, content);
	struct buf out = BUF_EMPTY;

	write(&message, language, &out);
	assert_string_equal(buf_str(&out), expected);
	buf_free(&out);
	json_decref((json_t *)message.content);
}

static void one_alert(void **state)
{
	static const struct {
		const char *alert, *zh, *en;
	} cases[] = {
	    {"\"cause\":\"low_stock\",\"step\":\"opened\"", "【新增】西塔库 XT · N95口罩：库存偏低",
		"[new] Xita XT · N95 respirator: low stock"},
	    {"\"cause\":\"out_of_stock\",\"step\":\"rearmed\"",
		"【再次提醒】西塔库 XT · N95口罩：缺货",
		"[again] Xita XT · N95 respirator: out of stock"},
	    {"\"cause\":\"low_stock\",\"step\":\"escalated\",\"escalated_to\":\"malan\"",
		"【升级至malan】西塔库 XT · N95口罩：库存偏低",
		"[escalated to malan] Xita XT · N95 respirator: low stock"},
	    {"\"cause\":\"days_of_cover\",\"step\":\"opened\",\"value\":3,\"bound\":7,"
	     "\"window_days\":14",
		"【新增】西塔库 XT · N95口罩：按近 14 天的用量只够 3 天（下限 7 天）",
		"[new] Xita XT · N95 respirator: lasts 3 days at the rate of the last 14 days "
		"(bound "
		"7)"},
	    {"\"cause\":\"expiring\",\"step\":\"opened\",\"value\":40,\"bound\":30",
		"【新增】西塔库 XT · N95口罩：40 只在 30 天内到期",
		"[new] Xita XT · N95 respirator: 40 pcs expire within 30 days"},
	    {"\"cause\":\"expired\",\"step\":\"opened\",\"value\":40",
		"【新增】西塔库 XT · N95口罩：40 只已过期",
		"[new] Xita XT · N95 respirator: 40 pcs have expired"},
	    {"\"cause\":\"overdue_count\",\"step\":\"opened\",\"value\":95,\"bound\":90",
		"【新增】西塔库 XT · N95口罩：已 95 天未盘点（上限 90 天）",
		"[new] Xita XT · N95 respirator: not counted for 95 days (bound 90)"},
	    {"\"cause\":\"expiring\",\"step\":\"closed\"", "【解除】西塔库 XT · N95口罩：临期",
		"[closed] Xita XT · N95 respirator: expiring soon"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (int en = 0; en < 2; en++) {
			char content[2048], expected[1024], title[256];
			const char *line = en ? cases[i].en : cases[i].zh;
			struct channel_message message;
			struct buf head = BUF_EMPTY;

			snprintf(content, sizeof content, ONE("%s"), cases[i].alert);
			message = message_of("alert", content);
			channel_text_title(&message, en ? "en" : "zh", &head);
			snprintf(title, sizeof title, "%s", buf_str(&head));
			assert_non_null(strstr(title, en ? "Xita XT" : "西塔库 XT"));
			snprintf(expected, sizeof expected, "%s\n%s%s\nhttps://t.example/alerts",
			    title, line,
			    en ? ", on hand 3 pcs, minimum 20, target 100, suggested 97"
			       : "，结存 3 只，最低 20，目标 100，建议补充 97");
			says(plain, "alert", content, en ? "en" : "zh", expected);
			buf_free(&head);
			json_decref((json_t *)message.content);
		}
}

static void titles(void **state)
{
	(void)state;
	says(channel_text_title, "alert", ONE("\"cause\":\"out_of_stock\",\"step\":\"opened\""),
	    "zh", "【台账预警】新增：西塔库 XT N95口罩 缺货");
	says(channel_text_title, "alert",
	    "{\"alerts\":[{" NAMES "\"step\":\"opened\"}],\"more\":4,\"stores\":3,"
	    "\"counts\":{\"opened\":3,\"closed\":1,\"escalated\":1}}",
	    "en", "[taizhang] 3 stores: 1 escalated, 3 new, 1 closed");
	says(channel_text_title, "alert",
	    "{\"alerts\":[{" NAMES "\"step\":\"opened\"}],\"more\":4,\"stores\":1,"
	    "\"counts\":{\"opened\":4,\"rearmed\":1}}",
	    "zh", "【台账预警】西塔库 XT：再次提醒 1，新增 4");
	says(channel_text_title, "checkpoint", "{\"store\":\"XT\",\"size\":5000}", "zh",
	    "【台账】XT 审计记录的检查点，共 5000 条");
	says(channel_text_title, "test", "{}", "en", "[taizhang] Test message");
}

static void within_the_limit(void **state)
{
	struct buf content = BUF_EMPTY;
	struct channel_message message;

	(void)state;
	buf_puts(&content, "{\"alerts\":[");
	for (int i = 0; i < 20; i++)
		buf_printf(&content,
		    "%s{" NAMES LEVELS "\"cause\":\"low_stock\",\"step\":\"opened\"}",
		    i ? "," : "");
	buf_puts(&content, "],\"more\":980,\"stores\":143,\"counts\":{\"opened\":1000},"
			   "\"link\":\"https://t.example/alerts\"}");
	message = message_of("alert", buf_str(&content));
	for (size_t max = 200; max < 4000; max += 7) {
		struct buf out = BUF_EMPTY;
		const char *text, *more;
		int shown = 0, left = 0;

		channel_text_plain(&message, "zh", max, &out);
		text = buf_str(&out);
		assert_true(out.len <= max);
		assert_true(buf_utf8(text, out.len));
		for (const char *p = text; (p = strstr(p, "【新增】")); p++)
			shown++;
		more = strstr(text, "\n另有 ");
		assert_non_null(more);
		assert_int_equal(sscanf(more, "\n另有 %d", &left), 1);
		assert_int_equal(shown + left, 1000); /* nothing goes unsaid */
		assert_string_equal(text + out.len - strlen("https://t.example/alerts"),
		    "https://t.example/alerts");
		buf_free(&out);
	}
	json_decref((json_t *)message.content);
	buf_free(&content);
}

/* A note is sent whole or not at all. */
static void checkpoints(void **state)
{
	static const char content[] =
	    "{\"store\":\"XT\",\"size\":9,\"note\":\"a/XT\\n9\\nroot=\\n\\n— a/XT sig=\\n\"}";
	static const char note[] = "a/XT\n9\nroot=\n\n— a/XT sig=\n";
	struct channel_message message = message_of("checkpoint", content);

	(void)state;
	for (size_t max = 50; max < 400; max++) {
		struct buf out = BUF_EMPTY;

		channel_text_plain(&message, "en", max, &out);
		assert_true(out.len <= max);
		buf_str(&out);
		if (max > 300)
			assert_string_equal(out.data + out.len - strlen(note), note);
		else
			assert_true(strstr(out.data, note) || !strstr(out.data, "root="));
		buf_free(&out);
	}
	json_decref((json_t *)message.content);
}

static void html_is_escaped(void **state)
{
	static const char content[] =
	    "{\"alerts\":[{\"store\":\"<b>\",\"store_name_zh\":\"<script>alert(1)</script>\","
	    "\"item_name_zh\":\"a&b\\\"'\",\"unit\":\"<u>\",\"cause\":\"<i>\",\"step\":\"<s>\","
	    "\"on_hand\":0}],\"more\":3,\"counts\":{\"opened\":4},\"stores\":1,"
	    "\"link\":\"https://t.example/?a=1&b=\\\"\"}";
	struct channel_message message = message_of("alert", content);
	struct buf out = BUF_EMPTY;
	const char *html;

	(void)state;
	channel_text_html(&message, "zh", &out);
	html = buf_str(&out);
	assert_non_null(strstr(html, "&lt;script&gt;alert(1)&lt;/script&gt; &lt;b&gt;"));
	assert_non_null(strstr(html, "a&amp;b&quot;&#39;"));
	assert_non_null(strstr(html, "href=\"https://t.example/?a=1&amp;b=&quot;\""));
	assert_non_null(strstr(html, "另有 3 条"));
	assert_null(strstr(html, "<script"));
	assert_null(strstr(html, "<i>"));
	assert_null(strstr(html, "<s>"));
	assert_null(strstr(html, "<u>"));
	buf_free(&out);
	json_decref((json_t *)message.content);

	message = message_of("alert", "{\"alerts\":[],\"link\":\"javascript:alert(1)\"}");
	channel_text_html(&message, "zh", &out);
	assert_null(strstr(buf_str(&out), "javascript"));
	buf_free(&out);
	json_decref((json_t *)message.content);
}

/* Content that is not as it should be makes poor words, but no crash. */
static void odd_content(void **state)
{
	static const char *const contents[] = {"{}", "[]", "null", "{\"alerts\":{}}",
	    "{\"alerts\":[1,null,\"x\",{}]}",
	    "{\"alerts\":[{\"cause\":\"expired\",\"value\":null}]}",
	    "{\"counts\":[],\"more\":-1,\"stores\":\"x\",\"link\":7,\"note\":{}}"};
	static const char *const names[] = {"alert", "checkpoint", "test", "other"};

	(void)state;
	for (size_t i = 0; i < sizeof contents / sizeof *contents; i++)
		for (size_t j = 0; j < sizeof names / sizeof *names; j++) {
			json_t *json = json_loads(contents[i], JSON_DECODE_ANY, NULL);
			struct channel_message message = {"1", 0, names[j], json};
			struct buf out = BUF_EMPTY;

			channel_text_plain(&message, "zh", 2048, &out);
			channel_text_html(&message, "en", &out);
			assert_true(out.len > 0);
			buf_free(&out);
			json_decref(json);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(kinds),
	    cmocka_unit_test(entered),
	    cmocka_unit_test(mail_not_set_up),
	    cmocka_unit_test(signatures),
	    cmocka_unit_test(judged),
	    cmocka_unit_test(explained),
	    cmocka_unit_test(one_alert),
	    cmocka_unit_test(titles),
	    cmocka_unit_test(within_the_limit),
	    cmocka_unit_test(checkpoints),
	    cmocka_unit_test(html_is_escaped),
	    cmocka_unit_test(odd_content),
	};

	return cmocka_run_group_tests_name("channel", tests, NULL, NULL);
}
