/* evidence_pack.c - libarchive writes the zip, piece by piece, into a buf. */
#include "evidence_pack.h"

#include <archive.h>
#include <archive_entry.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "die.h"
#include "render.h"

/*
 * A piece is rendered and deflated between two turns of the service's loop: so much takes a few
 * milliseconds at the lowest level, which makes files about a fifth larger than the usual one and is
 * three times as fast.
 */
#define PIECE_BYTES (128 << 10)
#define PIECE_ROWS 50 /* at first */
#define PIECE_ROWS_MIN 5
#define PIECE_ROWS_MAX 500
#define OPTIONS "zip:compression=deflate,zip:compression-level=1"

#define BOM "\xef\xbb\xbf"

/* Members that are read from the database, in the order of the file, and how their rows are written. */
static const struct part {
	enum evidence_member member;
	enum stmt_id stmt;
	bool csv;
} parts[] = {
    {EVIDENCE_EVENTS, STMT_EVIDENCE_EVENTS, false},
    {EVIDENCE_LEAVES, STMT_EVIDENCE_LEAVES, false},
    {EVIDENCE_SLIPS, STMT_EVIDENCE_SLIPS, true},
    {EVIDENCE_ENTRIES, STMT_EVIDENCE_ENTRIES, true},
};
#define PARTS ((int)(sizeof parts / sizeof *parts))

/* The parameters that are there for every part, and the keys behind them. */
enum { PARAM_STORE, PARAM_LAST, PARAM_LIMIT, PARAM_KEYS };
#define KEYS (EVIDENCE_PACK_PARAMS - PARAM_KEYS)

struct evidence_pack {
	struct archive *archive;
	struct buf bytes; /* of the zip */
	struct buf piece; /* of a member */
	int part;
	bool begun; /* the part's member is open */
	int rows;   /* asked for */
	int64_t first;
	char store[12], last[24], limit[12], keys[KEYS][24];
	time_t at;
};

/* Before the first row: no key of the event before the range is higher. */
static const char *const lowest[KEYS] = {NULL, "32767", "9223372036854775807", "2147483647"};

static la_ssize_t on_bytes(struct archive *archive, void *arg, const void *bytes, size_t len)
{
	struct evidence_pack *pack = arg;

	(void)archive;
	buf_add(&pack->bytes, bytes, len);
	return (la_ssize_t)len;
}

/* --- Members --- */

static bool begin_member(struct evidence_pack *pack, enum evidence_member member)
{
	struct archive_entry *entry = archive_entry_new();
	int status;

	if (!entry)
		die("out of memory for an archive");
	archive_entry_set_pathname(entry, evidence_names[member]);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0644);
	archive_entry_set_mtime(entry, pack->at, 0);
	status = archive_write_header(pack->archive, entry);
	archive_entry_free(entry);
	return status == ARCHIVE_OK;
}

static bool add(struct evidence_pack *pack, const void *data, size_t len)
{
	return len == 0 || archive_write_data(pack->archive, data, len) == (la_ssize_t)len;
}

static bool add_member(struct evidence_pack *pack, enum evidence_member member, const char *text)
{
	return begin_member(pack, member) && add(pack, text, strlen(text));
}

