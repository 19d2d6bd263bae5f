/* diag.c - the program's own log: one JSON object a line on standard error. */
#include "diag.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "buf.h"

static const char *const level_names[] = {"debug", "info", "warn", "error"};

/* The one piece of state that every file shares; set at start and on SIGHUP only. */
static enum diag_level lowest = DIAG_INFO;

int diag_level_parse(const char *word)
{
	for (int i = DIAG_DEBUG; i <= DIAG_ERROR; i++)
		if (!strcmp(word, level_names[i]))
			return i;
	return -1;
}

void diag_set_level(enum diag_level level)
{
	lowest = level;
}

static int append(const char *data, size_t len, void *line)
{
	buf_add(line, data, len);
	return 0;
}

static void add_now(struct buf *line)
{
	struct timespec now;
	struct tm tm;
	char text[32];

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
	buf_printf(line, "\"%s.%03ldZ\"", text, now.tv_nsec / 1000000);
}

static void add_fields(struct buf *line, const char *format, va_list ap)
{
	json_error_t error;
	json_t *fields = json_vpack_ex(&error, 0, format, ap);

	if (!fields) { /* a NULL or malformed string: say so, rather than lose the line */
		buf_puts(line, ",\"fields_error\":");
		buf_json(line, error.text);
		return;
	}
	if (json_object_size(fields)) {
		buf_putc(line, ',');
		json_dump_callback(fields, append, line, JSON_COMPACT | JSON_EMBED);
	}
	json_decref(fields);
}

void diag(enum diag_level level, const char *request, const char *event, const char *fields, ...)
{
	struct buf line = BUF_EMPTY;
	va_list ap;
	ssize_t n;

	if (level < lowest)
		return;
	buf_puts(&line, "{\"at\":");
	add_now(&line);
	buf_printf(&line, ",\"level\":\"%s\",\"event\":", level_names[level]);
	buf_json(&line, event);
	if (request) {
		buf_puts(&line, ",\"request\":");
		buf_json(&line, request);
	}
	if (fields) {
		va_start(ap, fields);
		add_fields(&line, fields, ap);
		va_end(ap);
	}
	buf_puts(&line, "}\n");

	/* One write a line, so that lines of several processes do not mix. A log that cannot be
	   written is lost: there is nobody left to tell. */
	do
		n = write(STDERR_FILENO, line.data, line.len);
	while (n < 0 && errno == EINTR);
	buf_free(&line);
}
