/* cache.c - a bounded memory of values by digest: hash chains, and a queue in order of age. */
#include "cache.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "die.h"

struct entry {
	LIST_ENTRY(entry) in_chain;
	TAILQ_ENTRY(entry) by_age;
	uint8_t key[CRYPTO_SHA256_LEN];
	void *value;
};

LIST_HEAD(chain, entry);

struct cache {
	void (*release)(void *value);
	TAILQ_HEAD(age, entry) ages; /* the oldest first */
	int count, max;
	size_t chain_count; /* a power of two */
	struct chain chains[];
};

/* Keys are digests: any bytes of them are spread as well as a hash. */
static struct chain *chain_of(const struct cache *cache, const uint8_t *key)
{
	uint32_t bits;

	memcpy(&bits, key, sizeof bits);
	return (struct chain *)&cache->chains[bits & (cache->chain_count - 1)];
}

static struct entry *find(const struct cache *cache, const uint8_t *key)
{
	struct entry *entry = LIST_FIRST(chain_of(cache, key));

	while (entry && memcmp(entry->key, key, sizeof entry->key) != 0)
		entry = LIST_NEXT(entry, in_chain);
	return entry;
}

/* The value is released last: whoever hears of it finds the cache without it. */
static void drop(struct cache *cache, struct entry *entry)
{
	void *value = entry->value;

	LIST_REMOVE(entry, in_chain);
	TAILQ_REMOVE(&cache->ages, entry, by_age);
	cache->count--;
	free(entry);
	cache->release(value);
}

struct cache *cache_new(int max, void (*release)(void *value))
{
	struct cache *cache;
	size_t chain_count = 1;

	while (chain_count < (size_t)max)
		chain_count *= 2;
	cache = xcalloc(1, sizeof *cache + chain_count * sizeof cache->chains[0]);
	cache->release = release;
	cache->max = max;
	cache->chain_count = chain_count;
	TAILQ_INIT(&cache->ages);
	return cache;
}

void *cache_get(const struct cache *cache, const uint8_t key[CRYPTO_SHA256_LEN])
{
	struct entry *entry = find(cache, key);

	return entry ? entry->value : NULL;
}

void cache_put(struct cache *cache, const uint8_t key[CRYPTO_SHA256_LEN], void *value)
{
	struct entry *entry;

	cache_remove(cache, key);
	if (cache->count == cache->max)
		drop(cache, TAILQ_FIRST(&cache->ages));
	entry = xcalloc(1, sizeof *entry);
	memcpy(entry->key, key, sizeof entry->key);
	entry->value = value;
	LIST_INSERT_HEAD(chain_of(cache, key), entry, in_chain);
	TAILQ_INSERT_TAIL(&cache->ages, entry, by_age);
	cache->count++;
}

void cache_remove(struct cache *cache, const uint8_t key[CRYPTO_SHA256_LEN])
{
	struct entry *entry = find(cache, key);

	if (entry)
		drop(cache, entry);
}

void cache_clear(struct cache *cache)
{
	while (!TAILQ_EMPTY(&cache->ages))
		drop(cache, TAILQ_FIRST(&cache->ages));
}

void cache_free(struct cache *cache)
{
	if (!cache)
		return;
	cache_clear(cache);
	free(cache);
}
