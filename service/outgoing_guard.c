/* outgoing_guard.c - which addresses lie inside, where nothing that a user enters may lead. */
#include "outgoing_guard.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>

#include "die.h"

struct net {
	const char *address;
	int bits;
};

/* IANA's special-purpose registries (RFC 6890) and multicast. */
static const struct net nets4[] = {
    {"0.0.0.0", 8},       /* this host */
    {"10.0.0.0", 8},      /* private */
    {"100.64.0.0", 10},   /* shared by a provider's customers */
    {"127.0.0.0", 8},     /* loopback */
    {"169.254.0.0", 16},  /* link-local; clouds' metadata */
    {"172.16.0.0", 12},   /* private */
    {"192.0.0.0", 24},    /* protocol assignments */
    {"192.0.2.0", 24},    /* documentation */
    {"192.88.99.0", 24},  /* 6to4 relays */
    {"192.168.0.0", 16},  /* private */
    {"198.18.0.0", 15},   /* benchmarks */
    {"198.51.100.0", 24}, /* documentation */
    {"203.0.113.0", 24},  /* documentation */
    {"224.0.0.0", 4},     /* multicast */
    {"240.0.0.0", 4},     /* reserved, broadcast */
};

/* Of 2000::/3, outside of which no IPv6 address is public: not ::1, not ::ffff:0:0/96 (IPv4
   mapped), not 64:ff9b::/96 (NAT64), not fc00::/7, fe80::/10 or ff00::/8. */
static const struct net nets6[] = {
    {"2001::", 23},     /* Teredo and other assignments to protocols */
    {"2001:db8::", 32}, /* documentation */
    {"2002::", 16},     /* 6to4 */
    {"3fff::", 20},     /* documentation */
};

static const struct net global6 = {"2000::", 3};

static bool within(int family, const void *address, const struct net *net)
{
	const uint8_t *a = address;
	uint8_t b[sizeof(struct in6_addr)];
	int bytes = net->bits / 8, bits = net->bits % 8;

	if (inet_pton(family, net->address, b) != 1)
		die("%s is no address", net->address);
	return memcmp(a, b, (size_t)bytes) == 0 &&
	       (!bits || (a[bytes] ^ b[bytes]) >> (8 - bits) == 0);
}

static bool within_any(int family, const void *address, const struct net *nets, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (within(family, address, &nets[i]))
			return true;
	return false;
}

#define WITHIN_ANY(family, address, nets)                                                          \
	within_any(family, address, nets, sizeof(nets) / sizeof *(nets))

static bool inside4(const struct in_addr *address)
{
	return WITHIN_ANY(AF_INET, address, nets4);
}

static bool inside6(const struct in6_addr *address)
{
	return !within(AF_INET6, address, &global6) || WITHIN_ANY(AF_INET6, address, nets6);
}

bool outgoing_guard_inside(const struct sockaddr *address)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	switch (address->sa_family) {
	case AF_INET:
		memcpy(&v4, address, sizeof v4);
		return inside4(&v4.sin_addr);
	case AF_INET6:
		memcpy(&v6, address, sizeof v6);
		return inside6(&v6.sin6_addr);
	default:
		return true;
	}
}

/* Of the host as libcurl spells it, which has turned 0x7f.1 and the like into 127.0.0.1. */
static bool host_inside(const char *host)
{
	size_t len = strlen(host);
	struct in_addr v4;
	struct in6_addr v6;
	char bare[INET6_ADDRSTRLEN];

	if (inet_pton(AF_INET, host, &v4) == 1)
		return inside4(&v4);
	if (*host == '[') {
		if (len - 2 >= sizeof bare)
			return true;
		memcpy(bare, host + 1, len - 2);
		bare[len - 2] = '\0';
		return inet_pton(AF_INET6, bare, &v6) != 1 || inside6(&v6);
	}
	if (len && host[len - 1] == '.')
		len--;
	return (len >= 9 && !strncasecmp(host + len - 9, "localhost", 9) &&
		(len == 9 || host[len - 10] == '.'));
}

static bool has_part(CURLU *u, CURLUPart part)
{
	char *text = NULL;
	bool there = curl_url_get(u, part, &text, 0) == CURLUE_OK;

	curl_free(text);
	return there;
}

static CURLU *parse(const char *url)
{
	CURLU *u = curl_url();

	if (!u)
		die("out of memory for a URL");
	if (curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK)
		return u;
	curl_url_cleanup(u);
	return NULL;
}

static enum outgoing_url judge(CURLU *u, bool private)
{
	enum outgoing_url found = OUTGOING_URL_OK;
	char *scheme = NULL, *host = NULL;

	if (curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK || !*host)
		found = OUTGOING_URL_MALFORMED;
	else if (strcmp(scheme, "https") != 0 && !(private && !strcmp(scheme, "http")))
		found = OUTGOING_URL_NOT_HTTPS;
	else if (has_part(u, CURLUPART_USER) || has_part(u, CURLUPART_PASSWORD))
		found = OUTGOING_URL_HAS_USER;
	else if (!private && host_inside(host))
		found = OUTGOING_URL_INSIDE;
	curl_free(scheme);
	curl_free(host);
	return found;
}

enum outgoing_url outgoing_guard_url(const char *url, bool private)
{
	enum outgoing_url found;
	CURLU *u = NULL;

	for (const char *p = url; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			return OUTGOING_URL_MALFORMED;
	u = parse(url);
	if (!u)
		return OUTGOING_URL_MALFORMED;
	found = judge(u, private);
	curl_url_cleanup(u);
	return found;
}

char *outgoing_guard_shown(const char *url)
{
	CURLU *u = parse(url);
	char *scheme = NULL, *host = NULL, *shown;

	if (u && curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK)
		shown = xasprintf("%s://%s/…", scheme, host);
	else
		shown = xstrdup("…");
	curl_free(scheme);
	curl_free(host);
	curl_url_cleanup(u);
	return shown;
}
