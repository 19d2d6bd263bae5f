/* channel_wecom.c - WeCom's (企业微信) group robot. The key is in its URL; there is no signature. */
#include "channel_kind.h"
#include "channel_text.h"

#define TEXT_MAX 2048 /* bytes; a text, not markdown, which WeChat's own app does not show */

static void send_message(struct channel_call *call)
{
	struct buf text = BUF_EMPTY;

	channel_text_plain(call->message, call->target->language, TEXT_MAX, &text);
	channel_post(call, call->target->address, NULL,
	    json_pack("{s:s,s:{s:s}}", "msgtype", "text", "text", "content", buf_str(&text)));
	buf_free(&text);
}

static void judge(const struct outgoing_answer *answer, struct channel_outcome *outcome)
{
	static const struct channel_code codes[] = {
	    {45009, false, 60}, /* too many a minute */
	    {45033, false, 10}, /* too many at once */
	    {93000, true, 0},   /* no such robot */
	    {0},
	};

	channel_judge_code(answer, "errcode", "errmsg", codes, outcome);
}

const struct channel_kind channel_wecom = {
    .name = "wecom",
    .rate = 20,
    .secret = CHANNEL_NO_SECRET,
    .send = send_message,
    .judge = judge,
};
