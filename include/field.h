/*
 * field.h - the fields of a JSON object, checked one by one: each wrong one is added to the problem,
 * so that an answer names all of them at once.
 *
 * prefix goes before the field's name in the problem ("lines[2]." or ""). A field that is null
 * counts as absent. Values belong to the object.
 */
#ifndef FIELD_H
#define FIELD_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "clock.h"
#include "problem.h"

enum field_flags {
	FIELD_REQUIRED = 1,  /* absent is wrong, and so is blank text */
	FIELD_MULTILINE = 2, /* newlines and tabs pass */
	FIELD_NOT_BLANK = 4, /* may be absent, but not blank */
};

/* Is the field there, and not null? */
bool field_given(const json_t *object, const char *name);

/* At most max characters, no control characters. NULL when absent or wrong. */
const char *field_text(const json_t *object, const char *name, int max, unsigned flags,
    const char *prefix, struct problem *p);

/* A time of RFC 3339, with its offset, as text. NULL when absent or wrong. */
const char *field_time(
    const json_t *object, const char *name, unsigned flags, const char *prefix, struct problem *p);

/* The others return true and set *out only when the field is there and right. */
bool field_int(const json_t *object, const char *name, int64_t min, int64_t max, unsigned flags,
    const char *prefix, int64_t *out, struct problem *p);
bool field_date(const json_t *object, const char *name, unsigned flags, const char *prefix,
    clock_date *out, struct problem *p);
bool field_bool(const json_t *object, const char *name, unsigned flags, const char *prefix,
    bool *out, struct problem *p);

/* Index of the word in words (which end with NULL), or -1 when absent or wrong. */
int field_word(const json_t *object, const char *name, const char *const words[], unsigned flags,
    const char *prefix, struct problem *p);

/* An array of at most max elements (at least one when required), or an object. NULL: absent or wrong. */
const json_t *field_array(const json_t *object, const char *name, int max, unsigned flags,
    const char *prefix, struct problem *p);
const json_t *field_object(
    const json_t *object, const char *name, unsigned flags, const char *prefix, struct problem *p);

/* Refuse every field that names (which end with NULL) does not hold. */
void field_only(
    const json_t *object, const char *const names[], const char *prefix, struct problem *p);

/* A code as text that matches the pattern of its kind: checked here so that the answer can say so. */
enum field_code { FIELD_CODE_PLACE, FIELD_CODE_STORE, FIELD_CODE_ITEM };
const char *field_code(const json_t *object, const char *name, enum field_code kind, unsigned flags,
    const char *prefix, struct problem *p);

#endif
