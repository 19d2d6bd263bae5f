/* auth.c - who is asking: sessions and tokens by their digest, stores and places by their code. */
#include "auth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "buf.h"
#include "cache.h"
#include "clock.h"
#include "crypto.h"
#include "die.h"
#include "pgarray.h"

/* A caller is remembered for so long after the look-up was sent: what was revoked since is noticed
   within a second, the next look-up included. */
#define CALLER_MS 800
#define MAX_CALLERS 8192
#define MAX_PLACES 16384
#define SECRET_BYTES 32

struct waiter {
	STAILQ_ENTRY(waiter) next;
	auth_cb cb;
	void *arg;
};

/* A secret that is being looked up, or was a moment ago. */
struct known {
	struct auth *auth;
	uint8_t token_hash[CRYPTO_SHA256_LEN];
	bool by_cookie;
	int64_t sent_ms;
	bool looking; /* the answer will come, and frees it unless it is cached */
	bool cached;
	struct caller *caller; /* NULL: the secret is nobody's */
	STAILQ_HEAD(, waiter) waiters;
};

struct auth {
	struct db_pool *pool;
	struct cache *callers; /* struct known by digest of the secret */
	struct cache *stores;  /* struct place_ref by digest of the code */
	struct cache *places;
};

static void known_free(struct known *known)
{
	struct waiter *waiter;

	while ((waiter = STAILQ_FIRST(&known->waiters)) != NULL) {
		STAILQ_REMOVE_HEAD(&known->waiters, next);
		free(waiter);
	}
	caller_release(known->caller);
	free(known);
}

static void known_release(void *value)
{
	struct known *known = value;

	known->cached = false;
	if (!known->looking)
		known_free(known);
}

struct auth *auth_new(struct db_pool *pool)
{
	struct auth *auth = xcalloc(1, sizeof *auth);

	auth->pool = pool;
	auth->callers = cache_new(MAX_CALLERS, known_release);
	auth->stores = cache_new(MAX_PLACES, free);
	auth->places = cache_new(MAX_PLACES, free);
	return auth;
}

void auth_free(struct auth *auth)
{
	if (!auth)
		return;
	cache_free(auth->callers);
	cache_free(auth->stores);
	cache_free(auth->places);
	free(auth);
}

/* --- Who --- */

void auth_token_hash(const char *secret, uint8_t token_hash[32])
{
	crypto_sha256(secret, strlen(secret), token_hash);
}

char *auth_new_secret(const char *prefix)
{
	uint8_t bytes[SECRET_BYTES];
	char *text, *secret;

	crypto_random(bytes, sizeof bytes);
	text = crypto_base64url(bytes, sizeof bytes);
	secret = xasprintf("%s%s", prefix, text);
	free(text);
	return secret;
}

/* Rows as auth_identify.sql gives them: a row a grant. */
static struct caller *caller_of(const struct known *known, const PGresult *result)
{
	int rows = PQntuples(result);
	struct caller *caller;

	if (rows == 0)
		return NULL;
	caller = xcalloc(1, sizeof *caller);
	caller->refs = 1;
	caller->user_id = (int32_t)db_int(result, 0, 0);
	snprintf(caller->username, sizeof caller->username, "%s", db_text(result, 0, 1));
	caller->display_name = xstrdup(db_text(result, 0, 2));
	snprintf(caller->expires_at, sizeof caller->expires_at, "%s", PQgetvalue(result, 0, 3));
	caller->by_cookie = known->by_cookie;
	memcpy(caller->token_hash, known->token_hash, sizeof caller->token_hash);
	caller->grants = xcalloc((size_t)rows, sizeof caller->grants[0]);
	for (int i = 0; i < rows; i++) {
		struct grant *grant = &caller->grants[caller->grant_count];

		if (!db_text(result, i, 4))
			continue;
		grant->role = (enum role)role_parse(db_text(result, i, 4));
		grant->place_id = (int32_t)db_int(result, i, 5);
		grant->root = *db_text(result, i, 6) == 't';
		snprintf(grant->place, sizeof grant->place, "%s", db_text(result, i, 7));
		caller->grant_count++;
	}
	return caller;
}

/* Held meanwhile: the callback may make us forget. */
static void tell(auth_cb cb, void *arg, enum db_outcome outcome, struct caller *caller)
{
	if (caller)
		caller_hold(caller);
	cb(arg, outcome, caller);
	caller_release(caller);
}

