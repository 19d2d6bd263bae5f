/* test_outgoing.c - which addresses lie inside; requests on the loop: bounds, time limits, ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include "clock.h"
#include "outgoing.h"
#include "outgoing_easy.h"
#include "outgoing_guard.h"
#include "outgoing_mail.h"

/* --- Addresses --- */

static bool inside(const char *text)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
		return outgoing_guard_inside((struct sockaddr *)&v4);
	assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
	return outgoing_guard_inside((struct sockaddr *)&v6);
}

static void addresses(void **state)
{
	/* The first and last of each net, and its neighbours. */
	static const char *const in[] = {"0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255",
	    "100.64.0.0", "100.127.255.255", "127.0.0.1", "127.255.255.255", "169.254.0.0",
	    "169.254.169.254", "169.254.255.255", "172.16.0.0", "172.31.255.255", "192.0.0.0",
	    "192.0.0.255", "192.0.2.1", "192.88.99.1", "192.168.0.0", "192.168.255.255",
	    "198.18.0.0", "198.19.255.255", "198.51.100.7", "203.0.113.7", "224.0.0.0",
	    "239.255.255.255", "240.0.0.0", "255.255.255.255", "::", "::1", "::127.0.0.1",
	    "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:8.8.8.8",
	    "64:ff9b::", "64:ff9b::7f00:1", "64:ff9b::ffff:ffff", "64:ff9b:1::1", "100::1",
	    "2001::1", "2001:1ff:ffff::", "2001:db8::1", "2002::", "2002:7f00:1::1", "3fff::1",
	    "4000::1", "5f00::1", "fc00::", "fd00:ec2::254", "fdff:ffff::1", "fe80::", "fe80::1",
	    "febf:ffff::1", "fec0::1", "ff00::", "ff02::1", "ffff::1"};
	static const char *const out[] = {"1.0.0.0", "8.8.8.8", "9.255.255.255", "11.0.0.0",
	    "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.255.255",
	    "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255",
	    "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "2000::1",
	    "2001:200::1", "2001:4860:4860::8888", "2003::1", "2400:3200::1", "2a00:1450::1",
	    "3ffe:ffff::1"};
	struct sockaddr unix_domain = {.sa_family = AF_UNIX};

	(void)state;
	for (size_t i = 0; i < sizeof in / sizeof *in; i++)
		if (!inside(in[i]))
			fail_msg("%s was taken for an address outside", in[i]);
	for (size_t i = 0; i < sizeof out / sizeof *out; i++)
		if (inside(out[i]))
			fail_msg("%s was taken for an address inside", out[i]);
	assert_true(outgoing_guard_inside(&unix_domain));
}

