/* evidence_paper.c - a paper's code against the log: its first records, hashed anew in order. */
#include "evidence_paper.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "canonical.h"
#include "crypto.h"
#include "die.h"
#include "evidence_record.h"
#include "stmt.h"
#include "verify.h"

struct paper {
	const struct evidence_code *code;
	FILE *out;
	PGconn *conn;
	struct buf record; /* of the slip's event */
	struct merkle tree;
	int faults;
};

static void fault(struct paper *p, const char *zh, const char *en)
{
	fprintf(p->out, "FAULT  %s\n       %s\n", zh, en);
	p->faults++;
}

/* --- The log --- */

static void take_event(struct paper *p, const PGresult *row)
{
	const char *record = PQgetvalue(row, 0, 1);
	size_t len = (size_t)PQgetlength(row, 0, 1);
	uint8_t leaf[MERKLE_HASH];

	crypto_leaf_hash(record, len, leaf);
	merkle_append(&p->tree, leaf);
	if (strtoll(PQgetvalue(row, 0, 0), NULL, 10) == p->code->event)
		buf_add(&p->record, record, len);
}

static void read_log(struct paper *p, const char *store_id)
{
	char size[24];
	const char *params[] = {store_id, size};
	PGresult *row;

	snprintf(size, sizeof size, "%" PRId64, p->code->size);
	if (!PQsendQueryParams(p->conn, stmt_table[STMT_EVIDENCE_PAPER_EVENTS].sql, 2, NULL, params,
		NULL, NULL, 0) ||
	    !PQsetSingleRowMode(p->conn))
		die("could not read the log: %s", PQerrorMessage(p->conn));
	while ((row = PQgetResult(p->conn)) != NULL) {
		if (PQresultStatus(row) == PGRES_SINGLE_TUPLE)
			take_event(p, row);
		else if (PQresultStatus(row) != PGRES_TUPLES_OK)
			die("could not read the log: %s", PQerrorMessage(p->conn));
		PQclear(row);
	}
}

/* --- What the paper says --- */

static void check_root(struct paper *p)
{
	uint8_t root[MERKLE_HASH];
	char found[2 * EVIDENCE_CODE_ROOT + 1], expected[2 * EVIDENCE_CODE_ROOT + 1];

	if (p->tree.size != p->code->size) {
		fprintf(p->out,
		    "FAULT  日志缺少事件：前 %" PRId64 " 条只有 %" PRId64
		    " 条 events are missing: of the first %" PRId64 " there are %" PRId64 "\n",
		    p->code->size, p->tree.size, p->code->size, p->tree.size);
		p->faults++;
		return;
	}
	merkle_root(&p->tree, root);
	if (evidence_code_fits(p->code, root))
		return;
	crypto_hex(root, EVIDENCE_CODE_ROOT, found);
	crypto_hex(p->code->root, EVIDENCE_CODE_ROOT, expected);
	fprintf(p->out,
	    "FAULT  前 %" PRId64
	    " 条事件的根哈希为 %s…，纸上为 %s…：日志在打印之后改写过，或纸张不实\n"
	    "       The root hash of the first %" PRId64
	    " events is %s…, on paper it is %s…: the log "
	    "was rewritten\n       after it was printed, or the paper is not genuine\n",
	    p->code->size, found, expected, p->code->size, found, expected);
	p->faults++;
}

static void check_slip(struct paper *p, const char *in_table)
{
	struct evidence_record record;
	struct evidence_slip slip;
	size_t bad;

	if (p->record.len == 0 || !canonical_check(p->record.data, p->record.len, &bad) ||
	    evidence_record_read(buf_str(&p->record), &record) || !record.slip ||
	    evidence_slip_read(&record, p->code->store, &slip)) {
		fprintf(p->out, "FAULT  事件 #%" PRId64 " 不是单据 event #%" PRId64 " is no slip\n",
		    p->code->event, p->code->event);
		p->faults++;
		return;
	}
	if (strcmp(slip.number, p->code->number) != 0) {
		fprintf(p->out,
		    "FAULT  事件 #%" PRId64 " 是单据 event #%" PRId64
		    " is slip %s, 纸上 on paper %s\n",
		    p->code->event, p->code->event, slip.number, p->code->number);
		p->faults++;
	}
	if (strcmp(in_table, slip.number) != 0)
		fault(p, "单据表与日志不符：请运行 taizhang verify",
		    "The table of slips is not what the log says: run taizhang verify");
}

static void verify(struct paper *p)
{
	const char *params[] = {p->code->store, NULL};
	char event[24];
	PGresult *store;

	snprintf(event, sizeof event, "%" PRId64, p->code->event);
	params[1] = event;
	store = PQexecParams(
	    p->conn, stmt_table[STMT_EVIDENCE_PAPER_STORE].sql, 2, NULL, params, NULL, NULL, 0);
	if (PQresultStatus(store) != PGRES_TUPLES_OK)
		die("could not verify: %s", PQerrorMessage(p->conn));
	if (PQntuples(store) == 0) {
		fault(p, "这里没有纸上的库房", "There is no such store as the paper names");
	} else {
		read_log(p, PQgetvalue(store, 0, 0));
		check_root(p);
		check_slip(p, PQgetvalue(store, 0, 1));
	}
	PQclear(store);
}

enum evidence_verdict evidence_paper_verify(
    const char *conninfo, const struct evidence_code *code, FILE *out)
{
	struct paper p = {.code = code, .out = out};

	p.conn = verify_open(conninfo, NULL);
	verify(&p);
	if (p.faults == 0) {
		fprintf(out,
		    "代码属实：打印时日志有 %" PRId64 " 条事件，其后没有改写。请与纸上逐项比对：\n"
		    "The code is genuine: the log had %" PRId64
		    " events when it was printed, and they were "
		    "not rewritten\nsince. Compare with the paper:\n\n",
		    code->size, code->size);
		evidence_print_slip(buf_str(&p.record), code->store, out);
	}
	buf_free(&p.record);
	PQfinish(p.conn);
	return p.faults > 0 ? EVIDENCE_FAULTY : EVIDENCE_PROVED;
}
