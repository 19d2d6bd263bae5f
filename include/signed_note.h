/*
 * signed_note.h - texts signed with Ed25519 as C2SP signed-note defines them, and the one kind of
 * text that we sign: a checkpoint (C2SP tlog-checkpoint): origin, size, root.
 */
#ifndef SIGNED_NOTE_H
#define SIGNED_NOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "merkle.h"

#define NOTE_NAME_MAX 200 /* bytes of a key's name, which is the origin of what it signs */
#define NOTE_PUBLIC_KEY 32
#define NOTE_KEY_ID 4
#define NOTE_MAX_BYTES 16384 /* of a note that is read */

struct checkpoint {
	char origin[NOTE_NAME_MAX + 1]; /* log name, slash, store: "supplies.example.org/XT" */
	int64_t size;
	uint8_t root[MERKLE_HASH];
};

struct note_key;

/* A private key from a PEM file (PKCS #8, Ed25519); NULL with a message in two languages. */
struct note_key *note_key_load(const char *file, char *error, size_t error_size);

/* A new one; and keep it in a new file that only its owner reads, false with a message. */
struct note_key *note_key_new(void);
bool note_key_save(const struct note_key *key, const char *file, char *error, size_t error_size);

void note_key_public(const struct note_key *key, uint8_t out[NOTE_PUBLIC_KEY]);
void note_key_free(struct note_key *key);

/* The first bytes of SHA-256(name, line end, 1, key): they tell keys of one name apart. */
void note_key_id(const char *name, const uint8_t key[NOTE_PUBLIC_KEY], uint8_t id[NOTE_KEY_ID]);

/* May a key have that name: UTF-8 without white space and pluses? */
bool note_name_ok(const char *name);

/* May all logs be named after it, with a slash and a store's code behind? */
bool note_log_name_ok(const char *name);

/* "name+1a2b3c4d+base64(1 || key)": how a public key is written down. */
void note_verifier_write(const char *name, const uint8_t key[NOTE_PUBLIC_KEY], struct buf *out);
bool note_verifier_parse(
    const char *text, char name[NOTE_NAME_MAX + 1], uint8_t key[NOTE_PUBLIC_KEY]);

/* Append text (which ends in a line end) and its signature by the key under that name. */
void note_sign(const struct note_key *key, const char *name, const char *text, struct buf *out);

/* Append one more signature to a note of that text, which stands at the end of out. */
void note_sign_too(const struct note_key *key, const char *name, const char *text, struct buf *out);

/* Is the note signed under that name by that key? text_len: how much of it is the text. */
bool note_verify(const char *note, size_t len, const char *name, const uint8_t key[NOTE_PUBLIC_KEY],
    size_t *text_len);

void checkpoint_write(const struct checkpoint *checkpoint, struct buf *out); /* the text alone */

/* Read the text of a note; false when it is no checkpoint. Signatures are not looked at. */
bool checkpoint_parse(const char *note, size_t len, struct checkpoint *out);

#endif
