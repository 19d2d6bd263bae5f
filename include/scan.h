/*
 * scan.h - walks over JSON that we wrote ourselves (canonical, no white space) without building a
 * tree: for stored records, of which there are millions.
 *
 * Each call passes over what it names and moves *p behind it; false leaves *p somewhere, as the text
 * is not what it should be. Texts end with a NUL.
 */
#ifndef SCAN_H
#define SCAN_H

#include <stdbool.h>
#include <stddef.h>

bool scan_literal(const char **p, const char *text);
bool scan_string(const char **p);
bool scan_digits(const char **p);
bool scan_value(const char **p); /* up to the comma or bracket that does not belong to it */

/* A member of an object, or an element of an array (name NULL); points into the text. */
struct scan_item {
	const char *name; /* without its quotes; names of ours hold no escapes */
	size_t name_len;
	const char *value;
	size_t len;
};

enum scan_step { SCAN_ITEM, SCAN_END, SCAN_BAD };

/* The next one. *p stands on the opening bracket at first, and behind the closing one at SCAN_END. */
enum scan_step scan_next(const char **p, struct scan_item *item);

#endif
