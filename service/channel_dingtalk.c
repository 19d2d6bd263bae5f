/*
 * channel_dingtalk.c - DingTalk's (钉钉) robot. Signed by the URL's timestamp and sign:
 * HMAC-SHA256 under the secret over "timestamp_ms\nsecret".
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "channel_kind.h"
#include "channel_text.h"
#include "crypto.h"
#include "die.h"

#define TEXT_MAX 8000

char *channel_dingtalk_sign(const char *secret, int64_t at_ms)
{
	char *text = xasprintf("%" PRId64 "\n%s", at_ms, secret);
	uint8_t mac[CRYPTO_SHA256_LEN];

	crypto_hmac_sha256(secret, strlen(secret), text, strlen(text), mac);
	free(text);
	return crypto_base64(mac, sizeof mac);
}

/* The address with timestamp and sign; base64 has three characters that mean something in a URL. */
static char *signed_url(const struct channel_target *target)
{
	int64_t now = (int64_t)time(NULL) * 1000;
	char *sign = channel_dingtalk_sign(target->secret, now);
	struct buf url = BUF_EMPTY;

	buf_printf(&url, "%s%ctimestamp=%" PRId64 "&sign=", target->address,
	    strchr(target->address, '?') ? '&' : '?', now);
	for (const char *p = sign; *p; p++)
		if (strchr("+/=", *p))
			buf_printf(&url, "%%%02X", (unsigned char)*p);
		else
			buf_putc(&url, *p);
	free(sign);
	buf_str(&url);
	return buf_take(&url, NULL);
}

static void send_message(struct channel_call *call)
{
	struct buf text = BUF_EMPTY;
	char *url =
	    *call->target->secret ? signed_url(call->target) : xstrdup(call->target->address);

	channel_text_plain(call->message, call->target->language, TEXT_MAX, &text);
	channel_post(call, url, NULL,
	    json_pack("{s:s,s:{s:s}}", "msgtype", "text", "text", "content", buf_str(&text)));
	buf_free(&text);
	free(url);
}

static void judge(const struct outgoing_answer *answer, struct channel_outcome *outcome)
{
	static const struct channel_code codes[] = {
	    {130101, false, 600}, /* over 20 a minute: nothing is taken for ten minutes */
	    {410100, false, 600}, /* the same, of newer gateways */
	    {300001, true, 0},    /* no such token */
	    {300005, true, 0},    /* no such token */
	    {310000, true,
		0}, /* signature, keyword or sender's address is not as the robot wants */
	    {400013, true, 0}, /* the group is gone */
	    {400101, true, 0}, /* no such token */
	    {400102, true, 0}, /* the robot was stopped */
	    {400106, true, 0}, /* the robot is gone */
	    {0},
	};

	channel_judge_code(answer, "errcode", "errmsg", codes, outcome);
}

const struct channel_kind channel_dingtalk = {
    .name = "dingtalk",
    .rate = 20,
    .secret = CHANNEL_MAY_SIGN,
    .send = send_message,
    .judge = judge,
};
