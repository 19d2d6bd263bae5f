/*
 * signed_keys.h - keys that follow each other: a rotation is a note about the old key and the new one
 * that both of them sign. Whoever trusts one of the two may trust the other.
 */
#ifndef SIGNED_KEYS_H
#define SIGNED_KEYS_H

#include "signed_note.h"

struct signed_key {
	uint8_t public[NOTE_PUBLIC_KEY];
	const char *endorsement; /* the note of its rotation; NULL: none. Not owned. */
	bool trusted;
};

/* The note by which a key hands over to the next, under the log's name. */
void signed_keys_endorse(
    const char *name, const struct note_key *from, const struct note_key *to, struct buf *out);

/* Mark as trusted what hangs together, by good endorsements, with keys that are marked already. */
void signed_keys_trust(struct signed_key *keys, int count);

/* Is the note signed under that name by one of the keys that are trusted? Which one, or -1. */
int signed_keys_verify(const struct signed_key *keys, int count, const char *note, size_t len,
    const char *name, size_t *text_len);

#endif
