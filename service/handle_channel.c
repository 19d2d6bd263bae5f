/* handle_channel.c - channels and what they are told of, for whoever keeps them. */
#include "handlers.h"

#include <stdlib.h>
#include <string.h>

#include "channel.h"
#include "channel_seal.h"
#include "channel_text.h"
#include "clock.h"
#include "crypto.h"
#include "die.h"
#include "field.h"
#include "handle_change.h"
#include "outgoing.h"
#include "route.h"

#define NAME_MAX_CHARACTERS 100

static const char *const languages[] = {"zh", "en", NULL};

/* --- Fields --- */

/* What a body says of a channel; texts belong to the body. NULL: nothing. */
struct channel_fields {
	const char *name, *address, *secret, *language, *enabled; /* enabled: "t" or "f" */
};

static void decode(const json_t *json, unsigned flags, struct channel_fields *f, struct problem *p)
{
	int language = field_word(json, "language", languages, 0, "", p);
	bool enabled;

	f->name = field_text(json, "name", NAME_MAX_CHARACTERS, flags, "", p);
	f->address = field_text(json, "address", CHANNEL_ADDRESS_MAX, flags, "", p);
	f->secret = field_text(json, "secret", CHANNEL_SECRET_MAX, 0, "", p);
	f->language = language >= 0 ? languages[language] : NULL;
	f->enabled = field_bool(json, "enabled", 0, "", &enabled, p) ? (enabled ? "t" : "f") : NULL;
}

/* Address and secret as the database keeps them. */
struct channel_kept {
	char *shown;
	uint8_t *address, *secret; /* sealed; NULL: there is nothing to seal */
	size_t address_len, secret_len;
};

static struct db_param sealed_param(const uint8_t *sealed, size_t len)
{
	return sealed ? DB_BYTES(sealed, len) : DB_NULL;
}

static void keep_free(struct channel_kept *kept)
{
	free(kept->shown);
	free(kept->address);
	free(kept->secret);
}

/* false: there is no key to seal with. NULL for address or secret: leave it out. */
static bool keep(const struct conf *conf, const struct channel_kind *kind, const char *address,
    const char *secret, struct channel_kept *kept)
{
	bool seal_address = address && channel_address_secret(kind);
	bool seal_secret = secret && *secret;

	*kept = (struct channel_kept){0};
	if ((seal_address || seal_secret) && !channel_can_seal(conf))
		return false;
	if (address)
		kept->shown = channel_address_shown(kind, address);
	if (seal_address)
		kept->address =
		    channel_seal(conf, CHANNEL_SEALED_ADDRESS, address, &kept->address_len);
	if (seal_secret)
		kept->secret = channel_seal(conf, CHANNEL_SEALED_SECRET, secret, &kept->secret_len);
	return true;
}

/* The kind that a new channel's body names; else every kind is named in the problem. */
static const struct channel_kind *decode_kind(const json_t *json, struct problem *p)
{
	const char *name = field_text(json, "kind", 20, FIELD_REQUIRED, "", p);
	const struct channel_kind *kind = name ? channel_kind_find(name) : NULL, *other;
	struct buf names = BUF_EMPTY;

	for (int i = 0; name && !kind && (other = channel_kind_at(i)) != NULL; i++)
		buf_printf(&names, "%s%s", i ? " " : "", channel_kind_name(other));
	if (name && !kind)
		problem_add(p, PROBLEM_unknown_value, buf_str(&names), "kind");
	buf_free(&names);
	return kind;
}

/* --- A new channel --- */

void handle_channel_post(struct request *req)
{
	static const char *const fields[] = {
	    "kind", "name", "place", "address", "secret", "language", "enabled", NULL};
	const struct conf *conf = req->server->conf;
	struct id_text user = id_text(req->caller->user_id);
	struct problem problem = {.line = -1};
	const struct channel_kind *kind;
	struct channel_fields f;
	struct channel_kept kept;
	const char *place;

	field_only(req->json, fields, "", &problem);
	kind = decode_kind(req->json, &problem);
	place = field_code(req->json, "place", FIELD_CODE_PLACE, 0, "", &problem);
	decode(req->json, FIELD_REQUIRED, &f, &problem);
	if (!f.secret)
		f.secret = "";
	if (!f.language)
		f.language = languages[0];
	if (kind && f.address)
		channel_check(kind,
		    &(struct channel_target){
			.address = f.address, .secret = f.secret, .language = f.language},
		    conf, &problem);
	if (problem.code) {
		request_problem(req, &problem);
		return;
	}
	if (!keep(conf, kind, f.address, f.secret, &kept)) {
		request_refuse(req, PROBLEM_secrets_not_set_up);
		return;
	}
	handle_change(req, 201, "channel_added", STMT_CHANNEL_ADD,
	    (struct db_param[]){DB_TEXT(user.s), DB_TEXT(channel_kind_name(kind)), DB_TEXT(f.name),
		DB_TEXT(place), DB_TEXT(kept.shown), sealed_param(kept.address, kept.address_len),
		sealed_param(kept.secret, kept.secret_len), DB_TEXT(f.language),
		DB_TEXT(f.enabled ? f.enabled : "t")});
	keep_free(&kept);
}

