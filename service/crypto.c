/* crypto.c - digests, seals, random bytes and their spellings, over OpenSSL. */
#include "crypto.h"

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "die.h"

/* SHA256() and EVP_sha256() look the algorithm up each time, which takes as long as hashing 300
   bytes; looked up once, it never changes. */
static EVP_MD *sha256;
static pthread_once_t sha256_once = PTHREAD_ONCE_INIT;

static void sha256_fetch(void)
{
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (!sha256)
		die("OpenSSL has no SHA-256");
}

/* SHA-256 of the prefix, if any, and the data. */
static void digest(const char *prefix, size_t prefix_len, const void *data, size_t len,
    uint8_t out[CRYPTO_SHA256_LEN])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	pthread_once(&sha256_once, sha256_fetch);
	if (!ctx || !EVP_DigestInit_ex(ctx, sha256, NULL) ||
	    !EVP_DigestUpdate(ctx, prefix, prefix_len) || !EVP_DigestUpdate(ctx, data, len) ||
	    !EVP_DigestFinal_ex(ctx, out, NULL))
		die("could not compute a SHA-256 digest");
	EVP_MD_CTX_free(ctx);
}

void crypto_sha256(const void *data, size_t len, uint8_t out[CRYPTO_SHA256_LEN])
{
	digest("", 0, data, len, out);
}

void crypto_leaf_hash(const void *data, size_t len, uint8_t out[CRYPTO_SHA256_LEN])
{
	digest("\0", 1, data, len, out);
}

void crypto_node_hash(const uint8_t left[CRYPTO_SHA256_LEN], const uint8_t right[CRYPTO_SHA256_LEN],
    uint8_t out[CRYPTO_SHA256_LEN])
{
	char prefix[1 + CRYPTO_SHA256_LEN] = {1};

	memcpy(prefix + 1, left, CRYPTO_SHA256_LEN);
	digest(prefix, sizeof prefix, right, CRYPTO_SHA256_LEN, out);
}

void crypto_hmac_sha256(
    const void *key, size_t key_len, const void *data, size_t len, uint8_t out[CRYPTO_SHA256_LEN])
{
	if (key_len > INT_MAX || !HMAC(EVP_sha256(), key, (int)key_len, data, len, out, NULL))
		die("could not compute an HMAC");
}

/* --- Secrets at rest --- */

/* A sealed secret: version, nonce, the enciphered bytes, tag. */
#define SEAL_VERSION 1
#define NONCE_LEN 12
#define TAG_LEN 16
#define HEAD_LEN (1 + NONCE_LEN)

bool crypto_key(const char *base64, uint8_t key[CRYPTO_KEY_LEN])
{
	uint8_t *bytes;
	int len = crypto_base64_decode(base64, &bytes);
	bool ok = len == CRYPTO_KEY_LEN;

	if (ok)
		memcpy(key, bytes, CRYPTO_KEY_LEN);
	if (len > 0)
		OPENSSL_cleanse(bytes, (size_t)len);
	free(bytes);
	return ok;
}

/* The version is authenticated with the purpose: no later format is taken for this one. */
static bool authenticate(EVP_CIPHER_CTX *ctx, uint8_t version, const char *purpose)
{
	int n;

	return EVP_CipherUpdate(ctx, NULL, &n, &version, 1) &&
	       EVP_CipherUpdate(
		   ctx, NULL, &n, (const unsigned char *)purpose, (int)strlen(purpose));
}

uint8_t *crypto_seal(const uint8_t key[CRYPTO_KEY_LEN], const char *purpose, const void *data,
    size_t len, size_t *sealed_len)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t *sealed, *text, *tag;
	int n;

	if (len > INT_MAX / 2)
		die("cannot seal %zu bytes", len);
	sealed = xmalloc(HEAD_LEN + len + TAG_LEN);
	text = sealed + HEAD_LEN;
	tag = text + len;
	*sealed = SEAL_VERSION;
	crypto_random(sealed + 1, NONCE_LEN);
	if (!ctx || !EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, sealed + 1) ||
	    !authenticate(ctx, *sealed, purpose) ||
	    !EVP_EncryptUpdate(ctx, text, &n, data, (int)len) ||
	    !EVP_EncryptFinal_ex(ctx, tag, &n) ||
	    !EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG_LEN, tag))
		die("could not seal a secret");
	EVP_CIPHER_CTX_free(ctx);
	*sealed_len = HEAD_LEN + len + TAG_LEN;
	return sealed;
}

