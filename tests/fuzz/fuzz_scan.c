/* fuzz_scan.c - stored records, walked over in place: any bytes, since somebody may have changed them. */
#include "fuzz.h"

#include "event_record.h"
#include "scan.h"

static void walk(const char *text)
{
	const char *p = text, *end = text + strlen(text);
	struct scan_item item;
	enum scan_step step;

	while ((step = scan_next(&p, &item)) == SCAN_ITEM) {
		CHECK(item.value >= text && item.len > 0 && item.value + item.len <= end);
		CHECK(p <= end);
		if (item.name)
			CHECK(item.name > text && item.name + item.name_len < item.value);
	}
	if (step == SCAN_END)
		CHECK(p <= end);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	const char *body;
	size_t len;

	body = event_record_body(text, &len);
	if (body)
		CHECK(body >= text && body + len <= text + strlen(text));
	walk(text);
	free(text);
	return 0;
}
