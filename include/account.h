/* account.h - users as asked for, over HTTP and on the command line: JSON in, checked fields out. */
#ifndef ACCOUNT_H
#define ACCOUNT_H

#include <stdbool.h>

#include <jansson.h>

#include "problem.h"

/* Texts belong to the body; NULL: not given. */
struct account {
	const char *username;
	const char *display_name;
	const char *password;
	const char *disabled; /* "t" or "f" */
	char *roles;          /* JSON as user_add.sql takes it; the caller frees */
};

/* Check the body of a new user, or of a change to user username. Every wrong field is named. */
bool account_decode(const json_t *body, struct account *out, struct problem *p);
bool account_decode_change(
    const json_t *body, const char *username, struct account *out, struct problem *p);

/* {"role","place"}; prefix as in field.h. */
bool account_decode_grant(const json_t *grant, const char *prefix, struct problem *p);

/* A password that somebody chooses, in field name. NULL when absent or wrong. username may be NULL. */
const char *account_password(
    const json_t *body, const char *name, const char *username, unsigned flags, struct problem *p);

#endif