static void write_readme(const struct evidence_contents *contents, struct buf *out)
{
	const struct evidence_proof *proof = contents->proof;

	buf_printf(out,
	    "台账证据文件 taizhang evidence file\r\n"
	    "库房 Store: %s    日志 Log: %s\r\n"
	    "事件 Events: #%" PRId64 " – #%" PRId64 "    检查点 Checkpoint: %" PRId64 "\r\n\r\n"
	    "【这是什么】\r\n"
	    "本文件是该库房日志中上述一段的完整副本，附有核对所需的一切：\r\n"
	    "  events.ndjson    每行一条事件，与记账时逐字节相同\r\n"
	    "  leaves.txt       每条事件的叶哈希：SHA-256(0x00 ‖ 该行)\r\n"
	    "  slips.csv        单据，entries.csv 分录：可用 Excel 打开，所述与事件相同\r\n"
	    "  checkpoint.txt   经签名的检查点：事件数与整个日志的根哈希（C2SP "
	    "tlog-checkpoint）\r\n"
	    "  keys.txt         公钥，及旧公钥对新公钥的认可\r\n"
	    "  proof.json       该段左右两侧的树节点（RFC 9162），由此算出检查点的根哈希\r\n\r\n"
	    "【如何核对】\r\n"
	    "在任何装有 taizhang 的电脑上，无需服务器、数据库或网络：\r\n"
	    "  taizhang verify --evidence 本文件.zip --key 公钥 --since 旧检查点.txt\r\n"
	    "--key 是您从别处得到并保存的公钥（如 GET "
	    "/api/v1/keys）；不给时只用本文件自带的公钥，\r\n"
	    "请自行比对。--since 是您上次取走的 checkpoint.txt：证明此后没有改写过去。\r\n"
	    "请把 checkpoint.txt 保存在经营者够不到的地方，下次核对时使用。\r\n\r\n",
	    contents->store, proof->origin, proof->first, proof->last, proof->size);
	buf_puts(out,
	    "[What this is]\r\n"
	    "A whole copy of the stretch named above of this store's log, with all it takes to "
	    "check "
	    "it:\r\n"
	    "  events.ndjson    an event a line, byte for byte as it was posted\r\n"
	    "  leaves.txt       the leaf hash of each: SHA-256(0x00 || the line)\r\n"
	    "  slips.csv, entries.csv   slips and entries, for Excel; they say what the events "
	    "say\r\n"
	    "  checkpoint.txt   the signed checkpoint: number of events and root hash of the whole "
	    "log\r\n"
	    "  keys.txt         public keys, and endorsements of newer ones by older ones\r\n"
	    "  proof.json       nodes of the tree (RFC 9162) left and right of the stretch, from "
	    "which the\r\n"
	    "                   checkpoint's root hash is computed\r\n\r\n"
	    "[How to check it]\r\n"
	    "On any computer that has taizhang, without server, database or network:\r\n"
	    "  taizhang verify --evidence THIS-FILE.zip --key KEY --since OLD-CHECKPOINT.txt\r\n"
	    "KEY is the public key that you got elsewhere and kept (GET /api/v1/keys); without it "
	    "the "
	    "file's\r\n"
	    "own key is used, which you have to compare. OLD-CHECKPOINT.txt is the checkpoint.txt "
	    "of "
	    "last\r\n"
	    "time: it is proved that nothing before was rewritten since. Keep checkpoint.txt where "
	    "the\r\n"
	    "operator cannot reach it.\r\n\r\n"
	    "单元格前的 ' 使 Excel 既不运行也不舍入其内容。A ' in front of a cell keeps Excel from "
	    "running or\r\n"
	    "rounding what it holds.\r\n");
}

static bool add_texts(struct evidence_pack *pack, const struct evidence_contents *contents)
{
	struct buf readme = BUF_EMPTY, proof = BUF_EMPTY;
	bool ok;

	write_readme(contents, &readme);
	evidence_proof_write(contents->proof, &proof);
	ok = add_member(pack, EVIDENCE_README, buf_str(&readme)) &&
	     add_member(pack, EVIDENCE_CHECKPOINT, contents->checkpoint) &&
	     add_member(pack, EVIDENCE_KEYS, contents->keys) &&
	     add_member(pack, EVIDENCE_PROOF, buf_str(&proof));
	buf_free(&readme);
	buf_free(&proof);
	return ok;
}

struct evidence_pack *evidence_pack_new(const struct evidence_contents *contents)
{
	struct evidence_pack *pack = xcalloc(1, sizeof *pack);

