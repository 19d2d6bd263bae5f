/*
 * signed_note.c - notes signed with Ed25519 (C2SP signed-note) and the text of a checkpoint (C2SP
 * tlog-checkpoint), over OpenSSL.
 */
#include "signed_note.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "crypto.h"
#include "die.h"

#define LOG_SUFFIX_MAX 32 /* a slash and a store's code */
#define ED25519 1         /* the algorithm's number, before the key */
#define SIGNATURE 64
#define MARK "\xe2\x80\x94 " /* an em dash and a space begin a signature's line */
#define MAX_SIGNATURES 100

struct note_key {
	EVP_PKEY *key;
	uint8_t public[NOTE_PUBLIC_KEY];
};

/* --- Keys --- */

static struct note_key *key_take(EVP_PKEY *pkey)
{
	struct note_key *key = xcalloc(1, sizeof *key);
	size_t len = sizeof key->public;

	key->key = pkey;
	if (!EVP_PKEY_get_raw_public_key(pkey, key->public, &len) || len != sizeof key->public)
		die("OpenSSL gives no public key of Ed25519");
	return key;
}

struct note_key *note_key_new(void)
{
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");

	if (!pkey)
		die("OpenSSL makes no key of Ed25519");
	return key_take(pkey);
}

/* No terminal is asked for a password. */
static int no_password(char *buf, int size, int writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

struct note_key *note_key_load(const char *file, char *error, size_t error_size)
{
	FILE *f = fopen(file, "re");
	EVP_PKEY *pkey;

	if (!f) {
		snprintf(error, error_size, "无法打开签名私钥 cannot open the signing key %s: %s",
		    file, strerror(errno));
		return NULL;
	}
	pkey = PEM_read_PrivateKey(f, NULL, no_password, NULL);
	fclose(f);
	if (!pkey || EVP_PKEY_get_id(pkey) != EVP_PKEY_ED25519) {
		snprintf(error, error_size,
		    "%s 不是 Ed25519 私钥（PEM） is no private key of Ed25519 in PEM", file);
		EVP_PKEY_free(pkey);
		return NULL;
	}
	return key_take(pkey);
}

bool note_key_save(const struct note_key *key, const char *file, char *error, size_t error_size)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;
	bool done;

	if (!f) {
		snprintf(error, error_size, "无法新建文件 cannot make the file %s: %s", file,
		    strerror(errno));
		if (fd >= 0)
			close(fd);
		return false;
	}
	done = PEM_write_PKCS8PrivateKey(f, key->key, NULL, NULL, 0, NULL, NULL) == 1 &&
	       fflush(f) == 0 && fsync(fd) == 0;
	done = fclose(f) == 0 && done;
	if (!done) {
		snprintf(error, error_size, "无法写入文件 cannot write the file %s", file);
		unlink(file);
	}
	return done;
}

void note_key_public(const struct note_key *key, uint8_t out[NOTE_PUBLIC_KEY])
{
	memcpy(out, key->public, NOTE_PUBLIC_KEY);
}

void note_key_free(struct note_key *key)
{
	if (!key)
		return;
	EVP_PKEY_free(key->key);
	free(key);
}

void note_key_id(const char *name, const uint8_t key[NOTE_PUBLIC_KEY], uint8_t id[NOTE_KEY_ID])
{
	struct buf bytes = BUF_EMPTY;
	uint8_t hash[CRYPTO_SHA256_LEN];

	buf_puts(&bytes, name);
	buf_putc(&bytes, '\n');
	buf_putc(&bytes, ED25519);
	buf_add(&bytes, key, NOTE_PUBLIC_KEY);
	crypto_sha256(bytes.data, bytes.len, hash);
	memcpy(id, hash, NOTE_KEY_ID);
	buf_free(&bytes);
}

/* White space as Unicode has it would make a line of a note ambiguous; so would a plus in a key. */
static bool is_space(const unsigned char *p)
{
	static const char *const spaces[] = {"\xc2\x85", "\xc2\xa0", "\xe1\x9a\x80", "\xe2\x80\xa8",
	    "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};

	if (*p <= ' ' || *p == 0x7f)
		return true;
	for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++)
		if (strncmp((const char *)p, spaces[i], strlen(spaces[i])) == 0)
			return true;
	return p[0] == 0xe2 && p[1] == 0x80 && p[2] >= 0x80 && p[2] <= 0x8a;
}

