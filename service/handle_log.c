/* handle_log.c - what the tree over a log proves: checkpoints, the keys that sign them, and proofs. */
#include "handlers.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checkpoints.h"
#include "crypto.h"
#include "die.h"
#include "proof.h"
#include "read_query.h"
#include "route.h"
#include "signed_note.h"

#define NOTE_TYPE "text/plain; charset=utf-8"

static void refuse_outcome(struct request *req, enum db_outcome outcome, const PGresult *result)
{
	struct problem problem;

	read_query_problem(outcome, result, &problem);
	request_problem(req, &problem);
}

static void ask(struct request *req, enum stmt_id stmt, db_cb cb, void *arg)
{
	char store[16];

	snprintf(store, sizeof store, "%" PRId32, req->scope.store_id);
	if (!db_read(req->server->pool, stmt, (struct db_param[]){DB_TEXT(store)}, cb, arg))
		request_refuse(req, PROBLEM_busy);
}

/* --- Checkpoints --- */

static void on_newest(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct request *req = arg;

	if (outcome != DB_OK) {
		refuse_outcome(req, outcome, result);
	} else if (PQntuples(result) == 0) {
		request_refuse(req, PROBLEM_not_found);
	} else {
		request_set_header(req, "Last-Modified", db_text(result, 0, 1));
		request_answer(
		    req, 200, NOTE_TYPE, db_text(result, 0, 0), strlen(db_text(result, 0, 0)));
	}
}

void handle_checkpoint_get(struct request *req)
{
	ask(req, STMT_CHECKPOINT_NEWEST, on_newest, req);
}

static void on_made(void *arg, const struct checkpoints_answer *answer)
{
	struct request *req = arg;

	if (answer->problem)
		request_problem(req, answer->problem);
	else
		request_answer(
		    req, answer->made ? 201 : 200, NOTE_TYPE, answer->note, strlen(answer->note));
}

void handle_checkpoint_post(struct request *req)
{
	checkpoints_make(req->server->checkpoints, req->scope.store_id, on_made, req);
}

/* --- Keys --- */

static void write_key(const PGresult *keys, int row, const char *name, struct buf *out)
{
	struct buf verifier = BUF_EMPTY;
	uint8_t *public;

	if (crypto_base64_decode(db_text(keys, row, 1), &public) == NOTE_PUBLIC_KEY)
		note_verifier_write(name, public, &verifier);
	buf_printf(out, "%s{\"id\":%lld,\"public_key\":\"%s\",\"verifier\":", row ? "," : "",
	    db_int(keys, row, 0), db_text(keys, row, 1));
	buf_json(out, buf_str(&verifier));
	buf_puts(out, ",\"created_at\":");
	buf_json(out, db_text(keys, row, 2));
	buf_puts(out, ",\"endorsement\":");
	buf_json(out, db_text(keys, row, 3));
	buf_putc(out, '}');
	buf_free(&verifier);
	free(public);
}

static void on_keys(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct request *req = arg;
	const char *name = req->server->conf->log_name;
	struct buf out = BUF_EMPTY;

	if (outcome != DB_OK) {
		refuse_outcome(req, outcome, result);
		return;
	}
	buf_puts(&out, "{\"log_name\":");
	buf_json(&out, name);
	buf_puts(&out, ",\"items\":[");
	for (int i = 0; i < PQntuples(result); i++)
		write_key(result, i, name, &out);
	buf_puts(&out, "]}");
	request_answer(req, 200, NULL, out.data, out.len);
	buf_free(&out);
}

void handle_keys_get(struct request *req)
{
	if (!db_read(req->server->pool, STMT_LOG_KEY_ALL, NULL, on_keys, req))
		request_refuse(req, PROBLEM_busy);
}

/* --- Proofs --- */

/* A proof on its way: of an event (index) in a tree of size to, or of a tree in another. */
struct asked {
	struct request *req;
	bool inclusion;
	int64_t from, to; /* of an event its sequence; -1: not said */
	char *record;     /* the event's bytes, of a slip; else NULL */
};

static void asked_free(struct asked *asked)
{
	free(asked->record);
	free(asked);
}

static bool parse_number(const char *text, int64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoll(text, &end, 10);
	return isdigit((unsigned char)*text) && !*end && errno == 0;
}

/* A query parameter; -1: not given, or no number, which the problem then says. */
static int64_t number_query(const struct request *req, const char *name, struct problem *problem)
{
	const char *text = request_query(req, name);
	int64_t number = -1;

	if (text && !parse_number(text, &number)) {
		problem_add(problem, PROBLEM_wrong_type, "integer", "%s", name);
		return -1;
	}
	return number;
}

