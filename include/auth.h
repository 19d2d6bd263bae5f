/*
 * auth.h - who is asking, and what they may: the one place that knows roles and grants.
 *
 * Sessions and tokens are looked up by the hash of their secret and remembered for less than a
 * second, so that signing out and revoking take effect everywhere within one.
 */
#ifndef AUTH_H
#define AUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "db_pool.h"

enum role { /* a set of bits */
	ROLE_STOREKEEPER = 1,
	ROLE_COORDINATOR = 2,
	ROLE_AUDITOR = 4,
	ROLE_ADMIN = 8,
	ROLE_ANY = 15,
};

extern const char *const role_words[]; /* the roles' names, ended by NULL */
const char *role_name(enum role role);
int role_parse(const char *name); /* 0: no such role */

struct grant {
	enum role role;
	int32_t place_id;
	bool root; /* the place has no parent */
	char place[33];
};

struct caller {
	int refs;
	int32_t user_id;
	char username[65];
	char *display_name;
	char expires_at[40]; /* RFC 3339, of the session; "" for a token without end */
	bool by_cookie;
	uint8_t token_hash[32];
	int grant_count;
	struct grant *grants;
};

struct caller *caller_hold(struct caller *caller);
void caller_release(struct caller *caller);

/* The roles that the caller holds at a place, given the ids from the root down to it. */
unsigned caller_roles_at(const struct caller *caller, const int32_t *path, int depth);

/* The roles that the caller holds anywhere, or at a root place. */
unsigned caller_roles(const struct caller *caller, bool at_root);

/* "{3,17}": the places granted with one of these roles, as a PostgreSQL array; the caller frees. */
char *caller_places(const struct caller *caller, unsigned roles);

struct auth;
struct auth *auth_new(struct db_pool *pool);
/* Callbacks of what is under way do not run: the pool goes first. */
void auth_free(struct auth *auth);

/* outcome DB_OK with caller NULL: no such session or token. DB_LOST: the database is away. The
   callback holds caller if it keeps it. May be called back at once. */
typedef void (*auth_cb)(void *arg, enum db_outcome outcome, struct caller *caller);
void auth_identify(struct auth *auth, const char *secret, bool by_cookie, auth_cb cb, void *arg);

/* What a secret is remembered and stored by. */
void auth_token_hash(const char *secret, uint8_t token_hash[32]);

/* A new secret, "tzs_…" or "tzt_…"; the caller frees. */
char *auth_new_secret(const char *prefix);

/* Drop what this process remembers of a secret (own sign-out), or of everybody (grants changed). */
void auth_forget(struct auth *auth, const uint8_t token_hash[32]);
void auth_forget_all(struct auth *auth);

#define PLACE_MAX_DEPTH 16

/* A store or place by its code; identity and path never change, so it is remembered. */
struct place_ref {
	int32_t store_id; /* 0 for a place */
	int32_t place_id;
	char code[33];
	int depth;
	int32_t path[PLACE_MAX_DEPTH]; /* the ids from the root down */
};
/* ref NULL with DB_OK: there is none. May be called back at once. */
typedef void (*auth_ref_cb)(void *arg, enum db_outcome outcome, const struct place_ref *ref);
void auth_find_store(struct auth *auth, const char *code, auth_ref_cb cb, void *arg);
void auth_find_place(struct auth *auth, const char *code, auth_ref_cb cb, void *arg);

#endif