bool note_name_ok(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len > NOTE_NAME_MAX || !buf_utf8(name, len) || strchr(name, '+'))
		return false;
	for (const char *p = name; *p; p++)
		if (is_space((const unsigned char *)p))
			return false;
	return true;
}

bool note_log_name_ok(const char *name)
{
	return note_name_ok(name) && strlen(name) <= NOTE_NAME_MAX - LOG_SUFFIX_MAX;
}

void note_verifier_write(const char *name, const uint8_t key[NOTE_PUBLIC_KEY], struct buf *out)
{
	uint8_t id[NOTE_KEY_ID], bytes[1 + NOTE_PUBLIC_KEY] = {ED25519};
	char hex[2 * sizeof id + 1], *base64;

	note_key_id(name, key, id);
	crypto_hex(id, sizeof id, hex);
	memcpy(bytes + 1, key, NOTE_PUBLIC_KEY);
	base64 = crypto_base64(bytes, sizeof bytes);
	buf_printf(out, "%s+%s+%s", name, hex, base64);
	free(base64);
}

/* Decode base64 that must be of exactly that many bytes. */
static bool decode(const char *base64, uint8_t *out, size_t len)
{
	uint8_t *bytes;
	bool ok = crypto_base64_decode(base64, &bytes) == (int)len;

	if (ok)
		memcpy(out, bytes, len);
	free(bytes);
	return ok;
}

bool note_verifier_parse(
    const char *text, char name[NOTE_NAME_MAX + 1], uint8_t key[NOTE_PUBLIC_KEY])
{
	const char *id = strchr(text, '+'), *base64 = id ? strchr(id + 1, '+') : NULL;
	uint8_t bytes[1 + NOTE_PUBLIC_KEY], expected[NOTE_KEY_ID];
	char hex[2 * sizeof expected + 1];

	if (!base64 || id - text > NOTE_NAME_MAX)
		return false;
	memcpy(name, text, (size_t)(id - text));
	name[id - text] = '\0';
	if (!note_name_ok(name) || !decode(base64 + 1, bytes, sizeof bytes) || bytes[0] != ED25519)
		return false;
	memcpy(key, bytes + 1, NOTE_PUBLIC_KEY);
	note_key_id(name, key, expected);
	crypto_hex(expected, sizeof expected, hex);
	return base64 - (id + 1) == (ptrdiff_t)strlen(hex) &&
	       strncmp(id + 1, hex, strlen(hex)) == 0;
}

/* --- Notes --- */

void note_sign_too(const struct note_key *key, const char *name, const char *text, struct buf *out)
{
	uint8_t bytes[NOTE_KEY_ID + SIGNATURE];
	size_t len = SIGNATURE;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	char *base64;

	note_key_id(name, key->public, bytes);
	if (!ctx || !EVP_DigestSignInit(ctx, NULL, NULL, NULL, key->key) ||
	    !EVP_DigestSign(
		ctx, bytes + NOTE_KEY_ID, &len, (const unsigned char *)text, strlen(text)) ||
	    len != SIGNATURE)
		die("could not sign with Ed25519");
	EVP_MD_CTX_free(ctx);
	base64 = crypto_base64(bytes, sizeof bytes);
	buf_printf(out, MARK "%s %s\n", name, base64);
	free(base64);
}

void note_sign(const struct note_key *key, const char *name, const char *text, struct buf *out)
{
	buf_printf(out, "%s\n", text);
	note_sign_too(key, name, text, out);
}

static bool signature_fits(const char *text, size_t len, const uint8_t signature[SIGNATURE],
    const uint8_t key[NOTE_PUBLIC_KEY])
{
	EVP_PKEY *pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key, NOTE_PUBLIC_KEY);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok =
	    pkey && ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, pkey) == 1 &&
	    EVP_DigestVerify(ctx, signature, SIGNATURE, (const unsigned char *)text, len) == 1;

	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(pkey);
	return ok;
}

