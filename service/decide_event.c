/* decide_event.c - the events that decisions write. */
#include "decide_event.h"

#include <string.h>

#include "event_record.h"

/* The log's tree grows by the event. */
static void grow_tree(struct world *world, struct world_store *store, const uint8_t leaf[32])
{
	struct log_tree_hash completed[MERKLE_MAX_LEVELS];
	int count = log_tree_append(&store->tree, leaf, completed);

	for (int i = 0; i < count; i++)
		*world_push(&world->hashes) = (struct world_hash){store->store_id, completed[i]};
}

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

	event->store = store;
	event->seq = record.seq;
	event->type = type;
	event->command = command;
	event->record = world->bytes.len;
	event->body = event_record_write(&record, &world->bytes, event->leaf);
	event->body_len = record.body_len;
	event->record_len = world->bytes.len - event->record;
	grow_tree(world, store, event->leaf);
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
