/* diag.h - the program's own log: one JSON object a line on standard error. */
#ifndef DIAG_H
#define DIAG_H

enum diag_level { DIAG_DEBUG, DIAG_INFO, DIAG_WARN, DIAG_ERROR };

/* Lines below this level are dropped. "debug", "info", "warn" or "error"; -1 on another word. */
int diag_level_parse(const char *word);
void diag_set_level(enum diag_level level);

/*
 * Write a line: {"at":…,"level":…,"event":event,"request":request,…}. request is the request's id
 * or NULL. fields is a jansson json_pack() object format for the rest, e.g. "{s:s,s:i}", or NULL.
 * Never give it a secret.
 */
void diag(enum diag_level level, const char *request, const char *event, const char *fields, ...);

#endif
