/* test_web.c - finding the browser app's files, and what an Accept-Encoding takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "web.h"

static void test_find(void **state)
{
	const struct web_file *page = web_find("/");

	(void)state;
	assert_non_null(page);
	assert_ptr_equal(web_find("/index.html"), page);
	assert_false(page->immutable);
	for (int i = 0; i < web_file_count; i++) {
		const struct web_file *file = &web_files[i];

		assert_ptr_equal(web_find(file->path), file);
		assert_true(!file->gzip.data || file->gzip.len < file->plain.len);
		/* What is kept for ever has its content's hash in its name. */
		assert_int_equal(file->immutable, !strncmp(file->path, "/assets/", 8));
	}
	assert_null(web_find(""));
	assert_null(web_find("/assets"));
	assert_null(web_find("/assets/"));
	assert_null(web_find("/./index.html"));
	assert_null(web_find("/.vite/manifest.json"));
}

static void test_accepts(void **state)
{
	static const char *const takes[] = {"gzip", "GZIP", "deflate, gzip, br", "br,gzip;q=0.5",
	    "gzip ; q=0.001", "*", "br;q=1.0, *;q=0.5", "x-gzip;q=0, gzip", " ,gzip"};
	static const char *const refuses[] = {"", "identity", "br", "gzip;q=0", "gzip;q=0.000",
	    "gzip; q=0 , *", "*;q=0", "xgzip", "gzipx", "deflate;q=0.5,,"};

	(void)state;
	for (size_t i = 0; i < sizeof takes / sizeof *takes; i++)
		if (!web_accepts(takes[i], "gzip"))
			fail_msg("\"%s\" takes gzip", takes[i]);
	for (size_t i = 0; i < sizeof refuses / sizeof *refuses; i++)
		if (web_accepts(refuses[i], "gzip"))
			fail_msg("\"%s\" does not take gzip", refuses[i]);
	assert_false(web_accepts(NULL, "gzip"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_find),
	    cmocka_unit_test(test_accepts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
