/*
 * verify.c - taizhang verify's checks: a table of statements that find what should not be, and the
 * walk over the logs. All of them look at one snapshot.
 */
#include "verify.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "die.h"
#include "stmt.h"
#include "verify_log.h"

/* What a check covers: a column of verify_counts.sql. */
enum scope { ENTRIES, LEDGERS, LOTS, DAYS, SLIPS, SERIES, REVERSALS, ALERTS, EVENTS, LOGS, SCOPES };

static const char *const scope_names[SCOPES] = {
    [ENTRIES] = "分录 entries",
    [LEDGERS] = "台账 ledgers",
    [LOTS] = "批次 lots",
    [DAYS] = "日汇总 days",
    [SLIPS] = "单据 slips",
    [SERIES] = "编号序列 series",
    [REVERSALS] = "冲销 reversals",
    [ALERTS] = "预警 alerts",
    [EVENTS] = "事件 events",
    [LOGS] = "日志 logs",
};

/* A statement gives the first fault, as (store_id, place, found, expected, faults), or no row. */
static const struct check {
	enum stmt_id stmt;
	enum scope scope;
	const char *name;
} checks[] = {
    {STMT_VERIFY_ENTRY_SEQUENCE, ENTRIES, "分录序号无缺 sequences without gaps"},
    {STMT_VERIFY_ENTRY_BALANCE, ENTRIES, "每笔结存 = 上笔结存 + 数量 each balance follows"},
    {STMT_VERIFY_LEDGER_HEAD, LEDGERS, "台账结存 = 分录之和 balances are the entries' sums"},
    {STMT_VERIFY_LOT_BALANCE, LOTS, "批次结存 = 分录之和 lots are the entries' sums"},
    {STMT_VERIFY_LOT_FLOOR, ENTRIES, "批次从未为负 no lot was ever below zero"},
    {STMT_VERIFY_LEDGER_LOTS, LEDGERS, "台账结存 = 批次之和 balances are the lots' sums"},
    {STMT_VERIFY_LEDGER_DAY, DAYS, "日汇总 = 分录之和 days are the entries' sums"},
    {STMT_VERIFY_SLIP_SERIES, SLIPS, "单号无缺 slip numbers without gaps"},
    {STMT_VERIFY_SERIES_HEAD, SERIES, "末号相符 series end at their last number"},
    {STMT_VERIFY_REVERSAL_TARGET, REVERSALS, "冲销对象 reversals name a slip, once"},
    {STMT_VERIFY_REVERSAL_MIRROR, REVERSALS, "冲销数量 reversals undo their slip"},
    {STMT_VERIFY_ALERT_ONCE, ALERTS, "每台账每原因至多一个未关预警 one open alert a cause"},
    {STMT_VERIFY_ALERT_STATE, LEDGERS, "预警与结存和阈值相符 alerts agree with balances"},
    {STMT_VERIFY_ALERT_EVENT, ALERTS, "预警有事件 alerts are in the log"},
    {STMT_VERIFY_ALERT_LOG, LOGS, "日志中的预警都在 the log's alerts are kept"},
};

static const struct {
	enum scope scope;
	const char *name;
} log_checks[LOG_FAULTS] = {
    [LOG_SEQUENCE] = {EVENTS, "事件序号无缺 event sequences without gaps"},
    [LOG_HEAD] = {LOGS, "日志末号相符 logs end at their head"},
    [LOG_LEAF] = {EVENTS, "叶哈希 = SHA-256(0x00 ‖ 记录) leaf hashes"},
    [LOG_RECORD] = {EVENTS, "记录与事件相符 records say what their rows say"},
    [LOG_EVENT_SLIP] = {EVENTS, "事件有单据 events of slips have their slip"},
    [LOG_SLIP_EVENT] = {SLIPS, "单据有事件 slips have their event"},
    [LOG_BODY] = {SLIPS, "事件内容 = 单据 + 分录 bodies are slip and entries"},
    [LOG_ENTRY_SLIP] = {ENTRIES, "分录有单据 entries go with their slip"},
    [LOG_SLIP_ENTRIES] = {SLIPS, "单据有分录 slips have entries"},
};

