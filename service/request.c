/*
 * request.c - one HTTP request: what it says, and the exits by which it is answered.
 *
 * Who frees what: evhttp frees its request when the answer is out or the connection goes, except that
 * it lets go of a request which is not answered yet when the connection goes; that one is freed by
 * the call that would have answered it. So an exchange ends in on_complete(), in request_lost(), or,
 * the client having left before, in the exit.
 */
#include "request.h"

#include <ctype.h>
#include <inttypes.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>

#include "auth.h"
#include "clock.h"
#include "conn.h"
#include "die.h"

enum phase {
	HANDLED,   /* a handler has it */
	STREAMING, /* its producer has it */
	DONE,      /* answered: nobody calls an exit any more */
};

struct exchange {
	struct request req; /* first: a request is its exchange */
	struct conn_common *common;
	struct conn *conn; /* NULL: the client has left */
	struct evhttp_request *evreq;
	enum phase phase;
	bool head;    /* the answer goes without a body */
	bool closing; /* the connection is of no use after it */

	char *query; /* decoded parameters, which these point into */
	int query_count;
	const char *names[REQUEST_MAX_QUERY], *values[REQUEST_MAX_QUERY];

	int status;
	uint64_t bytes;
	int64_t answered_us;

	struct request_source source;
	struct event *turn; /* proceed() or gone() is due */
	bool sending;       /* a chunk is on its way */
};

static struct exchange *exchange_of(struct request *req)
{
	return (struct exchange *)req;
}

static const struct exchange *exchange_in(const struct request *req)
{
	return (const struct exchange *)req;
}

/* --- The end --- */

static void finish(struct exchange *x, bool cut)
{
	struct http_outcome outcome = {
	    .status = x->status,
	    .took_us = (x->answered_us ? x->answered_us : clock_us()) - x->req.started_us,
	    .bytes = x->bytes,
	    .cut = cut,
	};

	x->common->options.finished(&x->req, &outcome);
	x->common->stats.in_flight--;
	for (int i = 0; i < REQUEST_MAX_ARGS; i++)
		free(x->req.args[i]);
	if (x->req.caller)
		caller_release(x->req.caller);
	json_decref(x->req.json);
	if (x->turn)
		event_free(x->turn);
	free(x->query);
	free((char *)x->req.path);
	free(x);
}

/* The answer has been written; evhttp goes on with the connection. */
static void on_complete(struct evhttp_request *evreq, void *arg)
{
	struct exchange *x = arg;
	struct conn *conn = x->conn;

	(void)evreq;
	finish(x, false);
	conn_answered(conn);
}

static void answered(struct exchange *x)
{
	x->phase = DONE;
	x->answered_us = clock_us();
}

/* The connection went before the exit: evhttp has let go of its request. */
static void finish_alone(struct exchange *x)
{
	evhttp_send_reply_end(x->evreq); /* without a connection this only frees it */
	finish(x, true);
}

void request_lost(struct request *req)
{
	struct exchange *x = exchange_of(req);
	bool evhttp_frees = evhttp_request_get_connection(x->evreq) != NULL;

	x->conn = NULL;
	if (evhttp_frees) { /* while answering, or the whole server is being freed */
		if (x->phase == STREAMING)
			x->source.gone(x->source.arg);
		finish(x, true);
	} else if (x->phase == DONE) { /* request_abort() */
		finish_alone(x);
	} else if (x->phase == STREAMING) {
		event_active(x->turn, EV_TIMEOUT, 0);
	}
}

/* --- What it says --- */

static struct evkeyvalq *headers_in(const struct request *req)
{
	return evhttp_request_get_input_headers(exchange_in(req)->evreq);
}

const char *request_header(const struct request *req, const char *name)
{
	return evhttp_find_header(headers_in(req), name);
}

const char *request_query(const struct request *req, const char *name)
{
	const struct exchange *x = exchange_in(req);

	for (int i = 0; i < x->query_count; i++)
		if (!strcmp(x->names[i], name))
			return x->values[i];
	return NULL;
}

const char *request_query_name(const struct request *req, int i)
{
	const struct exchange *x = exchange_in(req);

	return i < x->query_count ? x->names[i] : NULL;
}

char *request_cookie(const struct request *req, const char *name)
{
	const char *p = request_header(req, "Cookie");
	size_t name_len = strlen(name);

	while (p && *p) {
		size_t len;

		p += strspn(p, "; ");
		len = strcspn(p, ";");
		if (len > name_len && !memcmp(p, name, name_len) && p[name_len] == '=')
			return xstrndup(p + name_len + 1, len - name_len - 1);
		p += len;
	}
	return NULL;
}

