/*
 * http.c - listeners, connections, their limits and deadlines, around evhttp.
 *
 * evhttp parses and writes; what it does not bound is bounded here. It makes a bufferevent for each
 * connection through on_connection(), which is where a struct conn begins, and calls on_close() as
 * the connection ends, whoever ends it. In between
 *  - one timer holds the deadline of whatever the client has to do next: begin or complete a request,
 *    take an answer. evhttp's own time limits are of single reads, which a slow client outlives;
 *  - a callback of the input buffer sees all that comes in: a connection that sends more than it may
 *    is closed. (A read watermark would do for plain sockets, but leaves bytes behind in OpenSSL.)
 */
#include "http.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>

#include "conn.h"
#include "crypto.h"
#include "diag.h"
#include "die.h"
#include "tls.h"

#define BACKLOG 1024
#define MAX_LISTENERS 16
#define MAX_AHEAD 65536 /* bytes that may come in while an answer goes out */
#define LOOK_AGAIN_S 1

/* Reasons to wake a connection other than its deadline: what its timer is activated with. */
#define WAKE_ADOPT EV_READ
#define WAKE_FLOODED EV_WRITE

struct http {
	struct conn_common common;
	struct evhttp *evhttp;
	struct tls *tls;    /* NULL: plain HTTP */
	size_t max_message; /* head and body of a request */

	int listener_count;
	struct evhttp_bound_socket *listeners[MAX_LISTENERS];
	bool full;                /* max_connections are open */
	struct event *look_again; /* whether a listener that failed can accept */

	struct conn *conns;
	struct conn **by_fd; /* connections by their socket: evhttp gives us nowhere to hang ours */
	int by_fd_size;
};

/* --- Accepting --- */

static void set_accepting(struct http *http)
{
	for (int i = 0; i < http->listener_count; i++) {
		struct evconnlistener *listener =
		    evhttp_bound_socket_get_listener(http->listeners[i]);

		if (http->full)
			evconnlistener_disable(listener);
		else
			evconnlistener_enable(listener);
	}
}

/*
 * Mostly for want of file descriptors: without a pause the loop would spin on the connection that
 * cannot be taken. The argument is evhttp's, not ours; on_look_again() ends the pause.
 */
static void on_accept_error(struct evconnlistener *listener, void *evhttp)
{
	(void)evhttp;
	diag(DIAG_WARN, NULL, "accept_failed", "{s:s}", "reason", strerror(errno));
	evconnlistener_disable(listener);
}

static void on_look_again(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	set_accepting(arg);
}

static void count_connection(struct http *http, int change)
{
	bool full;

	http->common.stats.connections += change;
	full = http->common.stats.connections >= http->common.options.conf->max_connections;
	if (full == http->full)
		return;
	http->full = full;
	http->common.stats.full += full;
	set_accepting(http);
}

/* --- Connections --- */

static void on_input(struct evbuffer *input, const struct evbuffer_cb_info *info, void *arg)
{
	struct conn *conn = arg;
	struct http *http = conn->http;
	const struct conf *conf = http->common.options.conf;

	http->common.stats.received += info->n_added - info->n_deleted;
	if (!info->n_added)
		return;
	if (conn->state == CONN_IDLE)
		conn_expect(conn, CONN_READING, conf->request_timeout);
	if (evbuffer_get_length(input) >
		(conn->state == CONN_READING ? http->max_message : MAX_AHEAD) ||
	    http->common.stats.received > (uint64_t)conf->receive_limit)
		event_active(conn->deadline, WAKE_FLOODED, 0);
}

static void conn_free(struct conn *conn)
{
	struct http *http = conn->http;

	if (conn->evcon)
		http->by_fd[bufferevent_getfd(conn->bev)] = NULL;
	http->common.stats.received -= conn_held(conn);
	evbuffer_remove_cb(bufferevent_get_input(conn->bev), on_input, conn);
	event_free(conn->deadline);
	*conn->prev = conn->next;
	if (conn->next)
		conn->next->prev = conn->prev;
	free(conn);
	count_connection(http, -1);
}

static void on_close(struct evhttp_connection *evcon, void *arg)
{
	struct conn *conn = arg;

	(void)evcon;
	if (conn->request)
		request_lost(conn->request);
	conn_free(conn);
}

static void remember_fd(struct conn *conn)
{
	struct http *http = conn->http;
	int fd = bufferevent_getfd(conn->bev), size = http->by_fd_size;

	if (fd >= size) {
		http->by_fd_size = fd * 2;
		http->by_fd =
		    xrealloc(http->by_fd, (size_t)http->by_fd_size * sizeof(*http->by_fd));
		memset(http->by_fd + size, 0,
		    (size_t)(http->by_fd_size - size) * sizeof(*http->by_fd));
	}
	http->by_fd[fd] = conn;
}

/*
 * evhttp has finished setting up the connection, or has given up on it. Its bufferevent's callbacks
 * carry the evhttp_connection, and only it tells us when all is over.
 */
