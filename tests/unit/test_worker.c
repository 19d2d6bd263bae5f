/* test_worker.c - work runs beside the loop, ends come back on it, and the queue is bounded. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <semaphore.h>

#include <cmocka.h>
#include <event2/event.h>

#include "worker.h"

struct task {
	pthread_t loop;
	sem_t *gate; /* work waits for it; NULL: does not wait */
	struct worker *worker;
	int left; /* of a chain: submitted again by done */
	int worked, done;
	bool beside, signals_blocked;
};

static void work(void *arg)
{
	struct task *t = arg;
	sigset_t set;

	if (t->gate)
		sem_wait(t->gate);
	pthread_sigmask(SIG_BLOCK, NULL, &set);
	t->signals_blocked = sigismember(&set, SIGTERM) && sigismember(&set, SIGHUP);
	t->beside = !pthread_equal(t->loop, pthread_self());
	t->worked++;
}

static void done(void *arg)
{
	struct task *t = arg;

	assert_true(pthread_equal(t->loop, pthread_self()));
	t->done++;
	if (t->left-- > 0)
		assert_true(worker_submit(t->worker, work, done, t));
}

static void run_until_idle(struct event_base *base, const struct worker *worker)
{
	while (worker_depth(worker) > 0)
		event_base_loop(base, EVLOOP_ONCE);
}

static void runs(void **state)
{
	struct event_base *base = event_base_new();
	struct worker *worker = worker_new(base, 3, 1000);
	struct task tasks[200] = {0};

	(void)state;
	for (int i = 0; i < 200; i++) {
		tasks[i].loop = pthread_self();
		tasks[i].worker = worker;
		tasks[i].left = i % 3;
		assert_true(worker_submit(worker, work, done, &tasks[i]));
	}
	run_until_idle(base, worker);
	for (int i = 0; i < 200; i++) {
		assert_int_equal(tasks[i].worked, 1 + i % 3);
		assert_int_equal(tasks[i].done, 1 + i % 3);
		assert_true(tasks[i].beside);
		assert_true(tasks[i].signals_blocked);
	}
	worker_free(worker);
	event_base_free(base);
}

static void bounded(void **state)
{
	struct event_base *base = event_base_new();
	struct worker *worker = worker_new(base, 1, 2);
	struct task tasks[4] = {0};
	sem_t gate;

	(void)state;
	sem_init(&gate, 0, 0);
	for (int i = 0; i < 4; i++) {
		tasks[i].loop = pthread_self();
		tasks[i].gate = &gate;
		assert_int_equal(worker_submit(worker, work, done, &tasks[i]), i < 3);
	}
	assert_int_equal(worker_depth(worker), 3);
	for (int i = 0; i < 3; i++)
		sem_post(&gate);
	run_until_idle(base, worker);
	assert_int_equal(tasks[2].done, 1);
	assert_int_equal(tasks[3].worked, 0);
	sem_post(&gate);
	assert_true(worker_submit(worker, work, done, &tasks[3])); /* there is room again */
	run_until_idle(base, worker);
	assert_int_equal(tasks[3].done, 1);
	worker_free(worker);
	sem_destroy(&gate);
	event_base_free(base);
}

/* What waits and what is finished is dropped; what runs is waited for. */
static void freed_early(void **state)
{
	struct event_base *base = event_base_new();
	struct worker *worker = worker_new(base, 1, 10);
	struct task tasks[3] = {0};
	sem_t gate;

	(void)state;
	sem_init(&gate, 0, 3);
	for (int i = 0; i < 3; i++) {
		tasks[i].loop = pthread_self();
		tasks[i].gate = &gate;
		assert_true(worker_submit(worker, work, done, &tasks[i]));
	}
	worker_free(worker);
	event_base_loop(base, EVLOOP_NONBLOCK);
	for (int i = 0; i < 3; i++)
		assert_int_equal(tasks[i].done, 0);
	sem_destroy(&gate);
	event_base_free(base);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(runs),
	    cmocka_unit_test(bounded),
	    cmocka_unit_test(freed_early),
	};

	return cmocka_run_group_tests_name("worker", tests, NULL, NULL);
}