	pack->at = time(NULL);
	pack->rows = PIECE_ROWS;
	pack->first = contents->proof->first;
	snprintf(pack->store, sizeof pack->store, "%" PRId32, contents->store_id);
	snprintf(pack->last, sizeof pack->last, "%" PRId64, contents->proof->last);
	pack->archive = archive_write_new();
	if (!pack->archive || archive_write_set_format_zip(pack->archive) != ARCHIVE_OK ||
	    archive_write_set_options(pack->archive, OPTIONS) != ARCHIVE_OK ||
	    archive_write_set_bytes_per_block(pack->archive, 0) != ARCHIVE_OK ||
	    archive_write_open(pack->archive, pack, NULL, on_bytes, NULL) != ARCHIVE_OK ||
	    !add_texts(pack, contents))
		die("libarchive cannot write a zip: %s",
		    pack->archive ? archive_error_string(pack->archive) : "out of memory");
	return pack;
}

void evidence_pack_free(struct evidence_pack *pack)
{
	if (!pack)
		return;
	archive_write_free(pack->archive);
	buf_free(&pack->bytes);
	buf_free(&pack->piece);
	free(pack);
}

struct buf *evidence_pack_bytes(struct evidence_pack *pack)
{
	return &pack->bytes;
}

/* --- Rows --- */

static void first_keys(struct evidence_pack *pack)
{
	snprintf(pack->keys[0], sizeof pack->keys[0], "%" PRId64, pack->first - 1);
	for (int i = 1; i < KEYS; i++)
		snprintf(pack->keys[i], sizeof pack->keys[i], "%s", lowest[i]);
}

bool evidence_pack_ask(
    struct evidence_pack *pack, enum stmt_id *stmt, struct db_param params[EVIDENCE_PACK_PARAMS])
{
	if (pack->part == PARTS)
		return false;
	if (!pack->begun)
		first_keys(pack);
	snprintf(pack->limit, sizeof pack->limit, "%d", pack->rows);
	*stmt = parts[pack->part].stmt;
	params[PARAM_STORE] = DB_TEXT(pack->store);
	params[PARAM_LAST] = DB_TEXT(pack->last);
	params[PARAM_LIMIT] = DB_TEXT(pack->limit);
	for (int i = 0; i < KEYS; i++)
		params[PARAM_KEYS + i] = DB_TEXT(pack->keys[i]);
	return true;
}

static void write_lines(const PGresult *result, struct buf *out)
{
	for (int i = 0; i < PQntuples(result); i++) {
		buf_add(out, PQgetvalue(result, i, 0), (size_t)PQgetlength(result, i, 0));
		buf_putc(out, '\n');
	}
}

/* The next piece begins after the last row, and is about as large as a piece should be. */
static void go_on(struct evidence_pack *pack, const PGresult *result, int fields, size_t len)
{
	int rows = PQntuples(result), fit;

	for (int i = 0; i < KEYS && fields + i < PQnfields(result); i++)
		snprintf(pack->keys[i], sizeof pack->keys[i], "%s",
		    PQgetvalue(result, rows - 1, fields + i));
	fit = (int)(PIECE_BYTES / (len / (size_t)rows + 1));
	pack->rows = fit < PIECE_ROWS_MIN   ? PIECE_ROWS_MIN
		     : fit > PIECE_ROWS_MAX ? PIECE_ROWS_MAX
					    : fit;
}

bool evidence_pack_take(struct evidence_pack *pack, const PGresult *result)
{
	const struct part *part = &parts[pack->part];
	int fields = PQfnumber(result, "cursor"), rows = PQntuples(result);

	pack->piece.len = 0;
	if (!pack->begun) {
		if (!begin_member(pack, part->member))
			return false;
		pack->begun = true;
		if (part->csv) {
			buf_puts(&pack->piece, BOM);
			render_csv_header(result, fields, &pack->piece);
		}
	}
	if (part->csv)
		render_rows(result, rows, fields, RENDER_CSV, &pack->piece);
	else
		write_lines(result, &pack->piece);
	if (!add(pack, pack->piece.data, pack->piece.len))
		return false;
	if (rows == pack->rows) {
		go_on(pack, result, fields, pack->piece.len);
		return true;
	}
	pack->begun = false;
	pack->rows = PIECE_ROWS;
	return ++pack->part < PARTS || archive_write_close(pack->archive) == ARCHIVE_OK;
}