static void adopt(struct conn *conn)
{
	struct bufferevent *bev = conn->bev;
	void *evcon;

	bufferevent_getcb(bev, NULL, NULL, NULL, &evcon);
	if (evcon) {
		conn->evcon = evcon;
		remember_fd(conn);
		evhttp_connection_set_closecb(evcon, on_close, conn);
		conn_expect(conn, CONN_IDLE, conn->http->common.options.conf->request_timeout);
		if (conn->http->common.stopping)
			conn_cut(conn);
	} else {
		conn_free(conn);
	}
	bufferevent_decref(bev);
}

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
	struct conn *conn = arg;

	(void)fd;
	if (what & WAKE_ADOPT) {
		adopt(conn);
		return;
	}
	if (what & WAKE_FLOODED)
		conn->http->common.stats.flooded++;
	else if (conn->state != CONN_IDLE)
		conn->http->common.stats.timed_out++;
	conn_cut(conn);
}

/* evhttp wants a bufferevent for a connection that it has just accepted. */
static struct bufferevent *on_connection(struct event_base *base, void *arg)
{
	struct http *http = arg;
	struct conn *conn = xcalloc(1, sizeof *conn);

	conn->http = http;
	conn->common = &http->common;
	crypto_random(&conn->next_id, sizeof conn->next_id);
	conn->bev = http->tls ? tls_bufferevent(http->tls, base)
			      : bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
	conn->deadline = evtimer_new(base, on_wake, conn);
	if (!conn->bev || !conn->deadline)
		die("out of memory for a connection");
	evbuffer_add_cb(bufferevent_get_input(conn->bev), on_input, conn);
	conn->next = http->conns;
	conn->prev = &http->conns;
	if (conn->next)
		conn->next->prev = &conn->next;
	http->conns = conn;

	/* Runs before the loop looks at the socket; the reference is for evhttp's failing. */
	bufferevent_incref(conn->bev);
	event_active(conn->deadline, WAKE_ADOPT, 0);
	http->common.stats.accepted++;
	count_connection(http, 1);
	return conn->bev;
}

static void on_request(struct evhttp_request *evreq, void *arg)
{
	struct http *http = arg;
	struct evhttp_connection *evcon = evhttp_request_get_connection(evreq);
	struct conn *conn =
	    http->by_fd[bufferevent_getfd(evhttp_connection_get_bufferevent(evcon))];

	conn_handling(conn);
	request_begin(conn, evreq);
}

/* --- Listening --- */

static bool is_loopback(const struct sockaddr *sa)
{
	if (sa->sa_family == AF_INET)
		return ntohl(((const struct sockaddr_in *)sa)->sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)sa)->sin6_addr);
}

static bool fail_address(
    const char *address, const char *zh, const char *en, char *error, size_t error_size)
{
	snprintf(error, error_size, "无法监听 %s：%s\ncannot listen on %s: %s", address, zh,
	    address, en);
	return false;
}

static bool is_port(const char *s)
{
	size_t len = strlen(s);

	return len && len <= 5 && len == strspn(s, "0123456789") && atoi(s) <= UINT16_MAX;
}

/* "address:port" with the address in digits, IPv6 in brackets; port 0 lets the system choose. */
static struct addrinfo *parse_address(const char *text)
{
	static const struct addrinfo hints = {
	    .ai_family = AF_UNSPEC,
	    .ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
	};
	char *host = xstrdup(text), *port = strrchr(host, ':'), *name = host;
	struct addrinfo *found = NULL;
	size_t len;

	if (port) {
		*port++ = '\0';
		len = strlen(name);
		if (len > 1 && *name == '[' && name[len - 1] == ']') {
			name[len - 1] = '\0';
			name++;
		}
		/* getaddrinfo() would take a port modulo 65536. */
		if (!*name || !is_port(port) || getaddrinfo(name, port, &hints, &found))
			found = NULL;
	}
	free(host);
	return found;
}

