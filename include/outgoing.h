/*
 * outgoing.h - what leaves for the outside: HTTP requests on the loop, and mail, over libcurl.
 *
 * So many are under way at once (setting outgoing_max), more wait in a queue. Each ends within
 * outgoing_timeout of its start. TLS is verified, redirects are not followed, no proxy is taken from
 * the environment, and nothing reaches inside (outgoing_guard.h) unless outgoing_private is set.
 */
#ifndef OUTGOING_H
#define OUTGOING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <event2/event.h>

#include "conf.h"

#define OUTGOING_QUEUE 1000       /* waiting, at most, of each of the two */
#define OUTGOING_ANSWER_MAX 65536 /* bytes of an answer; a longer one is none */

struct outgoing;

/* How it went; valid only during the callback. */
struct outgoing_answer {
	bool arrived;      /* the receiver took it and answered with status */
	bool inside;       /* its address lies inside: nothing was sent */
	bool stopped;      /* by outgoing_free(): it may or may not have arrived */
	int status;        /* of HTTP, or SMTP's last; 0: there was none */
	int retry_after_s; /* the receiver's wish; 0: none */
	const char *body;  /* of the answer, with a NUL behind; of SMTP the line that refused */
	size_t body_len;
	const char *error; /* when not arrived: why, without secrets */
};

/* Called once, from the loop or from outgoing_free(), never before the call that asked returns. */
typedef void (*outgoing_cb)(void *arg, const struct outgoing_answer *answer);

/* A POST of JSON. Nothing is kept after the call. */
struct outgoing_post {
	const char *url;
	const char *const *headers; /* "Name: value", ends with NULL; or NULL */
	const char *body;
	size_t body_len;
};

/* A mail of two parts that say the same. UTF-8; nothing is kept after the call. */
struct outgoing_mail {
	const char *to; /* an address, without a name */
	const char *id; /* of the message, for Message-ID */
	int64_t at_ms;  /* Unix time, for Date */
	const char *subject;
	const char *text, *html;
	const char *language; /* "zh", "en" */
};

/* conf stays the caller's; what SIGHUP changes counts for the next. false: error says what is wrong
   with the settings, in Chinese and English. */
struct outgoing *outgoing_new(
    struct event_base *base, const struct conf *conf, char *error, size_t error_size);

void outgoing_post(
    struct outgoing *outgoing, const struct outgoing_post *post, outgoing_cb done, void *arg);
void outgoing_mail(
    struct outgoing *outgoing, const struct outgoing_mail *mail, outgoing_cb done, void *arg);

/* Answer the same way, with this error, without sending. */
void outgoing_fail(struct outgoing *outgoing, const char *error, outgoing_cb done, void *arg);

int outgoing_depth(const struct outgoing *outgoing); /* under way or waiting */

/* Cuts off what is under way: each is answered with stopped. */
void outgoing_free(struct outgoing *outgoing);

#endif
