/*
 * load.c - asks the service over kept-alive connections, as fast as it answers or at a given rate, and
 * measures.
 *
 *   load KIND PORT TOKEN CONNECTIONS SECONDS RATE TARGET...
 *
 *   slips   posts a slip of one line, out, of a random one of the seven items; targets are stores
 *   batch   posts 1,000 of them a request
 *   get     reads; targets are paths
 *   export  reads chunked answers to their end, each on a connection of its own
 *
 * Targets are taken in turn. RATE 0: every connection has one request under way. Otherwise so many
 * requests a second are due, at random moments, whatever becomes of the ones before; latencies count from
 * when a request was due, as those of pgbench --rate do. Prints a line of JSON:
 * {"done":…,"seconds":…,"p50_us":…,"p99_us":…,"bytes":…,"cpu_us":…,"failed":…}; done counts slips.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH 1000
#define SLIP_MAX 512
#define HEAD_MAX 4096
#define ROOM 262144
#define PATIENCE_US 30000000LL

static const char *const items[] = {"disposable-mask", "n95", "glove", "face-shield",
    "isolation-gown", "protective-suit", "hand-gel"};
static const char created[] = "\"status\":201"; /* of a slip in a batch's answer */
static const char last_chunk[] = "\r\n0\r\n\r\n";

enum kind { SLIPS, BATCHES, GETS, EXPORTS, KINDS };
static const char *const kind_names[KINDS] = {"slips", "batch", "get", "export"};

struct connection {
	int fd; /* -1: not open */
	int64_t due_us;
	bool busy, in_head;
	size_t have;           /* of the head */
	size_t left;           /* of the body, once its length is known */
	size_t seen, accepted; /* of created[]; how often it was seen whole */
	char tail[sizeof last_chunk];
	char head[HEAD_MAX];
};

struct load {
	enum kind kind;
	int port, epoll, count, busy;
	struct connection *connections;
	const char *token;
	char **targets;
	int target_count, target;
	double rate;
	int64_t next_us, end_us;
	uint32_t *latencies; /* of those answered well, in us */
	size_t answered, room, done, failed;
	uint64_t bytes;
	char *request;
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

static void connect_to(struct load *load, struct connection *c)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)load->port)};
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

/* --- Requests --- */

/* In no order, as those of people's devices are. */
static const char *new_key(void)
{
	static char key[33];

	sprintf(key, "%08lx%08lx%08lx%08lx", random(), random(), random(), random());
	return key;
}

static size_t write_slip(char *out, const char *more)
{
	return (size_t)sprintf(out,
	    "{%s\"kind\":\"out\",\"reason\":\"issue\",\"counterparty\":\"第12微网格\","
	    "\"receiver\":\"张三\",\"handler\":\"李四\",\"document\":\"领字2022-118\","
	    "\"lines\":[{\"item\":\"%s\",\"quantity\":1}]}",
	    more, items[random() % 7]);
}

static size_t write_batch(char *out)
{
	size_t len = (size_t)sprintf(out, "{\"slips\":[");
	char key[80];

	for (int i = 0; i < BATCH; i++) {
		if (i > 0)
			out[len++] = ',';
		sprintf(key, "\"idempotency_key\":\"%s\",", new_key());
		len += write_slip(out + len, key);
	}
	return len + (size_t)sprintf(out + len, "]}");
}

static size_t write_post(struct load *load, const char *store, char *out)
{
	static char body[BATCH * (SLIP_MAX + 80)];
	size_t len = load->kind == BATCHES ? write_batch(body) : write_slip(body, "");
	int head = sprintf(out,
	    "POST /api/v1/stores/%s/slips%s HTTP/1.1\r\nHost: localhost\r\n"
	    "Authorization: Bearer %s\r\nIdempotency-Key: %s\r\n"
	    "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
	    store, load->kind == BATCHES ? "/batch" : "", load->token, new_key(), len);

	memcpy(out + head, body, len);
	return (size_t)head + len;
}

