/*
 * verify.c - taizhang verify's checks: a table of statements that find what should not be, and the
 * walk over the logs. All of them look at one snapshot.
 */
#include "verify.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "crypto.h"
#include "die.h"
#include "stmt.h"
#include "verify_log.h"

/* What a check covers: a column of verify_counts.sql. */
enum scope {
	ENTRIES,
	LEDGERS,
	LOTS,
	DAYS,
	SLIPS,
	SERIES,
	REVERSALS,
	ALERTS,
	EVENTS,
	LOGS,
	TILES,
	CHECKPOINTS,
	COUNTED,
	KEPT = COUNTED, /* not in the database */
	SCOPES
};

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
    [TILES] = "哈希块 tiles",
    [CHECKPOINTS] = "检查点 checkpoints",
    [KEPT] = "旧检查点 kept",
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
    [LOG_TREE] = {LOGS, "日志末尾的树 = 重算之树 heads hold the records' tree"},
    [LOG_TILES] = {TILES, "哈希块 = 重算之树 tiles hold the records' tree"},
    [LOG_ROOT] = {CHECKPOINTS, "检查点的根 = 重算之根 checkpoints are of these records"},
    [LOG_SIGNATURE] = {CHECKPOINTS, "检查点的签名 checkpoints are signed"},
    [LOG_KEPT] = {KEPT, "日志是旧检查点的延续 the log continues the kept checkpoint"},
};

/* Columns of verify_stores.sql. */
enum { STORE_ID, STORE_NAME, STORE_RECORD_CODE, STORE_HEAD, STORE_FRONTIER };
#define STORE_CODE_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

struct verify {
	FILE *out;
	PGconn *main, *second, *third, *fourth;
	PGresult *stores;
	struct verify_keys keys;
	const struct verify_options *options;
	struct checkpoint kept; /* options->since */
	const char *kept_store; /* within its origin; NULL: none is kept */
	char *ids;              /* their ids, as a PostgreSQL array */
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

PGconn *verify_open(const char *conninfo, const char *snapshot)
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

	v->main = verify_open(conninfo, NULL);
	snapshot = PQexec(v->main, "SELECT pg_export_snapshot()");
	if (PQresultStatus(snapshot) != PGRES_TUPLES_OK)
		die("could not verify: %s", PQerrorMessage(v->main));
	v->second = verify_open(conninfo, PQgetvalue(snapshot, 0, 0));
	v->third = verify_open(conninfo, PQgetvalue(snapshot, 0, 0));
	v->fourth = verify_open(conninfo, PQgetvalue(snapshot, 0, 0));
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

	for (int i = 0; i < COUNTED; i++)
		group_digits(PQgetvalue(counts, 0, i), v->counted[i]);
	snprintf(v->counted[KEPT], sizeof(v->counted[KEPT]), "1");
	PQclear(counts);
}

/* --- Keys, and the checkpoint that was kept --- */

/* Whose endorsements count: the given key's; else those of the first key, and of any that came without
   an endorsement, as the log says of them. */
static void trust_keys(struct verify *v, const uint8_t *given)
{
	struct verify_keys *k = &v->keys;

	for (int i = 0; i < k->count; i++) {
		struct signed_key *key = &k->keys[i];

		key->trusted = given ? memcmp(key->public, given, sizeof(key->public)) == 0
				     : i == 0 || !key->endorsement;
	}
	signed_keys_trust(k->keys, k->count);
}

static void load_keys(struct verify *v, const uint8_t *given)
{
	struct verify_keys *k = &v->keys;
	int rows;

	k->rows = query(v->main, STMT_LOG_KEY_ALL, NULL);
	rows = PQntuples(k->rows);
	k->ids = xcalloc((size_t)rows + 1, sizeof(*k->ids));
	k->keys = xcalloc((size_t)rows + 1, sizeof(*k->keys));
	for (int i = 0; i < rows; i++) {
		struct signed_key *key = &k->keys[k->count];
		uint8_t *public;

		if (crypto_base64_decode(PQgetvalue(k->rows, i, 1), &public) == NOTE_PUBLIC_KEY) {
			memcpy(key->public, public, sizeof(key->public));
			key->endorsement =
			    PQgetisnull(k->rows, i, 3) ? NULL : PQgetvalue(k->rows, i, 3);
			k->ids[k->count++] = atoi(PQgetvalue(k->rows, i, 0));
		}
		free(public);
	}
	if (given) /* it may be none of the table's: then it is trusted alone */
		memcpy(k->keys[k->count++].public, given, NOTE_PUBLIC_KEY);
	trust_keys(v, given);
}

