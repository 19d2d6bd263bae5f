/* slip.h - a slip as asked for: JSON in, a checked struct out; and the words and numbers of slips. */
#ifndef SLIP_H
#define SLIP_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "clock.h"
#include "problem.h"

#define SLIP_MAX_LINES 200
#define SLIP_MAX_QUANTITY 1000000000LL /* of a line, in base units */
#define SLIP_KEY_MAX 64
#define SLIP_NUMBER_MAX 64

enum slip_kind { SLIP_IN, SLIP_OUT };

enum slip_reason {
	/* In slips only. */
	SLIP_PURCHASE,
	SLIP_DONATION,
	SLIP_ALLOCATION,
	SLIP_OPENING,
	SLIP_COUNT_GAIN,
	/* Both. */
	SLIP_RETURN,
	SLIP_TRANSFER,
	/* Out slips only. */
	SLIP_ISSUE,
	SLIP_SCRAP,
	SLIP_COUNT_LOSS,
	/* Never asked for. */
	SLIP_REVERSAL,
	SLIP_REASONS
};

struct slip_line {
	const char *item;
	int64_t quantity;   /* as written: packs, or base units without a pack */
	const char *pack;   /* NULL: base units */
	const char *lot;    /* NULL: not given */
	clock_date expires; /* CLOCK_DATE_NEVER: not given */
};

/* Strings belong to json, which the slip holds a reference to. */
struct slip {
	json_t *json;
	enum slip_kind kind;
	enum slip_reason reason;
	clock_date business_date; /* CLOCK_DATE_NEVER: not given, today */
	const char *counterparty, *receiver, *handler, *document, *note; /* "" when not given */
	int line_count;
	struct slip_line lines[];
};

const char *slip_kind_name(enum slip_kind kind);
const char *slip_reason_name(enum slip_reason reason);

/*
 * Check and take in a slip.
 * Returns NULL and fills *problem when something is wrong: every wrong field, not only the first.
 * The caller frees with slip_free().
 */
struct slip *slip_decode(json_t *json, struct problem *problem);
void slip_free(struct slip *slip);

/* 1 to 64 of A-Z a-z 0-9 _ - : . */
bool slip_key_ok(const char *key);

/* SHA-256 of what is asked, apart from spelling: canonical JSON, so that a retry may re-encode. */
void slip_request_hash(const char *what, json_t *body, uint8_t out[32]);

/* XT-RK-20221120-0001: in slips are RK (入库), out slips CK (出库). */
void slip_number(
    const char *store, enum slip_kind kind, clock_date date, int serial, char out[SLIP_NUMBER_MAX]);

/* Read such a number of the store; false when it is none. */
bool slip_number_parse(
    const char *number, const char *store, enum slip_kind *kind, clock_date *date, int *serial);

#endif
