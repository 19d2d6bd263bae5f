/* post.c - posting: which lane a command takes. */
#include "post.h"

#include <stdlib.h>

#include "conf.h"
#include "die.h"
#include "lane.h"

struct post {
	int count;
	struct lane *lanes[];
};

struct post_options post_options(const struct conf *conf)
{
	return (struct post_options){
	    .lanes = (int)conf->post_connections,
	    .max_queue = (int)conf->post_queue,
	    .max_batch = (int)conf->post_batch,
	    .timeout_ms = (int)conf->post_timeout,
	    .backdate_days = (int)conf->backdate_days,
	};
}

struct post *post_new(
    struct event_base *base, const struct db_options *db, const struct post_options *options)
{
	struct post *post =
	    xcalloc(1, sizeof *post + (size_t)options->lanes * sizeof post->lanes[0]);

	post->count = options->lanes;
	for (int i = 0; i < post->count; i++)
		post->lanes[i] = lane_new(base, db, options);
	return post;
}

void post_reload(struct post *post, const struct post_options *options)
{
	for (int i = 0; i < post->count; i++)
		lane_reload(post->lanes[i], options);
}

void post_submit(struct post *post, struct post_command *command)
{
	lane_submit(post->lanes[(uint32_t)command->store_id % (uint32_t)post->count], command);
}

bool post_ready(const struct post *post)
{
	for (int i = 0; i < post->count; i++)
		if (!lane_ready(post->lanes[i]))
			return false;
	return true;
}

int post_depth(const struct post *post)
{
	int depth = 0;

	for (int i = 0; i < post->count; i++)
		depth += lane_depth(post->lanes[i]);
	return depth;
}

struct post_stats post_stats(const struct post *post)
{
	struct post_stats sum = {0};

	for (int i = 0; i < post->count; i++) {
		const struct post_stats *s = lane_stats(post->lanes[i]);

		sum.posted[0] += s->posted[0];
		sum.posted[1] += s->posted[1];
		sum.refused += s->refused;
		sum.replayed += s->replayed;
		sum.batches += s->batches;
		sum.batch_commands += s->batch_commands;
		sum.unknown += s->unknown;
	}
	return sum;
}

void post_free(struct post *post)
{
	if (!post)
		return;
	for (int i = 0; i < post->count; i++)
		lane_free(post->lanes[i]);
	free(post);
}
