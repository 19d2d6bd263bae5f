/* outgoing.c - HTTP requests to the outside: libcurl's multi interface on the libevent loop. */
#include "outgoing.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>

#include <openssl/x509_vfy.h>

#include "clock.h"
#include "die.h"
#include "outgoing_easy.h"
#include "outgoing_mail.h"

struct transfer {
	TAILQ_ENTRY(transfer) link;
	struct outgoing_easy easy;
	struct curl_slist *headers;
	const char *failure; /* in the list failed: why it is not even tried; owned */
	outgoing_cb done;
	void *arg;
};

TAILQ_HEAD(transfers, transfer);

struct outgoing {
	struct event_base *base;
	const struct conf *conf;
	X509_STORE *trust;
	CURLM *multi;
	struct event *timer;    /* curl's */
	struct event *deferred; /* something is in failed */
	struct transfers waiting, running, failed;
	int waiting_count, running_count;
	struct outgoing_mailer *mailer;
};

static void start_waiting(struct outgoing *o);

/* --- Ends --- */

static void transfer_free(struct transfer *t)
{
	if (t->easy.curl)
		outgoing_easy_clear(&t->easy);
	curl_slist_free_all(t->headers);
	free((char *)t->failure);
	free(t);
}

static void finish(struct outgoing *o, struct transfer *t, CURLcode result)
{
	struct outgoing_answer answer;

	TAILQ_REMOVE(&o->running, t, link);
	o->running_count--;
	outgoing_easy_answer(&t->easy, result, &answer);
	curl_multi_remove_handle(o->multi, t->easy.curl);
	t->done(t->arg, &answer);
	transfer_free(t);
}

static void collect(struct outgoing *o)
{
	const CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(o->multi, &left))) {
		CURLcode result = message->data.result;
		struct transfer *t;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&t);
		finish(o, t, result);
	}
	start_waiting(o);
}

static void on_deferred(evutil_socket_t fd, short what, void *arg)
{
	struct outgoing *o = arg;
	struct transfer *t;

	(void)fd;
	(void)what;
	while ((t = TAILQ_FIRST(&o->failed))) {
		TAILQ_REMOVE(&o->failed, t, link);
		t->done(t->arg, &(struct outgoing_answer){.body = "", .error = t->failure});
		transfer_free(t);
	}
}

/* --- curl on the loop --- */

static void on_socket(evutil_socket_t fd, short what, void *arg)
{
	struct outgoing *o = arg;
	int running, action = (what & EV_READ ? CURL_CSELECT_IN : 0) |
			      (what & EV_WRITE ? CURL_CSELECT_OUT : 0);

	curl_multi_socket_action(o->multi, fd, action, &running);
	collect(o);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct outgoing *o = arg;
	int running;

	(void)fd;
	(void)what;
	curl_multi_socket_action(o->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	collect(o);
}

/* What curl wants to know of a socket; event is what it kept for us. */
static int watch_socket(CURL *curl, curl_socket_t fd, int what, void *arg, void *kept)
{
	struct outgoing *o = arg;
	struct event *event = kept;
	short events =
	    (short)((what & CURL_POLL_IN ? EV_READ : 0) | (what & CURL_POLL_OUT ? EV_WRITE : 0));

	(void)curl;
	if (event)
		event_free(event);
	event = NULL;
	if (what != CURL_POLL_REMOVE) {
		event = event_new(o->base, fd, (short)(events | EV_PERSIST), on_socket, o);
		if (!event || event_add(event, NULL))
			die("could not watch a connection to the outside");
	}
	curl_multi_assign(o->multi, fd, event);
	return 0;
}

static int set_timer(CURLM *multi, long ms, void *arg)
{
	struct outgoing *o = arg;
	struct timeval after = clock_timeval(ms);

	(void)multi;
	if (ms < 0)
		event_del(o->timer);
	else
		event_add(o->timer, &after);
	return 0;
}

/* --- Sending --- */

static void start_waiting(struct outgoing *o)
{
	struct transfer *t;

	while (o->running_count < o->conf->outgoing_max && (t = TAILQ_FIRST(&o->waiting))) {
		TAILQ_REMOVE(&o->waiting, t, link);
		o->waiting_count--;
		TAILQ_INSERT_TAIL(&o->running, t, link);
		o->running_count++;
		if (curl_multi_add_handle(o->multi, t->easy.curl) != CURLM_OK)
			die("could not start a transfer");
	}
}

static void header(struct transfer *t, const char *line)
{
	t->headers = curl_slist_append(t->headers, line);
	if (!t->headers)
		die("out of memory for a transfer");
}

static struct transfer *transfer_new(outgoing_cb done, void *arg)
{
	struct transfer *t = xcalloc(1, sizeof *t);

	t->done = done;
	t->arg = arg;
	return t;
}

void outgoing_fail(struct outgoing *o, const char *error, outgoing_cb done, void *arg)
{
	struct transfer *t = transfer_new(done, arg);

	t->failure = xstrdup(error);
	TAILQ_INSERT_TAIL(&o->failed, t, link);
	event_active(o->deferred, 0, 0);
}

void outgoing_post(
    struct outgoing *o, const struct outgoing_post *post, outgoing_cb done, void *arg)
{
	bool private = o->conf->outgoing_private;
	struct transfer *t;
	CURL *c;

	if (o->waiting_count >= OUTGOING_QUEUE) {
		outgoing_fail(o, "等待发送的太多 · too many are waiting to be sent", done, arg);
		return;
	}
	t = transfer_new(done, arg);
	outgoing_easy_init(&t->easy, o->conf, o->trust, !private);
	c = t->easy.curl;
	header(t, "Content-Type: application/json; charset=utf-8");
	header(t, "Expect:");
	for (const char *const *line = post->headers; line && *line; line++)
		header(t, *line);
	curl_easy_setopt(c, CURLOPT_PRIVATE, t);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, private ? "http,https" : "https");
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(c, CURLOPT_URL, post->url);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, t->headers);
	curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)post->body_len);
	curl_easy_setopt(c, CURLOPT_COPYPOSTFIELDS, post->body);
	TAILQ_INSERT_TAIL(&o->waiting, t, link);
	o->waiting_count++;
	start_waiting(o);
}

