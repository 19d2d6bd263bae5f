/*
 * evidence_keys.h - keys.txt: the public keys that the log was ever signed with, the oldest first, a
 * verifier line each (signed_note.h), and between markers the note by which an older key endorses it.
 * Pure; the bytes may be anybody's.
 */
#ifndef EVIDENCE_KEYS_H
#define EVIDENCE_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "signed_note.h"

#define EVIDENCE_KEYS_BYTES (1u << 20) /* of the file, at most */
#define EVIDENCE_MAX_KEYS 64

struct evidence_key {
	char name[NOTE_NAME_MAX + 1];
	uint8_t key[NOTE_PUBLIC_KEY];
	const char *endorsement; /* a note in the text that was read; NULL: none */
	size_t endorsement_len;
};

struct evidence_keys {
	int count;
	struct evidence_key v[EVIDENCE_MAX_KEYS];
};

void evidence_keys_add(
    const char *name, const uint8_t key[NOTE_PUBLIC_KEY], const char *endorsement, struct buf *out);

/* The keys point into the text. false: it is no such list. */
bool evidence_keys_read(const char *text, size_t len, struct evidence_keys *out);

/* The key that signed the note under that name; NULL: none of them. */
const struct evidence_key *evidence_keys_signer(
    const struct evidence_keys *keys, const char *note, size_t len, const char *name);

/* Is the key the trusted one, or endorsed by it, or by one that it endorsed, and so on? */
bool evidence_keys_endorsed(const struct evidence_keys *keys,
    const uint8_t trusted[NOTE_PUBLIC_KEY], const struct evidence_key *key);

#endif
