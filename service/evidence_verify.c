/* evidence_verify.c - the parts of an evidence file, each checked and told. */
#include "evidence_verify.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "canonical.h"
#include "crypto.h"
#include "die.h"
#include "evidence_keys.h"
#include "evidence_record.h"
#include "evidence_walk.h"

#define SYSTEM "system" /* the last part of the origin of the system's log, which is no store's */
#define HEX (2 * MERKLE_HASH + 1)

struct verify {
	const struct evidence_request *request;
	FILE *out;
	struct evidence_report report;
	struct buf note, keys_text, proof_text;
	struct buf since_note; /* of the older checkpoint; empty: none was given */
	struct checkpoint checkpoint, since;
	struct evidence_keys keys;
	int signer;    /* which key signed; -1: none */
	bool anchored; /* its trust does not come from the file alone */
	struct evidence_proof proof;
	struct evidence_walk walk;
	bool untold; /* something that was asked could not be told */
};

/* --- Members --- */

static void check_members(
    struct verify *v, const int members[EVIDENCE_MEMBERS], const char *strange)
{
	for (int i = 0; i < EVIDENCE_MEMBERS; i++)
		if (members[i] != 1)
			evidence_fault(&v->report, CHECK_MEMBERS,
			    members[i] == 0 ? "缺少 missing" : "重复 there twice", "", "%s",
			    evidence_names[i]);
	if (*strange)
		evidence_fault(&v->report, CHECK_MEMBERS, "不属于证据文件 does not belong here", "",
		    "%s", strange);
}

static bool read_small(struct verify *v, enum evidence_member member, size_t max, struct buf *out)
{
	enum evidence_step step = evidence_zip_small(&v->request->file, member, max, out);

	if (step == EVIDENCE_END && out->len > 0)
		return true;
	if (v->report.findings[CHECK_MEMBERS].faults == 0)
		evidence_fault(&v->report, CHECK_MEMBERS,
		    step == EVIDENCE_BAD ? "过大 too large" : "损坏 damaged", "", "%s",
		    evidence_names[member]);
	return false;
}

/* --- Checkpoint, keys, proof --- */

/* "log" and "log/XT" are names of keys that sign for log/XT. */
static bool is_name_of(const char *name, const char *origin)
{
	size_t len = strlen(name);

	return strncmp(name, origin, len) == 0 && (origin[len] == '\0' || origin[len] == '/');
}

static int signer_of(const struct verify *v, const char *note, size_t len)
{
	size_t text_len;

	return signed_keys_verify(
	    v->keys.v, v->keys.count, note, len, v->checkpoint.origin, &text_len);
}

/* The key that the checkpoint must hang together with: the given one, or that of the older checkpoint,
   which did not come with the file; NULL: there is none but the file's. */
static const uint8_t *find_anchor(struct verify *v, uint8_t given[NOTE_PUBLIC_KEY])
{
	const struct evidence_request *request = v->request;
	char name[NOTE_NAME_MAX + 1];
	int signer;

	if (request->key && note_verifier_parse(request->key, name, given)) {
		if (!is_name_of(name, v->checkpoint.origin))
			evidence_fault(&v->report, CHECK_SIGNATURE, v->checkpoint.origin, name,
			    "日志名称 the log's name (--key)");
		return given;
	}
	signer = v->since_note.len > 0 ? signer_of(v, v->since_note.data, v->since_note.len) : -1;
	return signer >= 0 ? v->keys.v[signer].public : NULL;
}

static void check_signature(struct verify *v)
{
	uint8_t given[NOTE_PUBLIC_KEY];
	const uint8_t *anchor;

	evidence_keys_trust(&v->keys, NULL);
	v->signer = signer_of(v, v->note.data, v->note.len);
	if (v->signer < 0)
		evidence_fault(&v->report, CHECK_SIGNATURE,
		    "不是 keys.txt 中任何公钥的签名 signed by no key of keys.txt", "",
		    "checkpoint.txt");
	anchor = find_anchor(v, given);
	v->anchored = anchor;
	evidence_keys_trust(&v->keys, anchor);
	if (v->signer >= 0 && !v->keys.v[v->signer].trusted)
		evidence_fault(&v->report, CHECK_SIGNATURE,
		    v->request->key
			? "不是 --key 的签名，也没有它的认可 neither signed by the given key nor "
			  "by one "
			  "that it endorsed"
			: "不是旧检查点公钥的签名，也没有它的认可 neither signed by the older "
			  "checkpoint's key nor by one that it endorsed",
		    "", "checkpoint.txt");
}

