/* channel_kind.h - what a kind of channel is made of; a row of channel.c's table, a file each. */
#ifndef CHANNEL_KIND_H
#define CHANNEL_KIND_H

#include "buf.h"
#include "channel.h"
#include "outgoing.h"

/* A message on its way out. target and message are gone when send returns. */
struct channel_call {
	struct outgoing *outgoing;
	const struct channel_kind *kind;
	const struct channel_target *target;
	const struct channel_message *message;
	channel_cb done;
	void *arg;
};

struct channel_kind {
	const char *name;
	int rate; /* messages a minute */
	enum { CHANNEL_NO_SECRET, CHANNEL_MAY_SIGN, CHANNEL_MUST_SIGN } secret;
	bool mail; /* its address is a mail address, else a URL that is a secret itself */
	/* What is wrong with the secret beyond its length; NULL: nothing may be. */
	bool (*secret_ok)(const char *secret);
	/* Hand it to outgoing, with channel_answered and call. */
	void (*send)(struct channel_call *call);
	/* The receiver answered, or SMTP's conversation failed: was it delivered? */
	void (*judge)(const struct outgoing_answer *answer, struct channel_outcome *outcome);
};

extern const struct channel_kind channel_email, channel_wecom, channel_dingtalk, channel_feishu,
    channel_webhook;

/* outgoing_cb of every send; arg is the call. */
void channel_answered(void *arg, const struct outgoing_answer *answer);

/* POST a JSON body, which is freed. headers end with NULL; NULL: none. */
void channel_post(
    struct channel_call *call, const char *url, const char *const *headers, json_t *body);

/* --- Judging --- */

/* Say why, cut to its room on a character's boundary; what the other end said may hold anything. */
void channel_explain(struct channel_outcome *outcome, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Of an HTTP answer: 2xx or not. */
void channel_judge_status(const struct outgoing_answer *answer, struct channel_outcome *outcome);

/* What a provider's code means beyond "failed". Ends with code 0. */
struct channel_code {
	int code;
	bool refused;
	int retry_after_s;
};

/* Of a robot's answer: a JSON object whose member code is 0 when all is well, and member text says
   why not otherwise. */
void channel_judge_code(const struct outgoing_answer *answer, const char *code, const char *text,
    const struct channel_code *codes, struct channel_outcome *outcome);

/* --- Signatures: each in base64, for the caller to free --- */

char *channel_dingtalk_sign(const char *secret, int64_t at_ms);
char *channel_feishu_sign(const char *secret, int64_t at_s);
/* NULL: the secret is not "whsec_" and base64. */
char *channel_webhook_sign(const char *secret, const char *id, int64_t at_s, const char *body);

#endif
