/*
 * metrics.c - the request histogram. Labels are bounded: the table's routes, never paths, and the
 * statuses that were answered.
 */
#include "metrics.h"

#include <stdlib.h>

#include "die.h"
#include "route.h"

static const double bounds[] = {
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};

#define BOUNDS (sizeof bounds / sizeof *bounds)

struct series { /* of one route and status */
	struct series *next;
	int status;
	uint64_t count, within[BOUNDS]; /* within: up to that bound, above the one before */
	double seconds;
};

struct metrics {
	struct series **routes; /* as route_table; the last is of requests without a route */
};

struct metrics *metrics_new(void)
{
	struct metrics *m = xcalloc(1, sizeof *m);

	m->routes = xcalloc((size_t)route_count + 1, sizeof *m->routes);
	return m;
}

static struct series *series_of(struct series **list, int status)
{
	while (*list && (*list)->status != status)
		list = &(*list)->next;
	if (!*list) {
		*list = xcalloc(1, sizeof **list);
		(*list)->status = status;
	}
	return *list;
}

void metrics_observe(struct metrics *m, const struct route *route, int status, int64_t took_us)
{
	struct series *s = series_of(&m->routes[route ? route - route_table : route_count], status);
	double seconds = (double)took_us / 1e6;

	s->count++;
	s->seconds += seconds;
	for (size_t i = 0; i < BOUNDS; i++)
		if (seconds <= bounds[i]) {
			s->within[i]++;
			break;
		}
}

static void write_series(const struct route *route, const struct series *s, struct buf *out)
{
	static const char name[] = "taizhang_http_request_duration_seconds";
	char *labels = xasprintf("method=\"%s\",route=\"%s\",code=\"%d\"",
	    route ? route->method : "", route ? route->path : "", s->status);
	uint64_t sum = 0;

	for (size_t i = 0; i < BOUNDS; i++) {
		sum += s->within[i];
		buf_printf(out, "%s_bucket{%s,le=\"%g\"} %llu\n", name, labels, bounds[i],
		    (unsigned long long)sum);
	}
	buf_printf(
	    out, "%s_bucket{%s,le=\"+Inf\"} %llu\n", name, labels, (unsigned long long)s->count);
	buf_printf(out, "%s_sum{%s} %.6f\n", name, labels, s->seconds);
	buf_printf(out, "%s_count{%s} %llu\n", name, labels, (unsigned long long)s->count);
	free(labels);
}

void metrics_write(const struct metrics *m, struct buf *out)
{
	buf_puts(out, "# HELP taizhang_http_request_duration_seconds From a request's last byte to "
		      "its answer.\n"
		      "# TYPE taizhang_http_request_duration_seconds histogram\n");
	for (int i = 0; i <= route_count; i++)
		for (const struct series *s = m->routes[i]; s; s = s->next)
			write_series(i < route_count ? &route_table[i] : NULL, s, out);
}

void metrics_free(struct metrics *m)
{
	for (int i = 0; i <= route_count; i++)
		for (struct series *s = m->routes[i], *next; s; s = next) {
			next = s->next;
			free(s);
		}
	free(m->routes);
	free(m);
}
