/*
 * outgoing_mail.h - mail, by SMTP. libcurl's SMTP waits for the server's word on a message, and for
 * its good-bye, without going back to the loop (smtp_done(), smtp_disconnect() of 7.88 and later):
 * a slow mail server would stop the service. So mail is sent by threads beside the loop.
 */
#ifndef OUTGOING_MAIL_H
#define OUTGOING_MAIL_H

#include <openssl/types.h>

#include "outgoing.h"

struct outgoing_mailer;

/* trust stays the caller's. */
struct outgoing_mailer *outgoing_mailer_new(
    struct event_base *base, const struct conf *conf, X509_STORE *trust);

/* false: the queue is full, or no mail server is set; *error says which. */
bool outgoing_mailer_send(struct outgoing_mailer *mailer, const struct outgoing_mail *mail,
    outgoing_cb done, void *arg, const char **error);

int outgoing_mailer_depth(const struct outgoing_mailer *mailer);
void outgoing_mailer_free(struct outgoing_mailer *mailer); /* within about a second */

/* A header's text as RFC 2047 writes it, folded. The caller frees. */
char *outgoing_mail_words(const char *text);

#endif