static bool read_head(struct verify *v)
{
	if (!read_small(v, EVIDENCE_CHECKPOINT, NOTE_MAX_BYTES, &v->note) ||
	    !read_small(v, EVIDENCE_KEYS, EVIDENCE_KEYS_BYTES, &v->keys_text) ||
	    !read_small(v, EVIDENCE_PROOF, EVIDENCE_PROOF_BYTES, &v->proof_text))
		return false;
	if (!checkpoint_parse(v->note.data, v->note.len, &v->checkpoint)) {
		evidence_fault(&v->report, CHECK_SIGNATURE, "不是检查点 not a checkpoint", "",
		    "checkpoint.txt");
		return false;
	}
	if (!evidence_keys_read(v->keys_text.data, v->keys_text.len, &v->keys)) {
		evidence_fault(
		    &v->report, CHECK_SIGNATURE, "不是公钥列表 not a list of keys", "", "keys.txt");
		return false;
	}
	if (!evidence_proof_read(v->proof_text.data, v->proof_text.len, &v->proof)) {
		evidence_fault(&v->report, CHECK_ROOT, "不是证明 not a proof", "", "proof.json");
		return false;
	}
	check_signature(v);
	return true;
}

/* The checkpoint and the proof must be of the same tree. */
static void check_head(struct verify *v)
{
	char found[32], expected[32];

	if (strcmp(v->proof.origin, v->checkpoint.origin) != 0)
		evidence_fault(&v->report, CHECK_STORE, v->checkpoint.origin, v->proof.origin,
		    "checkpoint.txt");
	if (v->proof.size == v->checkpoint.size)
		return;
	snprintf(found, sizeof found, "%" PRId64, v->checkpoint.size);
	snprintf(expected, sizeof expected, "%" PRId64, v->proof.size);
	evidence_fault(
	    &v->report, CHECK_ROOT, found, expected, "checkpoint.txt 事件数 number of events");
}

/* --- The roots --- */

static void fault_root(struct verify *v, enum evidence_check check, const uint8_t *found,
    const uint8_t *expected, const char *place)
{
	char a[HEX], b[HEX];

	crypto_hex(found, MERKLE_HASH, a);
	crypto_hex(expected, MERKLE_HASH, b);
	evidence_fault(&v->report, check, a, b, "%s", place);
}

static void check_root(struct verify *v)
{
	if (!v->walk.whole) {
		v->report.skipped[CHECK_ROOT] = true;
		return;
	}
	if (memcmp(v->walk.root, v->checkpoint.root, MERKLE_HASH) != 0)
		fault_root(v, CHECK_ROOT, v->walk.root, v->checkpoint.root,
		    "由 events.ndjson 与 proof.json 算得的根哈希 root hash of the file's events "
		    "and proof");
}

static void say_untold(struct verify *v, enum evidence_check check)
{
	v->report.skipped[check] = true;
	v->untold = true;
}

static bool read_since(struct verify *v)
{
	const char *note = v->since_note.data;
	size_t len = v->since_note.len;

	if (!checkpoint_parse(note, len, &v->since)) {
		evidence_fault(&v->report, CHECK_SINCE, "不是检查点 not a checkpoint", "",
		    "旧检查点 older checkpoint");
	} else if (strcmp(v->since.origin, v->checkpoint.origin) != 0) {
		evidence_fault(&v->report, CHECK_SINCE, v->since.origin, v->checkpoint.origin,
		    "旧检查点的日志 the older checkpoint's log");
	} else if (signer_of(v, note, len) < 0) {
		evidence_fault(&v->report, CHECK_SINCE,
		    "不是该公钥（或与其相互认可的公钥）的签名 not signed by the key, nor by one "
		    "that goes "
		    "with it",
		    "", "旧检查点 older checkpoint");
	} else {
		return true;
	}
	return false;
}

