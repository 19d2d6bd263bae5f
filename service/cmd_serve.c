/* cmd_serve.c - taizhang serve: one process, one loop; starting, stopping, taking in new settings. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "channel_seal.h"
#include "checkpoints.h"
#include "clock.h"
#include "cmd.h"
#include "deliver.h"
#include "diag.h"
#include "die.h"
#include "http.h"
#include "janitor.h"
#include "migrate.h"
#include "outgoing.h"
#include "read_xlsx.h"
#include "route.h"
#include "server.h"
#include "stream.h"
#include "sweep.h"

#define OTHER_FILES 256   /* database connections, files, what libraries keep */
#define REQUESTS_A_LOOK 4 /* a posting batch waits for no more of them, when its rows have come */
#define STOP_LOOK_MS 10

struct service {
	struct server server;
	struct http *metrics_http; /* NULL: /metrics is with the rest */
	struct janitor *janitor;
	struct event *terminate, *interrupt, *hang_up;
	struct event *stop_look;
	int64_t stop_by; /* clock_ms() */
};

/* --- Stopping --- */

static int connections(const struct service *s)
{
	return http_stats(s->server.http)->connections +
	       (s->metrics_http ? http_stats(s->metrics_http)->connections : 0);
}

/* Requests that came before are answered, and their answers are out, when no connection is left. What
   is on its way to people has a moment to arrive. */
static void on_stop_look(evutil_socket_t fd, short what, void *arg)
{
	struct service *s = arg;

	(void)fd;
	(void)what;
	if ((!connections(s) && sweep_idle(s->server.sweep) && deliver_idle(s->server.deliver) &&
		janitor_idle(s->janitor)) ||
	    clock_ms() >= s->stop_by)
		event_base_loopbreak(s->server.base);
}

static void on_stop(evutil_socket_t number, short what, void *arg)
{
	static const struct timeval look = {0, STOP_LOOK_MS * 1000};
	struct service *s = arg;

	(void)what;
	if (s->server.stopping) { /* asked twice: at once */
		event_base_loopbreak(s->server.base);
		return;
	}
	diag(DIAG_INFO, NULL, "stopping", "{s:s,s:i}", "signal", strsignal((int)number),
	    "in_flight", http_stats(s->server.http)->in_flight);
	s->server.stopping = true;
	s->stop_by = clock_ms() + s->server.conf->stop_timeout;
	streams_stop(s->server.streams);
	deliver_stop(s->server.deliver);
	http_stop(s->server.http);
	if (s->metrics_http)
		http_stop(s->metrics_http);
	event_add(s->stop_look, &look);
}

/* --- Reloading --- */

static void on_reload(evutil_socket_t number, short what, void *arg)
{
	struct service *s = arg;
	struct conf *conf = s->server.conf;
	struct post_options options;
	char error[1024];

	(void)number;
	(void)what;
	if (!conf_reload(conf, error, sizeof error) ||
	    !http_reload(s->server.http, error, sizeof error)) {
		diag(DIAG_ERROR, NULL, "reload_failed", "{s:s}", "reason", error);
		return;
	}
	diag_set_level(diag_level_parse(conf->log_level));
	options = post_options(conf);
	post_reload(s->server.post, &options);
	diag(DIAG_INFO, NULL, "reloaded", NULL);
}

/* --- Starting --- */

static void on_libevent(int severity, const char *message)
{
	diag(severity >= EVENT_LOG_ERR    ? DIAG_ERROR
	     : severity == EVENT_LOG_WARN ? DIAG_WARN
					  : DIAG_DEBUG,
	    NULL, "libevent", "{s:s}", "message", message);
}

static void raise_file_limit(int64_t connections)
{
	rlim_t wanted = (rlim_t)connections + OTHER_FILES;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur < wanted)
		diag(DIAG_WARN, NULL, "few_files", "{s:I,s:I}", "limit", (json_int_t)limit.rlim_cur,
		    "wanted", (json_int_t)wanted);
}

static struct event_base *base_new(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base;

	event_set_log_callback(on_libevent);
	/* evhttp changes its mind about what to wait for several times a request. */
	event_config_set_flag(
	    config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST | EVENT_BASE_FLAG_NOLOCK);
	/* Of two priorities libevent gives the lower one unless told otherwise. While requests are seen
	   to, look for something more urgent now and then. */
	event_config_set_max_dispatch_interval(config, NULL, REQUESTS_A_LOOK, 1);
	base = event_base_new_with_config(config);
	event_config_free(config);
	if (!base || event_base_priority_init(base, 2) != 0)
		die("could not set up the event loop");
	return base;
}

static void watch_signals(struct service *s)
{
	struct event_base *base = s->server.base;

	s->terminate = evsignal_new(base, SIGTERM, on_stop, s);
	s->interrupt = evsignal_new(base, SIGINT, on_stop, s);
	s->hang_up = evsignal_new(base, SIGHUP, on_reload, s);
	s->stop_look = event_new(base, -1, EV_PERSIST, on_stop_look, s);
	if (!s->terminate || !s->interrupt || !s->hang_up || !s->stop_look ||
	    event_add(s->terminate, NULL) || event_add(s->interrupt, NULL) ||
	    event_add(s->hang_up, NULL))
		die("could not watch signals");
	signal(SIGPIPE, SIG_IGN);
}

static bool connect_database(struct server *server, char *error, size_t error_size)
{
	const struct conf *conf = server->conf;
	struct db_options reads = db_options(conf, "taizhang read");
	struct db_options changes = db_options(conf, "taizhang change");
	struct db_options posting = db_options(conf, "taizhang post");
	struct post_options options = post_options(conf);

	server->pool = db_pool_new(server->base, &reads, (int)conf->database_connections);
	server->post = post_new(server->base, &posting, &options);
	server->change =
	    change_new(server->base, &changes, (int)conf->read_queue, (int)conf->post_timeout);
	server->checkpoints =
	    checkpoints_new(server->base, conf, server->change, error, error_size);
	return server->checkpoints != NULL;
}

