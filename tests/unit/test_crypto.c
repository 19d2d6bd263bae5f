/* test_crypto.c - digests against published vectors, spellings there and back. */
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(digests),
	    cmocka_unit_test(base64),
	    cmocka_unit_test(not_base64),
	    cmocka_unit_test(random_bytes),
	    cmocka_unit_test(equal),
	};

	return cmocka_run_group_tests_name("crypto", tests, NULL, NULL);
}