static void on_identified(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct known *known = arg;
	struct waiter *waiter;

	known->caller = outcome == DB_OK ? caller_of(known, result) : NULL;
	while ((waiter = STAILQ_FIRST(&known->waiters)) != NULL) {
		STAILQ_REMOVE_HEAD(&known->waiters, next);
		tell(waiter->cb, waiter->arg, outcome, known->caller);
		free(waiter);
	}
	known->looking = false;
	if (!known->cached)
		known_free(known);
	else if (outcome != DB_OK)
		cache_remove(known->auth->callers, known->token_hash);
}

static struct known *look_up(struct auth *auth, const uint8_t *token_hash, bool by_cookie)
{
	struct known *known = xcalloc(1, sizeof *known);

	known->auth = auth;
	memcpy(known->token_hash, token_hash, sizeof known->token_hash);
	known->by_cookie = by_cookie;
	known->sent_ms = clock_ms();
	STAILQ_INIT(&known->waiters);
	if (!db_read(auth->pool, STMT_AUTH_IDENTIFY,
		(struct db_param[]){
		    DB_BYTES(token_hash, CRYPTO_SHA256_LEN), DB_TEXT(by_cookie ? "t" : "f")},
		on_identified, known)) {
		free(known);
		return NULL;
	}
	known->looking = true;
	known->cached = true;
	cache_put(auth->callers, known->token_hash, known);
	return known;
}

void auth_identify(struct auth *auth, const char *secret, bool by_cookie, auth_cb cb, void *arg)
{
	uint8_t token_hash[CRYPTO_SHA256_LEN];
	struct known *known;
	struct waiter *waiter;

	auth_token_hash(secret, token_hash);
	known = cache_get(auth->callers, token_hash);
	if (!known || known->by_cookie != by_cookie || clock_ms() - known->sent_ms >= CALLER_MS)
		known = look_up(auth, token_hash, by_cookie);
	if (!known) {
		cb(arg, DB_LOST, NULL);
	} else if (!known->looking) {
		tell(cb, arg, DB_OK, known->caller);
	} else {
		waiter = xcalloc(1, sizeof *waiter);
		waiter->cb = cb;
		waiter->arg = arg;
		STAILQ_INSERT_TAIL(&known->waiters, waiter, next);
	}
}

void auth_forget(struct auth *auth, const uint8_t token_hash[32])
{
	cache_remove(auth->callers, token_hash);
}

void auth_forget_all(struct auth *auth)
{
	cache_clear(auth->callers);
}

/* --- Where --- */

struct find {
	struct cache *cache;
	uint8_t key[CRYPTO_SHA256_LEN];
	char code[sizeof((struct place_ref *)NULL)->code];
	auth_ref_cb cb;
	void *arg;
};

static void on_ref(void *arg, enum db_outcome outcome, const PGresult *result)
{
	struct find *find = arg;
	struct place_ref *ref = NULL;

	if (outcome == DB_OK && PQntuples(result) == 1) {
		ref = xcalloc(1, sizeof *ref);
		ref->store_id = (int32_t)db_int(result, 0, 0);
		ref->place_id = (int32_t)db_int(result, 0, 1);
		ref->depth = pgarray_read_int4(db_text(result, 0, 2), ref->path, PLACE_MAX_DEPTH);
		memcpy(ref->code, find->code, sizeof ref->code);
		cache_put(find->cache, find->key, ref);
	}
	find->cb(find->arg, outcome, ref);
	free(find);
}

static void find_ref(struct auth *auth, struct cache *cache, enum stmt_id stmt, const char *code,
    auth_ref_cb cb, void *arg)
{
	static const char letters[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
	uint8_t key[CRYPTO_SHA256_LEN];
	size_t len = strlen(code);
	struct place_ref *ref;
	struct find *find;

	if (len >= sizeof find->code || strspn(code, letters) != len) {
		cb(arg, DB_OK, NULL); /* the code of nothing */
		return;
	}
	crypto_sha256(code, len, key);
	ref = cache_get(cache, key);
	if (ref) {
		cb(arg, DB_OK, ref);
		return;
	}
	find = xcalloc(1, sizeof *find);
	find->cache = cache;
	find->cb = cb;
	find->arg = arg;
	memcpy(find->key, key, sizeof key);
	memcpy(find->code, code, len);
	if (!db_read(auth->pool, stmt, &DB_TEXT(code), on_ref, find)) {
		free(find);
		cb(arg, DB_LOST, NULL);
	}
}

void auth_find_store(struct auth *auth, const char *code, auth_ref_cb cb, void *arg)
{
	find_ref(auth, auth->stores, STMT_AUTH_STORE, code, cb, arg);
}

void auth_find_place(struct auth *auth, const char *code, auth_ref_cb cb, void *arg)
{
	find_ref(auth, auth->places, STMT_AUTH_PLACE, code, cb, arg);
}
