/* migrate.h - numbered, forward-only migrations with checksums (blocking libpq: start-up only). */
#ifndef MIGRATE_H
#define MIGRATE_H

#include <stdbool.h>
#include <stddef.h>

struct migration {
	int number;
	const char *name;
	const char *sql;
};

extern const struct migration migration_table[]; /* generated from sql/migrations/, in order */
extern const int migration_count;

/* Apply what is missing, in order, under an advisory lock. Prints what it did. */
bool migrate_run(const char *conninfo, char *error, size_t error_size);

/* Does the database hold exactly this program's schema? error says what differs. */
bool migrate_check(const char *conninfo, char *error, size_t error_size);

#endif
