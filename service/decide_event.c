/* decide_event.c - the events that decisions write. */
#include "decide_event.h"

#include "event_record.h"

void decide_event(struct world *world, struct world_store *store,
    const struct post_command *command, const char *type)
{
	struct world_event *event = world_push(&world->events);
	struct event_record record = {
	    .actor = command->actor,
	    .at = world->at,
	    .body = world->scratch.data,
	    .body_len = world->scratch.len,
	    .seq = ++store->event_seq,
	    .source = command->source,
	    .store = store->code,
	    .type = type,
	};

	store->changed = true;
	event->store = store;
	event->seq = record.seq;
	event->type = type;
	event->command = command;
	event->record = world->bytes.len;
	event->body = event_record_write(&record, &world->bytes, event->leaf);
	event->body_len = record.body_len;
	event->record_len = world->bytes.len - event->record;
	buf_putc(&world->bytes, '\0'); /* event_record_body() reads up to it */
	world->scratch.len = 0;
}

void decide_answer(struct world *world, struct world_store *store,
    const struct post_command *command, const char *type, struct decision *decision)
{
	decision->event = world->events.count;
	decide_event(world, store, command, type);
	world->events.v[decision->event].answer = true;
}