/* How much of a note is its text: up to the last empty line. 0: it is no note. */
static size_t text_length(const char *note, size_t len)
{
	if (len > NOTE_MAX_BYTES || len < 3 || note[len - 1] != '\n' || !buf_utf8(note, len))
		return 0;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)note[i] < ' ' && note[i] != '\n')
			return 0;
	for (size_t i = len - 2; i > 0; i--)
		if (note[i] == '\n' && note[i - 1] == '\n')
			return i;
	return 0;
}

/* A line "— name base64" of line_len bytes. Signatures of other algorithms have other lengths. */
struct signature {
	char name[NOTE_NAME_MAX + 1];
	uint8_t *bytes; /* the key's id first */
	int len;
};

static bool signature_parse(struct signature *s, const char *line, size_t line_len)
{
	const char *name = line + strlen(MARK), *end = line + line_len, *space;
	char *base64;

	if (line_len < strlen(MARK) || memcmp(line, MARK, strlen(MARK)) != 0)
		return false;
	space = memchr(name, ' ', (size_t)(end - name));
	if (!space || space - name > NOTE_NAME_MAX)
		return false;
	memcpy(s->name, name, (size_t)(space - name));
	s->name[space - name] = '\0';
	base64 = xstrndup(space + 1, (size_t)(end - space - 1));
	s->len = crypto_base64_decode(base64, &s->bytes);
	free(base64);
	if (note_name_ok(s->name) && s->len > NOTE_KEY_ID)
		return true;
	free(s->bytes);
	return false;
}

bool note_verify(const char *note, size_t len, const char *name, const uint8_t key[NOTE_PUBLIC_KEY],
    size_t *text_len)
{
	size_t text = text_length(note, len);
	uint8_t id[NOTE_KEY_ID];
	int count = 0, good = 0;

	if (!text)
		return false;
	note_key_id(name, key, id);
	for (const char *line = note + text + 1, *end; line < note + len; line = end + 1) {
		struct signature s;
		bool ours;

		end = memchr(line, '\n', (size_t)(note + len - line));
		if (++count > MAX_SIGNATURES || !signature_parse(&s, line, (size_t)(end - line)))
			return false;
		ours = strcmp(s.name, name) == 0 && memcmp(s.bytes, id, sizeof id) == 0;
		if (ours && s.len == NOTE_KEY_ID + SIGNATURE &&
		    signature_fits(note, text, s.bytes + NOTE_KEY_ID, key)) {
			good++;
			ours = false;
		}
		free(s.bytes);
		if (ours) /* one that says it is this key's, and is not */
			return false;
	}
	*text_len = text;
	return good > 0;
}

/* --- Checkpoints --- */

void checkpoint_write(const struct checkpoint *checkpoint, struct buf *out)
{
	char *root = crypto_base64(checkpoint->root, sizeof checkpoint->root);

	buf_printf(out, "%s\n%" PRId64 "\n%s\n", checkpoint->origin, checkpoint->size, root);
	free(root);
}

/* The line at *p into out, and *p behind it; false when it is empty, too long or not ended. */
static bool take_line(const char **p, const char *end, char *out, size_t size)
{
	const char *line = *p, *stop = memchr(line, '\n', (size_t)(end - line));

	if (!stop || stop == line || (size_t)(stop - line) >= size ||
	    memchr(line, '\0', (size_t)(stop - line)))
		return false;
	memcpy(out, line, (size_t)(stop - line));
	out[stop - line] = '\0';
	*p = stop + 1;
	return true;
}

static bool parse_size(const char *s, int64_t *out)
{
	size_t digits = strspn(s, "0123456789");

	if (s[digits] || digits == 0 || digits > 19 || (s[0] == '0' && digits > 1))
		return false;
	errno = 0;
	*out = strtoll(s, NULL, 10);
	return errno == 0 && *out <= MERKLE_MAX_SIZE;
}

bool checkpoint_parse(const char *note, size_t len, struct checkpoint *out)
{
	char size[24], root[48];
	const char *p = note, *end = note + len;

	return len <= NOTE_MAX_BYTES && buf_utf8(note, len) &&
	       take_line(&p, end, out->origin, sizeof out->origin) &&
	       take_line(&p, end, size, sizeof size) && take_line(&p, end, root, sizeof root) &&
	       parse_size(size, &out->size) && decode(root, out->root, sizeof out->root);
}
