/*
 * fuzz_note.c - a verifier key in the first line, and behind it a signed note, a checkpoint, a list of
 * keys or a paper's code. What was read is written back as the same.
 */
#include "fuzz.h"

#include "evidence_code.h"
#include "evidence_keys.h"
#include "signed_note.h"

static void verifier(const char *text, char name[NOTE_NAME_MAX + 1], uint8_t key[NOTE_PUBLIC_KEY])
{
	struct buf again = BUF_EMPTY;

	if (!note_verifier_parse(text, name, key))
		return;
	CHECK(note_name_ok(name));
	note_verifier_write(name, key, &again);
	CHECK(strcmp(buf_str(&again), text) == 0);
	buf_free(&again);
}

static void checkpoint(const char *note, size_t len)
{
	struct buf again = BUF_EMPTY;
	struct checkpoint point;

	if (!checkpoint_parse(note, len, &point))
		return;
	CHECK(point.size >= 0);
	checkpoint_write(&point, &again);
	CHECK(again.len <= len && memcmp(again.data, note, again.len) == 0);
	buf_free(&again);
}

static void keys(const char *text, size_t len)
{
	struct evidence_keys all;

	if (evidence_keys_read(text, len, &all)) {
		CHECK(all.count >= 1 && all.count <= EVIDENCE_MAX_KEYS);
		evidence_keys_trust(&all, all.v[0].public);
		CHECK(all.v[0].trusted);
	}
	evidence_keys_free(&all);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xstrndup((const char *)data, size), *rest = text, *line = strsep(&rest, "\n");
	char name[NOTE_NAME_MAX + 1] = "log";
	uint8_t key[NOTE_PUBLIC_KEY] = {0};
	struct evidence_code code;
	size_t from = rest ? (size_t)(rest - text) : size, text_len = 0;
	/* a block of its own, without a NUL behind, so that reading past its end is seen */
	char *note = xmalloc(size - from);

	memcpy(note, data + from, size - from);
	verifier(line, name, key);
	if (note_verify(note, size - from, name, key, &text_len))
		CHECK(text_len > 0 && text_len < size - from && note[text_len - 1] == '\n');
	checkpoint(note, size - from);
	keys(note, size - from);
	if (evidence_code_parse(line, &code))
		CHECK(code.event >= 1 && code.event <= code.size && code.store[0]);
	free(note);
	free(text);
	return 0;
}