/* The public key that the options name, and whether it is of the log whose checkpoint was kept. */
static const uint8_t *given_key(const struct verify *v, uint8_t key[NOTE_PUBLIC_KEY])
{
	char name[NOTE_NAME_MAX + 1];
	size_t len;

	if (!v->options->key)
		return NULL;
	if (!note_verifier_parse(v->options->key, name, key))
		die("verify: 不是公钥 no public key: %s", v->options->key);
	len = strlen(name);
	if (v->kept_store && (strncmp(v->kept.origin, name, len) != 0 ||
				 (v->kept.origin[len] && v->kept.origin[len] != '/')))
		die("verify: 公钥 %s 与检查点 %s 不是同一日志的 the key and the checkpoint are of "
		    "different logs",
		    name, v->kept.origin);
	return key;
}

static void take_kept(struct verify *v)
{
	const char *note = v->options->since, *slash;

	if (!note)
		return;
	if (!checkpoint_parse(note, strlen(note), &v->kept))
		die("verify: 不是检查点 --since is no checkpoint");
	slash = strrchr(v->kept.origin, '/');
	if (!slash)
		die("verify: 检查点未写明库房 the checkpoint names no store: %s", v->kept.origin);
	v->kept_store = slash + 1;
}

static bool is_kept(const struct verify *v, int row)
{
	bool system = PQgetvalue(v->stores, row, STORE_RECORD_CODE)[0] == '\0' &&
		      !PQgetisnull(v->stores, row, STORE_RECORD_CODE);

	return v->kept_store &&
	       strcmp(v->kept_store, system ? "system" : PQgetvalue(v->stores, row, STORE_NAME)) ==
		   0;
}

/* The old checkpoint itself, before the log is held against it. */
static void check_kept(struct verify *v, struct finding *to)
{
	const char *note = v->options->since;
	size_t text_len;
	bool there = false;

	if (!v->kept_store)
		return;
	if (signed_keys_verify(
		v->keys.keys, v->keys.count, note, strlen(note), v->kept.origin, &text_len) < 0)
		finding_add(to, v->kept_store,
		    v->keys.count ? "签名不符，或其公钥无人作证 signature is wrong, or nobody "
				    "endorsed its key"
				  : "没有公钥 there is no public key",
		    "", "旧检查点 old checkpoint %" PRId64, v->kept.size);
	for (int i = 0; i < PQntuples(v->stores); i++)
		there |= is_kept(v, i);
	if (!there)
		die("verify: 没有旧检查点所属的库房 the old checkpoint's store is not among "
		    "them: %s",
		    v->kept_store);
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
	const struct log_streams streams = {v->main, v->second, v->third, v->fourth};
	struct finding findings[LOG_FAULTS] = {0};

	check_kept(v, &findings[LOG_KEPT]);
	for (int i = 0; i < PQntuples(v->stores); i++) {
		struct log_store store = {
		    .id = PQgetvalue(v->stores, i, STORE_ID),
		    .name = PQgetvalue(v->stores, i, STORE_NAME),
		    .code = PQgetisnull(v->stores, i, STORE_RECORD_CODE)
				? NULL
				: PQgetvalue(v->stores, i, STORE_RECORD_CODE),
		    .event_seq = strtoll(PQgetvalue(v->stores, i, STORE_HEAD), NULL, 10),
		    .frontier = PQgetisnull(v->stores, i, STORE_FRONTIER)
				    ? NULL
				    : PQgetvalue(v->stores, i, STORE_FRONTIER),
		    .keys = &v->keys,
		    .kept = is_kept(v, i) ? &v->kept : NULL,
		};

		verify_log(&streams, &store, findings);
	}
	for (int i = 0; i < (v->kept_store ? LOG_FAULTS : LOG_KEPT); i++)
		report(v, log_checks[i].name, log_checks[i].scope, &findings[i]);
}

int verify_run(const char *conninfo, const struct verify_options *options, FILE *out)
{
	struct verify v = {.out = out, .options = options};
	uint8_t key[NOTE_PUBLIC_KEY];
	const uint8_t *given;

	take_kept(&v);
	given = given_key(&v, key);
	open_all(&v, conninfo);
	find_stores(&v, options->stores, options->store_count);
	load_keys(&v, given);
	count_all(&v);
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		run_check(&v, &checks[i]);
		fflush(out);
	}
	walk_logs(&v);
	PQclear(v.stores);
	PQclear(v.keys.rows);
	free(v.keys.ids);
	free(v.keys.keys);
	free(v.ids);
	PQfinish(v.fourth);
	PQfinish(v.third);
	PQfinish(v.second);
	PQfinish(v.main);
	return v.kinds;
}