static void urls(void **state)
{
	static const struct {
		const char *url;
		enum outgoing_url guarded, private;
	} cases[] = {
#define SAME(found) (found), (found)
	    {"https://example.org/hook?key=1", SAME(OUTGOING_URL_OK)},
	    {"https://8.8.8.8:8443/", SAME(OUTGOING_URL_OK)},
	    {"https://[2001:4860::8888]/", SAME(OUTGOING_URL_OK)},
	    {"https://localhost.example.org/", SAME(OUTGOING_URL_OK)},
	    {"https://notlocalhost/", SAME(OUTGOING_URL_OK)},
	    {"http://example.org/", OUTGOING_URL_NOT_HTTPS, OUTGOING_URL_OK},
	    {"ftp://example.org/", SAME(OUTGOING_URL_NOT_HTTPS)},
	    {"file:///etc/passwd", SAME(OUTGOING_URL_MALFORMED)},
	    {"gopher://127.0.0.1/", SAME(OUTGOING_URL_NOT_HTTPS)},
	    {"smtp://127.0.0.1/", SAME(OUTGOING_URL_NOT_HTTPS)},
	    {"https://me@example.org/", SAME(OUTGOING_URL_HAS_USER)},
	    {"https://me:mine@example.org/", SAME(OUTGOING_URL_HAS_USER)},
	    {"https://:mine@example.org/", SAME(OUTGOING_URL_HAS_USER)},
	    {"https://example.org@127.0.0.1/", SAME(OUTGOING_URL_HAS_USER)},
	    {"https://127.0.0.1/", OUTGOING_URL_INSIDE, OUTGOING_URL_OK},
	    {"https://127.1/", OUTGOING_URL_INSIDE, OUTGOING_URL_OK},
	    {"https://0x7f.1/", OUTGOING_URL_INSIDE, OUTGOING_URL_OK},
	    {"https://017700000001/", OUTGOING_URL_INSIDE, OUTGOING_URL_OK},
	    {"https://2130706433/", OUTGOING_URL_INSIDE, OUTGOING_URL_OK},
	    {"https://0/", OUTGOING_URL_INSIDE, OUTGOING_URL_OK},
	    {"https://169.254.169.254/latest/", OUTGOING_URL_INSIDE, OUTGOING_URL_OK},
	    {"https://[::1]/", OUTGOING_URL_INSIDE, OUTGOING_URL_OK},
	    {"https://[::ffff:10.0.0.1]/", OUTGOING_URL_INSIDE, OUTGOING_URL_OK},
	    {"https://[fe80::1%25eth0]/", OUTGOING_URL_INSIDE, OUTGOING_URL_OK},
	    {"https://localhost/", OUTGOING_URL_INSIDE, OUTGOING_URL_OK},
	    {"https://LOCALHOST./", OUTGOING_URL_INSIDE, OUTGOING_URL_OK},
	    {"https://a.localhost/", OUTGOING_URL_INSIDE, OUTGOING_URL_OK},
	    {"example.org/hook", SAME(OUTGOING_URL_MALFORMED)},
	    {"", SAME(OUTGOING_URL_MALFORMED)},
	    {"https://", SAME(OUTGOING_URL_MALFORMED)},
	    {"https://exa mple.org/", SAME(OUTGOING_URL_MALFORMED)},
	    {"https://example.org/\r\nHost: x", SAME(OUTGOING_URL_MALFORMED)},
	    {"https://example.org:99999/", SAME(OUTGOING_URL_MALFORMED)},
	};
	char *shown = outgoing_guard_shown("https://oapi.dingtalk.com/robot/send?access_token=1");

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		enum outgoing_url guarded = outgoing_guard_url(cases[i].url, false);
		enum outgoing_url private = outgoing_guard_url(cases[i].url, true);

		if (guarded != cases[i].guarded || private != cases[i].private)
			fail_msg("%s: %d and %d", cases[i].url, guarded, private);
	}
	assert_string_equal(shown, "https://oapi.dingtalk.com/…");
	free(shown);
}

/* --- A receiver on the same loop --- */

struct bench {
	struct event_base *base;
	struct event *tick; /* so that waiting in vain ends */
	struct conf conf;
	struct outgoing *outgoing;
	struct evhttp *http;
	struct evhttp_request *held[64]; /* not answered yet */
	int port, came, held_count, most_held;
	int done, arrived, stopped;
	int status, retry_after_s;
	bool inside;
	char body[64], error[256], asked[64];
};

static void on_request(struct evhttp_request *req, void *arg)
{
	struct bench *b = arg;
	const char *path = evhttp_request_get_uri(req);
	struct evkeyvalq *headers = evhttp_request_get_output_headers(req);
	struct evbuffer *in = evhttp_request_get_input_buffer(req), *out = evbuffer_new();

	b->came++;
	snprintf(b->asked, sizeof b->asked, "%.*s", (int)evbuffer_get_length(in),
	    (const char *)evbuffer_pullup(in, -1));
	if (!strcmp(path, "/hold")) {
		b->held[b->held_count++] = req;
		b->most_held = b->held_count > b->most_held ? b->held_count : b->most_held;
	} else if (!strcmp(path, "/long")) {
		for (int i = 0; i < OUTGOING_ANSWER_MAX / 16 + 1; i++)
			evbuffer_add(out, "0123456789abcdef", 16);
		evhttp_send_reply(req, 200, "OK", out);
	} else if (!strcmp(path, "/redirect")) {
		evhttp_add_header(headers, "Location", "/");
		evhttp_send_reply(req, 302, "Found", out);
	} else if (!strcmp(path, "/busy")) {
		evhttp_add_header(headers, "Retry-After", "7");
		evhttp_send_reply(req, 429, "Too Many", out);
	} else {
		evbuffer_add(out, "fine", 4);
		evhttp_send_reply(req, 200, "OK", out);
	}
	evbuffer_free(out);
}

