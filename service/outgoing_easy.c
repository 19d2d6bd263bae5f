/* outgoing_easy.c - what every transfer of outgoing.c and outgoing_mail.c has in common. */
#include "outgoing_easy.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include "die.h"
#include "outgoing_guard.h"
#include "version.h"

#define RETRY_AFTER_MAX_S 86400

/* curl's own words are English; these are the Chinese before them. */
static const struct {
	CURLcode code;
	const char *zh;
} reasons[] = {
    {CURLE_COULDNT_RESOLVE_HOST, "找不到该主机"},
    {CURLE_COULDNT_CONNECT, "连接不上"},
    {CURLE_OPERATION_TIMEDOUT, "超时"},
    {CURLE_PEER_FAILED_VERIFICATION, "证书不可信"},
    {CURLE_SSL_CONNECT_ERROR, "TLS 握手失败"},
    {CURLE_USE_SSL_FAILED, "对方不支持 STARTTLS"},
    {CURLE_LOGIN_DENIED, "登录被拒绝"},
    {CURLE_GOT_NOTHING, "未答复即断开"},
    {CURLE_RECV_ERROR, "连接中断"},
    {CURLE_SEND_ERROR, "发送中断"},
};

X509_STORE *outgoing_trust_new(const struct conf *conf, char *error, size_t error_size)
{
	X509_STORE *trust = X509_STORE_new();
	char reason[256] = "?";

	/* The directory is looked into as need be, so that an update of it counts at once. */
	if (!trust || X509_STORE_load_path(trust, X509_get_default_cert_dir()) != 1)
		die("could not set up the trusted certificates");
	if (!*conf->outgoing_ca || X509_STORE_load_file(trust, conf->outgoing_ca) == 1)
		return trust;
	ERR_error_string_n(ERR_peek_last_error(), reason, sizeof reason);
	ERR_clear_error();
	X509_STORE_free(trust);
	snprintf(error, error_size,
	    "无法读取设置 outgoing_ca 的证书文件 %s：%s\n"
	    "could not read the certificates of setting outgoing_ca, file %s: %s",
	    conf->outgoing_ca, reason, conf->outgoing_ca, reason);
	return NULL;
}

/* One store for all: curl would read every certificate of the system for each, some 20 ms of the loop. */
static CURLcode use_trust(CURL *curl, void *ssl_context, void *arg)
{
	const struct outgoing_easy *easy = arg;

	(void)curl;
	SSL_CTX_set1_cert_store(ssl_context, easy->trust);
	SSL_CTX_set_min_proto_version(ssl_context, TLS1_2_VERSION);
	return CURLE_OK;
}

/* The last moment to look: whatever name, spelling or second answer of a DNS server led here. */
static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct outgoing_easy *easy = arg;

	(void)purpose;
	if (easy->guarded && outgoing_guard_inside(&address->addr)) {
		easy->met_inside = true;
		return CURL_SOCKET_BAD;
	}
	easy->met_any = true;
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t take(char *data, size_t size, size_t count, void *arg)
{
	struct outgoing_easy *easy = arg;
	size_t len = size * count;

	easy->too_long = len > OUTGOING_ANSWER_MAX - easy->body.len;
	if (easy->too_long)
		return 0;
	buf_add(&easy->body, data, len);
	return len;
}

void outgoing_easy_init(
    struct outgoing_easy *easy, const struct conf *conf, X509_STORE *trust, bool guarded)
{
	CURL *c = curl_easy_init();

	if (!c)
		die("out of memory for a transfer");
	*easy = (struct outgoing_easy){.curl = c, .trust = trust, .guarded = guarded};
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, easy->error);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_QUICK_EXIT, 1L); /* an end does not wait for a name server */
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)conf->outgoing_timeout);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)(conf->outgoing_timeout + 1) / 2);
	curl_easy_setopt(c, CURLOPT_PROXY, ""); /* whatever the environment says */
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_FORBID_REUSE, 1L); /* each socket passes the guard */
	curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, easy);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, easy);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(c, CURLOPT_CAINFO, NULL);
	curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(c, CURLOPT_SSL_CTX_FUNCTION, use_trust);
	curl_easy_setopt(c, CURLOPT_SSL_CTX_DATA, easy);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "taizhang/" VERSION);
}

static void say(struct outgoing_easy *easy, CURLcode result)
{
	const char *zh = "传输失败";
	const char *en = *easy->error ? easy->error : curl_easy_strerror(result);

	if (easy->met_inside && !easy->met_any) {
		zh = "地址在内部网络，没有发送";
		en = "the address lies inside: nothing was sent";
	} else if (easy->too_long) {
		zh = "答复过长";
		en = "the answer is too long";
	}
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (reasons[i].code == result && !(easy->met_inside && !easy->met_any))
			zh = reasons[i].zh;
	snprintf(easy->said, sizeof easy->said, "%s · %.180s", zh, en);
}

void outgoing_easy_answer(
    struct outgoing_easy *easy, CURLcode result, struct outgoing_answer *answer)
{
	curl_off_t retry_after = 0;
	long status = 0;

	curl_easy_getinfo(easy->curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(easy->curl, CURLINFO_RETRY_AFTER, &retry_after);
	*answer = (struct outgoing_answer){
	    .arrived = result == CURLE_OK,
	    .inside = result != CURLE_OK && easy->met_inside && !easy->met_any,
	    .status = (int)status,
	    .retry_after_s =
		(int)(retry_after < RETRY_AFTER_MAX_S ? retry_after : RETRY_AFTER_MAX_S),
	};
	if (result != CURLE_OK)
		say(easy, result);
	answer->error = easy->said;
	answer->body = buf_str(&easy->body);
	answer->body_len = easy->body.len;
}

void outgoing_easy_clear(struct outgoing_easy *easy)
{
	curl_easy_cleanup(easy->curl);
	buf_free(&easy->body);
}