/* --- One that is there --- */

/* A channel that the path names, being looked up. */
struct find {
	struct request *req;
	struct id_text id;
	struct channel_fields fields;                         /* of a change; else none */
	void (*then)(struct find *find, const PGresult *row); /* answers, and frees it */
};

/* A look-up that failed, or found nothing. */
static void refuse_lookup(struct request *req, enum db_outcome outcome)
{
	request_refuse(req, outcome == DB_OK     ? PROBLEM_not_found
			    : outcome == DB_LOST ? PROBLEM_database_away
						 : PROBLEM_internal);
}

static void on_found(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct find *find = arg;
	struct request *req = find->req;

	if (outcome == DB_OK && PQntuples(result) == 1 &&
	    channel_kind_find(db_text(result, 0, 0))) {
		find->then(find, result);
		return;
	}
	free(find);
	refuse_lookup(req, outcome);
}

static void find_channel(struct request *req, const struct channel_fields *fields,
    void (*then)(struct find *find, const PGresult *row))
{
	struct id_text user = id_text(req->caller->user_id);
	struct find *find = xcalloc(1, sizeof *find);

	find->req = req;
	find->fields = *fields;
	find->then = then;
	if (!id_parse(req->args[0], &find->id)) {
		request_refuse(req, PROBLEM_not_found);
		free(find);
	} else if (!db_read(req->server->pool, STMT_CHANNEL_FIND,
		       (struct db_param[]){DB_TEXT(user.s), DB_TEXT(find->id.s)}, on_found, find)) {
		request_refuse(req, PROBLEM_busy);
		free(find);
	}
}

/* What is new is checked together with what stays. */
static void check_change(struct request *req, const struct channel_kind *kind, const PGresult *row,
    const struct channel_fields *f, struct problem *problem)
{
	const struct conf *conf = req->server->conf;
	char *address = NULL, *secret = NULL;
	bool whole = f->address && f->secret;

	if (!f->address && !f->secret)
		return;
	if (!whole && !channel_unseal(conf, row, 0, 2, &address, &secret)) {
		problem_set(problem, PROBLEM_secrets_changed);
		return;
	}
	channel_check(kind,
	    &(struct channel_target){
		.address = f->address ? f->address : address,
		.secret = f->secret ? f->secret : secret,
		.language = languages[0],
	    },
	    conf, problem);
	channel_wipe(address);
	channel_wipe(secret);
}

static void change_found(struct find *find, const PGresult *row)
{
	const struct channel_kind *kind = channel_kind_find(db_text(row, 0, 0));
	struct request *req = find->req;
	struct id_text id = find->id, user = id_text(req->caller->user_id);
	struct problem problem = {.line = -1};
	struct channel_fields f = find->fields;
	struct channel_kept kept;

	free(find);
	check_change(req, kind, row, &f, &problem);
	if (problem.code) {
		request_problem(req, &problem);
		return;
	}
	if (!keep(req->server->conf, kind, f.address, f.secret, &kept)) {
		request_refuse(req, PROBLEM_secrets_not_set_up);
		return;
	}
	handle_change(req, 200, "channel_changed", STMT_CHANNEL_CHANGE,
	    (struct db_param[]){DB_TEXT(user.s), DB_TEXT(id.s), DB_TEXT(f.name),
		DB_TEXT(kept.shown), sealed_param(kept.address, kept.address_len),
		DB_TEXT(f.secret ? "t" : "f"), sealed_param(kept.secret, kept.secret_len),
		DB_TEXT(f.language), DB_TEXT(f.enabled)});
	keep_free(&kept);
}

void handle_channel_patch(struct request *req)
{
	static const char *const fields[] = {
	    "name", "address", "secret", "language", "enabled", NULL};
	struct problem problem = {.line = -1};
	struct channel_fields f;

	field_only(req->json, fields, "", &problem);
	decode(req->json, FIELD_NOT_BLANK, &f, &problem);
	if (problem.code)
		request_problem(req, &problem);
	else
		find_channel(req, &f, change_found);
}

void handle_channel_delete(struct request *req)
{
	struct id_text user = id_text(req->caller->user_id), id;

	if (!id_parse(req->args[0], &id))
		request_refuse(req, PROBLEM_not_found);
	else
		handle_change(req, 204, "channel_removed", STMT_CHANNEL_REMOVE,
		    (struct db_param[]){DB_TEXT(user.s), DB_TEXT(id.s)});
}

/* --- Trying it out --- */

struct trial {
	struct request *req;
	const struct channel_kind *kind;
	char *address, *secret, *language;
	char *preview;
	int64_t sent_ms;
};

static void trial_free(struct trial *trial)
{
	channel_wipe(trial->address);
	channel_wipe(trial->secret);
	free(trial->language);
	free(trial->preview);
	free(trial);
}

