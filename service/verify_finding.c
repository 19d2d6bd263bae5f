/* verify_finding.c - keeping the first fault of a kind. */
#include "verify_finding.h"

#include <stdio.h>

void finding_vadd(struct finding *finding, const char *store, const char *found,
    const char *expected, const char *place, va_list args)
{
	if (finding->faults++ > 0)
		return;
	snprintf(finding->store, sizeof(finding->store), "%s", store);
	snprintf(finding->found, sizeof(finding->found), "%s", found);
	snprintf(finding->expected, sizeof(finding->expected), "%s", expected);
	vsnprintf(finding->place, sizeof(finding->place), place, args);
}

void finding_add(struct finding *finding, const char *store, const char *found,
    const char *expected, const char *place, ...)
{
	va_list args;

	va_start(args, place);
	finding_vadd(finding, store, found, expected, place, args);
	va_end(args);
}
