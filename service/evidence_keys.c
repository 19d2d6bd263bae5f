/* evidence_keys.c - keys and endorsements: from the one that is trusted to the one that signed. */
#include "evidence_keys.h"

#include <string.h>

#include "buf.h"

#define BEGIN "-----BEGIN ENDORSEMENT-----\n"
#define END "-----END ENDORSEMENT-----\n"
#define MAX_LINE 512

void evidence_keys_add(
    const char *name, const uint8_t key[NOTE_PUBLIC_KEY], const char *endorsement, struct buf *out)
{
	note_verifier_write(name, key, out);
	buf_putc(out, '\n');
	if (endorsement)
		buf_printf(out, BEGIN "%s" END, endorsement);
}

/* --- Reading --- */

/* The next line of the text as a string of its own; false at the end, or when it is too long. */
static bool next_line(const char **p, const char *end, char line[MAX_LINE])
{
	const char *stop = memchr(*p, '\n', (size_t)(end - *p));
	size_t len = stop ? (size_t)(stop - *p) : 0;

	if (!stop || len >= MAX_LINE || memchr(*p, 0, len))
		return false;
	memcpy(line, *p, len);
	line[len] = '\0';
	*p = stop + 1;
	return true;
}

static bool begins(const char *p, const char *end, const char *text)
{
	return (size_t)(end - p) >= strlen(text) && memcmp(p, text, strlen(text)) == 0;
}

static bool read_endorsement(const char **p, const char *end, struct evidence_key *key)
{
	const char *stop;

	if (!begins(*p, end, BEGIN))
		return true;
	key->endorsement = *p + strlen(BEGIN);
	stop = memmem(key->endorsement, (size_t)(end - key->endorsement), END, strlen(END));
	if (!stop)
		return false;
	key->endorsement_len = (size_t)(stop - key->endorsement);
	*p = stop + strlen(END);
	return key->endorsement_len <= NOTE_MAX_BYTES;
}

bool evidence_keys_read(const char *text, size_t len, struct evidence_keys *out)
{
	const char *p = text, *end = text + len;
	char line[MAX_LINE];

	out->count = 0;
	while (p < end) {
		struct evidence_key *key = &out->v[out->count];

		if (out->count == EVIDENCE_MAX_KEYS || !next_line(&p, end, line))
			return false;
		*key = (struct evidence_key){0};
		if (!note_verifier_parse(line, key->name, key->key) ||
		    !read_endorsement(&p, end, key))
			return false;
		out->count++;
	}
	return out->count > 0;
}

/* --- Trust --- */

const struct evidence_key *evidence_keys_signer(
    const struct evidence_keys *keys, const char *note, size_t len, const char *name)
{
	size_t text_len;

	for (int i = 0; i < keys->count; i++)
		if (note_verify(note, len, name, keys->v[i].key, &text_len))
			return &keys->v[i];
	return NULL;
}

/* Does the text name the key, on a line of its own? */
static bool names_key(const char *text, size_t len, const uint8_t key[NOTE_PUBLIC_KEY])
{
	const char *p = text, *end = text + len;
	char line[MAX_LINE], name[NOTE_NAME_MAX + 1];
	uint8_t named[NOTE_PUBLIC_KEY];

	while (p < end && next_line(&p, end, line))
		if (note_verifier_parse(line, name, named) &&
		    memcmp(named, key, NOTE_PUBLIC_KEY) == 0)
			return true;
	return false;
}

static bool endorses(const struct evidence_key *by, const struct evidence_key *key)
{
	size_t text_len;

	return key->endorsement &&
	       note_verify(key->endorsement, key->endorsement_len, by->name, by->key, &text_len) &&
	       names_key(key->endorsement, text_len, key->key);
}

bool evidence_keys_endorsed(const struct evidence_keys *keys,
    const uint8_t trusted[NOTE_PUBLIC_KEY], const struct evidence_key *key)
{
	bool trust[EVIDENCE_MAX_KEYS] = {false}, more = true;

	for (int i = 0; i < keys->count; i++)
		trust[i] = memcmp(keys->v[i].key, trusted, NOTE_PUBLIC_KEY) == 0;
	while (more) {
		more = false;
		for (int i = 0; i < keys->count; i++)
			for (int j = 0; j < keys->count && !trust[i]; j++)
				if (trust[j] && endorses(&keys->v[j], &keys->v[i]))
					more = trust[i] = true;
	}
	return trust[key - keys->v];
}
