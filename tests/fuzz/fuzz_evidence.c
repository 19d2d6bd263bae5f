/*
 * fuzz_evidence.c - evidence files, as anybody may hand them in: a zip, or the members of one, each
 * behind a line "=== NAME", which are zipped first, so that what is changed gets past the checksums.
 * "code" is a paper's code, "since" an older checkpoint.
 *
 * The key is that of the kept files, whose private half is lost: whatever is proved by it must be what
 * was signed, event by event.
 */
#include "fuzz.h"

#include "evidence_verify.h"

#define KEPT "tests/fuzz/corpus/evidence/"
#define MOST 64 /* parts */

struct part {
	char *name;
	const char *data;
	size_t len;
};

static char *key, *known; /* the key; a file with all events that it signed for */
static FILE *nowhere;

static char *read_whole(const char *path)
{
	FILE *file = fopen(path, "rb");
	char *text = NULL;
	size_t size = 0;

	if (!file || getdelim(&text, &size, EOF, file) < 0)
		die("%s cannot be read", path);
	fclose(file);
	return text;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	key = read_whole(KEPT "key");
	known = read_whole(KEPT "whole");
	/* FUZZ_SHOW=1 with a file as the only argument: what it is told */
	nowhere = getenv("FUZZ_SHOW") ? stdout : fopen("/dev/null", "w");
	return nowhere ? 0 : 1;
}

/* --- A zip of stored members (APPNOTE 4.3) --- */

static uint32_t checksum(const char *data, size_t len)
{
	uint32_t crc = ~0u;

	for (size_t i = 0; i < len; i++) {
		crc ^= (uint8_t)data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

static void put(struct buf *out, int bytes, uint64_t n)
{
	for (; bytes > 0; bytes--, n >>= 8)
		buf_putc(out, (char)(n & 255));
}

static void put_header(struct buf *out, const struct part *part, int64_t at)
{
	put(out, 4, at < 0 ? 0x04034b50 : 0x02014b50);
	if (at >= 0)
		put(out, 2, 20);
	put(out, 4, 20);   /* version, flags */
	put(out, 2, 0);    /* stored */
	put(out, 4, 0x21); /* of 1980 */
	put(out, 4, checksum(part->data, part->len));
	put(out, 4, part->len);
	put(out, 4, part->len);
	put(out, 4, strlen(part->name));
	if (at >= 0) {
		put(out, 6, 0);
		put(out, 4, 0);
		put(out, 4, (uint64_t)at);
	}
	buf_puts(out, part->name);
}

static void zip(const struct part *parts, int count, struct buf *out)
{
	struct buf directory = BUF_EMPTY;
	size_t at;

	for (int i = 0; i < count; i++) {
		put_header(&directory, &parts[i], (int64_t)out->len);
		put_header(out, &parts[i], -1);
		buf_add(out, parts[i].data, parts[i].len);
	}
	at = out->len;
	buf_add(out, directory.data, directory.len);
	put(out, 4, 0x06054b50);
	put(out, 4, 0);
	put(out, 2, (uint64_t)count);
	put(out, 2, (uint64_t)count);
	put(out, 4, directory.len);
	put(out, 4, at);
	put(out, 2, 0);
	buf_free(&directory);
}

/* --- One file --- */

static int split(char *text, size_t size, struct part parts[MOST])
{
	static const char mark[] = "=== ";
	char *at = text, *end = text + size, *next;
	int count = 0;

	while (at && count < MOST && end - at > 4 && memcmp(at, mark, 4) == 0) {
		char *line = memchr(at, '\n', (size_t)(end - at));

		if (!line)
			break;
		next = memmem(line, (size_t)(end - line), "\n=== ", 5);
		*line = '\0';
		parts[count] = (struct part){
		    at + 4, line + 1, next ? (size_t)(next - line) : (size_t)(end - line - 1)};
		if (strlen(parts[count].name) < 64)
			count++;
		at = next ? next + 1 : NULL;
	}
	return count;
}

/* Take a part that is no member out. NULL: there is none. */
static char *take(struct part *parts, int *count, const char *name, size_t *len)
{
	for (int i = 0; i < *count; i++) {
		char *text;

		if (strcmp(parts[i].name, name) != 0)
			continue;
		*len = parts[i].len;
		text = xmalloc(*len + 1);
		memcpy(text, parts[i].data, *len);
		text[*len] = '\0';
		parts[i] = parts[--*count];
		return text;
	}
	return NULL;
}

/* Every event that the file holds was signed for. */
static void check_events(const struct evidence_input *file)
{
	struct evidence_source events;
	struct buf line = BUF_EMPTY;

	CHECK(evidence_zip_open(&events, file, EVIDENCE_EVENTS));
	while (evidence_line(&events, EVIDENCE_MAX_LINE, &line) == EVIDENCE_GOT) {
		buf_putc(&line, '\n');
		CHECK(strstr(known, buf_str(&line)));
	}
	evidence_zip_close(&events);
	buf_free(&line);
}

static void verify(const void *bytes, size_t len, const char *since, size_t since_len, char *paper)
{
	struct evidence_code code;
	struct evidence_request request = {
	    .file = {.bytes = bytes, .len = len},
	    .since = since,
	    .since_len = since_len,
	    .key = key,
	};

	if (paper) {
		paper[strcspn(paper, "\n")] = '\0';
		if (evidence_code_parse(paper, &code))
			request.code = &code;
	}
	if (evidence_verify(&request, nowhere) == EVIDENCE_PROVED)
		check_events(&request.file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct part parts[MOST];
	struct buf file = BUF_EMPTY;
	size_t since_len = 0, code_len;
	char *text, *since, *code;
	int count;

	if (size > 1 && memcmp(data, "PK", 2) == 0) {
		verify(data, size, NULL, 0, NULL);
		return 0;
	}
	text = xmalloc(size);
	memcpy(text, data, size);
	count = split(text, size, parts);
	since = take(parts, &count, "since", &since_len);
	code = take(parts, &count, "code", &code_len);
	zip(parts, count, &file);
	verify(file.data, file.len, since, since_len, code);
	buf_free(&file);
	free(since);
	free(code);
	free(text);
	return 0;
}