static void check_since(struct verify *v)
{
	const struct evidence_proof *proof = &v->proof;
	const char *place = "旧检查点的根哈希 the older checkpoint's root hash";
	char found[32], expected[32];

	if (v->since_note.len == 0 || !read_since(v)) {
		v->report.skipped[CHECK_SINCE] = true;
		return;
	}
	if (v->since.size > v->checkpoint.size) {
		snprintf(found, sizeof found, "%" PRId64, v->checkpoint.size);
		snprintf(expected, sizeof expected, "≥ %" PRId64, v->since.size);
		evidence_fault(&v->report, CHECK_SINCE, found, expected,
		    "日志比旧检查点短 the log is shorter than the older checkpoint");
	} else if (v->walk.since.seen) {
		if (memcmp(v->walk.since.root, v->since.root, MERKLE_HASH) != 0)
			fault_root(v, CHECK_SINCE, v->walk.since.root, v->since.root, place);
	} else if (proof->since == v->since.size) {
		if (!merkle_verify_consistency(v->since.size, v->since.root, v->checkpoint.size,
			v->checkpoint.root, proof->path, proof->path_count))
			evidence_fault(&v->report, CHECK_SINCE,
			    "不是现在日志的开头 not the beginning of today's log", "",
			    "前 %" PRId64 " 条事件 the first events", v->since.size);
	} else {
		say_untold(v, CHECK_SINCE);
	}
}

/* --- Paper --- */

static void check_code(struct verify *v)
{
	const struct evidence_code *code = v->request->code;
	struct evidence_record record;
	struct evidence_slip slip;
	size_t bad;

	if (!code) {
		v->report.skipped[CHECK_CODE] = true;
		return;
	}
	if (strcmp(code->store, v->walk.store) != 0) {
		evidence_fault(&v->report, CHECK_CODE, code->store, v->walk.store,
		    "单据的库房 the slip's store");
		return;
	}
	if (v->walk.shown.len == 0 || !v->walk.code.seen) {
		say_untold(v, CHECK_CODE);
		return;
	}
	if (!evidence_code_fits(code, v->walk.code.root)) {
		char found[HEX], expected[HEX];

		crypto_hex(v->walk.code.root, EVIDENCE_CODE_ROOT, found);
		crypto_hex(code->root, EVIDENCE_CODE_ROOT, expected);
		evidence_fault(&v->report, CHECK_CODE, found, expected,
		    "第 %" PRId64 " 条事件后的根哈希 root hash after so many events", code->size);
	}
	if (!canonical_check(v->walk.shown.data, v->walk.shown.len, &bad) ||
	    evidence_record_read(buf_str(&v->walk.shown), &record) || !record.slip ||
	    evidence_slip_read(&record, v->walk.store, &slip))
		evidence_fault(&v->report, CHECK_CODE, "不是单据 no slip", code->number,
		    "#%" PRId64, code->event);
	else if (strcmp(slip.number, code->number) != 0)
		evidence_fault(
		    &v->report, CHECK_CODE, slip.number, code->number, "#%" PRId64, code->event);
}

/* --- Telling --- */

static void print_texts(const struct scan_item *item, const char *name, FILE *out)
{
	struct buf text = BUF_EMPTY;

	evidence_text(item, &text);
	if (text.len > 0) {
		fprintf(out, "  %s: ", name);
		evidence_print(buf_str(&text), out);
		fputc('\n', out);
	}
	buf_free(&text);
}

static void print_line(const struct evidence_line *line, FILE *out)
{
	const struct scan_item *m = line->members;
	struct buf text = BUF_EMPTY;

	evidence_text(&m[LINE_ITEM], &text);
	buf_printf(
	    &text, "  %+" PRId64 "  结存 balance %" PRId64, line->quantity, line->balance_after);
	if (*m[LINE_LOT].value == '"') {
		buf_puts(&text, "  批次 lot ");
		evidence_text(&m[LINE_LOT], &text);
	}
	if (*m[LINE_EXPIRES].value == '"') {
		buf_puts(&text, "  有效期 expires ");
		evidence_text(&m[LINE_EXPIRES], &text);
	}
	fputs("    ", out);
	evidence_print(buf_str(&text), out);
	fputc('\n', out);
	buf_free(&text);
}

