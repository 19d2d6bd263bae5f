/*
 * evidence_keys.h - keys.txt: the public keys that the log was ever signed with, the oldest first, a
 * verifier line each (signed_note.h), and between markers the note by which it was handed over to
 * (signed_keys.h). The bytes may be anybody's.
 */
#ifndef EVIDENCE_KEYS_H
#define EVIDENCE_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "signed_keys.h"

#define EVIDENCE_KEYS_BYTES (1u << 20) /* of the file, at most */
#define EVIDENCE_MAX_KEYS 64

struct evidence_keys {
	int count;
	struct signed_key v[EVIDENCE_MAX_KEYS];
	char *text; /* what the endorsements point into */
};

void evidence_keys_add(
    const char *name, const uint8_t key[NOTE_PUBLIC_KEY], const char *endorsement, struct buf *out);

/* None is trusted yet. false: it is no such list. Free it either way. */
bool evidence_keys_read(const char *text, size_t len, struct evidence_keys *out);
void evidence_keys_free(struct evidence_keys *keys);

/* Trust that key, and what hangs together with it; or all of them, where NULL. */
void evidence_keys_trust(struct evidence_keys *keys, const uint8_t *key);

#endif