static struct evbuffer *body_of(const struct request *req)
{
	return evhttp_request_get_input_buffer(exchange_in(req)->evreq);
}

const char *request_body(const struct request *req, size_t *len)
{
	*len = evbuffer_get_length(body_of(req));
	return (const char *)evbuffer_pullup(body_of(req), -1);
}

/* --- Is it proper HTTP? What evhttp lets pass is refused here. NULL: it is. --- */

static bool is_token(const char *s)
{
	static const char others[] = "!#$%&'*+-.^_`|~";

	if (!*s)
		return false;
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr(others, *s))
			return false;
	return true;
}

static bool is_digits(const char *s)
{
	return *s && !s[strspn(s, "0123456789")];
}

static bool is_printable(const char *s)
{
	for (; *s; s++)
		if (*s < 0x21 || *s > 0x7e)
			return false;
	return true;
}

static int count_headers(const struct request *req, const char *name)
{
	const struct evkeyval *header;
	int count = 0;

	TAILQ_FOREACH(header, headers_in(req), next)
	count += !strcasecmp(header->key, name);
	return count;
}

static const char *fault_in_headers(const struct request *req)
{
	const struct evkeyval *header;

	TAILQ_FOREACH(header, headers_in(req), next)
	if (!is_token(header->key))
		return "header name";
	return NULL;
}

/* Two readers who disagree on where a request ends are how requests are smuggled. */
static const char *fault_in_length(const struct request *req)
{
	const char *length = request_header(req, "Content-Length");
	const char *coding = request_header(req, "Transfer-Encoding");
	enum evhttp_cmd_type method = evhttp_request_get_command(exchange_in(req)->evreq);
	bool takes_body = method & (EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_PUT |
				       EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS | EVHTTP_REQ_PATCH);

	if (count_headers(req, "Content-Length") > 1 || (length && !is_digits(length)))
		return "Content-Length";
	if (count_headers(req, "Transfer-Encoding") > 1 ||
	    (coding && strcasecmp(coding, "chunked") != 0))
		return "Transfer-Encoding";
	if (length && coding)
		return "Content-Length, Transfer-Encoding";
	if (!takes_body && (coding || (length && length[strspn(length, "0")])))
		return "method with a body"; /* evhttp takes it for the next request */
	return NULL;
}

static const char *fault_in_version(const struct request *req)
{
	const struct evhttp_request *evreq = exchange_in(req)->evreq;
	int hosts = count_headers(req, "Host");

	if (evreq->major != 1 || evreq->minor < 0 || evreq->minor > 1)
		return "HTTP version";
	return hosts > 1 || (evreq->minor == 1 && !hosts) ? "Host" : NULL;
}

/* --- Taking it in --- */