void evidence_print_slip(const char *text, const char *store, FILE *out)
{
	static const struct {
		int member;
		const char *name;
	} lines[] = {
	    {BODY_BUSINESS_DATE, "日期 date"},
	    {BODY_REASON, "事由 reason"},
	    {BODY_COUNTERPARTY, "往来单位 counterparty"},
	    {BODY_RECEIVER, "领用人 receiver"},
	    {BODY_HANDLER, "经手人 handler"},
	    {BODY_DOCUMENT, "凭证 document"},
	    {BODY_NOTE, "备注 note"},
	    {BODY_REVERSES, "冲销 reverses"},
	    {BODY_POSTED_AT, "记账时间 posted at"},
	    {BODY_POSTED_BY, "记账人 posted by"},
	};
	struct evidence_record record;
	struct evidence_slip slip;
	struct evidence_line line;
	const char *at;
	size_t bad;

	if (!canonical_check(text, strlen(text), &bad) || evidence_record_read(text, &record) ||
	    evidence_slip_read(&record, store, &slip))
		return;
	fprintf(out, "%s %s  (#%" PRId64 ")\n",
	    slip.kind == SLIP_IN ? "入库单 in slip" : "出库单 out slip", slip.number, record.seq);
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		print_texts(&slip.members[lines[i].member], lines[i].name, out);
	at = slip.members[BODY_LINES].value;
	while (evidence_line_read(&at, slip.kind, &line) == SCAN_ITEM)
		print_line(&line, out);
}

static void print_key(const struct verify *v, FILE *out)
{
	struct buf line = BUF_EMPTY;

	fputs(v->request->key ? "由您给出的公钥（或与其相互认可的公钥）签名。\n"
				"Signed by the key you gave, or by one that goes with it.\n  "
	      : v->anchored ? "由签署旧检查点的公钥（或与其相互认可的公钥）签名。\n"
			      "Signed by the key that signed the older checkpoint, or by one that "
			      "goes with it.\n  "
			    : "注意：公钥取自文件本身，谁都能造一个。请与您从别处得到的公钥比对，或"
			      "用 --key 给出：\n"
			      "Mind: the key is taken from the file itself, and anybody can make "
			      "one. Compare it "
			      "with the\nkey that you got elsewhere, or give that with --key:\n  ",
	    out);
	note_verifier_write(v->checkpoint.origin, v->keys.v[v->signer].public, &line);
	evidence_print(buf_str(&line), out);
	fputc('\n', out);
	buf_free(&line);
}

static void print_since(const struct verify *v, FILE *out)
{
	if (v->since_note.len == 0)
		return;
	if (!v->report.skipped[CHECK_SINCE])
		fprintf(out,
		    "旧检查点的 %" PRId64 " 条事件原样在内，此后没有改写。\n"
		    "The %" PRId64 " events of the older checkpoint are in it unchanged.\n",
		    v->since.size, v->since.size);
	else
		fprintf(out,
		    "未能判断是否包含旧检查点（%" PRId64
		    " 条）：文件没有到那里。请用 since=%" PRId64 " 再导出一份。\n"
		    "It cannot be told whether the older checkpoint (%" PRId64
		    " events) is contained: the file does not\nreach back there. Ask for one with "
		    "since=%" PRId64 ".\n",
		    v->since.size, v->since.size, v->since.size, v->since.size);
}

static void print_code(struct verify *v, FILE *out)
{
	const struct evidence_code *code = v->request->code;

	if (!code)
		return;
	if (!v->report.skipped[CHECK_CODE]) {
		fputs("纸质单据的代码属于这份日志。请与纸上逐项比对：\n"
		      "The paper's code belongs to this log. Compare with the paper:\n",
		    out);
		evidence_print_slip(buf_str(&v->walk.shown), v->walk.store, out);
	} else {
		fprintf(out,
		    "未能判断纸质单据：文件须含第 %" PRId64 " 条事件，并到第 %" PRId64
		    " 条。请导出包含那几天的证据文件。\n"
		    "The paper cannot be told: the file must hold event %" PRId64
		    " and reach event %" PRId64 ".\nAsk for one that covers those days.\n",
		    code->event, code->size, code->event, code->size);
	}
}

