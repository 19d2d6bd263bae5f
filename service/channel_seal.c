/* channel_seal.c - sealing with setting secret_key. */
#include "channel_seal.h"

#include <stdlib.h>
#include <string.h>

#include "crypto.h"
#include "db.h"
#include "die.h"

static const char *const purposes[] = {
    [CHANNEL_SEALED_ADDRESS] = "channel address",
    [CHANNEL_SEALED_SECRET] = "channel secret",
};

bool channel_can_seal(const struct conf *conf)
{
	uint8_t key[CRYPTO_KEY_LEN];
	bool can = crypto_key(conf->secret_key, key);

	explicit_bzero(key, sizeof key);
	return can;
}

uint8_t *channel_seal(
    const struct conf *conf, enum channel_sealed what, const char *text, size_t *len)
{
	uint8_t key[CRYPTO_KEY_LEN], *sealed;

	if (!crypto_key(conf->secret_key, key))
		die("setting secret_key is no key");
	sealed = crypto_seal(key, purposes[what], text, strlen(text), len);
	explicit_bzero(key, sizeof key);
	return sealed;
}

/* One cell opened; whole: what it is when the cell is NULL. */
static char *open_cell(
    const struct conf *conf, enum channel_sealed what, const char *cell, const char *whole)
{
	uint8_t key[CRYPTO_KEY_LEN];
	unsigned char *sealed;
	size_t sealed_len, len;
	char *text = NULL;

	if (!cell)
		return xstrdup(whole);
	sealed = PQunescapeBytea((const unsigned char *)cell, &sealed_len);
	if (!sealed)
		die("out of memory");
	if (crypto_key(conf->secret_key, key))
		text = crypto_open(key, purposes[what], sealed, sealed_len, &len);
	explicit_bzero(key, sizeof key);
	PQfreemem(sealed);
	return text;
}

bool channel_unseal(const struct conf *conf, const PGresult *result, int row, int column,
    char **address, char **secret)
{
	*address = open_cell(conf, CHANNEL_SEALED_ADDRESS, db_text(result, row, column + 1),
	    db_text(result, row, column));
	*secret = open_cell(conf, CHANNEL_SEALED_SECRET, db_text(result, row, column + 2), "");
	if (*address && *secret)
		return true;
	channel_wipe(*address);
	channel_wipe(*secret);
	*address = *secret = NULL;
	return false;
}

void channel_wipe(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}
