/* channel_email.c - mail, plain and HTML, from the address that setting smtp_from names. */
#include <stdlib.h>

#include "channel_kind.h"
#include "channel_text.h"

static void send_message(struct channel_call *call)
{
	const struct channel_message *message = call->message;
	const char *language = call->target->language;
	struct buf title = BUF_EMPTY, text = BUF_EMPTY, html = BUF_EMPTY;

	channel_text_title(message, language, &title);
	channel_text_plain(message, language, SIZE_MAX, &text);
	channel_text_html(message, language, &html);
	outgoing_mail(call->outgoing,
	    &(struct outgoing_mail){
		.to = call->target->address,
		.id = message->id,
		.at_ms = message->at_ms,
		.subject = buf_str(&title),
		.text = buf_str(&text),
		.html = buf_str(&html),
		.language = language,
	    },
	    channel_answered, call);
	buf_free(&title);
	buf_free(&text);
	buf_free(&html);
}

/* The codes by which a server says that there is no such mailbox (RFC 5321, 4.2.3). */
static void judge(const struct outgoing_answer *answer, struct channel_outcome *outcome)
{
	outcome->delivered = answer->arrived;
	outcome->refused = !answer->arrived && (answer->status == 550 || answer->status == 551 ||
						   answer->status == 553);
	if (!answer->arrived && answer->status >= 400)
		channel_explain(outcome, "邮件服务器答复 · the mail server said: %s", answer->body);
}

const struct channel_kind channel_email = {
    .name = "email",
    .rate = 60,
    .secret = CHANNEL_NO_SECRET,
    .mail = true,
    .send = send_message,
    .judge = judge,
};
