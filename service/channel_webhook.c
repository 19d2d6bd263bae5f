/*
 * channel_webhook.c - any receiver, after the Standard Webhooks specification
 * (https://www.standardwebhooks.com): {"type", "timestamp", "data"}, signed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "channel_kind.h"
#include "crypto.h"
#include "die.h"

#define PREFIX "whsec_"
#define KEY_MIN 16
#define KEY_MAX 64

/* The key's length, or -1. The caller frees it. */
static int decode_secret(const char *secret, uint8_t **key)
{
	*key = NULL;
	if (strncmp(secret, PREFIX, sizeof PREFIX - 1) != 0)
		return -1;
	return crypto_base64_decode(secret + sizeof PREFIX - 1, key);
}

static bool secret_ok(const char *secret)
{
	uint8_t *key;
	int len = decode_secret(secret, &key);

	free(key);
	return len >= KEY_MIN && len <= KEY_MAX;
}

char *channel_webhook_sign(const char *secret, const char *id, int64_t at_s, const char *body)
{
	uint8_t mac[CRYPTO_SHA256_LEN], *key;
	int key_len = decode_secret(secret, &key);
	char *text;

	if (key_len < 0)
		return NULL;
	text = xasprintf("%s.%lld.%s", id, (long long)at_s, body);
	crypto_hmac_sha256(key, (size_t)key_len, text, strlen(text), mac);
	free(text);
	free(key);
	return crypto_base64(mac, sizeof mac);
}

static char *body_of(const struct channel_message *message)
{
	char at[32];
	time_t seconds = (time_t)(message->at_ms / 1000);
	struct tm tm;
	json_t *body;
	char *text;

	gmtime_r(&seconds, &tm);
	strftime(at, sizeof at, "%Y-%m-%dT%H:%M:%SZ", &tm);
	body = json_pack("{s:s,s:s,s:O}", "type", message->kind, "timestamp", at, "data",
	    (json_t *)message->content);
	text = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	if (!text)
		die("could not write a webhook's body");
	return text;
}

static void send_message(struct channel_call *call)
{
	const struct channel_message *message = call->message;
	int64_t now = time(NULL); /* of this attempt: receivers refuse old ones */
	char *body = body_of(message);
	char *mac = channel_webhook_sign(call->target->secret, message->id, now, body);
	char *headers[4] = {0};

	if (mac) {
		headers[0] = xasprintf("webhook-id: %s", message->id);
		headers[1] = xasprintf("webhook-timestamp: %lld", (long long)now);
		headers[2] = xasprintf("webhook-signature: v1,%s", mac);
		outgoing_post(call->outgoing,
		    &(struct outgoing_post){.url = call->target->address,
			.headers = (const char *const *)headers,
			.body = body,
			.body_len = strlen(body)},
		    channel_answered, call);
	} else {
		outgoing_fail(
		    call->outgoing, "密钥不可用 · the secret is of no use", channel_answered, call);
	}
	for (int i = 0; headers[i]; i++)
		free(headers[i]);
	free(mac);
	free(body);
}

const struct channel_kind channel_webhook = {
    .name = "webhook",
    .rate = 120,
    .secret = CHANNEL_MUST_SIGN,
    .secret_ok = secret_ok,
    .send = send_message,
    .judge = channel_judge_status,
};
