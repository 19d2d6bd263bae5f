/* channel.c - the ways out to people: the table of kinds, and what they have in common. */
#include "channel.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "channel_kind.h"
#include "die.h"
#include "outgoing_guard.h"

#define MAIL_ADDRESS_MAX 254
#define THROTTLED_S 60 /* when the receiver does not say how long */

static const struct channel_kind *const kinds[] = {
    &channel_email,
    &channel_wecom,
    &channel_dingtalk,
    &channel_feishu,
    &channel_webhook,
};

#define KINDS ((int)(sizeof kinds / sizeof *kinds))

const struct channel_kind *channel_kind_at(int number)
{
	return number >= 0 && number < KINDS ? kinds[number] : NULL;
}

const struct channel_kind *channel_kind_find(const char *name)
{
	for (int i = 0; i < KINDS; i++)
		if (!strcmp(kinds[i]->name, name))
			return kinds[i];
	return NULL;
}

const char *channel_kind_name(const struct channel_kind *kind)
{
	return kind->name;
}

int channel_rate(const struct channel_kind *kind)
{
	return kind->rate;
}

bool channel_address_secret(const struct channel_kind *kind)
{
	return !kind->mail;
}

char *channel_address_shown(const struct channel_kind *kind, const char *address)
{
	return kind->mail ? xstrdup(address) : outgoing_guard_shown(address);
}

/* --- Checking --- */

/* Strict enough that an address is one word of a header and of SMTP: local@domain.name. */
static bool mail_address_ok(const char *address)
{
	static const char local[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "!#$%&'*+-/=?^_`{|}~.";
	static const char domain[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
	size_t before = strspn(address, local), after;

	if (!before || before > 64 || address[before] != '@')
		return false;
	after = strspn(address + before + 1, domain);
	return after && !address[before + 1 + after] && address[before + 1] != '.' &&
	       address[before + after] != '.' && !strstr(address, "..") && *address != '.' &&
	       *address != '-' && address[before - 1] != '.';
}

static void check_mail(
    const struct channel_target *target, const struct conf *conf, struct problem *problem)
{
	if (strlen(target->address) > MAIL_ADDRESS_MAX)
		problem_add(problem, PROBLEM_too_long, "254", "address");
	else if (!mail_address_ok(target->address))
		problem_add(problem, PROBLEM_bad_mail_address, NULL, "address");
	if (!*conf->smtp_url || !*conf->smtp_from)
		problem_add(problem, PROBLEM_mail_not_set_up, NULL, "kind");
}

static void check_url(
    const struct channel_target *target, const struct conf *conf, struct problem *problem)
{
	static const enum problem_code codes[] = {
	    [OUTGOING_URL_OK] = PROBLEM_none,
	    [OUTGOING_URL_MALFORMED] = PROBLEM_bad_url,
	    [OUTGOING_URL_NOT_HTTPS] = PROBLEM_url_not_https,
	    [OUTGOING_URL_HAS_USER] = PROBLEM_url_has_user,
	    [OUTGOING_URL_INSIDE] = PROBLEM_url_inside,
	};
	enum outgoing_url found = outgoing_guard_url(target->address, conf->outgoing_private);

	if (strlen(target->address) > CHANNEL_ADDRESS_MAX)
		problem_add(problem, PROBLEM_too_long, "2000", "address");
	else if (found != OUTGOING_URL_OK)
		problem_add(problem, codes[found], NULL, "address");
}

static void check_secret(
    const struct channel_kind *kind, const char *secret, struct problem *problem)
{
	if (!*secret) {
		if (kind->secret == CHANNEL_MUST_SIGN)
			problem_add(problem, PROBLEM_required, NULL, "secret");
		return;
	}
	if (kind->secret == CHANNEL_NO_SECRET)
		problem_add(problem, PROBLEM_no_secret_here, kind->name, "secret");
	else if (strlen(secret) > CHANNEL_SECRET_MAX)
		problem_add(problem, PROBLEM_too_long, "200", "secret");
	else if (kind->secret_ok && !kind->secret_ok(secret))
		problem_add(problem, PROBLEM_bad_secret, NULL, "secret");
}

void channel_check(const struct channel_kind *kind, const struct channel_target *target,
    const struct conf *conf, struct problem *problem)
{
	(kind->mail ? check_mail : check_url)(target, conf, problem);
	check_secret(kind, target->secret, problem);
}

/* --- Sending --- */

void channel_send(struct outgoing *outgoing, const struct channel_kind *kind,
    const struct channel_target *target, const struct channel_message *message, channel_cb done,
    void *arg)
{
	struct channel_call *call = xmalloc(sizeof *call);

	*call = (struct channel_call){
	    .outgoing = outgoing,
	    .kind = kind,
	    .target = target,
	    .message = message,
	    .done = done,
	    .arg = arg,
	};
	kind->send(call);
}

void channel_post(
    struct channel_call *call, const char *url, const char *const *headers, json_t *body)
{
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;

	if (!text)
		die("could not write a message to channel %s", call->kind->name);
	json_decref(body);
	outgoing_post(call->outgoing,
	    &(struct outgoing_post){
		.url = url, .headers = headers, .body = text, .body_len = strlen(text)},
	    channel_answered, call);
	free(text);
}

void channel_answered(void *arg, const struct outgoing_answer *answer)
{
	struct channel_call *call = arg;
	struct channel_outcome outcome = {
	    .refused = answer->inside,
	    .stopped = answer->stopped,
	    .retry_after_s = answer->retry_after_s,
	};

	if (answer->arrived || answer->status)
		call->kind->judge(answer, &outcome);
	if (!outcome.delivered && !*outcome.error)
		channel_explain(&outcome, "%s", answer->error);
	call->done(call->arg, &outcome);
	free(call);
}

/* --- Judging --- */

void channel_explain(struct channel_outcome *outcome, const char *fmt, ...)
{
	struct buf text = BUF_EMPTY;
	char *formatted;
	bool utf8;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&formatted, fmt, ap) < 0)
		die("out of memory for an error");
	va_end(ap);
	utf8 = buf_utf8(formatted, strlen(formatted));
	for (const char *p = formatted; *p; p++) {
		unsigned char c = (unsigned char)*p;

		buf_putc(&text, c < ' ' || c == 0x7f ? ' ' : c < 0x80 || utf8 ? *p : '?');
	}
	problem_copy(outcome->error, sizeof outcome->error, buf_str(&text));
	buf_free(&text);
	free(formatted);
}

