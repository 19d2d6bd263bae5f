/* evidence_code.c - the code on paper, taken apart. */
#include "evidence_code.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "crypto.h"

/* Digits without a leading zero, up to the end character; moves *p behind that. */
static bool number(const char **p, char end, int64_t *out)
{
	size_t len = strspn(*p, "0123456789");

	if (len < 1 || len > 18 || **p == '0' || (*p)[len] != end)
		return false;
	*out = strtoll(*p, NULL, 10);
	*p += len + 1;
	return true;
}

static bool slip(struct evidence_code *code)
{
	size_t len = strcspn(code->number, "-");
	enum slip_kind kind;
	clock_date date;
	int serial;

	if (len < 1 || len >= sizeof code->store)
		return false;
	memcpy(code->store, code->number, len);
	return slip_number_parse(code->number, code->store, &kind, &date, &serial);
}

bool evidence_code_parse(const char *text, struct evidence_code *out)
{
	size_t len = strcspn(text, ".");
	const char *p = text + len + 1;

	*out = (struct evidence_code){0};
	if (len >= sizeof out->number || text[len] != '.')
		return false;
	for (size_t i = 0; i < len; i++)
		out->number[i] = (char)toupper((unsigned char)text[i]);
	return slip(out) && number(&p, '.', &out->event) && number(&p, '.', &out->size) &&
	       crypto_unhex(p, out->root, EVIDENCE_CODE_ROOT) && out->event <= out->size;
}

bool evidence_code_fits(const struct evidence_code *code, const uint8_t root[MERKLE_HASH])
{
	return memcmp(code->root, root, EVIDENCE_CODE_ROOT) == 0;
}
