/*
 * read_xlsx.c - the child: fed as fast as it takes rows, watched by its pidfd, killed when the client
 * leaves or its time is up; then the sending of its file.
 */
#include "read_xlsx.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/queue.h>
#include <sys/wait.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "diag.h"
#include "die.h"

#define PIECE_BYTES 262144
#define FILE_FD 3 /* the child's */

struct read_xlsx {
	LIST_ENTRY(read_xlsx) links;
	struct read_xlsx_all *all;
	struct request *req; /* NULL: there is nobody to answer any more */
	bool room;           /* the client has room */

	struct request_source source; /* of rows; proceed NULL: it is done with */
	struct buf rows;              /* on their way to the child */
	size_t written;               /* of them */
	bool last;                    /* none come behind */
	int in;                       /* the child's standard input; -1: closed */
	struct event *writable;

	pid_t child; /* 0: it has ended */
	int pidfd;
	struct event *exited, *timeout;

	int file;
	bool made; /* it is whole */
};

struct read_xlsx_all {
	struct server *server;
	int count; /* of children */
	LIST_HEAD(, read_xlsx) list;
};

/* --- The end --- */

static void close_in(struct read_xlsx *x)
{
	event_del(x->writable);
	if (x->in >= 0)
		close(x->in);
	x->in = -1;
}

static void read_xlsx_free(struct read_xlsx *x)
{
	LIST_REMOVE(x, links);
	close_in(x);
	close(x->pidfd);
	close(x->file);
	event_free(x->writable);
	event_free(x->exited);
	event_free(x->timeout);
	buf_free(&x->rows);
	free(x);
}

/* Nobody is left who would want the file. */
static void abandon(struct read_xlsx *x)
{
	x->req = NULL;
	if (x->child)
		kill(x->child, SIGKILL); /* on_exited() does the rest */
	else
		read_xlsx_free(x);
}

/* The rows' source is told once that it is not asked any more, unless it said so itself. */
static void dismiss_source(struct read_xlsx *x)
{
	struct request_source source = x->source;

	x->source.proceed = NULL;
	if (source.proceed)
		source.gone(source.arg);
}

static void fail(struct read_xlsx *x)
{
	struct request *req = x->req;

	dismiss_source(x);
	abandon(x);
	request_abort(req);
}

/* --- Sending the file --- */

static void send_piece(struct read_xlsx *x)
{
	char piece[PIECE_BYTES];
	ssize_t n = read(x->file, piece, sizeof piece);
	struct request *req = x->req;

	if (n < 0) {
		diag(DIAG_ERROR, req->id, "xlsx_failed", "{s:s}", "reason", strerror(errno));
		fail(x);
	} else if (n == 0) {
		abandon(x);
		request_end(req);
	} else {
		x->room = false;
		request_chunk(req, piece, (size_t)n);
	}
}

static void on_room(void *arg)
{
	struct read_xlsx *x = arg;

	x->room = true;
	if (x->made)
		send_piece(x);
}

static void on_left(void *arg)
{
	struct read_xlsx *x = arg;

	dismiss_source(x);
	abandon(x);
}

/* --- The child --- */

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct read_xlsx *x = arg;
	ssize_t n = 0;

	(void)what;
	if (x->written < x->rows.len)
		n = write(fd, x->rows.data + x->written, x->rows.len - x->written);
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		close_in(x); /* it has ended: on_exited() is on its way */
		return;
	}
	x->written += n > 0 ? (size_t)n : 0;
	if (x->written < x->rows.len) {
		event_add(x->writable, NULL);
		return;
	}
	x->rows.len = x->written = 0;
	if (x->last)
		close_in(x);
	else if (x->source.proceed)
		x->source.proceed(x->source.arg);
}

static void on_timeout(evutil_socket_t fd, short what, void *arg)
{
	struct read_xlsx *x = arg;

	(void)fd;
	(void)what;
	kill(x->child, SIGKILL);
}

static void on_exited(evutil_socket_t fd, short what, void *arg)
{
	struct read_xlsx *x = arg;
	int status = 0;

	(void)fd;
	(void)what;
	waitpid(x->child, &status, 0);
	x->child = 0;
	x->all->count--;
	evtimer_del(x->timeout);
	if (!x->req) {
		read_xlsx_free(x);
	} else if (status || !x->last || lseek(x->file, 0, SEEK_SET)) {
		diag(DIAG_ERROR, x->req->id, "xlsx_failed", "{s:s,s:i}", "reason",
		    WIFSIGNALED(status) ? "killed" : "ended early", "status", status);
		fail(x);
	} else {
		x->made = true;
		if (x->room)
			send_piece(x);
	}
}