/* No others than these, of which there are up to two. */
static void only_queries(const struct request *req, const char *a, const char *b, struct problem *p)
{
	const char *name;

	for (int i = 0; (name = request_query_name(req, i)); i++)
		if (strcmp(name, a) != 0 && strcmp(name, b) != 0)
			problem_add(p, PROBLEM_unknown_field, NULL, "%s", name);
}

static void check_range(
    struct problem *problem, const char *name, int64_t number, int64_t min, int64_t max)
{
	char range[64];

	if (number >= min && number <= max)
		return;
	snprintf(range, sizeof range, "%" PRId64 "..%" PRId64, min, max);
	problem_add(problem, PROBLEM_out_of_range, range, "%s", name);
}

static void on_proof(void *arg, const struct proof *proof, enum db_outcome outcome)
{
	struct asked *asked = arg;
	struct request *req = asked->req;
	struct buf out = BUF_EMPTY;

	if (outcome != DB_OK) {
		refuse_outcome(req, outcome, NULL);
	} else {
		buf_puts(&out, "{\"store\":");
		buf_json(&out, req->scope.code);
		proof_write(proof, &out);
		if (asked->inclusion) {
			buf_puts(&out, ",\"record\":");
			if (asked->record)
				buf_json(&out, asked->record);
			else
				buf_puts(&out, "null");
		}
		buf_putc(&out, '}');
		request_answer(req, 200, NULL, out.data, out.len);
	}
	buf_free(&out);
	asked_free(asked);
}

/* Whether the log has what was asked for, now that its size is known. */
static void on_size(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct asked *asked = arg;
	struct request *req = asked->req;
	struct problem problem = {.line = -1};
	int64_t size;

	if (outcome != DB_OK || PQntuples(result) == 0) {
		refuse_outcome(req, outcome, result);
		asked_free(asked);
		return;
	}
	size = db_int(result, 0, 0);
	asked->record = PQgetisnull(result, 0, 1) ? NULL : xstrdup(db_text(result, 0, 1));
	if (asked->to < 0)
		asked->to = size;
	if (asked->inclusion && (asked->from < 1 || asked->from > size)) {
		request_refuse(req, PROBLEM_not_found);
		asked_free(asked);
		return;
	}
	check_range(&problem, asked->inclusion ? "size" : "to", asked->to,
	    asked->inclusion ? asked->from : 1, size);
	if (!asked->inclusion)
		check_range(&problem, "from", asked->from, 1, asked->to);
	if (problem.code != PROBLEM_none) {
		request_problem(req, &problem);
		asked_free(asked);
		return;
	}
	if (!proof_make(req->server->pool, req->scope.store_id, asked->inclusion, asked->from,
		asked->to, on_proof, asked)) {
		request_refuse(req, PROBLEM_busy);
		asked_free(asked);
	}
}

static void find_size(struct request *req, bool inclusion, int64_t from, int64_t to)
{
	struct asked *asked = xmalloc(sizeof *asked);
	char store[16], seq[24];

	*asked = (struct asked){req, inclusion, from, to, NULL};
	snprintf(store, sizeof store, "%" PRId32, req->scope.store_id);
	snprintf(seq, sizeof seq, "%" PRId64, from);
	if (!db_read(req->server->pool, STMT_LOG_SIZE,
		(struct db_param[]){DB_TEXT(store), inclusion ? DB_TEXT(seq) : DB_NULL}, on_size,
		asked)) {
		request_refuse(req, PROBLEM_busy);
		asked_free(asked);
	}
}

void handle_proof_get(struct request *req)
{
	const char *text = req->args[1] ? req->args[1] : req->args[0];
	struct problem problem = {.line = -1};
	int64_t seq, size = number_query(req, "size", &problem);

	only_queries(req, "size", "size", &problem);
	if (!parse_number(text, &seq))
		request_refuse(req, PROBLEM_not_found);
	else if (problem.code != PROBLEM_none)
		request_problem(req, &problem);
	else
		find_size(req, true, seq, size);
}

void handle_consistency_get(struct request *req)
{
	struct problem problem = {.line = -1};
	int64_t from = number_query(req, "from", &problem);
	int64_t to = number_query(req, "to", &problem);

	only_queries(req, "from", "to", &problem);
	if (!request_query(req, "from"))
		problem_add(&problem, PROBLEM_required, NULL, "from");
	if (problem.code != PROBLEM_none)
		request_problem(req, &problem);
	else
		find_size(req, false, from, to);
}