static void on_tried(void *arg, const struct channel_outcome *outcome)
{
	struct trial *trial = arg;
	struct buf out = BUF_EMPTY;

	buf_printf(
	    &out, "{\"status\":\"%s\",\"error\":", outcome->delivered ? "delivered" : "failed");
	buf_json(&out, outcome->delivered ? NULL : outcome->error);
	buf_printf(&out, ",\"ms\":%lld,\"message\":", (long long)(clock_ms() - trial->sent_ms));
	buf_json(&out, trial->preview);
	buf_putc(&out, '}');
	request_answer(trial->req, 200, NULL, out.data, out.len);
	buf_free(&out);
	trial_free(trial);
}

static void try_out(struct trial *trial, int64_t now_us, const char *now)
{
	const struct request *req = trial->req;
	json_t *content = json_pack("{s:s,s:s}", "by", req->caller->display_name, "at", now);
	struct buf text = BUF_EMPTY;
	uint8_t random[16];
	char id[40] = "test-";

	crypto_random(random, sizeof random);
	crypto_hex(random, sizeof random, id + strlen(id));
	const struct channel_message message = {
	    .id = id, .at_ms = now_us / 1000, .kind = "test", .content = content};

	channel_text_plain(&message, trial->language, 4000, &text);
	trial->preview = buf_take(&text, &(size_t){0});
	trial->sent_ms = clock_ms();
	channel_send(req->server->outgoing, trial->kind,
	    &(struct channel_target){
		.address = trial->address, .secret = trial->secret, .language = trial->language},
	    &message, on_tried, trial);
	json_decref(content);
}

/* Seconds still to wait, and what time it is. */
static void on_turn(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct trial *trial = arg;
	struct request *req = trial->req;
	struct problem problem;

	if (outcome == DB_OK && PQntuples(result) == 1 && db_int(result, 0, 0) == 0) {
		try_out(trial, db_int(result, 0, 1), db_text(result, 0, 2));
		return;
	}
	trial_free(trial);
	if (outcome == DB_OK && PQntuples(result) == 1) {
		problem_set(&problem, PROBLEM_too_soon);
		problem_copy(problem.value, sizeof problem.value, db_text(result, 0, 0));
		problem.retry_after = (int)db_int(result, 0, 0);
		request_problem(req, &problem);
	} else {
		refuse_lookup(req, outcome);
	}
}

static void try_found(struct find *find, const PGresult *row)
{
	struct request *req = find->req;
	struct id_text id = find->id, apart;
	struct trial *trial = xcalloc(1, sizeof *trial);

	free(find);
	trial->req = req;
	trial->kind = channel_kind_find(db_text(row, 0, 0));
	trial->language = xstrdup(db_text(row, 0, 5));
	apart = id_text(60000 / channel_rate(trial->kind));
	if (!channel_unseal(req->server->conf, row, 0, 2, &trial->address, &trial->secret)) {
		trial_free(trial);
		request_refuse(req, PROBLEM_secrets_changed);
	} else if (!db_read(req->server->pool, STMT_CHANNEL_TEST,
		       (struct db_param[]){DB_TEXT(id.s), DB_TEXT(apart.s)}, on_turn, trial)) {
		trial_free(trial);
		request_refuse(req, PROBLEM_busy);
	}
}

void handle_channel_test(struct request *req)
{
	find_channel(req, &(struct channel_fields){0}, try_found);
}

/* --- Subscriptions --- */

void handle_subscription_post(struct request *req)
{
	static const char *const fields[] = {"channel", "place", "cause", "on", NULL};
	static const char *const causes[] = {"low_stock", "out_of_stock", "days_of_cover",
	    "expiring", "expired", "overdue_count", "checkpoint", NULL};
	static const char *const told[] = {"opened", "escalated", NULL};
	struct id_text user = id_text(req->caller->user_id), channel = {""};
	struct problem problem = {.line = -1};
	int64_t number;
	const char *place;
	int cause, on;

	field_only(req->json, fields, "", &problem);
	if (field_int(req->json, "channel", 1, INT32_MAX, FIELD_REQUIRED, "", &number, &problem))
		channel = id_text((int32_t)number);
	place = field_code(req->json, "place", FIELD_CODE_PLACE, FIELD_REQUIRED, "", &problem);
	cause = field_word(req->json, "cause", causes, 0, "", &problem);
	on = field_word(req->json, "on", told, 0, "", &problem);
	if (cause >= 0 && on > 0 && !strcmp(causes[cause], "checkpoint"))
		problem_add(&problem, PROBLEM_unknown_value, told[0], "on");
	if (problem.code)
		request_problem(req, &problem);
	else
		handle_change(req, 201, "subscription_added", STMT_SUBSCRIPTION_ADD,
		    (struct db_param[]){DB_TEXT(user.s), DB_TEXT(channel.s), DB_TEXT(place),
			DB_TEXT(cause >= 0 ? causes[cause] : NULL), DB_TEXT(told[on > 0])});
}

void handle_subscription_delete(struct request *req)
{
	struct id_text user = id_text(req->caller->user_id), id;

	if (!id_parse(req->args[0], &id))
		request_refuse(req, PROBLEM_not_found);
	else
		handle_change(req, 204, "subscription_removed", STMT_SUBSCRIPTION_REMOVE,
		    (struct db_param[]){DB_TEXT(user.s), DB_TEXT(id.s)});
}