char *crypto_open(const uint8_t key[CRYPTO_KEY_LEN], const char *purpose, const void *sealed,
    size_t sealed_len, size_t *len)
{
	const uint8_t *bytes = sealed;
	uint8_t tag[TAG_LEN];
	EVP_CIPHER_CTX *ctx;
	char *text;
	int n;

	if (sealed_len < HEAD_LEN + TAG_LEN || sealed_len > INT_MAX || *bytes != SEAL_VERSION)
		return NULL;
	*len = sealed_len - HEAD_LEN - TAG_LEN;
	text = xmalloc(*len + 1);
	memcpy(tag, bytes + HEAD_LEN + *len, TAG_LEN);
	ctx = EVP_CIPHER_CTX_new();
	if (!ctx || !EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, bytes + 1) ||
	    !authenticate(ctx, *bytes, purpose))
		die("could not open a secret");
	if (!EVP_DecryptUpdate(ctx, (uint8_t *)text, &n, bytes + HEAD_LEN, (int)*len) ||
	    !EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_LEN, tag) ||
	    EVP_DecryptFinal_ex(ctx, (uint8_t *)text + *len, &n) != 1) {
		OPENSSL_cleanse(text, *len);
		free(text);
		text = NULL;
	} else {
		text[*len] = '\0';
	}
	EVP_CIPHER_CTX_free(ctx);
	return text;
}

/* --- Bytes --- */

void crypto_random(void *out, size_t len)
{
	if (len > INT_MAX || RAND_bytes(out, (int)len) != 1)
		die("could not get random bytes from the system");
}

void crypto_hex(const void *data, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *p = data;

	for (size_t i = 0; i < len; i++) {
		*out++ = digits[p[i] >> 4];
		*out++ = digits[p[i] & 15];
	}
	*out = '\0';
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool crypto_unhex(const char *hex, void *out, size_t len)
{
	uint8_t *p = out;

	for (size_t i = 0; i < len; i++) {
		int high = digit(hex[2 * i]), low = high < 0 ? -1 : digit(hex[2 * i + 1]);

		if (low < 0)
			return false;
		p[i] = (uint8_t)(high << 4 | low);
	}
	return hex[2 * len] == '\0';
}

int crypto_bytea(const char *text, void *out, size_t size)
{
	size_t len = strlen(text) / 2;

	if (strncmp(text, "\\x", 2) != 0 || --len > size || !crypto_unhex(text + 2, out, len))
		return -1;
	return (int)len;
}

char *crypto_base64(const void *data, size_t len)
{
	char *out;

	if (len > INT_MAX / 2)
		die("cannot spell %zu bytes in base64", len);
	out = xmalloc((len + 2) / 3 * 4 + 1);
	EVP_EncodeBlock((unsigned char *)out, data, (int)len);
	return out;
}

char *crypto_base64url(const void *data, size_t len)
{
	char *s = crypto_base64(data, len);

	for (char *p = s; *p; p++)
		if (*p == '+')
			*p = '-';
		else if (*p == '/')
			*p = '_';
		else if (*p == '=')
			*p = '\0';
	return s;
}

int crypto_base64_decode(const char *s, uint8_t **out)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				       "0123456789+/";
	size_t len = strlen(s), coded = strspn(s, alphabet), padding = len - coded;
	int n;

	*out = NULL;
	if (len % 4 || padding > 2 || strspn(s + coded, "=") != padding || len > INT_MAX / 2)
		return -1;
	*out = xmalloc(len / 4 * 3 + 1);
	n = EVP_DecodeBlock(*out, (const unsigned char *)s, (int)len);
	/* It counts the padding's zeros; which must be zeros, so that each text has one spelling. */
	if (n >= (int)padding && (padding < 1 || !(*out)[n - 1]) && (padding < 2 || !(*out)[n - 2]))
		return n - (int)padding;
	free(*out);
	*out = NULL;
	return -1;
}

bool crypto_equal(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}
