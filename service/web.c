/*
 * web.c - serves the browser app. What a page may do is said here, with every file: nothing but what
 * comes from this program, and the camera to scan with.
 */
#include "web.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *const headers[][2] = {
    {"Content-Security-Policy",
	"default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
	"img-src 'self' data: blob:; connect-src 'self'; manifest-src 'self'; "
	"worker-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; "
	"frame-ancestors 'none'"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(self), display-capture=(), geolocation=(), microphone=(), "
			   "midi=(), payment=(), serial=(), usb=()"},
    {"Referrer-Policy", "no-referrer"},
};

const struct web_file *web_find(const char *path)
{
	if (!strcmp(path, "/"))
		path = "/index.html";
	for (int i = 0; i < web_file_count; i++)
		if (!strcmp(web_files[i].path, path))
			return &web_files[i];
	return NULL;
}

/* "gzip;q=0.000": all of a weight's digits are 0. */
static bool weighs_nothing(const char *params, size_t len)
{
	const char *q = memmem(params, len, "q=", 2);

	if (!q)
		return false;
	q += 2;
	return strspn(q, "0.") == strcspn(q, " \t,;");
}

bool web_accepts(const char *list, const char *coding)
{
	bool any = false;

	if (!list)
		return false;
	while (*(list += strspn(list, " \t,"))) {
		size_t len = strcspn(list, ","), name = strcspn(list, " \t,;");
		bool taken = !weighs_nothing(list, len);

		if (name == strlen(coding) && !strncasecmp(list, coding, name))
			return taken;
		if (name == 1 && *list == '*')
			any = taken;
		list += len;
	}
	return any;
}

/* tag has its quotes, so that it is found whole in a list of tags, weak or not. */
static bool has_it(const char *if_none_match, const char *tag)
{
	return if_none_match && (!strcmp(if_none_match, "*") || strstr(if_none_match, tag));
}

void web_answer(struct request *req, const struct web_file *file)
{
	bool gzip = file->gzip.data && web_accepts(request_header(req, "Accept-Encoding"), "gzip");
	const struct web_bytes *bytes = gzip ? &file->gzip : &file->plain;
	char tag[64];

	snprintf(tag, sizeof tag, "\"%s%s\"", file->hash, gzip ? "-gzip" : "");
	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
		request_set_header(req, headers[i][0], headers[i][1]);
	request_set_header(req, "ETag", tag);
	request_set_header(req, "Cache-Control",
	    file->immutable ? "public, max-age=31536000, immutable" : "no-cache");
	if (file->gzip.data)
		request_set_header(req, "Vary", "Accept-Encoding");
	if (has_it(request_header(req, "If-None-Match"), tag)) {
		request_answer(req, 304, file->type, NULL, 0);
		return;
	}
	if (gzip)
		request_set_header(req, "Content-Encoding", "gzip");
	request_answer_kept(req, 200, file->type, bytes->data, bytes->len);
}
