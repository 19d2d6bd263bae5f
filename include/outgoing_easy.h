/* outgoing_easy.h - what every transfer of outgoing.c and outgoing_mail.c has in common. */
#ifndef OUTGOING_EASY_H
#define OUTGOING_EASY_H

#include <stdbool.h>

#include <curl/curl.h>
#include <openssl/types.h>

#include "buf.h"
#include "conf.h"
#include "outgoing.h"

/* One transfer. It stays where it was set up: curl points into it. */
struct outgoing_easy {
	CURL *curl;
	X509_STORE *trust;
	bool guarded;             /* nothing inside is connected to */
	bool met_inside, met_any; /* addresses so far: inside; at all allowed */
	bool too_long;
	struct buf body;
	char error[CURL_ERROR_SIZE]; /* curl's */
	char said[256];              /* what is told */
};

/* The certificates that are trusted: the system's and those of the file outgoing_ca. NULL: error
   says why not. */
X509_STORE *outgoing_trust_new(const struct conf *conf, char *error, size_t error_size);

/* Set up all but what is sent; every option is copied, so that conf may change. trust outlives it. */
void outgoing_easy_init(
    struct outgoing_easy *easy, const struct conf *conf, X509_STORE *trust, bool guarded);

/* What came of it. */
void outgoing_easy_answer(
    struct outgoing_easy *easy, CURLcode result, struct outgoing_answer *answer);

void outgoing_easy_clear(struct outgoing_easy *easy);

#endif
