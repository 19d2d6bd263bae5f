/* tls.h - TLS for incoming connections: one context, exchanged when the certificate is renewed. */
#ifndef TLS_H
#define TLS_H

#include <stdbool.h>
#include <stddef.h>

#include <event2/bufferevent.h>

struct tls;

/* PEM files. NULL and a message in error when they cannot be used. */
struct tls *tls_new(const char *certificate, const char *key, char *error, size_t error_size);

/* Use these files for connections from now on. false: they are unusable, nothing changed. */
bool tls_reload(
    struct tls *tls, const char *certificate, const char *key, char *error, size_t error_size);

/* A bufferevent that waits for a socket and then shakes hands as the server. Dies without memory. */
struct bufferevent *tls_bufferevent(const struct tls *tls, struct event_base *base);

void tls_free(struct tls *tls);

#endif
