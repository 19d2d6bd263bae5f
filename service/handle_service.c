/* handle_service.c - what the surroundings ask: alive, ready, figures, and the API's description. */
#include "handlers.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "checkpoints.h"
#include "deliver.h"
#include "http.h"
#include "openapi.h"
#include "server.h"
#include "stream.h"
#include "sweep.h"
#include "version.h"

void handle_openapi(struct request *req)
{
	request_set_header(req, "Cache-Control", "no-cache");
	request_answer(req, 200, NULL, openapi_json, openapi_json_len);
}

void handle_healthz(struct request *req)
{
	static const char alive[] = "{\"status\":\"ok\"}";

	request_answer(req, 200, NULL, alive, sizeof alive - 1);
}

/* Why slips cannot be posted, or NULL. */
static const char *not_ready(const struct server *server)
{
	if (server->stopping)
		return "stopping";
	if (!post_ready(server->post) || !db_pool_ready(server->pool) ||
	    !change_ready(server->change))
		return "database away";
	return NULL;
}

void handle_readyz(struct request *req)
{
	const char *reason = not_ready(req->server);
	struct sweep_status sweep = sweep_status(req->server->sweep);
	struct buf out = BUF_EMPTY;

	if (reason)
		buf_printf(&out, "{\"status\":\"unavailable\",\"reason\":\"%s\"", reason);
	else
		buf_puts(&out, "{\"status\":\"ok\"");
	buf_puts(&out, ",\"alert_sweep\":{\"last_run\":");
	if (*sweep.last_run)
		buf_json(&out, sweep.last_run);
	else
		buf_puts(&out, "null");
	buf_printf(&out, ",\"late\":%s}}", sweep.late ? "true" : "false");
	request_answer(req, reason ? 503 : 200, NULL, out.data, out.len);
	buf_free(&out);
}

/* --- /metrics --- */

