/*
 * channel_feishu.c - Feishu's (飞书, Lark) robot. Signed in the body: HMAC-SHA256 under
 * "timestamp_s\nsecret" over nothing, key and message the other way round than DingTalk's.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "channel_kind.h"
#include "channel_text.h"
#include "crypto.h"
#include "die.h"

#define TEXT_MAX 8000

char *channel_feishu_sign(const char *secret, int64_t at_s)
{
	char *key = xasprintf("%" PRId64 "\n%s", at_s, secret);
	uint8_t mac[CRYPTO_SHA256_LEN];

	crypto_hmac_sha256(key, strlen(key), "", 0, mac);
	free(key);
	return crypto_base64(mac, sizeof mac);
}

static void sign(json_t *body, const char *secret)
{
	int64_t now = time(NULL);
	char *mac = channel_feishu_sign(secret, now), at[24];

	snprintf(at, sizeof at, "%" PRId64, now);
	json_object_set_new(body, "timestamp", json_string(at));
	json_object_set_new(body, "sign", json_string(mac));
	free(mac);
}

/* A paragraph a line, of the type post: in a plain text, <at …> would call everybody. */
static json_t *paragraphs(const char *text)
{
	json_t *all = json_array();

	for (size_t len; *text; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		json_array_append_new(
		    all, json_pack("[{s:s,s:s%}]", "tag", "text", "text", text, len));
	}
	return all;
}

static void send_message(struct channel_call *call)
{
	const char *language = call->target->language;
	struct buf text = BUF_EMPTY;
	json_t *body;

	channel_text_plain(call->message, language, TEXT_MAX, &text);
	body = json_pack("{s:s,s:{s:{s:{s:o}}}}", "msg_type", "post", "content", "post",
	    strcmp(language, "en") != 0 ? "zh_cn" : "en_us", "content", paragraphs(buf_str(&text)));
	if (*call->target->secret)
		sign(body, call->target->secret);
	channel_post(call, call->target->address, NULL, body);
	buf_free(&text);
}

static void judge(const struct outgoing_answer *answer, struct channel_outcome *outcome)
{
	static const struct channel_code codes[] = {
	    {9499, false, 60},     /* too many, or a bad request */
	    {11232, false, 60},    /* too many */
	    {99991400, false, 60}, /* too many */
	    {19001, true, 0},      /* no such robot */
	    {19021, true, 0},      /* the signature does not match */
	    {19022, true, 0},      /* the robot does not take this sender's address */
	    {19024, true, 0},      /* the robot wants a keyword */
	    {0},
	};

	channel_judge_code(answer, "code", "msg", codes, outcome);
}

const struct channel_kind channel_feishu = {
    .name = "feishu",
    .rate = 100,
    .secret = CHANNEL_MAY_SIGN,
    .send = send_message,
    .judge = judge,
};