static void print_proved(const struct verify *v, FILE *out)
{
	const struct evidence_proof *proof = &v->proof;
	const int64_t *counts = v->report.counts;

	if (proof->last < proof->first) {
		fprintf(out,
		    "已证明：该范围内没有事件（第 %" PRId64 " 条之前；日志共 %" PRId64 " 条）。\n"
		    "Proved: no events in this range (before #%" PRId64 "; %" PRId64
		    " events in the log).\n",
		    proof->first, proof->size, proof->first, proof->size);
	} else {
		fprintf(out,
		    "已证明：事件 #%" PRId64 "–#%" PRId64 "（%s 至 %s），%" PRId64
		    " 张单据、%" PRId64 " 条分录、%d 本台账，与签名的检查点（%" PRId64
		    " 条事件）逐字节一致，结存与单号无误。\n",
		    proof->first, proof->last, v->walk.first_at, v->walk.last_at,
		    counts[SCOPE_SLIPS], counts[SCOPE_ENTRIES], v->walk.ledgers, proof->size);
		fprintf(out,
		    "Proved: events #%" PRId64 "–#%" PRId64 " (%s to %s), with %" PRId64
		    " slips and %" PRId64 " entries in %d\nledgers, are byte for byte those of the "
		    "signed checkpoint of %" PRId64 " events; balances and numbers are right.\n",
		    proof->first, proof->last, v->walk.first_at, v->walk.last_at,
		    counts[SCOPE_SLIPS], counts[SCOPE_ENTRIES], v->walk.ledgers, proof->size);
	}
	if (proof->first > 1 && proof->last >= proof->first)
		fputs("范围不从第一条事件开始：各台账的期初结存、各序列的首号按首次出现取用，批次结"
		      "存未核。\n"
		      "The range does not begin with the first event: opening balances and first "
		      "numbers "
		      "are taken\nas they first appear, and balances of lots were not checked.\n",
		    out);
	else if (!v->walk.lots)
		fputs("批次过多，未核批次结存。 Too many lots: their balances were not checked.\n",
		    out);
}

static enum evidence_verdict tell(struct verify *v)
{
	int kinds;

	v->report.skipped[CHECK_LOTS] = !v->walk.lots;
	v->report.counts[SCOPE_FILE] = 1;
	kinds = evidence_report_print(&v->report, v->out);
	fputc('\n', v->out);
	if (kinds > 0) {
		fprintf(v->out, "发现 %d 类差错 %d kind(s) of fault found\n", kinds, kinds);
		return EVIDENCE_FAULTY;
	}
	print_proved(v, v->out);
	print_since(v, v->out);
	print_key(v, v->out);
	print_code(v, v->out);
	return v->untold ? EVIDENCE_UNTOLD : EVIDENCE_PROVED;
}

static void print_head(const struct verify *v)
{
	char root[HEX];

	crypto_hex(v->checkpoint.root, MERKLE_HASH, root);
	fputs("日志 log ", v->out);
	evidence_print(v->checkpoint.origin, v->out);
	fprintf(v->out, "  检查点 checkpoint %" PRId64 "  %s\n", v->checkpoint.size, root);
}

/* --- The whole --- */

/* "log/XT" is of store XT; records of the system's log name no store. */
static const char *store_of(const char *origin)
{
	const char *slash = strrchr(origin, '/'), *store = slash ? slash + 1 : origin;

	return strcmp(store, SYSTEM) == 0 ? "" : store;
}

static bool has_older(const struct verify *v)
{
	return v->request->older.path || v->request->older.bytes;
}

/* The older checkpoint, as a note or out of the older file. false: it was told why not. */
static bool read_older(struct verify *v)
{
	const struct evidence_request *request = v->request;
	int members[EVIDENCE_MEMBERS];
	char strange[64], error[512];

	if (request->since)
		buf_add(&v->since_note, request->since, request->since_len);
	if (!has_older(v))
		return true;
	snprintf(error, sizeof error, "checkpoint.txt 损坏 damaged");
	if (evidence_zip_list(&request->older, members, strange, error, sizeof error) &&
	    evidence_zip_small(&request->older, EVIDENCE_CHECKPOINT, NOTE_MAX_BYTES,
		&v->since_note) == EVIDENCE_END &&
	    v->since_note.len > 0)
		return true;
	fputs("旧证据文件 older evidence file: ", v->out);
	evidence_print(error, v->out);
	fputc('\n', v->out);
	return false;
}

