/* tls.c - TLS for incoming connections. */
#include "tls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "die.h"

struct tls {
	SSL_CTX *context;
};

static bool fail(const char *file, char *error, size_t error_size)
{
	char reason[256];
	unsigned long code = ERR_peek_last_error();

	ERR_error_string_n(code, reason, sizeof reason);
	snprintf(error, error_size,
	    "无法使用 TLS 证书或私钥 %s：%s\n"
	    "cannot use the TLS certificate or key %s: %s\n"
	    "hint: tls_certificate and tls_key name PEM files that belong together",
	    file, code ? reason : "?", file, code ? reason : "?");
	ERR_clear_error();
	return false;
}

/* A key under a passphrase would be asked for on a terminal that a service has not got. */
static int no_passphrase(char *out, int size, int writing, void *arg)
{
	(void)out;
	(void)size;
	(void)writing;
	(void)arg;
	return 0;
}

static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len,
    const unsigned char *in, unsigned in_len, void *arg)
{
	static const unsigned char ours[] = "\x08http/1.1";
	unsigned char *chosen;

	(void)ssl;
	(void)arg;
	if (SSL_select_next_proto(&chosen, out_len, ours, sizeof ours - 1, in, in_len) !=
	    OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

static SSL_CTX *context_new(void)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	if (!context)
		die("could not set up TLS");
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20"); /* of TLS 1.2 */
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
					 SSL_OP_CIPHER_SERVER_PREFERENCE |
					 SSL_OP_PRIORITIZE_CHACHA);
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS); /* idle connections stay small */
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(context, 1);
	SSL_CTX_set_default_passwd_cb(context, no_passphrase);
	SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
	return context;
}

bool tls_reload(
    struct tls *tls, const char *certificate, const char *key, char *error, size_t error_size)
{
	SSL_CTX *context = context_new();
	bool ok;

	ERR_clear_error();
	if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1)
		ok = fail(certificate, error, error_size);
	else if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1 ||
		 SSL_CTX_check_private_key(context) != 1)
		ok = fail(key, error, error_size);
	else
		ok = true;
	if (ok) { /* connections that are open keep the old one */
		SSL_CTX_free(tls->context);
		tls->context = context;
	} else {
		SSL_CTX_free(context);
	}
	return ok;
}

struct tls *tls_new(const char *certificate, const char *key, char *error, size_t error_size)
{
	struct tls *tls = xcalloc(1, sizeof *tls);

	if (tls_reload(tls, certificate, key, error, error_size))
		return tls;
	free(tls);
	return NULL;
}

struct bufferevent *tls_bufferevent(const struct tls *tls, struct event_base *base)
{
	SSL *ssl = SSL_new(tls->context);
	struct bufferevent *bev;

	bev = ssl ? bufferevent_openssl_socket_new(
			base, -1, ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE)
		  : NULL;
	if (!bev)
		die("out of memory for a TLS connection");
	bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
	return bev;
}

void tls_free(struct tls *tls)
{
	if (!tls)
		return;
	SSL_CTX_free(tls->context);
	free(tls);
}
