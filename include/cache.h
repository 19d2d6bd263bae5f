/*
 * cache.h - a bounded memory of values by digest; the one put in first makes room. Values are the
 * cache's to release.
 */
#ifndef CACHE_H
#define CACHE_H

#include <stdint.h>

#include "crypto.h"

struct cache;

/* release is told of every value that leaves the cache, for whatever reason. */
struct cache *cache_new(int max, void (*release)(void *value));

void *cache_get(const struct cache *cache, const uint8_t key[CRYPTO_SHA256_LEN]); /* NULL: none */
void cache_put(struct cache *cache, const uint8_t key[CRYPTO_SHA256_LEN], void *value);
void cache_remove(struct cache *cache, const uint8_t key[CRYPTO_SHA256_LEN]);
void cache_clear(struct cache *cache);
void cache_free(struct cache *cache);

#endif