static void on_answer(void *arg, const struct outgoing_answer *answer)
{
	struct bench *b = arg;

	b->done++;
	b->arrived += answer->arrived;
	b->stopped += answer->stopped;
	b->inside = answer->inside;
	b->status = answer->status;
	b->retry_after_s = answer->retry_after_s;
	snprintf(b->body, sizeof b->body, "%.60s", answer->body);
	snprintf(b->error, sizeof b->error, "%s", answer->error ? answer->error : "");
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

static void open_bench(struct bench *b, char *argv[])
{
	struct evhttp_bound_socket *bound;
	struct sockaddr_in address = {0};
	socklen_t len = sizeof address;
	char error[1024];
	int argc = 0;

	*b = (struct bench){.base = event_base_new()};
	b->tick = event_new(b->base, -1, EV_PERSIST, on_tick, NULL);
	event_add(b->tick, &(struct timeval){.tv_usec = 100000});
	while (argv[argc])
		argc++;
	assert_true(conf_load(&b->conf, &argc, argv, error, sizeof error));
	b->outgoing = outgoing_new(b->base, &b->conf, error, sizeof error);
	assert_non_null(b->outgoing);
	b->http = evhttp_new(b->base);
	evhttp_set_gencb(b->http, on_request, b);
	bound = evhttp_bind_socket_with_handle(b->http, "127.0.0.1", 0);
	getsockname(evhttp_bound_socket_get_fd(bound), (struct sockaddr *)&address, &len);
	b->port = ntohs(address.sin_port);
}

static void close_bench(struct bench *b)
{
	outgoing_free(b->outgoing);
	evhttp_free(b->http);
	event_free(b->tick);
	event_base_free(b->base);
	conf_clear(&b->conf);
}

static void post(struct bench *b, const char *scheme, const char *host, const char *path)
{
	char url[256];
	const char *headers[] = {"X-Test: yes", NULL};

	snprintf(url, sizeof url, "%s://%s:%d%s", scheme, host, b->port, path);
	outgoing_post(b->outgoing,
	    &(struct outgoing_post){
		.url = url, .headers = headers, .body = "{\"a\":1}", .body_len = 7},
	    on_answer, b);
}

static void run_until(struct bench *b, const int *count, int wanted)
{
	int64_t end = clock_ms() + 20000;

	while (*count < wanted && clock_ms() < end)
		event_base_loop(b->base, EVLOOP_ONCE);
	assert_int_equal(*count, wanted);
}

#define PRIVATE "--outgoing-private", "1"
#define ARGS(...) ((char *[]){__VA_ARGS__, NULL})

static void answers(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b, ARGS(PRIVATE));
	post(&b, "http", "127.0.0.1", "/");
	assert_int_equal(b.done, 0); /* not before the call returns */
	run_until(&b, &b.done, 1);
	assert_int_equal(b.arrived, 1);
	assert_int_equal(b.status, 200);
	assert_string_equal(b.body, "fine");
	assert_string_equal(b.asked, "{\"a\":1}");

	post(&b, "http", "localhost", "/redirect");
	run_until(&b, &b.done, 2);
	assert_int_equal(b.status, 302);
	assert_int_equal(b.came, 2); /* and nowhere else */

	post(&b, "http", "127.0.0.1", "/busy");
	run_until(&b, &b.done, 3);
	assert_int_equal(b.status, 429);
	assert_int_equal(b.retry_after_s, 7);
	assert_int_equal(b.arrived, 3);

	post(&b, "http", "127.0.0.1", "/long");
	run_until(&b, &b.done, 4);
	assert_int_equal(b.arrived, 3);
	assert_non_null(strstr(b.error, "too long"));

	post(&b, "https", "127.0.0.1", "/"); /* the other end speaks no TLS */
	post(&b, "ftp", "127.0.0.1", "/");
	outgoing_fail(b.outgoing, "because", on_answer, &b);
	assert_int_equal(b.done, 4);
	run_until(&b, &b.done, 7);
	assert_int_equal(b.arrived, 3);
	assert_int_equal(outgoing_depth(b.outgoing), 0);
	close_bench(&b);
}

