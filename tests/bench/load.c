/*
 * load.c - posts slips over kept-alive connections as fast as they are answered, and measures.
 *
 *   load PORT STORE TOKEN CONNECTIONS SECONDS
 *
 * Every connection has one slip under way: one line, out, of a random one of the seven items, under a
 * key of its own. Prints a line of JSON: {"slips":…,"seconds":…,"p50_us":…,"p99_us":…,"failed":…}.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_ANSWER 16384

static const char *const items[] = {"disposable-mask", "n95", "glove", "face-shield",
    "isolation-gown", "protective-suit", "hand-gel"};

struct connection {
	int fd;
	int64_t sent_us;
	size_t have;
	char answer[MAX_ANSWER];
};

struct load {
	const char *store, *token;
	int epoll, open; /* open: connections with a slip under way */
	int64_t end_us;
	uint64_t key;
	uint32_t *latencies; /* of those posted, in us */
	size_t posted, room, failed;
};

static void fail(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

/* A slip fits the socket's buffer, as the one before was answered: a short write is a fault. */
static void send_slip(struct load *load, struct connection *c)
{
	char body[512], request[2048];
	int len = snprintf(body, sizeof(body),
	    "{\"kind\":\"out\",\"reason\":\"issue\",\"counterparty\":\"第12微网格\","
	    "\"receiver\":\"张三\",\"handler\":\"李四\",\"document\":\"领字2022-118\","
	    "\"lines\":[{\"item\":\"%s\",\"quantity\":1}]}",
	    items[random() % 7]);

	len = snprintf(request, sizeof(request),
	    "POST /api/v1/stores/%s/slips HTTP/1.1\r\nHost: localhost\r\n"
	    "Authorization: Bearer %s\r\nIdempotency-Key: load-%d-%llu\r\n"
	    "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
	    load->store, load->token, (int)getpid(), (unsigned long long)load->key++, len, body);
	c->have = 0;
	c->sent_us = now_us();
	if (send(c->fd, request, (size_t)len, MSG_NOSIGNAL) != len)
		fail("send");
}

/* Is the answer whole? */
static bool complete(const struct connection *c)
{
	const char *end = strstr(c->answer, "\r\n\r\n");
	const char *length = strcasestr(c->answer, "\r\nContent-Length:");

	return end && length && length < end &&
	       c->have >= (size_t)(end + 4 - c->answer) + strtoul(length + 17, NULL, 10);
}

static void take_answer(struct load *load, struct connection *c)
{
	int64_t now = now_us();

	if (strncmp(c->answer, "HTTP/1.1 201 ", 13) == 0) {
		if (load->posted == load->room) {
			load->room = load->room ? 2 * load->room : 65536;
			load->latencies = realloc(load->latencies, load->room * sizeof(uint32_t));
			if (!load->latencies)
				fail("realloc");
		}
		load->latencies[load->posted++] = (uint32_t)(now - c->sent_us);
	} else if (load->failed++ == 0) {
		fprintf(stderr, "load: %s\n", c->answer);
	}
	if (now < load->end_us)
		send_slip(load, c);
	else
		load->open--;
}

static void receive(struct load *load, struct connection *c)
{
	ssize_t got = recv(c->fd, c->answer + c->have, sizeof(c->answer) - 1 - c->have, 0);

	if (got < 0 && errno == EAGAIN)
		return;
	if (got < 0)
		fail("recv");
	if (got == 0) {
		errno = ECONNRESET;
		fail("the service closed a connection");
	}
	c->have += (size_t)got;
	c->answer[c->have] = '\0';
	if (complete(c))
		take_answer(load, c);
}

static void connect_to(struct load *load, struct connection *c, int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
	int on = 1;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	c->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		fail("connect");
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, c->fd, &event) != 0)
		fail("epoll_ctl");
}

static int by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static uint32_t percentile(const struct load *load, unsigned percent)
{
	return load->posted ? load->latencies[(load->posted - 1) * percent / 100] : 0;
}

int main(int argc, char **argv)
{
	struct load load = {.epoll = epoll_create1(0)};
	struct connection *connections;
	struct epoll_event events[256];
	int64_t start;

	if (argc != 6) {
		fputs("usage: load PORT STORE TOKEN CONNECTIONS SECONDS\n", stderr);
		return 2;
	}
	load.store = argv[2];
	load.token = argv[3];
	load.open = atoi(argv[4]);
	connections = calloc((size_t)load.open, sizeof(*connections));
	if (!connections)
		fail("calloc");
	srandom((unsigned)getpid());
	for (int i = 0; i < load.open; i++)
		connect_to(&load, &connections[i], atoi(argv[1]));

	start = now_us();
	load.end_us = start + (int64_t)(atof(argv[5]) * 1e6);
	for (int i = 0; i < load.open; i++)
		send_slip(&load, &connections[i]);
	while (load.open > 0) {
		int count = epoll_wait(load.epoll, events, 256, 30000);

		if (count < 0 && errno != EINTR)
			fail("epoll_wait");
		if (count == 0) {
			errno = ETIMEDOUT;
			fail("no answer for 30 seconds");
		}
		for (int i = 0; i < count; i++)
			receive(&load, events[i].data.ptr);
	}
	double seconds = (double)(now_us() - start) / 1e6;

	qsort(load.latencies, load.posted, sizeof(uint32_t), by_size);
	printf("{\"slips\":%zu,\"seconds\":%.3f,\"p50_us\":%u,\"p99_us\":%u,\"failed\":%zu}\n",
	    load.posted, seconds, percentile(&load, 50), percentile(&load, 99), load.failed);
	return load.failed > 0;
}
