/* outgoing_mail.c - mail, by SMTP, on threads beside the loop. */
#include "outgoing_mail.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>

#include "buf.h"
#include "crypto.h"
#include "die.h"
#include "outgoing_easy.h"
#include "worker.h"

#define THREADS 2 /* all of it goes to the same server */
#define LINE_MAX_LEN 150

struct letter {
	TAILQ_ENTRY(letter) link;
	struct outgoing_mailer *mailer;
	struct outgoing_easy easy;
	struct curl_slist *headers, *to;
	curl_mime *mime;
	CURLcode result;
	outgoing_cb done;
	void *arg;
};

TAILQ_HEAD(letters, letter);

struct outgoing_mailer {
	const struct conf *conf;
	X509_STORE *trust;
	struct worker *worker;
	struct letters letters; /* under way or waiting */
	atomic_bool stopping;
};

/* --- What is sent --- */

/* Base64 in pieces that end with a character and make lines of at most 76. */
char *outgoing_mail_words(const char *text)
{
	enum { PIECE = 42 };
	struct buf out = BUF_EMPTY;
	size_t len = strlen(text), piece;

	for (; len; text += piece, len -= piece) {
		char *coded;

		piece = len < PIECE ? len : PIECE;
		while (piece < len && piece > 1 && ((unsigned char)text[piece] & 0xc0) == 0x80)
			piece--;
		coded = crypto_base64(text, piece);
		buf_printf(&out, "%s=?UTF-8?B?%s?=", out.len ? "\r\n " : "", coded);
		free(coded);
	}
	buf_str(&out);
	return buf_take(&out, NULL);
}

static void date_format(int64_t at_ms, char *out, size_t size)
{
	static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[][4] = {
	    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t at = (time_t)(at_ms / 1000);
	struct tm tm;

	gmtime_r(&at, &tm);
	snprintf(out, size, "%s, %d %s %d %02d:%02d:%02d +0000", days[tm.tm_wday], tm.tm_mday,
	    months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void header(struct letter *letter, const char *name, const char *value)
{
	char *line = xasprintf("%s: %s", name, value);

	letter->headers = curl_slist_append(letter->headers, line);
	if (!letter->headers)
		die("out of memory for a mail");
	free(line);
}

static void write_headers(struct letter *letter, const struct outgoing_mail *mail, const char *from)
{
	const char *domain = strchr(from, '@');
	char *text, date[64];

	text = xasprintf("=?UTF-8?B?5Y+w6LSm?= <%s>", from); /* 台账 */
	header(letter, "From", text);
	free(text);
	text = xasprintf("<%s>", mail->to);
	header(letter, "To", text);
	free(text);
	text = outgoing_mail_words(mail->subject);
	header(letter, "Subject", text);
	free(text);
	text = xasprintf("<%s@%s>", mail->id, domain ? domain + 1 : "taizhang.invalid");
	header(letter, "Message-ID", text);
	free(text);
	date_format(mail->at_ms, date, sizeof date);
	header(letter, "Date", date);
	header(letter, "Content-Language", mail->language);
	header(letter, "Auto-Submitted", "auto-generated");
	header(letter, "Content-Type", "multipart/alternative");
	curl_easy_setopt(letter->easy.curl, CURLOPT_HTTPHEADER, letter->headers);
}

static void add_part(struct letter *letter, const char *type, const char *text)
{
	curl_mimepart *part = curl_mime_addpart(letter->mime);

	if (!part || curl_mime_data(part, text, CURL_ZERO_TERMINATED) != CURLE_OK ||
	    curl_mime_type(part, type) != CURLE_OK || curl_mime_encoder(part, "base64") != CURLE_OK)
		die("out of memory for a mail");
}

/* What the server refused with; the good-bye comes after it. */
static size_t take_line(char *data, size_t size, size_t count, void *arg)
{
	struct letter *letter = arg;
	size_t len = size * count, kept = len < LINE_MAX_LEN ? len : LINE_MAX_LEN;

	if (!len || (*data != '4' && *data != '5'))
		return len;
	while (kept && (unsigned char)data[kept - 1] <= ' ')
		kept--;
	letter->easy.body.len = 0;
	buf_add(&letter->easy.body, data, kept);
	return len;
}

static int check_stop(
    void *arg, curl_off_t down, curl_off_t downed, curl_off_t up, curl_off_t upped)
{
	const struct outgoing_mailer *mailer = arg;

	(void)down;
	(void)downed;
	(void)up;
	(void)upped;
	return atomic_load(&mailer->stopping); /* curl asks about once a second */
}

static void write_letter(struct letter *letter, const struct outgoing_mail *mail)
{
	struct outgoing_mailer *mailer = letter->mailer;
	const struct conf *conf = mailer->conf;
	CURL *c;

	outgoing_easy_init(&letter->easy, conf, mailer->trust, false); /* the operator chose it */
	c = letter->easy.curl;
	letter->to = curl_slist_append(NULL, mail->to);
	letter->mime = curl_mime_init(c);
	if (!letter->to || !letter->mime)
		die("out of memory for a mail");
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(c, CURLOPT_URL, conf->smtp_url);
	curl_easy_setopt(c, CURLOPT_USE_SSL, CURLUSESSL_ALL);
	if (*conf->smtp_user) {
		curl_easy_setopt(c, CURLOPT_USERNAME, conf->smtp_user);
		curl_easy_setopt(c, CURLOPT_PASSWORD, conf->smtp_password);
	}
	curl_easy_setopt(c, CURLOPT_MAIL_FROM, conf->smtp_from);
	curl_easy_setopt(c, CURLOPT_MAIL_RCPT, letter->to);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, take_line);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, letter);
	curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, check_stop);
	curl_easy_setopt(c, CURLOPT_XFERINFODATA, mailer);
	write_headers(letter, mail, conf->smtp_from);
	add_part(letter, "text/plain; charset=utf-8", mail->text);
	add_part(letter, "text/html; charset=utf-8", mail->html);
	curl_easy_setopt(c, CURLOPT_MIMEPOST, letter->mime);
}