static size_t write_request(struct load *load)
{
	const char *target = load->targets[load->target++ % load->target_count];

	if (load->kind == SLIPS || load->kind == BATCHES)
		return write_post(load, target, load->request);
	return (size_t)sprintf(load->request,
	    "GET %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n%s\r\n", target,
	    load->token, load->kind == EXPORTS ? "Connection: close\r\n" : "");
}

static void send_request(struct load *load, struct connection *c, int64_t due_us)
{
	size_t len = write_request(load);

	if (c->fd < 0)
		connect_to(load, c);
	c->busy = c->in_head = true;
	c->have = c->seen = c->accepted = 0;
	c->due_us = due_us;
	load->busy++;
	for (size_t at = 0; at < len;) { /* the service reads on whatever it is doing */
		ssize_t sent = send(c->fd, load->request + at, len - at, MSG_NOSIGNAL);

		if (sent < 0)
			fail("send");
		at += (size_t)sent;
	}
}

/* --- Answers --- */

static void note(struct load *load, uint32_t latency_us)
{
	if (load->answered == load->room) {
		load->room = load->room ? 2 * load->room : 65536;
		load->latencies = realloc(load->latencies, load->room * sizeof(uint32_t));
		if (!load->latencies)
			fail("realloc");
	}
	load->latencies[load->answered++] = latency_us;
}

static void take_answer(struct load *load, struct connection *c)
{
	int64_t now = now_us();
	bool ok = !strncmp(c->head, load->kind == SLIPS ? "HTTP/1.1 201 " : "HTTP/1.1 200 ", 13) &&
		  (load->kind != BATCHES || c->accepted == BATCH) &&
		  (load->kind != EXPORTS || !memcmp(c->tail, last_chunk, sizeof c->tail - 1));

	c->busy = false;
	load->busy--;
	if (ok) {
		note(load, (uint32_t)(now - c->due_us));
		load->done += load->kind == BATCHES ? BATCH : 1;
	} else if (load->failed++ == 0) {
		fprintf(stderr, "load: %zu accepted, %s\n", c->accepted, c->head);
	}
	if (load->rate == 0 && now < load->end_us)
		send_request(load, c, now);
}

/* Where the head ends in what has come of it; 0: not yet. */
static size_t head_end(struct connection *c, const char *data, size_t len)
{
	size_t had = c->have, take = len < HEAD_MAX - 1 - had ? len : HEAD_MAX - 1 - had;
	const char *end;

	memcpy(c->head + had, data, take);
	c->have += take;
	c->head[c->have] = '\0';
	end = strstr(c->head, "\r\n\r\n");
	if (!end) {
		if (c->have == HEAD_MAX - 1)
			fail("the head of an answer is too long");
		return 0;
	}
	return (size_t)(end + 4 - c->head) - had;
}

static void take_body(struct load *load, struct connection *c, const char *data, size_t len)
{
	size_t keep = sizeof c->tail - 1;

	load->bytes += len;
	if (load->kind == BATCHES)
		for (size_t i = 0; i < len; i++) {
			c->seen = data[i] == created[c->seen] ? c->seen + 1 : data[i] == '"';
			if (c->seen == sizeof created - 1) {
				c->accepted++;
				c->seen = 0;
			}
		}
	if (load->kind == EXPORTS) {
		if (len < keep) {
			memmove(c->tail, c->tail + len, keep - len);
			memcpy(c->tail + keep - len, data, len);
		} else {
			memcpy(c->tail, data + len - keep, keep);
		}
	} else {
		c->left -= len < c->left ? len : c->left;
	}
}

static void take(struct load *load, struct connection *c, const char *data, size_t len)
{
	if (c->in_head) {
		size_t end = head_end(c, data, len);
		const char *length = strcasestr(c->head, "\r\nContent-Length:");

		if (!end)
			return;
		c->in_head = false;
		c->left = length ? strtoul(length + 17, NULL, 10) : 0;
		data += end;
		len -= end;
	}
	take_body(load, c, data, len);
	if (load->kind != EXPORTS && c->left == 0)
		take_answer(load, c);
}

