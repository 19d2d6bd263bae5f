/*
 * problem.h - refusals, as RFC 9457 problem documents.
 *
 * problems.def lists every code once: PROBLEM(code, status, title_zh, title_en, detail_zh,
 * detail_en). Details may hold {item}, {available}, {line} (counted from 1), {value} and {errors},
 * filled from the fields below.
 */
#ifndef PROBLEM_H
#define PROBLEM_H

#include <stdbool.h>
#include <stdint.h>

#include <libpq-fe.h>

#include "buf.h"

enum problem_code {
#define PROBLEM(code, ...) PROBLEM_##code,
#include "problems.def"
#undef PROBLEM
	PROBLEM_COUNT
};

#define PROBLEM_MAX_ERRORS 20

/*
 * One refusal. Zero-initialised is "no problem" (code PROBLEM_none). Strings of at most the given
 * size, cut on a character boundary, so that a problem owns nothing.
 */
struct problem_error {
	enum problem_code code;
	char field[64]; /* lines[2].quantity */
	/* What was found or allowed, for the detail. Of wrong_type, the type's English name: string,
	   integer, boolean, object or array. */
	char value[64];
};

struct problem {
	enum problem_code code;
	int line;          /* 0-based index into lines[], -1 when the problem is of no line */
	int64_t available; /* insufficient_stock, reversal_would_oversell */
	int retry_after;   /* seconds; 0: no Retry-After */
	char item[64];     /* item code */
	char value[128];   /* what was found, or the limit */
	int error_count;   /* validation_failed: errors[] */
	struct problem_error errors[PROBLEM_MAX_ERRORS];
};

/* Make *p a problem of this code, of no line, with a Retry-After where the status is 503. */
void problem_set(struct problem *p, enum problem_code code);

/* Add one error of a field, turning *p into validation_failed. fmt makes the field's path. */
void problem_add(struct problem *p, enum problem_code code, const char *value, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Fill a text above, cut on a character boundary. */
void problem_copy(char *out, size_t size, const char *s);

/*
 * Take in the text by which a statement refuses: "CODE", "CODE:VALUE" or, as the error of one
 * field, "CODE@FIELD:VALUE". Anything else is internal.
 */
void problem_parse(struct problem *p, const char *text);

int problem_status(const struct problem *p);
const char *problem_code_name(enum problem_code code);

/*
 * Write the document: type, title, title_en, status, code, detail, detail_en, and where they say
 * something instance, line, field, item, available, errors. request is the request's id, or NULL.
 */
void problem_json(const struct problem *p, const char *request, struct buf *out);

/* The problem that a failed statement stands for, by SQLSTATE and constraint name. */
void problem_from_sql(struct problem *p, const PGresult *result);

#endif
