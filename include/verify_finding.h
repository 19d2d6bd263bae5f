/* verify_finding.h - the first fault of a kind, and how many there were. */
#ifndef VERIFY_FINDING_H
#define VERIFY_FINDING_H

#include <stdarg.h>
#include <stdint.h>

struct finding {
	int64_t faults;
	char store[48], place[120], found[120], expected[120];
};

/* Count a fault, and keep what is said of it if it is the first: what was found where, and what should
   have been ("" where that says itself). */
void finding_add(struct finding *finding, const char *store, const char *found,
    const char *expected, const char *place, ...) __attribute__((format(printf, 5, 6)));
void finding_vadd(struct finding *finding, const char *store, const char *found,
    const char *expected, const char *place, va_list args) __attribute__((format(printf, 5, 0)));

#endif
