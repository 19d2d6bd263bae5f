/*
 * worker.h - the few threads beside the loop, for what would hold up every other request: password
 * hashing (scrypt takes tens of milliseconds) and mail (outgoing_mail.h says why).
 */
#ifndef WORKER_H
#define WORKER_H

#include <stdbool.h>

#include <event2/event.h>

struct worker;

/* threads: done at once. max_queue: waiting; beyond it worker_submit refuses. */
struct worker *worker_new(struct event_base *base, int threads, int max_queue);

/*
 * Run work(arg) on a thread, then done(arg) on the loop. false: the queue is full, neither is
 * called. arg is the caller's; work must touch nothing else.
 */
bool worker_submit(
    struct worker *worker, void (*work)(void *arg), void (*done)(void *arg), void *arg);
int worker_depth(const struct worker *worker);

/* Waits for what is running; done callbacks that have not run yet are dropped. */
void worker_free(struct worker *worker);

#endif
