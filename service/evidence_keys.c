/* evidence_keys.c - a list of keys, written and read. */
#include "evidence_keys.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"

#define BEGIN "-----BEGIN ENDORSEMENT-----\n"
#define END "-----END ENDORSEMENT-----\n"

void evidence_keys_add(
    const char *name, const uint8_t key[NOTE_PUBLIC_KEY], const char *endorsement, struct buf *out)
{
	note_verifier_write(name, key, out);
	buf_putc(out, '\n');
	if (endorsement)
		buf_printf(out, BEGIN "%s" END, endorsement);
}

/* Cut the text at the next such mark and step behind it; false: there is none. */
static bool cut(char **p, const char *mark)
{
	char *at = strstr(*p, mark);

	if (!at)
		return false;
	*at = '\0';
	*p = at + strlen(mark);
	return true;
}

static bool read_key(char **p, struct signed_key *key)
{
	char name[NOTE_NAME_MAX + 1];
	const char *line = *p;

	*key = (struct signed_key){0};
	if (!cut(p, "\n") || !note_verifier_parse(line, name, key->public))
		return false;
	if (strncmp(*p, BEGIN, strlen(BEGIN)) != 0)
		return true;
	key->endorsement = *p += strlen(BEGIN);
	return cut(p, END) && strlen(key->endorsement) <= NOTE_MAX_BYTES;
}

bool evidence_keys_read(const char *text, size_t len, struct evidence_keys *out)
{
	char *p;

	*out = (struct evidence_keys){0};
	if (len == 0 || memchr(text, 0, len))
		return false;
	p = out->text = xstrndup(text, len);
	while (*p) {
		if (out->count == EVIDENCE_MAX_KEYS || !read_key(&p, &out->v[out->count]))
			return false;
		out->count++;
	}
	return true;
}

void evidence_keys_free(struct evidence_keys *keys)
{
	free(keys->text);
}

void evidence_keys_trust(struct evidence_keys *keys, const uint8_t *key)
{
	for (int i = 0; i < keys->count; i++)
		keys->v[i].trusted = !key || memcmp(keys->v[i].public, key, NOTE_PUBLIC_KEY) == 0;
	signed_keys_trust(keys->v, keys->count);
}
