/* channel_seal.h - addresses and secrets of channels as the database keeps them: sealed. */
#ifndef CHANNEL_SEAL_H
#define CHANNEL_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libpq-fe.h>

#include "conf.h"

/* What is sealed for one of them does not open as the other. */
enum channel_sealed { CHANNEL_SEALED_ADDRESS, CHANNEL_SEALED_SECRET };

/* Is there a key to seal with? */
bool channel_can_seal(const struct conf *conf);

/* The caller frees. Only when it can. */
uint8_t *channel_seal(
    const struct conf *conf, enum channel_sealed what, const char *text, size_t *len);

/*
 * A channel's address (its shown one where it is no secret) and secret, of a result's columns: shown,
 * sealed address, sealed secret from this one on. false: the key is not the one they were sealed with.
 * Both are the caller's, freed with channel_wipe().
 */
bool channel_unseal(const struct conf *conf, const PGresult *result, int row, int column,
    char **address, char **secret);

/* Forget what a text held, and free it; NULL is nothing. */
void channel_wipe(char *text);

#endif
