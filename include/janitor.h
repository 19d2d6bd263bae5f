/* janitor.h - what has to be tidied from time to time, by whichever process comes first. */
#ifndef JANITOR_H
#define JANITOR_H

#include "server.h"

struct janitor;

/* Works every conf->sweep_interval; also at once. The settings are looked at each time. */
struct janitor *janitor_new(struct server *server);
bool janitor_idle(const struct janitor *janitor); /* nothing of its is under way */
void janitor_free(struct janitor *janitor);

#endif