/* Whatever the name, it is the address that counts; and http is not spoken. */
static void guarded(void **state)
{
	static const char *const hosts[] = {
	    "localhost", "127.0.0.1", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "2130706433"};
	struct bench b;

	(void)state;
	open_bench(&b, ARGS("--outgoing-private", "0"));
	for (int i = 0; i < (int)(sizeof hosts / sizeof *hosts); i++) {
		post(&b, "https", hosts[i], "/");
		run_until(&b, &b.done, i + 1);
		if (!b.inside)
			fail_msg("%s: %s", hosts[i], b.error);
		assert_non_null(strstr(b.error, "inside"));
	}
	b.inside = false;
	post(&b, "http", "127.0.0.1", "/");
	run_until(&b, &b.done, b.done + 1);
	assert_int_equal(b.arrived, 0);
	assert_int_equal(b.came, 0);
	close_bench(&b);
}

static void bounded(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b, ARGS(PRIVATE, "--outgoing-max", "3"));
	for (int i = 0; i < 10; i++)
		post(&b, "http", "127.0.0.1", "/hold");
	assert_int_equal(outgoing_depth(b.outgoing), 10);
	while (b.done < 10) {
		run_until(&b, &b.came, b.done + (10 - b.done < 3 ? 10 - b.done : 3));
		evhttp_send_reply(b.held[--b.held_count], 200, "OK", NULL);
		run_until(&b, &b.done, b.done + 1);
	}
	assert_int_equal(b.arrived, 10);
	assert_int_equal(b.most_held, 3);

	for (int i = 0; i < 3 + OUTGOING_QUEUE + 1; i++)
		post(&b, "http", "127.0.0.1", "/hold");
	run_until(&b, &b.done, 11); /* the one too many, at once */
	assert_non_null(strstr(b.error, "too many"));
	close_bench(&b);
	assert_int_equal(b.stopped, 3 + OUTGOING_QUEUE);
	assert_int_equal(b.done, 10 + 1 + 3 + OUTGOING_QUEUE);
}

static void limited_in_time(void **state)
{
	struct bench b;
	int64_t began = clock_ms();

	(void)state;
	open_bench(&b, ARGS(PRIVATE, "--outgoing-timeout", "300"));
	post(&b, "http", "127.0.0.1", "/hold");
	run_until(&b, &b.done, 1);
	assert_int_equal(b.arrived, 0);
	assert_non_null(strstr(b.error, "超时"));
	assert_in_range(clock_ms() - began, 290, 5000);
	close_bench(&b);
}

/* --- Mail --- */

static void send_mail(struct bench *b)
{
	outgoing_mail(b->outgoing,
	    &(struct outgoing_mail){.to = "a@example.org",
		.id = "1",
		.subject = "s",
		.text = "t",
		.html = "h",
		.language = "zh"},
	    on_answer, b);
}

/* A server that takes the connection and never says a word: the loop goes on, and so does stopping. */
static void silent_mail_server(void **state)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char url[64];
	struct bench b;
	int64_t began;

	(void)state;
	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(fd, 8), 0);
	getsockname(fd, (struct sockaddr *)&address, &len);
	snprintf(url, sizeof url, "smtp://127.0.0.1:%d", ntohs(address.sin_port));
	open_bench(&b, ARGS(PRIVATE, "--smtp-url", url, "--smtp-from", "taizhang@example.org"));
	for (int i = 0; i < 5; i++)
		send_mail(&b);
	assert_int_equal(outgoing_depth(b.outgoing), 5);
	began = clock_ms();
	post(&b, "http", "127.0.0.1", "/");
	run_until(&b, &b.done, 1);
	assert_int_equal(b.arrived, 1);
	assert_in_range(clock_ms() - began, 0, 3000);
	close_bench(&b);
	assert_int_equal(b.stopped, 5);
	assert_in_range(clock_ms() - began, 0, 6000);
	close(fd);
}

static void no_mail_server(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b, ARGS(PRIVATE));
	send_mail(&b);
	assert_int_equal(b.done, 0);
	run_until(&b, &b.done, 1);
	assert_non_null(strstr(b.error, "smtp_url"));
	close_bench(&b);
}

