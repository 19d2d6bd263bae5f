/*
 * pattern.h - is a regular expression (POSIX extended) one to compile? The C library writes
 * repetitions out, so that repetitions of repetitions multiply: ((a{99}){99}){99} takes all memory.
 */
#ifndef PATTERN_H
#define PATTERN_H

#include <stdbool.h>

#define PATTERN_MOST 5000 /* characters and groups, written out */
#define PATTERN_DEPTH 50  /* of groups */

/* false: it is larger or deeper than that, or refers back (\1), which takes for ever to match. */
bool pattern_ok(const char *pattern);

#endif