/* A file that is gone when nobody holds it any more. */
static int open_file(const char *dir)
{
	char *path = xasprintf("%s/taizhang-XXXXXX", dir);
	int fd = mkostemp(path, O_CLOEXEC);

	if (fd >= 0)
		unlink(path);
	free(path);
	return fd;
}

/* Gives an errno. */
static int spawn(struct read_xlsx *x, int in)
{
	char *argv[] = {"taizhang", "xlsx", x->all->server->conf->spool_directory, NULL};
	posix_spawn_file_actions_t actions;
	int error;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, x->file, FILE_FD);
	posix_spawn_file_actions_addclosefrom_np(&actions, FILE_FD + 1);
	error = posix_spawn(&x->child, "/proc/self/exe", &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

/* Gives an errno. */
static int start_child(struct read_xlsx *x)
{
	int pipe_fds[2], error;

	x->file = open_file(x->all->server->conf->spool_directory);
	if (x->file < 0 || pipe2(pipe_fds, O_CLOEXEC))
		return errno;
	x->in = pipe_fds[1];
	fcntl(x->in, F_SETFL, O_NONBLOCK);
	error = spawn(x, pipe_fds[0]);
	close(pipe_fds[0]);
	if (error)
		return error;
	x->pidfd = pidfd_open(x->child, 0);
	if (x->pidfd >= 0)
		return 0;
	error = errno;
	kill(x->child, SIGKILL);
	waitpid(x->child, NULL, 0);
	return error;
}

static void watch_child(struct read_xlsx *x)
{
	struct event_base *base = x->all->server->base;
	int64_t ms = x->all->server->conf->xlsx_timeout;
	struct timeval tv = clock_timeval(ms);

	x->writable = event_new(base, x->in, EV_WRITE, on_writable, x);
	x->exited = event_new(base, x->pidfd, EV_READ, on_exited, x);
	x->timeout = evtimer_new(base, on_timeout, x);
	if (!x->writable || !x->exited || !x->timeout || event_add(x->writable, NULL) ||
	    event_add(x->exited, NULL) || evtimer_add(x->timeout, &tv))
		die("cannot watch a child process");
}

/* --- From outside --- */

struct read_xlsx *read_xlsx_new(
    struct request *req, struct request_source *source, struct problem *problem)
{
	struct read_xlsx_all *all = req->server->xlsx;
	struct read_xlsx *x;
	int error;

	if (all->count >= req->server->conf->max_xlsx) {
		problem_set(problem, PROBLEM_busy);
		return NULL;
	}
	x = xcalloc(1, sizeof *x);
	x->all = all;
	x->req = req;
	x->source = *source;
	x->in = x->file = x->pidfd = -1;
	error = start_child(x);
	if (error) {
		diag(DIAG_ERROR, req->id, "xlsx_failed", "{s:s}", "reason", strerror(error));
		if (x->in >= 0)
			close(x->in);
		if (x->file >= 0)
			close(x->file);
		free(x);
		problem_set(problem, PROBLEM_internal);
		return NULL;
	}
	watch_child(x);
	all->count++;
	LIST_INSERT_HEAD(&all->list, x, links);
	*source = (struct request_source){on_room, on_left, x};
	return x;
}

void read_xlsx_chunk(struct read_xlsx *x, const char *data, size_t len)
{
	buf_add(&x->rows, data, len);
	if (x->in >= 0)
		event_add(x->writable, NULL);
}

void read_xlsx_end(struct read_xlsx *x)
{
	x->source.proceed = NULL;
	x->last = true;
	read_xlsx_chunk(x, "\n", 1);
}

void read_xlsx_abort(struct read_xlsx *x)
{
	x->source.proceed = NULL;
	fail(x);
}

struct read_xlsx_all *read_xlsx_all_new(struct server *server)
{
	struct read_xlsx_all *all = xcalloc(1, sizeof *all);

	all->server = server;
	LIST_INIT(&all->list);
	return all;
}

void read_xlsx_all_free(struct read_xlsx_all *all)
{
	struct read_xlsx *x;

	if (!all)
		return;
	while ((x = LIST_FIRST(&all->list)) != NULL) {
		waitpid(x->child, NULL, 0); /* killed when its request went */
		read_xlsx_free(x);
	}
	free(all);
}
