/* offline.c - the service's own loop, posting and changes, without HTTP. */
#include "offline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "clock.h"
#include "diag.h"
#include "die.h"
#include "migrate.h"

#define MAX_CHANGES 100 /* one after the other is the rule */

static bool ready(const struct offline *o)
{
	return db_pool_ready(o->pool) && post_ready(o->post) && change_ready(o->change);
}

void offline_open(struct offline *o, const struct conf *conf)
{
	struct db_options db = db_options(conf, "taizhang");
	struct post_options posting = post_options(conf);
	int64_t deadline = clock_ms() + conf->database_timeout;
	char error[1024];

	if (!migrate_check(conf->database, error, sizeof error))
		die("%s", error);
	diag_set_level(DIAG_ERROR); /* people read this standard error */
	o->source = "cli";
	o->base = event_base_new();
	if (!o->base)
		die("cannot make an event loop");
	o->pool = db_pool_new(o->base, &db, 1);
	o->change = change_new(o->base, &db, MAX_CHANGES, posting.timeout_ms);
	posting.lanes = 1;
	o->post = post_new(o->base, &db, &posting);
	while (!ready(o)) {
		if (clock_ms() > deadline)
			die("数据库没有应答 the database does not answer");
		event_base_loop(o->base, EVLOOP_ONCE);
	}
}

void offline_wait(struct offline *o, const bool *done)
{
	while (!*done)
		event_base_loop(o->base, EVLOOP_ONCE);
}

/* --- Reads --- */

struct reading {
	PGresult *result;
	bool done;
};

static void on_read(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct reading *reading = arg;

	reading->done = true;
	if (outcome == DB_OK)
		reading->result = PQcopyResult(result, PG_COPYRES_ATTRS | PG_COPYRES_TUPLES);
	else
		fprintf(stderr, "taizhang: 读取失败 could not read: %s\n",
		    result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY)
			   : "数据库不可用 the database is away");
}

PGresult *offline_read(struct offline *o, enum stmt_id stmt, const struct db_param *params)
{
	struct reading reading = {0};

	if (!db_read(o->pool, stmt, params, on_read, &reading))
		on_read(&reading, DB_LOST, NULL);
	offline_wait(o, &reading.done);
	return reading.result;
}

/* --- Changes --- */

struct changing {
	struct problem *problem;
	char *answer;
	bool done;
};

static void on_changed(void *arg, const struct change_answer *answer)
{
	struct changing *changing = arg;

	changing->done = true;
	if (answer->problem)
		*changing->problem = *answer->problem;
	else
		changing->answer = xstrdup(answer->json);
}

bool offline_change(struct offline *o, enum stmt_id stmt, const struct db_param *params,
    const char *event, struct problem *problem, char **answer)
{
	struct changing changing = {.problem = problem};

	change_submit(o->change, &(struct change_request){
				     .stmt = stmt,
				     .params = params,
				     .event = event,
				     .actor = "system",
				     .source = o->source,
				     .done = on_changed,
				     .arg = &changing,
				 });
	offline_wait(o, &changing.done);
	if (!changing.answer)
		return false;
	if (answer)
		*answer = changing.answer;
	else
		free(changing.answer);
	return true;
}

/* --- What went wrong --- */

static void complain(const json_t *about, const char *before)
{
	fprintf(stderr, "%s: %s\n    %s\n", before,
	    json_string_value(json_object_get(about, "detail")),
	    json_string_value(json_object_get(about, "detail_en")));
}

void offline_complain(const char *command, const struct problem *problem)
{
	struct buf text = BUF_EMPTY;
	json_t *json, *errors;
	char *before = xasprintf("taizhang %s", command);

	problem_json(problem, NULL, &text);
	json = json_loads(buf_str(&text), 0, NULL);
	complain(json, before);
	errors = json_object_get(json, "errors");
	for (size_t i = 0; i < json_array_size(errors); i++) {
		json_t *error = json_array_get(errors, i);

		complain(error, json_string_value(json_object_get(error, "field")));
	}
	json_decref(json);
	buf_free(&text);
	free(before);
}

void offline_close(struct offline *o)
{
	post_free(o->post);
	change_free(o->change);
	db_pool_free(o->pool);
	event_base_free(o->base);
}