static void receive(struct load *load, struct connection *c)
{
	static char data[ROOM];
	ssize_t got = recv(c->fd, data, sizeof data, 0);

	if (got < 0)
		fail("recv");
	if (got > 0) {
		take(load, c, data, (size_t)got);
		return;
	}
	if (load->kind != EXPORTS) {
		errno = ECONNRESET;
		fail("the service closed a connection");
	}
	close(c->fd);
	c->fd = -1;
	take_answer(load, c);
}

/* --- When --- */

static struct connection *idle(struct load *load)
{
	for (int i = 0; i < load->count; i++)
		if (!load->connections[i].busy)
			return &load->connections[i];
	return NULL;
}

/* Sends what is due by now as far as connections are free; → how long to wait for the next, in us. */
static int64_t pace(struct load *load)
{
	struct connection *c;
	int64_t now = now_us();

	if (load->rate == 0)
		return PATIENCE_US;
	while (load->next_us <= now && load->next_us < load->end_us && (c = idle(load)) != NULL) {
		send_request(load, c, load->next_us);
		load->next_us += (int64_t)(-log(1 - drand48()) * 1e6 / load->rate);
	}
	if (load->next_us >= load->end_us || load->next_us <= now)
		return PATIENCE_US;
	return load->next_us - now;
}

static bool going_on(const struct load *load)
{
	return load->busy > 0 || (load->rate > 0 && load->next_us < load->end_us);
}

static int by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static uint32_t percentile(const struct load *load, unsigned percent)
{
	return load->answered ? load->latencies[(load->answered - 1) * percent / 100] : 0;
}

static void report(struct load *load, double seconds)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	qsort(load->latencies, load->answered, sizeof(uint32_t), by_size);
	printf("{\"done\":%zu,\"seconds\":%.4f,\"p50_us\":%u,\"p99_us\":%u,\"bytes\":%llu,\"cpu_"
	       "us\":%lld,"
	       "\"failed\":%zu}\n",
	    load->done, seconds, percentile(load, 50), percentile(load, 99),
	    (unsigned long long)load->bytes,
	    (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000LL + usage.ru_utime.tv_usec +
		usage.ru_stime.tv_usec,
	    load->failed);
}

static void run(struct load *load)
{
	struct epoll_event events[256];

	if (load->rate == 0)
		for (int i = 0; i < load->count; i++)
			send_request(load, &load->connections[i], now_us());
	while (going_on(load)) {
		int64_t wait_us = pace(load);
		struct timespec wait = {wait_us / 1000000, wait_us % 1000000 * 1000};
		int count = epoll_pwait2(load->epoll, events, 256, &wait, NULL);

		if (count < 0 && errno != EINTR)
			fail("epoll_pwait2");
		if (count == 0 && wait_us == PATIENCE_US) {
			errno = ETIMEDOUT;
			fail("no answer for 30 seconds");
		}
		for (int i = 0; i < count; i++)
			receive(load, events[i].data.ptr);
	}
}

int main(int argc, char **argv)
{
	struct load load = {.epoll = epoll_create1(0)};
	int64_t start;
	unsigned seed;

	while (argc > 7 && load.kind < KINDS && strcmp(argv[1], kind_names[load.kind]) != 0)
		load.kind++;
	if (argc < 8 || load.kind == KINDS) {
		fputs("usage: load slips|batch|get|export PORT TOKEN CONNECTIONS SECONDS RATE "
		      "TARGET...\n",
		    stderr);
		return 2;
	}
	load.port = atoi(argv[2]);
	load.token = argv[3];
	load.count = atoi(argv[4]);
	load.rate = atof(argv[6]);
	load.targets = argv + 7;
	load.target_count = argc - 7;
	load.connections = calloc((size_t)load.count, sizeof *load.connections);
	load.request = malloc(BATCH * (SLIP_MAX + 80) + HEAD_MAX);
	if (!load.connections || !load.request)
		fail("memory");
	if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
		fail("getrandom");
	srandom(seed);
	srand48(seed);
	for (int i = 0; i < load.count; i++)
		connect_to(&load, &load.connections[i]);

	start = load.next_us = now_us();
	load.end_us = start + (int64_t)(atof(argv[5]) * 1e6);
	run(&load);
	report(&load, (double)(now_us() - start) / 1e6);
	return load.failed > 0;
}
