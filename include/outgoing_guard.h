/* outgoing_guard.h - which addresses lie inside, where nothing that a user enters may lead. */
#ifndef OUTGOING_GUARD_H
#define OUTGOING_GUARD_H

#include <stdbool.h>

#include <sys/socket.h>

/*
 * Is it anything but a public unicast address: loopback, private, link-local, shared (100.64/10),
 * multicast, unspecified, reserved, or one that carries an IPv4 address within (mapped, 6to4, NAT64)?
 */
bool outgoing_guard_inside(const struct sockaddr *address);

enum outgoing_url {
	OUTGOING_URL_OK,
	OUTGOING_URL_MALFORMED,
	OUTGOING_URL_NOT_HTTPS,
	OUTGOING_URL_HAS_USER,
	OUTGOING_URL_INSIDE, /* an address inside, or localhost, is written out in it */
};

/* Judge a URL as entered. private: http and addresses inside pass. A name that leads inside is only
   found out when it is connected to. */
enum outgoing_url outgoing_guard_url(const char *url, bool private);

/* "https://host/…": what may be shown of a URL whose path is a secret. The caller frees. */
char *outgoing_guard_shown(const char *url);

#endif
