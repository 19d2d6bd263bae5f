/* worker.c - the few threads beside the loop; they share with it only the lists in struct worker. */
#include "worker.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "die.h"

struct job {
	struct job *next;
	void (*work)(void *arg);
	void (*done)(void *arg);
	void *arg;
};

struct list {
	struct job *head, **tail;
};

struct worker {
	pthread_mutex_t lock; /* guards waiting, finished and stopping */
	pthread_cond_t wake;
	struct list waiting, finished;
	bool stopping;

	/* the loop's own */
	int depth; /* submitted and not yet done */
	int max_depth;
	int fd; /* readable while something is finished */
	struct event *event;
	int thread_count;
	pthread_t *threads;
};

static void list_clear(struct list *list)
{
	list->head = NULL;
	list->tail = &list->head;
}

static void list_add(struct list *list, struct job *job)
{
	job->next = NULL;
	*list->tail = job;
	list->tail = &job->next;
}

static struct job *list_take(struct list *list)
{
	struct job *job = list->head;

	if (job && !(list->head = job->next))
		list->tail = &list->head;
	return job;
}

static void *thread_main(void *arg)
{
	struct worker *w = arg;

	pthread_mutex_lock(&w->lock);
	while (!w->stopping) {
		struct job *job = list_take(&w->waiting);

		if (!job) {
			pthread_cond_wait(&w->wake, &w->lock);
			continue;
		}
		pthread_mutex_unlock(&w->lock);
		job->work(job->arg);
		pthread_mutex_lock(&w->lock);
		list_add(&w->finished, job);
		eventfd_write(w->fd, 1);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

/* On the loop: hand back what is finished. done may submit again. */
static void finished(evutil_socket_t fd, short what, void *arg)
{
	struct worker *w = arg;
	struct job *job;
	eventfd_t n;

	(void)what;
	eventfd_read(fd, &n);
	for (;;) {
		pthread_mutex_lock(&w->lock);
		job = list_take(&w->finished);
		pthread_mutex_unlock(&w->lock);
		if (!job)
			return;
		w->depth--;
		job->done(job->arg);
		free(job);
	}
}

struct worker *worker_new(struct event_base *base, int threads, int max_queue)
{
	struct worker *w = xcalloc(1, sizeof *w);
	sigset_t all, before;

	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->wake, NULL);
	list_clear(&w->waiting);
	list_clear(&w->finished);
	w->max_depth = threads + max_queue;
	w->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	w->event = event_new(base, w->fd, EV_READ | EV_PERSIST, finished, w);
	if (w->fd < 0 || !w->event || event_add(w->event, NULL))
		die("could not watch the worker threads");

	/* Signals are the loop's alone; threads inherit the mask. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	w->threads = xcalloc((size_t)threads, sizeof *w->threads);
	for (; w->thread_count < threads; w->thread_count++) {
		int e = pthread_create(&w->threads[w->thread_count], NULL, thread_main, w);

		if (e)
			die("could not start a worker thread: %s", strerror(e));
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return w;
}

bool worker_submit(struct worker *w, void (*work)(void *arg), void (*done)(void *arg), void *arg)
{
	struct job *job;

	if (w->depth >= w->max_depth)
		return false;
	job = xmalloc(sizeof *job);
	*job = (struct job){.work = work, .done = done, .arg = arg};
	w->depth++;
	pthread_mutex_lock(&w->lock);
	list_add(&w->waiting, job);
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
	return true;
}

int worker_depth(const struct worker *w)
{
	return w->depth;
}

static void drop(struct list *list)
{
	struct job *job;

	while ((job = list_take(list)))
		free(job);
}

void worker_free(struct worker *w)
{
	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->stopping = true;
	pthread_cond_broadcast(&w->wake);
	pthread_mutex_unlock(&w->lock);
	for (int i = 0; i < w->thread_count; i++)
		pthread_join(w->threads[i], NULL);
	drop(&w->waiting);
	drop(&w->finished);
	event_free(w->event);
	close(w->fd);
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
	free(w->threads);
	free(w);
}
