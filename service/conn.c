/* conn.c - see conn.h. */
#include "conn.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>

#include "clock.h"

static void set_deadline(struct conn *conn, int64_t ms)
{
	struct timeval tv = clock_timeval(ms);

	evtimer_add(conn->deadline, &tv);
}

size_t conn_held(const struct conn *conn)
{
	return evbuffer_get_length(bufferevent_get_input(conn->bev));
}

void conn_expect(struct conn *conn, enum conn_state state, int64_t ms)
{
	conn->state = state;
	set_deadline(conn, ms);
}

void conn_handling(struct conn *conn)
{
	conn->state = CONN_HANDLING;
	evtimer_del(conn->deadline);
}

void conn_sending(struct conn *conn)
{
	conn->state = CONN_ANSWERING;
	set_deadline(conn, conn->common->options.conf->idle_timeout);
}

void conn_taken(struct conn *conn)
{
	evtimer_del(conn->deadline);
}

void conn_answered(struct conn *conn)
{
	const struct conf *conf = conn->common->options.conf;

	conn->request = NULL;
	if (conn_held(conn))
		conn_expect(conn, CONN_READING, conf->request_timeout);
	else
		conn_expect(conn, CONN_IDLE, conf->idle_timeout);
}

void conn_cut(struct conn *conn)
{
	/* As if reading had failed: evhttp cleans up, on all its paths, and calls on_close(). */
	bufferevent_trigger_event(conn->bev, BEV_EVENT_ERROR | BEV_EVENT_READING, 0);
}