static void letter_free(struct letter *letter)
{
	TAILQ_REMOVE(&letter->mailer->letters, letter, link);
	outgoing_easy_clear(&letter->easy);
	curl_mime_free(letter->mime);
	curl_slist_free_all(letter->headers);
	curl_slist_free_all(letter->to);
	free(letter);
}

/* --- Sending --- */

static void send_on_thread(void *arg)
{
	struct letter *letter = arg;

	letter->result = atomic_load(&letter->mailer->stopping)
			     ? CURLE_ABORTED_BY_CALLBACK
			     : curl_easy_perform(letter->easy.curl);
}

static void sent(void *arg)
{
	struct letter *letter = arg;
	struct outgoing_answer answer;

	outgoing_easy_answer(&letter->easy, letter->result, &answer);
	letter->done(letter->arg, &answer);
	letter_free(letter);
}

bool outgoing_mailer_send(struct outgoing_mailer *mailer, const struct outgoing_mail *mail,
    outgoing_cb done, void *arg, const char **error)
{
	struct letter *letter;

	if (!*mailer->conf->smtp_url || !*mailer->conf->smtp_from) {
		*error = "未设置邮件服务器（smtp_url、smtp_from） · no mail server is set "
			 "(smtp_url, smtp_from)";
		return false;
	}
	letter = xcalloc(1, sizeof *letter);
	letter->mailer = mailer;
	letter->done = done;
	letter->arg = arg;
	TAILQ_INSERT_TAIL(&mailer->letters, letter, link);
	write_letter(letter, mail);
	if (worker_submit(mailer->worker, send_on_thread, sent, letter))
		return true;
	letter_free(letter);
	*error = "等待发送的太多 · too many are waiting to be sent";
	return false;
}

/* --- Life --- */

struct outgoing_mailer *outgoing_mailer_new(
    struct event_base *base, const struct conf *conf, X509_STORE *trust)
{
	struct outgoing_mailer *mailer = xcalloc(1, sizeof *mailer);

	mailer->conf = conf;
	mailer->trust = trust;
	mailer->worker = worker_new(base, THREADS, OUTGOING_QUEUE);
	TAILQ_INIT(&mailer->letters);
	return mailer;
}

int outgoing_mailer_depth(const struct outgoing_mailer *mailer)
{
	return worker_depth(mailer->worker);
}

void outgoing_mailer_free(struct outgoing_mailer *mailer)
{
	static const struct outgoing_answer stopped = {
	    .stopped = true, .body = "", .error = "服务停止 · the service stopped"};
	struct letter *letter;

	atomic_store(&mailer->stopping, true);
	worker_free(mailer->worker);
	while ((letter = TAILQ_FIRST(&mailer->letters))) {
		letter->done(letter->arg, &stopped);
		letter_free(letter);
	}
	free(mailer);
}
