/* crypto.c - digests, random bytes and their spellings, over OpenSSL. */
#include "crypto.h"

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
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