void outgoing_mail(
    struct outgoing *o, const struct outgoing_mail *mail, outgoing_cb done, void *arg)
{
	const char *error;

	if (!outgoing_mailer_send(o->mailer, mail, done, arg, &error))
		outgoing_fail(o, error, done, arg);
}

int outgoing_depth(const struct outgoing *o)
{
	return o->running_count + o->waiting_count + outgoing_mailer_depth(o->mailer);
}

/* --- Life --- */

static void init_curl(void)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		die("could not set up libcurl");
}

struct outgoing *outgoing_new(
    struct event_base *base, const struct conf *conf, char *error, size_t error_size)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	X509_STORE *trust = outgoing_trust_new(conf, error, error_size);
	struct outgoing *o;

	if (!trust)
		return NULL;
	pthread_once(&once, init_curl);
	o = xcalloc(1, sizeof *o);
	o->base = base;
	o->conf = conf;
	o->trust = trust;
	TAILQ_INIT(&o->waiting);
	TAILQ_INIT(&o->running);
	TAILQ_INIT(&o->failed);
	o->multi = curl_multi_init();
	o->timer = evtimer_new(base, on_timer, o);
	o->deferred = evtimer_new(base, on_deferred, o);
	if (!o->multi || !o->timer || !o->deferred)
		die("could not set up transfers");
	curl_multi_setopt(o->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	curl_multi_setopt(o->multi, CURLMOPT_SOCKETDATA, o);
	curl_multi_setopt(o->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(o->multi, CURLMOPT_TIMERDATA, o);
	o->mailer = outgoing_mailer_new(base, conf, trust);
	return o;
}

static void stop_all(struct outgoing *o, struct transfers *list)
{
	static const struct outgoing_answer stopped = {
	    .stopped = true, .body = "", .error = "服务停止 · the service stopped"};
	struct transfer *t;

	while ((t = TAILQ_FIRST(list))) {
		TAILQ_REMOVE(list, t, link);
		if (list == &o->running)
			curl_multi_remove_handle(o->multi, t->easy.curl);
		t->done(t->arg, &stopped);
		transfer_free(t);
	}
}

void outgoing_free(struct outgoing *o)
{
	if (!o)
		return;
	outgoing_mailer_free(o->mailer);
	stop_all(o, &o->running);
	stop_all(o, &o->waiting);
	stop_all(o, &o->failed);
	curl_multi_cleanup(o->multi); /* takes leave of its sockets and timer */
	event_free(o->timer);
	event_free(o->deferred);
	X509_STORE_free(o->trust);
	free(o);
}
