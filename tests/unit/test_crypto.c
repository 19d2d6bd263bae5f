/* test_crypto.c - digests and seals against published vectors, spellings there and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto.h"

static void hash_is(void (*hash)(const void *, size_t, uint8_t *), const char *data, size_t len,
    const char *expected)
{
	uint8_t out[CRYPTO_SHA256_LEN];
	char hex[2 * CRYPTO_SHA256_LEN + 1];

	hash(data, len, out);
	crypto_hex(out, sizeof out, hex);
	assert_string_equal(hex, expected);
}

static void digests(void **state)
{
	char *million = malloc(1000000);

	(void)state;
	memset(million, 'a', 1000000);
	hash_is(crypto_sha256, "", 0,
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	hash_is(crypto_sha256, "abc", 3,
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	hash_is(crypto_sha256, million, 1000000,
	    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	hash_is(crypto_leaf_hash, "", 0,
	    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
	hash_is(crypto_leaf_hash, "abc", 3, /* printf '\0abc' | sha256sum */
	    "609f6e36d2405585188d5cfd761f407c7cc46a7d3f314c88270469dde315fcd1");
	free(million);
}

/* RFC 4231, cases 1, 2, 3 and 6. */
static void hmacs(void **state)
{
	static const struct {
		int key_byte; /* 0: the text */
		const char *key;
		size_t key_len;
		int data_byte;
		const char *data;
		size_t data_len;
		const char *expected;
	} cases[] = {
	    {0x0b, NULL, 20, 0, "Hi There", 8,
		"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
	    {0, "Jefe", 4, 0, "what do ya want for nothing?", 28,
		"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
	    {0xaa, NULL, 20, 0xdd, NULL, 50,
		"773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
	    {0xaa, NULL, 131, 0, "Test Using Larger Than Block-Size Key - Hash Key First", 54,
		"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char key[131], data[54], hex[2 * CRYPTO_SHA256_LEN + 1];
		uint8_t mac[CRYPTO_SHA256_LEN];

		memset(key, cases[i].key_byte, sizeof key);
		memset(data, cases[i].data_byte, sizeof data);
		if (cases[i].key)
			memcpy(key, cases[i].key, cases[i].key_len);
		if (cases[i].data)
			memcpy(data, cases[i].data, cases[i].data_len);
		crypto_hmac_sha256(key, cases[i].key_len, data, cases[i].data_len, mac);
		crypto_hex(mac, sizeof mac, hex);
		assert_string_equal(hex, cases[i].expected);
	}
}

/* Made by node:crypto: key 00..1f, nonce 64..6f, associated data 01 and the purpose. */
#define KEY "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define SEALED "AWRlZmdoaWprbG1ubyBvqhYK03mxWxo+haoJD9MtsGElbsN1VoWBeRah34QlWFSdFSjeng=="
#define PURPOSE "channel 7 address"
#define SECRET "https://example.org/密"

static void seal_of_another_program(void **state)
{
	uint8_t key[CRYPTO_KEY_LEN], *sealed;
	size_t len;
	int sealed_len = crypto_base64_decode(SEALED, &sealed);
	char *text;

	(void)state;
	assert_true(crypto_key(KEY, key));
	text = crypto_open(key, PURPOSE, sealed, (size_t)sealed_len, &len);
	assert_non_null(text);
	assert_string_equal(text, SECRET);
	assert_int_equal(len, strlen(SECRET));
	free(text);
	free(sealed);
}

static void seals(void **state)
{
	uint8_t key[CRYPTO_KEY_LEN], other[CRYPTO_KEY_LEN], *sealed, *again;
	size_t sealed_len, again_len, len, i;
	char *text;

	(void)state;
	crypto_random(key, sizeof key);
	memcpy(other, key, sizeof key);
	other[31] ^= 1;
	sealed = crypto_seal(key, PURPOSE, SECRET, strlen(SECRET), &sealed_len);
	again = crypto_seal(key, PURPOSE, SECRET, strlen(SECRET), &again_len);
	assert_int_equal(sealed_len, 1 + 12 + strlen(SECRET) + 16);
	assert_int_equal(again_len, sealed_len);
	assert_memory_not_equal(sealed, again, sealed_len); /* never twice the same */
	text = crypto_open(key, PURPOSE, sealed, sealed_len, &len);
	assert_string_equal(text, SECRET);
	free(text);

	assert_null(crypto_open(other, PURPOSE, sealed, sealed_len, &len));
	assert_null(crypto_open(key, "channel 8 address", sealed, sealed_len, &len));
	for (i = 0; i < 8 * sealed_len; i++) { /* any bit */
		sealed[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_null(crypto_open(key, PURPOSE, sealed, sealed_len, &len));
		sealed[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (i = 0; i < sealed_len; i++) /* cut off */
		assert_null(crypto_open(key, PURPOSE, sealed, i, &len));
	free(sealed);
	free(again);

	sealed = crypto_seal(key, "", "", 0, &sealed_len);
	text = crypto_open(key, "", sealed, sealed_len, &len);
	assert_int_equal(len, 0);
	assert_string_equal(text, "");
	free(text);
	free(sealed);
}

static void keys(void **state)
{
	static const char *const bad[] = {"",
	    "AAECAw==", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==",
	    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g",
	    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"};
	uint8_t key[CRYPTO_KEY_LEN];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(crypto_key(bad[i], key));
	assert_true(crypto_key(KEY, key));
	for (int i = 0; i < CRYPTO_KEY_LEN; i++)
		assert_int_equal(key[i], i);
}

static void base64(void **state)
{
	static const struct {
		const char *data, *standard, *url;
	} cases[] = {{"", "", ""}, {"f", "Zg==", "Zg"}, {"fo", "Zm8=", "Zm8"},
	    {"foo", "Zm9v", "Zm9v"}, {"foob", "Zm9vYg==", "Zm9vYg"},
	    {"fooba", "Zm9vYmE=", "Zm9vYmE"}, {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
	    {"\xfb\xff\xfe", "+//+", "-__-"}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t len = strlen(cases[i].data);
		char *standard = crypto_base64(cases[i].data, len);
		char *url = crypto_base64url(cases[i].data, len);
		uint8_t *back;

		assert_string_equal(standard, cases[i].standard);
		assert_string_equal(url, cases[i].url);
		assert_int_equal(crypto_base64_decode(standard, &back), len);
		assert_memory_equal(back, cases[i].data, len);
		free(standard);
		free(url);
		free(back);
	}
}

static void not_base64(void **state)
{
	static const char *const bad[] = {"Z", "Zg",
	    "Zg=", "Zg===", "====", "Z===", "=Zg=", "Zg==Zg==", "Zm9v ", " Zm9v", "Zm9\n", "-__-",
	    "Zm9v Zm9", "你好", "Zh==", "Zm9=", "Zg=A"};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		uint8_t *out = (uint8_t *)1;

		if (crypto_base64_decode(bad[i], &out) != -1)
			fail_msg("%s was taken for base64", bad[i]);
		assert_null(out);
	}
}

static void random_bytes(void **state)
{
	uint8_t a[32] = {0}, b[32] = {0}, zero[32] = {0};

	(void)state;
	crypto_random(a, sizeof a);
	crypto_random(b, sizeof b);
	assert_memory_not_equal(a, zero, sizeof a);
	assert_memory_not_equal(a, b, sizeof a);
}

static void equal(void **state)
{
	(void)state;
	assert_true(crypto_equal("abc", "abc", 3));
	assert_true(crypto_equal("abc", "abd", 2));
	assert_false(crypto_equal("abc", "abd", 3));
	assert_true(crypto_equal("", "", 0));
}

static void test_bytea(void **state)
{
	uint8_t out[2];

	(void)state;
	assert_int_equal(crypto_bytea("\\x00fE", out, sizeof out), 2);
	assert_memory_equal(out, "\x00\xfe", 2);
	assert_int_equal(crypto_bytea("\\x", out, sizeof out), 0);
	assert_int_equal(crypto_bytea("", out, sizeof out), -1);
	assert_int_equal(crypto_bytea("\\", out, sizeof out), -1);
	assert_int_equal(crypto_bytea("0000", out, sizeof out), -1);
	assert_int_equal(crypto_bytea("\\x000000", out, sizeof out), -1);
	assert_int_equal(crypto_bytea("\\x0g", out, sizeof out), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(digests),
	    cmocka_unit_test(hmacs),
	    cmocka_unit_test(seal_of_another_program),
	    cmocka_unit_test(seals),
	    cmocka_unit_test(keys),
	    cmocka_unit_test(base64),
	    cmocka_unit_test(not_base64),
	    cmocka_unit_test(random_bytes),
	    cmocka_unit_test(equal),
	    cmocka_unit_test(test_bytea),
	};

	return cmocka_run_group_tests_name("crypto", tests, NULL, NULL);
}