static double resident_bytes(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	long size, resident = 0;

	if (!file)
		return 0;
	if (fscanf(file, "%ld %ld", &size, &resident) != 2)
		resident = 0;
	fclose(file);
	return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

static double max_files(void)
{
	struct rlimit limit = {0};

	getrlimit(RLIMIT_NOFILE, &limit);
	return (double)limit.rlim_cur;
}

static double open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = -3; /* ".", "..", and the directory's own */

	if (!dir) /* there is none left to look with */
		return max_files();
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

struct figure {
	const char *name, *type, *help;
	double value;
};

static void write_figures(const struct figure *figures, size_t count, struct buf *out)
{
	for (size_t i = 0; i < count; i++) {
		const struct figure *f = &figures[i];

		buf_printf(out, "# HELP taizhang_%s %s\n# TYPE taizhang_%s %s\ntaizhang_%s %.17g\n",
		    f->name, f->help, f->name, f->type, f->name, f->value);
	}
}

#define COUNTER(name, help, value)                                                                 \
	{                                                                                          \
		name, "counter", help, (double)(value)                                             \
	}
#define GAUGE(name, help, value)                                                                   \
	{                                                                                          \
		name, "gauge", help, (double)(value)                                               \
	}
#define WRITE(figures, out) write_figures(figures, sizeof(figures) / sizeof *(figures), out)

static void write_posting(const struct server *server, struct buf *out)
{
	const struct post_stats s = post_stats(server->post);

	buf_puts(out, "# HELP taizhang_slips_posted_total Slips posted.\n"
		      "# TYPE taizhang_slips_posted_total counter\n");
	for (int kind = SLIP_IN; kind <= SLIP_OUT; kind++)
		buf_printf(out, "taizhang_slips_posted_total{kind=\"%s\"} %llu\n",
		    slip_kind_name(kind), (unsigned long long)s.posted[kind]);
	const struct figure figures[] = {
	    COUNTER("slips_refused_total", "Commands refused against the stock.", s.refused),
	    COUNTER(
		"slips_replayed_total", "Commands answered again to a repeated key.", s.replayed),
	    COUNTER("post_batches_total", "Posting transactions.", s.batches),
	    COUNTER(
		"post_batch_commands_total", "Commands in posting transactions.", s.batch_commands),
	    COUNTER("post_unknown_total", "Commands whose commit had to be looked up.", s.unknown),
	    GAUGE("post_queue_depth", "Commands waiting or in flight.", post_depth(server->post)),
	};
	WRITE(figures, out);
}

static void write_process(const struct server *server, struct buf *out)
{
	const struct http_stats *s = http_stats(server->http);
	const struct figure figures[] = {
	    GAUGE(
		"post_database_up", "1: the posting connections are up.", post_ready(server->post)),
	    GAUGE("read_database_up", "1: a connection for reads is up.",
		db_pool_ready(server->pool)),
	    GAUGE("read_queue_depth", "Reads waiting or under way.", db_pool_depth(server->pool)),
	    GAUGE("password_queue_depth", "Password hashes waiting or under way.",
		worker_depth(server->worker)),
	    GAUGE("checkpoint_last_run_timestamp_seconds",
		"When the logs that grew were last looked at for checkpoints; 0: not yet.",
		checkpoints_last_run(server->checkpoints)),
	    GAUGE("http_connections", "Connections open.", s->connections),
	    GAUGE("http_requests_in_flight", "Requests taken and not yet answered.", s->in_flight),
	    GAUGE("http_received_bytes", "Bytes of requests still coming in.", s->received),
	    COUNTER("http_connections_total", "Connections accepted.", s->accepted),
	    COUNTER(
		"http_connections_full_total", "Times that max_connections were open.", s->full),
	    COUNTER("http_timeouts_total",
		"Connections closed in the middle of a request or answer.", s->timed_out),
	    COUNTER("http_floods_total", "Connections closed for sending more than they may.",
		s->flooded),
	    GAUGE("process_resident_memory_bytes", "Resident memory.", resident_bytes()),
	    GAUGE("process_open_fds", "File descriptors open.", open_files()),
	    GAUGE("process_max_fds", "File descriptors that may be open.", max_files()),
	};

	buf_puts(out, "# HELP taizhang_build_info The program.\n"
		      "# TYPE taizhang_build_info gauge\n"
		      "taizhang_build_info{version=\"" VERSION "\"} 1\n");
	WRITE(figures, out);
}

static void write_streams(const struct server *server, struct buf *out)
{
	const struct stream_stats *s = streams_stats(server->streams);
	const struct figure figures[] = {
	    GAUGE("streams_open", "Event streams open.", s->open),
	    COUNTER("streams_cut_total", "Event streams cut as they fell too far behind.", s->cut),
	    COUNTER("stream_resets_total",
		"Event streams that resumed too late to be told what they missed.", s->resets),
	    COUNTER("stream_events_total", "Events sent, over all streams.", s->events),
	};
	WRITE(figures, out);
}

static void write_outbox(const struct server *server, struct buf *out)
{
	struct deliver_figures f = deliver_figures(server->deliver);
	const struct figure figures[] = {
	    GAUGE("outbox_waiting", "Messages that wait to be sent.", f.waiting),
	    GAUGE("outbox_dead", "Messages given up.", f.dead),
	    GAUGE("outbox_oldest_seconds", "For how long the oldest has waited.", f.oldest_s),
	};
	WRITE(figures, out);
	deliver_write_counts(server->deliver, out);
}

static void write_sweep(const struct server *server, struct buf *out)
{
	struct sweep_status s = sweep_status(server->sweep);
	const struct figure figures[] = {
	    GAUGE("alert_sweep_last_run_timestamp_seconds",
		"When alerts by the clock were last looked after, by any process; 0: never.",
		s.last_run_s),
	    GAUGE("alert_sweep_late", "1: that was more than three intervals ago.", s.late),
	};
	WRITE(figures, out);
}

void handle_metrics(struct request *req)
{
	struct buf out = BUF_EMPTY;

	write_process(req->server, &out);
	write_posting(req->server, &out);
	write_streams(req->server, &out);
	write_outbox(req->server, &out);
	write_sweep(req->server, &out);
	metrics_write(req->server->metrics, &out);
	request_answer(req, 200, "text/plain; version=0.0.4; charset=utf-8", out.data, out.len);
	buf_free(&out);
}
