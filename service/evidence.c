/* evidence.c - names of the members and columns, and the proof's text. */
#include "evidence.h"

#include <stdlib.h>
#include <string.h>

#include "canonical.h"
#include "crypto.h"
#include "scan.h"

const char *const evidence_names[EVIDENCE_MEMBERS] = {
    [EVIDENCE_README] = "README.txt",
    [EVIDENCE_CHECKPOINT] = "checkpoint.txt",
    [EVIDENCE_KEYS] = "keys.txt",
    [EVIDENCE_PROOF] = "proof.json",
    [EVIDENCE_EVENTS] = "events.ndjson",
    [EVIDENCE_LEAVES] = "leaves.txt",
    [EVIDENCE_SLIPS] = "slips.csv",
    [EVIDENCE_ENTRIES] = "entries.csv",
};

/* --- The proof --- */

/* Members of the text, in its order. */
enum { FIRST, LAST, LEFT, ORIGIN, PATH, RIGHT, SINCE, SIZE, MEMBERS };

static const char *const members[MEMBERS] = {
    "first", "last", "left", "origin", "path", "right", "since", "size"};

static void write_name(int member, struct buf *out)
{
	buf_putc(out, member == 0 ? '{' : ',');
	buf_json(out, members[member]);
	buf_putc(out, ':');
}

static void write_hashes(
    int member, const uint8_t (*hashes)[MERKLE_HASH], int count, struct buf *out)
{
	char hex[2 * MERKLE_HASH + 1];

	write_name(member, out);
	buf_putc(out, '[');
	for (int i = 0; i < count; i++) {
		crypto_hex(hashes[i], MERKLE_HASH, hex);
		buf_printf(out, "%s\"%s\"", i > 0 ? "," : "", hex);
	}
	buf_putc(out, ']');
}

static void write_int(int member, int64_t n, struct buf *out)
{
	write_name(member, out);
	buf_int(out, n);
}

void evidence_proof_write(const struct evidence_proof *proof, struct buf *out)
{
	write_int(FIRST, proof->first, out);
	write_int(LAST, proof->last, out);
	write_hashes(LEFT, proof->left, proof->left_count, out);
	write_name(ORIGIN, out);
	buf_json(out, proof->origin);
	write_hashes(PATH, proof->path, proof->path_count, out);
	write_hashes(RIGHT, proof->right, proof->right_count, out);
	write_int(SINCE, proof->since, out);
	write_int(SIZE, proof->size, out);
	buf_puts(out, "}\n");
}

static bool read_int(const struct scan_item *item, int64_t *out)
{
	if (item->len > 19 || strchr("-0123456789", *item->value) == NULL ||
	    memchr(item->value, '.', item->len))
		return false;
	*out = strtoll(item->value, NULL, 10);
	return *out <= MERKLE_MAX_SIZE;
}

static bool read_hash(const struct scan_item *item, uint8_t out[MERKLE_HASH])
{
	static const char digits[] = "0123456789abcdef";

	if (item->len != 2 * MERKLE_HASH + 2 || *item->value != '"')
		return false;
	for (int i = 0; i < 2 * MERKLE_HASH; i++) {
		const char *digit = memchr(digits, item->value[1 + i], 16);

		if (!digit)
			return false;
		out[i / 2] = (uint8_t)(out[i / 2] << 4 | (digit - digits));
	}
	return true;
}

/* -1: it is no list of at most max hashes. */
static int read_hashes(const struct scan_item *list, uint8_t (*out)[MERKLE_HASH], int max)
{
	const char *p = list->value;
	struct scan_item item;
	enum scan_step step;
	int count = 0;

	if (*p != '[')
		return -1;
	while ((step = scan_next(&p, &item)) == SCAN_ITEM)
		if (count == max || !read_hash(&item, out[count++]))
			return -1;
	return step == SCAN_END ? count : -1;
}

static bool read_origin(const struct scan_item *item, char out[NOTE_NAME_MAX + 1])
{
	struct buf text = BUF_EMPTY;
	bool ok = *item->value == '"';

	if (ok)
		canonical_text(item->value, item->len, &text);
	ok = ok && text.len > 0 && text.len <= NOTE_NAME_MAX && !memchr(text.data, 0, text.len);
	if (ok)
		memcpy(out, buf_str(&text), text.len + 1);
	buf_free(&text);
	return ok;
}

static bool counts_fit(const struct evidence_proof *proof)
{
	struct merkle_node nodes[MERKLE_MAX_COVER];
	struct merkle_range path[MERKLE_MAX_PATH];
	int steps = 0;

	if (proof->first < 1 || proof->last < proof->first - 1 || proof->size < proof->last ||
	    proof->since < -1 || proof->since > proof->size)
		return false;
	if (proof->since >= 0)
		steps = merkle_consistency(proof->since, proof->size, path);
	return proof->path_count == steps &&
	       proof->left_count ==
		   merkle_cover((struct merkle_range){0, proof->first - 1}, nodes) &&
	       proof->right_count ==
		   merkle_cover((struct merkle_range){proof->last, proof->size}, nodes);
}

static bool read_members(const char *text, struct evidence_proof *out)
{
	struct scan_item items[MEMBERS], more;

	for (int i = 0; i < MEMBERS; i++)
		if (scan_next(&text, &items[i]) != SCAN_ITEM || !items[i].name ||
		    items[i].name_len != strlen(members[i]) ||
		    memcmp(items[i].name, members[i], items[i].name_len) != 0)
			return false;
	if (scan_next(&text, &more) != SCAN_END || !read_int(&items[FIRST], &out->first) ||
	    !read_int(&items[LAST], &out->last) || !read_int(&items[SIZE], &out->size) ||
	    !read_int(&items[SINCE], &out->since) || !read_origin(&items[ORIGIN], out->origin))
		return false;
	out->left_count = read_hashes(&items[LEFT], out->left, MERKLE_MAX_COVER);
	out->right_count = read_hashes(&items[RIGHT], out->right, MERKLE_MAX_COVER);
	out->path_count = read_hashes(&items[PATH], out->path, MERKLE_MAX_PATH);
	return counts_fit(out);
}

bool evidence_proof_read(const char *text, size_t len, struct evidence_proof *out)
{
	struct buf copy = BUF_EMPTY;
	size_t bad;
	bool ok;

	*out = (struct evidence_proof){0};
	if (len == 0 || len > EVIDENCE_PROOF_BYTES || text[len - 1] != '\n' ||
	    !canonical_check(text, len - 1, &bad) || *text != '{')
		return false;
	buf_add(&copy, text, len - 1);
	ok = read_members(buf_str(&copy), out);
	buf_free(&copy);
	return ok;
}