void channel_judge_status(const struct outgoing_answer *answer, struct channel_outcome *outcome)
{
	if (!answer->arrived)
		return;
	outcome->delivered = answer->status >= 200 && answer->status < 300;
	outcome->refused = answer->status == 410;
	if (outcome->delivered)
		return;
	if (answer->status >= 300 && answer->status < 400)
		channel_explain(outcome,
		    "转向他处，未跟随 · a redirect, which is not followed (HTTP %d)",
		    answer->status);
	else
		channel_explain(
		    outcome, "对方答复 · the receiver answered HTTP %d", answer->status);
	if (answer->status == 429 && !outcome->retry_after_s)
		outcome->retry_after_s = THROTTLED_S;
}

static void apply_code(
    const struct channel_code *codes, json_int_t code, struct channel_outcome *outcome)
{
	for (; codes->code; codes++)
		if (codes->code == code) {
			outcome->refused = codes->refused;
			outcome->retry_after_s = codes->retry_after_s;
		}
}

void channel_judge_code(const struct outgoing_answer *answer, const char *code, const char *text,
    const struct channel_code *codes, struct channel_outcome *outcome)
{
	json_t *json = NULL, *found;
	const char *why;

	channel_judge_status(answer, outcome);
	if (answer->arrived)
		json = json_loadb(answer->body, answer->body_len, 0, NULL);
	found = json_object_get(json, code);
	why = json_string_value(json_object_get(json, text));
	if (json_is_integer(found) && json_integer_value(found) != 0) {
		outcome->delivered = false;
		channel_explain(outcome, "%s %lld: %s", code, (long long)json_integer_value(found),
		    why ? why : "");
		apply_code(codes, json_integer_value(found), outcome);
	} else if (outcome->delivered && !json_is_integer(found)) {
		outcome->delivered = false;
		channel_explain(outcome,
		    "看不懂对方的答复 · the receiver's answer makes no sense (HTTP %d)",
		    answer->status);
	}
	json_decref(json);
}