static struct http *listen_on(struct service *s, const char *addresses, bool tls,
    void (*walk)(struct server *server, struct request *req), char *error, size_t error_size)
{
	struct http_options options = {
	    .server = &s->server,
	    .handle = walk,
	    .finished = dispatch_finished,
	    .conf = s->server.conf,
	    .listen = addresses,
	    .tls = tls,
	};

	return http_new(s->server.base, &options, error, error_size);
}

static bool listen_everywhere(struct service *s, char *error, size_t error_size)
{
	const struct conf *conf = s->server.conf;

	s->server.http =
	    listen_on(s, conf->listen, *conf->tls_certificate, dispatch, error, error_size);
	if (!s->server.http)
		return false;
	if (!*conf->metrics_listen)
		return true;
	s->metrics_http =
	    listen_on(s, conf->metrics_listen, false, dispatch_metrics, error, error_size);
	return s->metrics_http != NULL;
}

static bool prepare_outgoing(struct server *server, char *error, size_t error_size)
{
	if (*server->conf->secret_key && !channel_can_seal(server->conf)) {
		snprintf(error, error_size,
		    "设置 secret_key 须为 32 字节的 base64（openssl rand -base64 32）\n"
		    "setting secret_key must be 32 bytes in base64 (openssl rand -base64 32)");
		return false;
	}
	server->outgoing = outgoing_new(server->base, server->conf, error, error_size);
	return server->outgoing != NULL;
}

static void free_all(struct service *s)
{
	struct server *server = &s->server;

	outgoing_free(server->outgoing); /* answers what waits for it */
	http_free(server->http);
	http_free(s->metrics_http);
	streams_free(server->streams);
	read_xlsx_all_free(server->xlsx);
	janitor_free(s->janitor);
	deliver_free(server->deliver);
	sweep_free(server->sweep);
	if (server->post) {
		worker_free(server->worker);
		post_free(server->post);
		change_free(server->change);
		checkpoints_free(server->checkpoints);
		db_pool_free(server->pool);
		auth_free(server->auth);
	}
	if (s->terminate) {
		event_free(s->terminate);
		event_free(s->interrupt);
		event_free(s->hang_up);
		event_free(s->stop_look);
	}
	metrics_free(server->metrics);
	event_base_free(server->base);
}

static void log_listening(const struct service *s)
{
	json_t *addresses = http_addresses(s->server.http);
	json_t *metrics = s->metrics_http ? http_addresses(s->metrics_http) : NULL;

	diag(DIAG_INFO, NULL, "listening", "{s:O,s:O*,s:i}", "addresses", addresses, "metrics",
	    metrics, "pid", (int)getpid());
	json_decref(addresses);
	json_decref(metrics);
}

static void serve(struct service *s)
{
	struct server *server = &s->server;
	const struct conf *conf = server->conf;

	server->auth = auth_new(server->pool);
	server->worker =
	    worker_new(server->base, (int)conf->password_workers, (int)conf->password_queue);
	server->streams = streams_new(server);
	server->xlsx = read_xlsx_all_new(server);
	s->janitor = janitor_new(server);
	checkpoints_schedule(server->checkpoints);
	server->deliver = deliver_new(server);
	server->sweep = sweep_new(server);
	watch_signals(s);
	log_listening(s);
	event_base_dispatch(server->base);
}

static int run(struct conf *conf, int argc, char **argv)
{
	struct service s = {.server = {.conf = conf}};
	char error[1024];
	int left;

	if (argc == 2 && !strcmp(argv[1], "--print-config")) {
		conf_print(conf, stdout);
		return 0;
	}
	if (argc > 1)
		return cmd_misused(&cmd_serve, argv[1]);
	diag_set_level(diag_level_parse(conf->log_level));
	if (!migrate_check(conf->database, error, sizeof error)) {
		fprintf(stderr, "taizhang serve: %s\n", error);
		return 1;
	}
	raise_file_limit(conf->max_connections);
	s.server.base = base_new();
	s.server.metrics = metrics_new();
	if (!prepare_outgoing(&s.server, error, sizeof error) ||
	    !listen_everywhere(&s, error, sizeof error) ||
	    !connect_database(&s.server, error, sizeof error)) {
		fprintf(stderr, "taizhang serve: %s\n", error);
		free_all(&s);
		return 1;
	}
	serve(&s);

	left = connections(&s);
	diag(left ? DIAG_WARN : DIAG_INFO, NULL, "stopped", "{s:i}", "connections_cut", left);
	if (left) /* what they wait for cannot be freed in order any more */
		_exit(0);
	free_all(&s);
	return 0;
}

const struct cmd cmd_serve = {
    .name = "serve",
    .usage = "taizhang serve [--listen ADDRESS:PORT] [--database CONNINFO] [--print-config]",
    .summary = "提供 HTTP 服务 · serve the API over HTTP",
    .help =
	"日志为标准错误上的 JSON 行；listening 一行给出实际地址（端口 0 由系统选定）。\n"
	"Logs JSON lines to standard error; the line listening gives the actual addresses\n"
	"(port 0: the system chooses one).\n\n"
	"  --print-config   打印生效的设置（密码以 *** 代替）并退出\n"
	"                   print the settings in effect, secrets as ***, and exit\n\n"
	"信号 Signals: SIGTERM, SIGINT  答复未完的请求后停止 answer what is in flight, stop\n"
	"              SIGHUP           重新读取设置与证书 read settings and certificate again\n",
    .run = run,
};
