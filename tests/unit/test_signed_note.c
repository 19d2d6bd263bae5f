/*
 * test_signed_note.c - signed notes: the example of Go's golang.org/x/mod/sumdb/note there and back,
 * what openssl signs and verifies, and everything that is not quite a note refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto.h"
#include "signed_keys.h"
#include "signed_note.h"

#define GO_KEY "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define GO_TEXT                                                                                    \
	"If you think cryptography is the answer to your problem,\n"                               \
	"then you don't know what your problem is.\n"
#define GO_LINE                                                                                    \
	"— PeterNeumann "                                                                        \
	"x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngot"               \
	"pRZb6KE6RyyBwJnAM=\n"
#define GO_SECRET "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz" /* 1, and its seed */

static char directory[] = "/tmp/test_signed_note.XXXXXX";

static void write_file(const char *name, const void *data, size_t len)
{
	FILE *f = fopen(name, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static int run(const char *format, const char *a, const char *b)
{
	char command[600];

	snprintf(command, sizeof command, format, a, b);
	return system(command);
}

static struct note_key *load(const char *file)
{
	char error[300];
	struct note_key *key = note_key_load(file, error, sizeof error);

	if (!key)
		fail_msg("%s", error);
	return key;
}

/* Is it signed by the example's key, whose text then is the example's? */
static bool go_verifies(const char *note)
{
	char name[NOTE_NAME_MAX + 1];
	uint8_t key[NOTE_PUBLIC_KEY];
	size_t len = 0;

	assert_true(note_verifier_parse(GO_KEY, name, key));
	if (!note_verify(note, strlen(note), name, key, &len))
		return false;
	assert_int_equal(len, strlen(GO_TEXT));
	return true;
}

static void verifies_go(void **state)
{
	static const char *const bad[] = {
	    "",
	    "\n",
	    "\n\n",
	    GO_TEXT,
	    GO_TEXT "\n",
	    GO_TEXT GO_LINE,
	    "x" GO_TEXT "\n" GO_LINE,
	    GO_TEXT "\n\n" GO_LINE,
	    GO_TEXT "\n" GO_LINE "\n",
	    GO_TEXT "\n" GO_LINE "x",
	    GO_TEXT "\n-" GO_LINE,
	    GO_TEXT "\n" GO_LINE "— other AAAA=\n",
	    GO_TEXT "\n" GO_LINE "— other YWFhYQ==\n",         /* a key's id and no signature */
	    GO_TEXT "\n— PeterNeumann x08gowAAAAAA\n" GO_LINE, /* says it is that key's */
	    "\r" GO_TEXT "\n" GO_LINE,
	    "\xff" GO_TEXT "\n" GO_LINE,
	};
	char note[] = GO_TEXT "\n" GO_LINE, *signature = strstr(note, "x08go/ZJ");

	(void)state;
	assert_true(go_verifies(note));
	assert_true(go_verifies(GO_TEXT "\n— other AAAAAAAA\n" GO_LINE "— third AAAAAAAA\n"));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (go_verifies(bad[i]))
			fail_msg("took: %s", bad[i]);
	note[0] = 'i';
	assert_false(go_verifies(note));
	note[0] = 'I';
	signature[9] ^= 1; /* a bit of the signature */
	assert_false(go_verifies(note));
	signature[9] ^= 1;
	signature[1] ^= 1; /* another key's, as it says */
	assert_false(go_verifies(note));
}

/* Ed25519 signs the same to the same bytes. */
static void signs_as_go(void **state)
{
	static const uint8_t head[] = {0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b,
	    0x65, 0x70, 0x04, 0x22, 0x04, 0x20}; /* of PKCS #8 */
	char der[100], pem[100];
	struct buf note = BUF_EMPTY, verifier = BUF_EMPTY;
	uint8_t *seed, public[NOTE_PUBLIC_KEY], bytes[sizeof head + 32];
	struct note_key *key;

	(void)state;
	assert_int_equal(crypto_base64_decode(GO_SECRET, &seed), 33);
	memcpy(bytes, head, sizeof head);
	memcpy(bytes + sizeof head, seed + 1, 32);
	snprintf(der, sizeof der, "%s/go.der", directory);
	snprintf(pem, sizeof pem, "%s/go.pem", directory);
	write_file(der, bytes, sizeof bytes);
	assert_int_equal(run("openssl pkey -inform DER -in %s -out %s", der, pem), 0);
	key = load(pem);
	note_sign(key, "PeterNeumann", GO_TEXT, &note);
	assert_string_equal(buf_str(&note), GO_TEXT "\n" GO_LINE);
	note_key_public(key, public);
	note_verifier_write("PeterNeumann", public, &verifier);
	assert_string_equal(buf_str(&verifier), GO_KEY);
	buf_free(&note);
	buf_free(&verifier);
	note_key_free(key);
	free(seed);
}

/* A key of ours in a file that openssl reads, too, which verifies what we sign. */
static void keys(void **state)
{
	struct note_key *key = note_key_new(), *again;
	uint8_t public[NOTE_PUBLIC_KEY], same[NOTE_PUBLIC_KEY], *signature;
	char file[100], out[200], error[300], *base64;
	struct buf note = BUF_EMPTY;
	struct stat st;
	size_t text_len;

	(void)state;
	snprintf(file, sizeof file, "%s/key.pem", directory);
	assert_true(note_key_save(key, file, error, sizeof error));
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_false(note_key_save(key, file, error, sizeof error)); /* never over another */
	assert_non_null(strstr(error, "cannot make the file"));
	again = load(file);
	note_key_public(key, public);
	note_key_public(again, same);
	assert_memory_equal(public, same, sizeof public);

	note_sign(again, "库房/XT", "文本\n", &note);
	buf_str(&note);
	assert_true(note_verify(note.data, note.len, "库房/XT", public, &text_len));
	assert_int_equal(text_len, strlen("文本\n"));
	assert_false(note_verify(note.data, note.len, "库房/XU", public, &text_len));
	public[0] ^= 1;
	assert_false(note_verify(note.data, note.len, "库房/XT", public, &text_len));

	base64 = strrchr(note.data, ' ') + 1;
	base64[strcspn(base64, "\n")] = '\0';
	assert_int_equal(crypto_base64_decode(base64, &signature), 68);
	snprintf(out, sizeof out, "%s/signature", directory);
	write_file(out, signature + 4, 64);
	snprintf(out, sizeof out, "%s/text", directory);
	write_file(out, "文本\n", strlen("文本\n"));
	assert_int_equal(run("cd %s && openssl pkeyutl -verify -rawin -inkey %s -in text -sigfile "
			     "signature >/dev/null",
			     directory, file),
	    0);
	free(signature);
	buf_free(&note);
	note_key_free(key);
	note_key_free(again);
}

static void keys_refused(void **state)
{
	static const char *const commands[] = {
	    "openssl genpkey -quiet -algorithm X25519 -out %s/%s.pem",
	    "openssl genpkey -algorithm ED25519 -aes256 -pass pass:secret -out %s/%s.pem",
	    "echo nothing > %s/%s.pem",
	    "rm %s/%s.pem",
	};
	char file[100], error[300];

	(void)state;
	snprintf(file, sizeof file, "%s/bad.pem", directory);
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		assert_int_equal(run(commands[i], directory, "bad"), 0);
		assert_null(note_key_load(file, error, sizeof error));
		assert_non_null(strstr(error, file));
		assert_non_null(strstr(error, "私钥"));
	}
}

static void verifiers(void **state)
{
	static const char *const bad[] = {
	    "",
	    "PeterNeumann",
	    "PeterNeumann+c74f20a3",
	    "PeterNeumann+c74f20a3+",
	    "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
	    "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
	    "PeterNeumann+c74f20a+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
	    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T",
	    "PeterNeumann+c74f20a3+Ahpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
	    "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
	    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW ",
	};
	char name[NOTE_NAME_MAX + 1], longer[NOTE_NAME_MAX + 2] = "";
	uint8_t key[NOTE_PUBLIC_KEY];

	(void)state;
	assert_true(note_verifier_parse(GO_KEY, name, key));
	assert_string_equal(name, "PeterNeumann");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (note_verifier_parse(bad[i], name, key))
			fail_msg("took: %s", bad[i]);
	memset(longer, 'x', sizeof longer - 1);
	assert_false(note_name_ok(longer));
	assert_true(note_name_ok(longer + 1));
	assert_true(note_name_ok("台账/XT"));
	assert_false(note_name_ok("a\xe3\x80\x80"
				  "b")); /* an ideographic space */
	assert_false(note_name_ok("a\xe2\x80\x83"
				  "b")); /* an em space */
	assert_false(note_name_ok("a\xffz"));
}

static void checkpoints(void **state)
{
	struct checkpoint checkpoint = {.origin = "supplies.example.org/XT", .size = 4711}, read;
	static const char *const bad[] = {
	    "",
	    "o\n1\n",
	    "o\n1\nqqqq\n",
	    "\n1\nqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo=\n",
	    "o\n01\nqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo=\n",
	    "o\n-1\nqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo=\n",
	    "o\n1 \nqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo=\n",
	    "o\n9223372036854775807\nqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo=\n",
	    "o\n99999999999999999999\nqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo=\n",
	    "o\n1\nqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo=",
	    "o\n1\nqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq\n",
	};
	struct buf out = BUF_EMPTY;

	(void)state;
	memset(checkpoint.root, 0xaa, sizeof checkpoint.root);
	checkpoint_write(&checkpoint, &out);
	assert_string_equal(buf_str(&out),
	    "supplies.example.org/XT\n4711\nqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo=\n");
	buf_puts(&out, "an extension\n\n— and a signature\n");
	assert_true(checkpoint_parse(out.data, out.len, &read));
	assert_string_equal(read.origin, checkpoint.origin);
	assert_int_equal(read.size, 4711);
	assert_memory_equal(read.root, checkpoint.root, sizeof read.root);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (checkpoint_parse(bad[i], strlen(bad[i]), &read))
			fail_msg("took: %s", bad[i]);
	assert_true(
	    checkpoint_parse("o\n0\nqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo=\n", 49, &read));
	assert_false(
	    checkpoint_parse("o\0\n0\nqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo=\n", 50, &read));
	buf_free(&out);
}

/* Keys that follow each other are trusted together, from either end; others are not. */
static void rotations(void **state)
{
	struct note_key *made[4];
	struct signed_key keys[4] = {0};
	struct buf endorsements[4] = {0}, note = BUF_EMPTY, forged = BUF_EMPTY;
	const char *signatures;
	size_t len;

	(void)state;
	for (int i = 0; i < 4; i++) {
		made[i] = note_key_new();
		note_key_public(made[i], keys[i].public);
		if (i > 0)
			signed_keys_endorse("log", made[i - 1], made[i], &endorsements[i]);
	}
	keys[1].endorsement = buf_str(&endorsements[1]);
	keys[2].endorsement = buf_str(&endorsements[2]);
	keys[3].endorsement = buf_str(&endorsements[2]); /* it is another key's */
	for (int start = 0; start < 3; start++) {
		for (int i = 0; i < 4; i++)
			keys[i].trusted = i == start;
		signed_keys_trust(keys, 4);
		assert_true(keys[0].trusted && keys[1].trusted && keys[2].trusted);
		assert_false(keys[3].trusted);
	}
	note_sign(made[1], "log/XT", "text\n", &note);
	buf_str(&note);
	assert_int_equal(signed_keys_verify(keys, 4, note.data, note.len, "log/XT", &len), 1);
	assert_int_equal(signed_keys_verify(keys, 4, note.data, note.len, "log/BT", &len), -1);
	note.len = 0;
	note_sign(made[3], "log/XT", "text\n", &note);
	buf_str(&note);
	assert_int_equal(signed_keys_verify(keys, 4, note.data, note.len, "log/XT", &len), -1);

	/* Signed by the new key alone: that is what somebody else could do. */
	signatures = strstr(buf_str(&endorsements[3]), "\n\n") + 2;
	buf_add(&forged, endorsements[3].data, (size_t)(signatures - endorsements[3].data));
	buf_puts(&forged, strchr(signatures, '\n') + 1);
	keys[3].endorsement = buf_str(&forged);
	signed_keys_trust(keys, 4);
	assert_false(keys[3].trusted);
	keys[3].endorsement = buf_str(&endorsements[3]);
	signed_keys_trust(keys, 4);
	assert_true(keys[3].trusted);
	for (int i = 0; i < 4; i++) {
		note_key_free(made[i]);
		buf_free(&endorsements[i]);
	}
	buf_free(&note);
	buf_free(&forged);
}

static int setup(void **state)
{
	(void)state;
	return mkdtemp(directory) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	return run("rm -r %s%s", directory, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(verifies_go),
	    cmocka_unit_test(signs_as_go),
	    cmocka_unit_test(keys),
	    cmocka_unit_test(keys_refused),
	    cmocka_unit_test(verifiers),
	    cmocka_unit_test(checkpoints),
	    cmocka_unit_test(rotations),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