/* Its leaves, where it tells of which events they are. */
static void open_older(struct verify *v)
{
	struct evidence_proof proof;
	struct buf text = BUF_EMPTY;

	if (has_older(v) &&
	    evidence_zip_small(&v->request->older, EVIDENCE_PROOF, EVIDENCE_PROOF_BYTES, &text) ==
		EVIDENCE_END &&
	    evidence_proof_read(text.data, text.len, &proof)) {
		if (evidence_zip_open(&v->walk.older, &v->request->older, EVIDENCE_LEAVES))
			v->walk.older_first = proof.first;
		else
			evidence_zip_close(&v->walk.older);
	}
	buf_free(&text);
}

static void walk(struct verify *v)
{
	const struct evidence_input *file = &v->request->file;
	const struct evidence_code *code = v->request->code;
	const struct {
		struct evidence_source *source;
		enum evidence_member member;
	} open[] = {{&v->walk.events, EVIDENCE_EVENTS}, {&v->walk.leaves, EVIDENCE_LEAVES},
	    {&v->walk.slips, EVIDENCE_SLIPS}, {&v->walk.entries, EVIDENCE_ENTRIES}};
	struct checkpoint since;
	int count = sizeof open / sizeof *open;
	bool ok = true;

	v->walk.proof = &v->proof;
	v->walk.store = store_of(v->proof.origin);
	v->walk.since.size = v->walk.code.size = -1;
	if (v->since_note.len > 0 &&
	    checkpoint_parse(v->since_note.data, v->since_note.len, &since))
		v->walk.since.size = since.size;
	if (code) {
		v->walk.code.size = code->size;
		v->walk.show = code->event;
	}
	for (int i = 0; i < count; i++)
		if (!evidence_zip_open(open[i].source, file, open[i].member)) {
			ok = false;
			if (v->report.findings[CHECK_MEMBERS].faults == 0)
				evidence_fault(&v->report, CHECK_MEMBERS, "损坏 damaged", "", "%s",
				    evidence_names[open[i].member]);
		}
	open_older(v);
	if (ok)
		evidence_walk(&v->walk, &v->report);
	if (v->walk.older_first > 0)
		evidence_zip_close(&v->walk.older);
	for (int i = 0; i < count; i++)
		evidence_zip_close(open[i].source);
}

static void skip_the_rest(struct verify *v)
{
	for (int i = 0; i < CHECKS; i++)
		v->report.skipped[i] = true;
}

static enum evidence_verdict verify(struct verify *v)
{
	int members[EVIDENCE_MEMBERS];
	char strange[64], error[512], name[NOTE_NAME_MAX + 1];
	uint8_t key[NOTE_PUBLIC_KEY];

	if (v->request->key && !note_verifier_parse(v->request->key, name, key)) {
		fputs("--key 不是公钥 is not a verifier key: name+12345678+base64\n", v->out);
		return EVIDENCE_UNTOLD;
	}
	if (!read_older(v))
		return EVIDENCE_UNTOLD;
	if (!evidence_zip_list(&v->request->file, members, strange, error, sizeof error)) {
		evidence_print(error, v->out);
		fputc('\n', v->out);
		return EVIDENCE_UNTOLD;
	}
	check_members(v, members, strange);
	if (v->report.faults == 0 && read_head(v)) {
		print_head(v);
		check_head(v);
		if (v->report.findings[CHECK_ROOT].faults == 0) {
			walk(v);
			check_root(v);
			check_since(v);
			check_code(v);
			return tell(v);
		}
	}
	skip_the_rest(v);
	return tell(v);
}

enum evidence_verdict evidence_verify(const struct evidence_request *request, FILE *out)
{
	struct verify *v = xcalloc(1, sizeof *v);
	enum evidence_verdict verdict;

	v->request = request;
	v->out = out;
	verdict = verify(v);
	buf_free(&v->note);
	buf_free(&v->keys_text);
	buf_free(&v->proof_text);
	buf_free(&v->since_note);
	buf_free(&v->walk.shown);
	evidence_keys_free(&v->keys);
	free(v);
	return verdict;
}