static const char *method_name(const struct evhttp_request *evreq)
{
	static const char *const names[] = {
	    "GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (evreq->type == 1u << i)
			return names[i];
	return "unknown";
}

/* An address with or without a port, in its usual spelling; IPv4 within IPv6 as IPv4. */
static bool normal_address(const char *text, char *out, size_t size)
{
	struct sockaddr_storage sa;
	int len = sizeof sa;
	char host[NI_MAXHOST];

	if (evutil_parse_sockaddr_port(text, (struct sockaddr *)&sa, &len) ||
	    getnameinfo(
		(struct sockaddr *)&sa, (socklen_t)len, host, sizeof host, NULL, 0, NI_NUMERICHOST))
		return false;
	problem_copy(
	    out, size, strncmp(host, "::ffff:", 7) || !strchr(host, '.') ? host : host + 7);
	return true;
}

static bool is_trusted(const char *address, const char *trusted)
{
	char *list = xstrdup(trusted), *rest = list, *one, normal[64];
	bool found = false;

	while (!found && (one = strtok_r(rest, ", ", &rest)))
		found = normal_address(one, normal, sizeof normal) && !strcmp(normal, address);
	free(list);
	return found;
}

static bool is_id(const char *s)
{
	size_t len = strlen(s);

	return len && len < sizeof((struct request *)0)->id && is_token(s);
}

/* What a proxy that we know says of the client. Nobody else is believed. */
static void believe_proxy(struct request *req)
{
	const char *id = request_header(req, "X-Request-Id");
	const char *protocol = request_header(req, "X-Forwarded-Proto");
	const struct evkeyval *header;
	const char *forwarded = NULL;

	TAILQ_FOREACH(header, headers_in(req), next)
	if (!strcasecmp(header->key, "X-Forwarded-For"))
		forwarded = header->value;
	if (forwarded) { /* the last is the proxy's own word, the others came to it */
		const char *comma = strrchr(forwarded, ',');
		const char *last = comma ? comma + 1 : forwarded;

		normal_address(last + strspn(last, " \t"), req->source, sizeof req->source);
	}
	if (protocol)
		req->tls = !strcasecmp(protocol, "https");
	if (id && is_id(id))
		snprintf(req->id, sizeof req->id, "%s", id);
}

static void identify_source(struct request *req)
{
	const struct exchange *x = exchange_in(req);
	ev_uint16_t port;
	char *peer;

	evhttp_connection_get_peer(x->conn->evcon, &peer, &port);
	normal_address(peer, req->source, sizeof req->source);
	snprintf(req->id, sizeof req->id, "%016" PRIx64, x->conn->next_id++);
	if (is_trusted(req->source, x->common->options.conf->trusted_proxy))
		believe_proxy(req);
}

static const char *take_query(struct exchange *x, const char *query)
{
	char *rest, *part;

	if (!query)
		return NULL;
	rest = x->query = xstrdup(query);
	while ((part = strsep(&rest, "&"))) {
		char *value = strchr(part, '=');

		if (!*part)
			continue;
		if (value)
			*value++ = '\0';
		if (x->query_count == REQUEST_MAX_QUERY || !request_unescape(part, true) ||
		    (value && !request_unescape(value, true)) || request_query(&x->req, part))
			return "query";
		x->names[x->query_count] = part;
		x->values[x->query_count++] = value ? value : "";
	}
	return NULL;
}

static const char *take_uri(struct exchange *x)
{
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(x->evreq);
	const char *path = evhttp_uri_get_path(uri);

	if (!is_printable(path))
		return "path";
	free((char *)x->req.path);
	x->req.path = xstrdup(path);
	return take_query(x, evhttp_uri_get_query(uri));
}

static const char *take_in(struct exchange *x)
{
	const char *fault;

	if ((fault = fault_in_version(&x->req)) || (fault = fault_in_headers(&x->req)) ||
	    (fault = fault_in_length(&x->req)))
		return fault;
	return take_uri(x);
}

void request_begin(struct conn *conn, struct evhttp_request *evreq)
{
	struct exchange *x = xcalloc(1, sizeof *x);
	const struct http_options *options = &conn->common->options;
	struct problem problem;
	const char *fault;

	*x = (struct exchange){
	    .req = {.server = options->server,
		.method = method_name(evreq),
		.path = xstrdup(""),
		.tls = options->tls,
		.started_us = clock_us()},
	    .common = conn->common,
	    .conn = conn,
	    .evreq = evreq,
	    .head = evreq->type == EVHTTP_REQ_HEAD,
	};
	conn->request = &x->req;
	x->common->stats.in_flight++;
	evhttp_request_set_on_complete_cb(evreq, on_complete, x);
	identify_source(&x->req);

	if ((fault = take_in(x))) {
		x->closing = true;
		problem_set(&problem, PROBLEM_bad_request);
		problem_copy(problem.value, sizeof problem.value, fault);
		request_problem(&x->req, &problem);
	} else if (evbuffer_get_length(body_of(&x->req)) > (size_t)options->conf->body_limit) {
		problem_set(&problem, PROBLEM_body_too_large);
		snprintf(problem.value, sizeof problem.value, "%lld",
		    (long long)options->conf->body_limit);
		request_problem(&x->req, &problem);
	} else {
		options->handle(options->server, &x->req);
	}
}

/* --- Exits --- */

static struct evkeyvalq *headers_out(const struct request *req)
{
	return evhttp_request_get_output_headers(exchange_in(req)->evreq);
}

void request_set_header(struct request *req, const char *name, const char *value)
{
	evhttp_remove_header(headers_out(req), name);
	evhttp_add_header(headers_out(req), name, value);
}

static void set_default(struct request *req, const char *name, const char *value)
{
	if (!evhttp_find_header(headers_out(req), name))
		evhttp_add_header(headers_out(req), name, value);
}

static void set_common_headers(struct exchange *x, int status, const char *type)
{
	struct request *req = &x->req;

	if (status != 204)
		request_set_header(req, "Content-Type", type ? type : "application/json");
	request_set_header(req, "X-Request-Id", req->id);
	request_set_header(req, "X-Content-Type-Options", "nosniff");
	set_default(req, "Cache-Control", "no-store");
	if (req->tls)
		request_set_header(req, "Strict-Transport-Security", "max-age=31536000");
	if (x->closing || x->common->stopping)
		request_set_header(req, "Connection", "close");
}

/* evhttp's own words stop at RFC 2616. NULL: it knows. */
static const char *reason(int status)
{
	switch (status) {
	case 413:
		return "Content Too Large";
	case 422:
		return "Unprocessable Content";
	case 429:
		return "Too Many Requests";
	default:
		return NULL;
	}
}

static void answer(
    struct request *req, int status, const char *type, const char *data, size_t len, bool kept)
{
	struct exchange *x = exchange_of(req);
	struct evbuffer *out;
	char length[24];

	x->status = status;
	answered(x);
	if (!x->conn) {
		finish_alone(x);
		return;
	}
	set_common_headers(x, status, type);
	/* evhttp gives no length to HEAD and CONNECT, though it writes bodies */
	if (status != 204 && status != 304) {
		snprintf(length, sizeof length, "%zu", len);
		request_set_header(req, "Content-Length", length);
	}
	if (len && !x->head) {
		out = evhttp_request_get_output_buffer(x->evreq);
		if (kept ? evbuffer_add_reference(out, data, len, NULL, NULL)
			 : evbuffer_add(out, data, len))
			die("out of memory for an answer");
		x->bytes = len;
	}
	conn_sending(x->conn);
	evhttp_send_reply(x->evreq, status, reason(status), NULL);
}

void request_answer(struct request *req, int status, const char *type, const char *data, size_t len)
{
	answer(req, status, type, data, len, false);
}

void request_answer_kept(
    struct request *req, int status, const char *type, const char *data, size_t len)
{
	answer(req, status, type, data, len, true);
}

void request_problem(struct request *req, const struct problem *problem)
{
	int status = problem_status(problem);
	struct buf body = BUF_EMPTY;
	char seconds[16];

	if (problem->retry_after) {
		snprintf(seconds, sizeof seconds, "%d", problem->retry_after);
		request_set_header(req, "Retry-After", seconds);
	}
	if (status == 401)
		request_set_header(req, "WWW-Authenticate", "Bearer realm=\"taizhang\"");
	problem_json(problem, req->id, &body);
	request_answer(req, status, "application/problem+json", body.data, body.len);
	buf_free(&body);
}

void request_refuse(struct request *req, enum problem_code code)
{
	struct problem problem;

	problem_set(&problem, code);
	request_problem(req, &problem);
}

/* --- Streams --- */

/* proceed() or gone() is due, and nobody of ours is on the stack. */
static void on_turn(evutil_socket_t fd, short what, void *arg)
{
	struct exchange *x = arg;

	(void)fd;
	(void)what;
	if (x->conn && !x->head) {
		x->source.proceed(x->source.arg);
		return;
	}
	x->source.gone(x->source.arg);
	request_end(&x->req);
}

/* evhttp says that it has written; more than once a chunk, where TLS is slow. */
static void on_written(struct evhttp_connection *evcon, void *arg)
{
	struct exchange *x = arg;
	struct bufferevent *bev = evhttp_connection_get_bufferevent(evcon);

	if (!x->sending || evbuffer_get_length(bufferevent_get_output(bev)))
		return;
	x->sending = false;
	conn_taken(x->conn);
	x->source.proceed(x->source.arg);
}

void request_stream(
    struct request *req, int status, const char *type, const struct request_source *source)
{
	struct exchange *x = exchange_of(req);

	x->status = status;
	x->phase = STREAMING;
	x->source = *source;
	x->turn = event_new(x->common->base, -1, 0, on_turn, x);
	if (!x->turn)
		die("out of memory for a stream");
	if (x->conn) {
		/* Before HTTP/1.1 there are no chunks: the end of the connection ends the answer. */
		x->closing |= x->evreq->minor == 0;
		set_common_headers(x, status, type);
		evhttp_send_reply_start(x->evreq, status, reason(status));
	}
	event_active(x->turn, EV_TIMEOUT, 0);
}

void request_chunk(struct request *req, const char *data, size_t len)
{
	struct exchange *x = exchange_of(req);
	struct evbuffer *chunk;

	if (!x->conn) /* gone() is on its way */
		return;
	chunk = evbuffer_new();
	if (!chunk || evbuffer_add(chunk, data, len))
		die("out of memory for an answer");
	x->bytes += len;
	x->sending = true;
	conn_sending(x->conn);
	evhttp_send_reply_chunk_with_cb(x->evreq, chunk, on_written, x);
	evbuffer_free(chunk);
}

void request_end(struct request *req)
{
	struct exchange *x = exchange_of(req);

	answered(x);
	if (!x->conn) {
		finish_alone(x);
		return;
	}
	conn_sending(x->conn);
	evhttp_send_reply_end(x->evreq);
}

void request_abort(struct request *req)
{
	struct exchange *x = exchange_of(req);

	answered(x);
	if (x->conn)
		conn_cut(x->conn); /* comes back through request_lost() */
	else
		finish_alone(x);
}
