/*
 * migrate.c - applies the embedded migrations, and compares a database with them.
 *
 * Table schema_migration holds what was applied, with the SHA-256 of each file: a migration that
 * was edited afterwards, or one that this program does not know, is refused.
 */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "crypto.h"
#include "migrate.h"

/* Where a fault is told. */
struct report {
	char *error;
	size_t size;
};

static bool fail(const struct report *to, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static bool fail(const struct report *to, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(to->error, to->size, fmt, args);
	va_end(args);
	return false;
}

static bool fail_sql(const struct report *to, const PGconn *conn, const char *what)
{
	const char *message = PQerrorMessage(conn);
	int len = (int)strlen(message);

	while (len > 0 && message[len - 1] == '\n')
		len--;
	return fail(to, "%s\nPostgreSQL: %.*s", what, len, message);
}

static PGconn *connect_to(const char *conninfo, const struct report *to)
{
	/* Those before dbname are only defaults: what conninfo says comes later and wins. */
	const char *names[] = {
	    "connect_timeout", "options", "dbname", "client_encoding", "application_name", NULL};
	const char *values[] = {
	    "10", "-c client_min_messages=warning", conninfo, "UTF8", "taizhang migrate", NULL};
	PGconn *conn = PQconnectdbParams(names, values, 1);

	if (PQstatus(conn) == CONNECTION_OK)
		return conn;
	fail_sql(to, conn, "连不上数据库 could not connect to the database");
	PQfinish(conn);
	return NULL;
}

static bool execute(PGconn *conn, const char *sql)
{
	PGresult *result = PQexec(conn, sql);
	ExecStatusType status = PQresultStatus(result);

	PQclear(result);
	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

static void checksum_of(const struct migration *migration, char hex[2 * CRYPTO_SHA256_LEN + 1])
{
	uint8_t digest[CRYPTO_SHA256_LEN];

	crypto_sha256(migration->sql, strlen(migration->sql), digest);
	crypto_hex(digest, sizeof(digest), hex);
}

/* Is row (number, name, checksum) of what was applied the index-th migration of this program? */
static bool compare_one(const PGresult *rows, int index, const struct report *to)
{
	int number = atoi(PQgetvalue(rows, index, 0));
	const char *name = PQgetvalue(rows, index, 1);
	char checksum[2 * CRYPTO_SHA256_LEN + 1];

	if (number != index + 1)
		return fail(to,
		    "表 schema_migration 缺少迁移 %d，请从备份恢复该表\n"
		    "table schema_migration lacks migration %d: restore it from a backup",
		    index + 1, index + 1);
	if (index >= migration_count)
		return fail(to,
		    "数据库结构比本程序新（迁移 %d %s）：请使用更新版本的 taizhang\n"
		    "the schema is newer than this program (migration %d %s): use a newer taizhang",
		    number, name, number, name);
	checksum_of(&migration_table[index], checksum);
	if (strcmp(name, migration_table[index].name) != 0 ||
	    strcmp(PQgetvalue(rows, index, 2), checksum) != 0)
		return fail(to,
		    "迁移 %d %s 在执行之后被改动过：已执行的迁移不能修改，请使用原版本的 "
		    "taizhang，改动另写新的迁移\n"
		    "migration %d %s was changed after it was applied: use the taizhang that "
		    "applied it, "
		    "and write changes as a new migration",
		    number, name, number, name);
	return true;
}

/* How many of this program's migrations the database holds; -1 when it holds anything else. */
static int compare(PGconn *conn, const struct report *to)
{
	PGresult *rows =
	    PQexec(conn, "SELECT number, name, checksum FROM schema_migration ORDER BY number");
	const char *state = PQresultErrorField(rows, PG_DIAG_SQLSTATE);
	int applied = -1;

	if (state && strcmp(state, "42P01") == 0) { /* undefined_table */
		applied = 0;
	} else if (PQresultStatus(rows) != PGRES_TUPLES_OK) {
		fail_sql(
		    to, conn, "读不到表 schema_migration could not read table schema_migration");
	} else {
		int i = 0;

		while (i < PQntuples(rows) && compare_one(rows, i, to))
			i++;
		if (i == PQntuples(rows))
			applied = i;
	}
	PQclear(rows);
	return applied;
}

/* The service's role belongs to the cluster, not to the database; migrations only grant to it. */
static bool ensure_role(PGconn *conn, const struct report *to)
{
	PGresult *found = PQexec(conn, "SELECT FROM pg_roles WHERE rolname = 'taizhang_service'");
	bool there = PQntuples(found) == 1;

	PQclear(found);
	if (there || execute(conn, "CREATE ROLE taizhang_service LOGIN"))
		return true;
	return fail_sql(to, conn,
	    "没有角色 taizhang_service 且无权创建：请由数据库管理员执行 CREATE ROLE "
	    "taizhang_service LOGIN\n"
	    "role taizhang_service does not exist and could not be created: have the database's "
	    "administrator run CREATE ROLE taizhang_service LOGIN");
}

static bool prepare(PGconn *conn, const struct report *to)
{
	if (!execute(conn, "SELECT pg_advisory_lock(hashtextextended('taizhang migrate', 0))"))
		return fail_sql(to, conn, "得不到迁移锁 could not lock the migrations");
	if (!ensure_role(conn, to))
		return false;
	if (!execute(conn, "CREATE TABLE IF NOT EXISTS schema_migration ("
			   "    number     integer PRIMARY KEY CHECK (number > 0),"
			   "    name       text NOT NULL,"
			   "    checksum   text NOT NULL,"
			   "    applied_at timestamptz NOT NULL DEFAULT now()"
			   ")"))
		return fail_sql(to, conn,
		    "建不了表 schema_migration：请以数据库属主连接（owner_database）\n"
		    "could not create table schema_migration: connect as the database's owner "
		    "(owner_database)");
	return true;
}

static bool record(PGconn *conn, const struct migration *migration)
{
	char number[12];
	char checksum[2 * CRYPTO_SHA256_LEN + 1];
	const char *values[] = {number, migration->name, checksum};

	snprintf(number, sizeof(number), "%d", migration->number);
	checksum_of(migration, checksum);
	PGresult *result = PQexecParams(conn,
	    "INSERT INTO schema_migration (number, name, checksum) VALUES ($1, $2, $3)", 3, NULL,
	    values, NULL, NULL, 0);
	bool done = PQresultStatus(result) == PGRES_COMMAND_OK;

	PQclear(result);
	return done;
}

/* On a fault the caller closes the connection, which rolls back. */
static bool apply(PGconn *conn, const struct migration *migration, const struct report *to)
{
	char what[200];

	if (execute(conn, "BEGIN") && execute(conn, migration->sql) && record(conn, migration) &&
	    execute(conn, "COMMIT")) {
		printf("迁移 migration %04d %s\n", migration->number, migration->name);
		fflush(stdout);
		return true;
	}
	snprintf(what, sizeof(what),
	    "迁移 %d %s 失败，未作更改 migration %d %s failed and changed nothing",
	    migration->number, migration->name, migration->number, migration->name);
	return fail_sql(to, conn, what);
}

bool migrate_run(const char *conninfo, char *error, size_t error_size)
{
	struct report to = {error, error_size};
	PGconn *conn = connect_to(conninfo, &to);
	bool done = false;
	int applied;

	if (!conn)
		return false;
	if (!prepare(conn, &to))
		goto out;
	applied = compare(conn, &to);
	if (applied < 0)
		goto out;
	for (int i = applied; i < migration_count; i++)
		if (!apply(conn, &migration_table[i], &to))
			goto out;
	if (applied == migration_count)
		printf("数据库结构已是最新 the schema is up to date (%04d)\n", migration_count);
	done = true;
out:
	PQfinish(conn);
	return done;
}

bool migrate_check(const char *conninfo, char *error, size_t error_size)
{
	struct report to = {error, error_size};
	PGconn *conn = connect_to(conninfo, &to);

	if (!conn)
		return false;
	int applied = compare(conn, &to);
	PQfinish(conn);
	if (applied < 0)
		return false;
	if (applied < migration_count)
		return fail(&to,
		    "数据库结构比本程序旧（%d/%d）：请先执行 taizhang migrate\n"
		    "the schema is older than this program (%d of %d migrations): run taizhang "
		    "migrate",
		    applied, migration_count, applied, migration_count);
	return true;
}
