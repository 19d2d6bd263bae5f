/* crypto.h - digests, seals, random bytes and their spellings, over OpenSSL. */
#ifndef CRYPTO_H
#define CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CRYPTO_SHA256_LEN 32

void crypto_sha256(const void *data, size_t len, uint8_t out[CRYPTO_SHA256_LEN]);

/* RFC 9162 leaf hash: SHA-256(0x00 || data). */
void crypto_leaf_hash(const void *data, size_t len, uint8_t out[CRYPTO_SHA256_LEN]);

/* RFC 9162 node hash: SHA-256(0x01 || left || right). out may be either of the two. */
void crypto_node_hash(const uint8_t left[CRYPTO_SHA256_LEN], const uint8_t right[CRYPTO_SHA256_LEN],
    uint8_t out[CRYPTO_SHA256_LEN]);

void crypto_hmac_sha256(
    const void *key, size_t key_len, const void *data, size_t len, uint8_t out[CRYPTO_SHA256_LEN]);

/* --- Secrets at rest: AES-256-GCM --- */

#define CRYPTO_KEY_LEN 32

/* Read a key as the setting secret_key holds it, in base64; false: it is none. */
bool crypto_key(const char *base64, uint8_t key[CRYPTO_KEY_LEN]);

/*
 * Seal data under the key. purpose says what it is and of what ("channel 7 address"): nothing sealed
 * for another purpose opens. The caller frees; a version, a random nonce and a tag are in it.
 */
uint8_t *crypto_seal(const uint8_t key[CRYPTO_KEY_LEN], const char *purpose, const void *data,
    size_t len, size_t *sealed_len);

/* Open it again, with a NUL behind. NULL: it was changed, or sealed by another key or for another
   purpose. The caller frees. */
char *crypto_open(const uint8_t key[CRYPTO_KEY_LEN], const char *purpose, const void *sealed,
    size_t sealed_len, size_t *len);

/* Unpredictable bytes; dies when the system has none. */
void crypto_random(void *out, size_t len);

/* Lower-case hex and a NUL: out holds 2 * len + 1. */
void crypto_hex(const void *data, size_t len, char *out);

/* Hex of exactly that many bytes, in either case, read back. */
bool crypto_unhex(const char *hex, void *out, size_t len);

/* Bytes as PostgreSQL spells bytea ("\x" and hex) into out: how many; -1: it is none, or has more than
   size. */
int crypto_bytea(const char *text, void *out, size_t size);

/* Base64url without padding and a NUL; the caller frees. */
char *crypto_base64url(const void *data, size_t len);

/* Standard base64 with padding, and back. decode returns the length or -1; *out is the caller's. */
char *crypto_base64(const void *data, size_t len);
int crypto_base64_decode(const char *s, uint8_t **out);

bool crypto_equal(const void *a, const void *b, size_t len); /* in constant time */

#endif
