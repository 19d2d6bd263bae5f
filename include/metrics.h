/* metrics.h - how many requests there were and how long they took, by route and status. */
#ifndef METRICS_H
#define METRICS_H

#include <stdint.h>

#include "buf.h"

struct metrics;
struct route;

struct metrics *metrics_new(void);

/* A request was answered; route NULL: there was none for it. status 0: it got no answer. */
void metrics_observe(
    struct metrics *metrics, const struct route *route, int status, int64_t took_us);

/* The histogram, as Prometheus reads it. */
void metrics_write(const struct metrics *metrics, struct buf *out);
void metrics_free(struct metrics *metrics);

#endif