static bool listen_on(struct http *http, const char *address, char *error, size_t error_size)
{
	const struct conf *conf = http->common.options.conf;
	unsigned flags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE;
	struct addrinfo *found = parse_address(address);
	struct sockaddr_storage sa;
	int sa_len, on = 1;
	struct evconnlistener *listener;

	if (!found)
		return fail_address(address, "应为 地址:端口，如 127.0.0.1:8470 或 [::1]:8470",
		    "write address:port, such as 127.0.0.1:8470 or [::1]:8470", error, error_size);
	sa_len = (int)found->ai_addrlen;
	memcpy(&sa, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	if (!http->tls && !conf->plain_http && !is_loopback((struct sockaddr *)&sa))
		return fail_address(address,
		    "非回环地址不使用明文 HTTP。请设置 tls_certificate 与 tls_key；"
		    "若由反向代理提供 TLS，请设置 plain_http = 1",
		    "plain HTTP is for loopback only. Set tls_certificate and tls_key, or "
		    "plain_http = 1 where a proxy in front does TLS",
		    error, error_size);
	if (http->listener_count == MAX_LISTENERS)
		return fail_address(address, "地址过多", "too many addresses", error, error_size);
	if (sa.ss_family == AF_INET6)
		flags |= LEV_OPT_BIND_IPV6ONLY;
	if (conf->reuse_port) /* must come before bind, so evhttp cannot do it */
		flags |= LEV_OPT_REUSEABLE_PORT;
	listener = evconnlistener_new_bind(
	    http->common.base, NULL, NULL, flags, BACKLOG, (struct sockaddr *)&sa, sa_len);
	if (!listener)
		return fail_address(address, strerror(errno), strerror(errno), error, error_size);
	/* Accepted sockets inherit it: the last piece of a stream must not wait for an ACK. */
	setsockopt(evconnlistener_get_fd(listener), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	evconnlistener_set_error_cb(listener, on_accept_error);
	http->listeners[http->listener_count] = evhttp_bind_listener(http->evhttp, listener);
	if (!http->listeners[http->listener_count++])
		die("out of memory for a listener");
	return true;
}

static bool listen_on_all(struct http *http, char *error, size_t error_size)
{
	char *addresses = xstrdup(http->common.options.listen), *rest = addresses, *address;
	bool ok = true;

	while (ok && (address = strtok_r(rest, ", ", &rest)))
		ok = listen_on(http, address, error, error_size);
	if (ok && !http->listener_count)
		ok = fail_address("", "没有地址", "no address is given", error, error_size);
	free(addresses);
	return ok;
}

json_t *http_addresses(const struct http *http)
{
	json_t *addresses = json_array();

	for (int i = 0; i < http->listener_count; i++) {
		struct sockaddr_storage sa = {0};
		socklen_t len = sizeof sa;
		char host[64] = "?", port[8] = "?";
		bool v6;

		getsockname(
		    evhttp_bound_socket_get_fd(http->listeners[i]), (struct sockaddr *)&sa, &len);
		getnameinfo((struct sockaddr *)&sa, len, host, sizeof host, port, sizeof port,
		    NI_NUMERICHOST | NI_NUMERICSERV);
		v6 = sa.ss_family == AF_INET6;
		json_array_append_new(
		    addresses, json_sprintf("%s://%s%s%s:%s", http->tls ? "https" : "http",
				   v6 ? "[" : "", host, v6 ? "]" : "", port));
	}
	return addresses;
}

/* --- The whole --- */

struct http *http_new(
    struct event_base *base, const struct http_options *options, char *error, size_t error_size)
{
	static const struct timeval look_again = {LOOK_AGAIN_S, 0};
	const struct conf *conf = options->conf;
	struct http *http = xcalloc(1, sizeof *http);
	/* What is not too much over the limit is read, so that the refusal can be our own. */
	size_t max_body = 2 * (size_t)conf->body_limit;

	http->common.base = base;
	http->common.options = *options;
	http->max_message = (size_t)conf->header_limit + max_body + MAX_AHEAD;
	http->evhttp = evhttp_new(base);
	http->look_again = event_new(base, -1, EV_PERSIST, on_look_again, http);
	if (!http->evhttp || !http->look_again || event_add(http->look_again, &look_again))
		die("out of memory for the HTTP server");
	evhttp_set_max_headers_size(http->evhttp, conf->header_limit);
	evhttp_set_max_body_size(http->evhttp, (ev_ssize_t)max_body);
	evhttp_set_flags(http->evhttp, EVHTTP_SERVER_LINGERING_CLOSE);
	evhttp_set_allowed_methods(http->evhttp, UINT16_MAX); /* refused by us, as problems */
	evhttp_set_default_content_type(http->evhttp, NULL);
	evhttp_set_bevcb(http->evhttp, on_connection, http);
	evhttp_set_gencb(http->evhttp, on_request, http);
	if (options->tls &&
	    !(http->tls = tls_new(conf->tls_certificate, conf->tls_key, error, error_size)))
		goto fail;
	if (!listen_on_all(http, error, error_size))
		goto fail;
	return http;
fail:
	http_free(http);
	return NULL;
}

bool http_reload(struct http *http, char *error, size_t error_size)
{
	const struct conf *conf = http->common.options.conf;

	return !http->tls ||
	       tls_reload(http->tls, conf->tls_certificate, conf->tls_key, error, error_size);
}

void http_stop(struct http *http)
{
	struct conn *conn, *next;

	http->common.stopping = true;
	while (http->listener_count)
		evhttp_del_accept_socket(http->evhttp, http->listeners[--http->listener_count]);
	event_del(http->look_again);
	for (conn = http->conns; conn; conn = next) {
		next = conn->next;
		if (conn->state == CONN_IDLE && conn->evcon)
			conn_cut(conn);
	}
}

const struct http_stats *http_stats(const struct http *http)
{
	return &http->common.stats;
}

void http_free(struct http *http)
{
	if (!http)
		return;
	evhttp_free(http->evhttp);
	while (http->conns) { /* accepted in the loop's last turn, not adopted yet */
		struct bufferevent *bev = http->conns->bev;

		conn_free(http->conns);
		bufferevent_decref(bev);
	}
	tls_free(http->tls);
	event_free(http->look_again);
	free(http->by_fd);
	free(http);
}
