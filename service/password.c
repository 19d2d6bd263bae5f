/* password.c - password hashes: "scrypt:log2N:r:p:salt:hash", base64. */
#include "password.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "crypto.h"
#include "die.h"

#define SALT_LEN 16
#define KEY_LEN 32
#define MAX_COST 20 /* more, in a stored hash, is a broken row */

struct scrypt {
	int cost; /* log2 of N */
	int r, p;
	uint8_t salt[SALT_LEN];
	uint8_t key[KEY_LEN];
};

/* Fill key from the password and the rest. false: out of memory. */
static bool derive(const char *password, struct scrypt *s)
{
	uint64_t n = (uint64_t)1 << s->cost, r = (uint64_t)s->r, p = (uint64_t)s->p;
	uint64_t memory = 128 * r * (n + p + 2) + 1024;

	return EVP_PBE_scrypt(password, strlen(password), s->salt, SALT_LEN, n, r, p, memory,
		   s->key, KEY_LEN) == 1;
}

char *password_hash(const char *password, int cost)
{
	struct scrypt s = {.cost = cost, .r = 8, .p = 1};
	char *salt, *key, *hash;

	crypto_random(s.salt, SALT_LEN);
	if (!derive(password, &s))
		return NULL;
	salt = crypto_base64(s.salt, SALT_LEN);
	key = crypto_base64(s.key, KEY_LEN);
	hash = xasprintf("scrypt:%d:%d:%d:%s:%s", s.cost, s.r, s.p, salt, key);
	OPENSSL_cleanse(&s, sizeof s);
	free(salt);
	free(key);
	return hash;
}

static bool decode(const char *text, uint8_t *out, int len)
{
	uint8_t *bytes;
	int n = crypto_base64_decode(text, &bytes);

	if (n == len)
		memcpy(out, bytes, (size_t)len);
	free(bytes);
	return n == len;
}

/* Read a stored hash: its parameters, salt and key. */
static bool parse(const char *hash, struct scrypt *s)
{
	char salt[32], key[64];
	int end = 0;

	return sscanf(hash, "scrypt:%2d:%4d:%4d:%31[^:]:%63[^:]%n", &s->cost, &s->r, &s->p, salt,
		   key, &end) == 5 &&
	       !hash[end] && s->cost >= 1 && s->cost <= MAX_COST && s->r >= 1 && s->r <= 16 &&
	       s->p >= 1 && s->p <= 16 && decode(salt, s->salt, SALT_LEN) &&
	       decode(key, s->key, KEY_LEN);
}

bool password_fits(const char *password, const char *hash, int cost)
{
	struct scrypt stored, given = {.cost = cost, .r = 8, .p = 1};
	bool known = hash && parse(hash, &stored), fits;

	if (known)
		given = stored;
	fits = derive(password, &given) && known && crypto_equal(given.key, stored.key, KEY_LEN);
	OPENSSL_cleanse(&given, sizeof given);
	return fits;
}