static void header_words(void **state)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
	    {"", ""},
	    {"台账", "=?UTF-8?B?5Y+w6LSm?="},
	    /* 45 bytes, cut after the 14th character */
	    {"一二三四五六七八九十一二三四五",
		"=?UTF-8?B?5LiA5LqM5LiJ5Zub5LqU5YWt5LiD5YWr5Lmd5Y2B5LiA5LqM5LiJ5Zub?=\r\n "
		"=?UTF-8?B?5LqU?="},
	    /* the piece would end within the character: it ends before */
	    {"a一二三四五六七八九十一二三四",
		"=?UTF-8?B?YeS4gOS6jOS4ieWbm+S6lOWFreS4g+WFq+S5neWNgeS4gOS6jOS4iQ==?=\r\n "
		"=?UTF-8?B?5Zub?="},
	    {"a\r\nBcc: b", "=?UTF-8?B?YQ0KQmNjOiBi?="},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *words = outgoing_mail_words(cases[i].text);

		assert_string_equal(words, cases[i].words);
		free(words);
	}
}

static const char self_signed[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBejCCAR+gAwIBAgIUQr/+LvBX8CPcCEK5vQqx12ij9/gwCgYIKoZIzj0EAwIw\n"
    "ETEPMA0GA1UEAwwGbm9ib2R5MCAXDTI2MTEyODAxMTMwM1oYDzIxMjYxMTA0MDEx\n"
    "MzAzWjARMQ8wDQYDVQQDDAZub2JvZHkwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC\n"
    "AARL5dYh7s9DZriZa8GwveeLBBCEfm4vvZJXRVTb/tUCBny9tw99MJSE+Pf9AKMv\n"
    "EQqofH+IDcOFVLZPZeKX+mleo1MwUTAdBgNVHQ4EFgQUc98tDasKgbUVJes7RZ3+\n"
    "19YgUywwHwYDVR0jBBgwFoAUc98tDasKgbUVJes7RZ3+19YgUywwDwYDVR0TAQH/\n"
    "BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEA2AMIRY1V2aRDEdTC3YygzbnJ6AUN\n"
    "OQSVAWYggt2+4PoCIQCpzJXaiYui4d/+/iPBfjhG9eQ4uvMr/Fy99mEYnGCCQA==\n"
    "-----END CERTIFICATE-----\n";

/* What the system trusts is trusted, and what is not, is not. */
static void system_certificates(void **state)
{
	static const char *const files[] = {"/etc/ssl/certs/ISRG_Root_X1.pem", "self-signed"};
	char *argv[] = {NULL}, error[1024];
	X509_STORE *trust;
	struct conf conf;
	int argc = 0;

	(void)state;
	assert_true(conf_load(&conf, &argc, argv, error, sizeof error));
	trust = outgoing_trust_new(&conf, error, sizeof error);
	for (int i = 0; i < 2; i++) {
		X509_STORE_CTX *ctx = X509_STORE_CTX_new();
		FILE *file = i ? fmemopen((char *)self_signed, strlen(self_signed), "r")
			       : fopen(files[0], "r");
		X509 *certificate = file ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;

		if (!certificate)
			fail_msg("%s cannot be read", files[i]);
		assert_int_equal(X509_STORE_CTX_init(ctx, trust, certificate, NULL), 1);
		assert_int_equal(X509_verify_cert(ctx) == 1, i == 0);
		X509_free(certificate);
		X509_STORE_CTX_free(ctx);
		fclose(file);
	}
	X509_STORE_free(trust);
	conf_clear(&conf);
}

static void bad_certificates(void **state)
{
	struct event_base *base = event_base_new();
	char *argv[] = {"--outgoing-ca", "/dev/null", NULL};
	char error[1024];
	struct conf conf;
	int argc = 2;

	(void)state;
	assert_true(conf_load(&conf, &argc, argv, error, sizeof error));
	assert_null(outgoing_new(base, &conf, error, sizeof error));
	assert_non_null(strstr(error, "/dev/null"));
	conf_clear(&conf);
	event_base_free(base);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(addresses),
	    cmocka_unit_test(urls),
	    cmocka_unit_test(answers),
	    cmocka_unit_test(guarded),
	    cmocka_unit_test(bounded),
	    cmocka_unit_test(limited_in_time),
	    cmocka_unit_test(silent_mail_server),
	    cmocka_unit_test(no_mail_server),
	    cmocka_unit_test(header_words),
	    cmocka_unit_test(system_certificates),
	    cmocka_unit_test(bad_certificates),
	};

	setenv("http_proxy", "http://127.0.0.1:9", 1); /* not asked: nobody is there */
	return cmocka_run_group_tests_name("outgoing", tests, NULL, NULL);
}
