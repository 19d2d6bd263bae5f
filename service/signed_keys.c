/* signed_keys.c - the chain of a log's keys. */
#include "signed_keys.h"

#include <string.h>

#define HEADING "taizhang key rotation\n"

void signed_keys_endorse(
    const char *name, const struct note_key *from, const struct note_key *to, struct buf *out)
{
	const struct note_key *const keys[] = {from, to};
	uint8_t public[NOTE_PUBLIC_KEY];
	struct buf text = BUF_EMPTY;

	buf_puts(&text, HEADING);
	for (int i = 0; i < 2; i++) {
		note_key_public(keys[i], public);
		note_verifier_write(name, public, &text);
		buf_putc(&text, '\n');
	}
	note_sign(from, name, buf_str(&text), out);
	note_sign_too(to, name, buf_str(&text), out);
	buf_free(&text);
}

/* A verifier on a line of its own; *p then stands behind it. */
static bool take_verifier(
    const char **p, char name[NOTE_NAME_MAX + 1], uint8_t key[NOTE_PUBLIC_KEY])
{
	size_t len = strcspn(*p, "\n");
	char line[NOTE_NAME_MAX + 100];

	if (len >= sizeof line || (*p)[len] != '\n')
		return false;
	memcpy(line, *p, len);
	line[len] = '\0';
	*p += len + 1;
	return note_verifier_parse(line, name, key);
}

/* Is it a good rotation to that key? from gets the key before it. */
static bool rotation(
    const char *note, const uint8_t to[NOTE_PUBLIC_KEY], uint8_t from[NOTE_PUBLIC_KEY])
{
	char name[NOTE_NAME_MAX + 1], same[NOTE_NAME_MAX + 1];
	const char *p = note + strlen(HEADING);
	uint8_t named[NOTE_PUBLIC_KEY];
	size_t len = strlen(note), text_len;

	return strncmp(note, HEADING, strlen(HEADING)) == 0 && take_verifier(&p, name, from) &&
	       take_verifier(&p, same, named) && strcmp(name, same) == 0 &&
	       memcmp(named, to, sizeof named) == 0 &&
	       note_verify(note, len, name, from, &text_len) && note + text_len == p &&
	       note_verify(note, len, name, to, &text_len);
}

static struct signed_key *find(
    struct signed_key *keys, int count, const uint8_t public[NOTE_PUBLIC_KEY])
{
	for (int i = 0; i < count; i++)
		if (memcmp(keys[i].public, public, NOTE_PUBLIC_KEY) == 0)
			return &keys[i];
	return NULL;
}

void signed_keys_trust(struct signed_key *keys, int count)
{
	uint8_t from[NOTE_PUBLIC_KEY];
	bool more = true;

	while (more) {
		more = false;
		for (int i = 0; i < count; i++) {
			struct signed_key *before;

			if (!keys[i].endorsement ||
			    !rotation(keys[i].endorsement, keys[i].public, from))
				continue;
			before = find(keys, count, from);
			if (!before || before->trusted == keys[i].trusted)
				continue;
			before->trusted = keys[i].trusted = more = true;
		}
	}
}

int signed_keys_verify(const struct signed_key *keys, int count, const char *note, size_t len,
    const char *name, size_t *text_len)
{
	for (int i = 0; i < count; i++)
		if (keys[i].trusted && note_verify(note, len, name, keys[i].public, text_len))
			return i;
	return -1;
}