/* Columns of verify_stores.sql. */
enum { STORE_ID, STORE_NAME, STORE_RECORD_CODE, STORE_HEAD };
#define STORE_CODE_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

struct verify {
	FILE *out;
	PGconn *main, *second, *third;
	PGresult *stores;
	char *ids; /* their ids, as a PostgreSQL array */
	char counted[SCOPES][32];
	int kinds; /* of fault, so far */
};

/* --- The snapshot --- */

static void command(PGconn *conn, const char *sql)
{
	PGresult *result = PQexec(conn, sql);

	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		die("could not verify: %s", PQerrorMessage(conn));
	PQclear(result);
}

static PGresult *query(PGconn *conn, enum stmt_id stmt, const char *param)
{
	PGresult *result = PQexecParams(
	    conn, stmt_table[stmt].sql, stmt_table[stmt].params, NULL, &param, NULL, NULL, 0);

	if (PQresultStatus(result) != PGRES_TUPLES_OK)
		die("could not verify (%s): %s", stmt_table[stmt].name, PQerrorMessage(conn));
	return result;
}

/* A connection that sees the given snapshot, or takes its own. */
static PGconn *open_snapshot(const char *conninfo, const char *snapshot)
{
	PGconn *conn = PQconnectdb(conninfo);

	if (PQstatus(conn) != CONNECTION_OK)
		die("could not connect to the database: %s", PQerrorMessage(conn));
	/* Sorts of a ledger or two fit; what does not goes to disk. Compiling costs more than it saves. */
	command(conn, "SET work_mem = '64MB'");
	command(conn, "SET jit = off");
	command(conn, "SET statement_timeout = 0");
	command(conn, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
	if (snapshot) {
		char *literal = PQescapeLiteral(conn, snapshot, strlen(snapshot));
		char *sql = xasprintf("SET TRANSACTION SNAPSHOT %s", literal);

		command(conn, sql);
		free(sql);
		PQfreemem(literal);
	}
	return conn;
}

static void open_all(struct verify *v, const char *conninfo)
{
	PGresult *snapshot;

	v->main = open_snapshot(conninfo, NULL);
	snapshot = PQexec(v->main, "SELECT pg_export_snapshot()");
	if (PQresultStatus(snapshot) != PGRES_TUPLES_OK)
		die("could not verify: %s", PQerrorMessage(v->main));
	v->second = open_snapshot(conninfo, PQgetvalue(snapshot, 0, 0));
	v->third = open_snapshot(conninfo, PQgetvalue(snapshot, 0, 0));
	PQclear(snapshot);
}

/* --- What to verify --- */

static bool holds_code(const PGresult *stores, const char *code)
{
	for (int i = 0; i < PQntuples(stores); i++)
		if (strcmp(PQgetvalue(stores, i, STORE_NAME), code) == 0)
			return true;
	return false;
}

/* Of an array's text; the values need no quotes. */
static void add_element(struct buf *array, const char *value)
{
	buf_putc(array, array->len == 0 ? '{' : ',');
	buf_puts(array, value);
}

static void find_stores(struct verify *v, char *const *codes, int count)
{
	struct buf asked = BUF_EMPTY, ids = BUF_EMPTY;

	for (int i = 0; i < count; i++) {
		if (!codes[i][0] || codes[i][strspn(codes[i], STORE_CODE_CHARACTERS)])
			die("没有库房 no such store: %s", codes[i]);
		add_element(&asked, codes[i]);
	}
	if (count > 0)
		buf_putc(&asked, '}');
	v->stores = query(v->main, STMT_VERIFY_STORES, count > 0 ? buf_str(&asked) : NULL);
	buf_free(&asked);
	for (int i = 0; i < count; i++)
		if (!holds_code(v->stores, codes[i]))
			die("没有库房 no such store: %s", codes[i]);

	for (int i = 0; i < PQntuples(v->stores); i++)
		add_element(&ids, PQgetvalue(v->stores, i, STORE_ID));
	buf_putc(&ids, '}');
	v->ids = buf_take(&ids, NULL);
}

/* "1,000,000" */
static void group_digits(const char *digits, char *out)
{
	for (size_t left = strlen(digits); left > 0; left--) {
		*out++ = *digits++;
		if (left > 1 && left % 3 == 1)
			*out++ = ',';
	}
	*out = '\0';
}

static void count_all(struct verify *v)
{
	PGresult *counts = query(v->main, STMT_VERIFY_COUNTS, v->ids);

	for (int i = 0; i < SCOPES; i++)
		group_digits(PQgetvalue(counts, 0, i), v->counted[i]);
	PQclear(counts);
}

/* --- Checks --- */

static void report(struct verify *v, const char *name, enum scope scope, const struct finding *f)
{
	fprintf(v->out, "%s %13s %-22s %s\n", f->faults == 0 ? "  ok  " : "FAULT ",
	    v->counted[scope], scope_names[scope], name);
	if (f->faults == 0)
		return;
	fprintf(v->out, "       %s %s: %s", f->store, f->place, f->found);
	if (f->expected[0])
		fprintf(v->out, "; 应为 expected %s", f->expected);
	if (f->faults > 1)
		fprintf(v->out, " (共 %" PRId64 " 处 faults in all)", f->faults);
	fputc('\n', v->out);
	v->kinds++;
}

static const char *store_name(const struct verify *v, const char *id)
{
	for (int i = 0; i < PQntuples(v->stores); i++)
		if (strcmp(PQgetvalue(v->stores, i, STORE_ID), id) == 0)
			return PQgetvalue(v->stores, i, STORE_NAME);
	return id;
}

static void run_check(struct verify *v, const struct check *check)
{
	PGresult *result = query(v->main, check->stmt, v->ids);
	struct finding finding = {0};

	if (PQntuples(result) > 0) {
		finding.faults = strtoll(PQgetvalue(result, 0, 4), NULL, 10);
		snprintf(finding.store, sizeof(finding.store), "%s",
		    store_name(v, PQgetvalue(result, 0, 0)));
		snprintf(finding.place, sizeof(finding.place), "%s", PQgetvalue(result, 0, 1));
		snprintf(finding.found, sizeof(finding.found), "%s", PQgetvalue(result, 0, 2));
		snprintf(
		    finding.expected, sizeof(finding.expected), "%s", PQgetvalue(result, 0, 3));
	}
	report(v, check->name, check->scope, &finding);
	PQclear(result);
}

static void walk_logs(struct verify *v)
{
	const struct log_streams streams = {v->main, v->second, v->third};
	struct finding findings[LOG_FAULTS] = {0};

	for (int i = 0; i < PQntuples(v->stores); i++) {
		struct log_store store = {
		    .id = PQgetvalue(v->stores, i, STORE_ID),
		    .name = PQgetvalue(v->stores, i, STORE_NAME),
		    .code = PQgetisnull(v->stores, i, STORE_RECORD_CODE)
				? NULL
				: PQgetvalue(v->stores, i, STORE_RECORD_CODE),
		    .event_seq = strtoll(PQgetvalue(v->stores, i, STORE_HEAD), NULL, 10),
		};

		verify_log(&streams, &store, findings);
	}
	for (int i = 0; i < LOG_FAULTS; i++)
		report(v, log_checks[i].name, log_checks[i].scope, &findings[i]);
}

int verify_run(const char *conninfo, char *const *stores, int count, FILE *out)
{
	struct verify v = {.out = out};

	open_all(&v, conninfo);
	find_stores(&v, stores, count);
	count_all(&v);
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		run_check(&v, &checks[i]);
		fflush(out);
	}
	walk_logs(&v);
	PQclear(v.stores);
	free(v.ids);
	PQfinish(v.third);
	PQfinish(v.second);
	PQfinish(v.main);
	return v.kinds;
}
