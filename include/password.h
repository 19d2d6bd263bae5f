/* password.h - password hashes: "scrypt:log2N:r:p:salt:hash", base64. Slow on purpose: worker.h. */
#ifndef PASSWORD_H
#define PASSWORD_H

#include <stdbool.h>

/* A new hash of the password with cost log2(N), r=8, p=1; the caller frees. NULL: out of memory. */
char *password_hash(const char *password, int cost);

/*
 * Does the password fit the hash? hash NULL (no such user, no password) computes a hash of the given
 * cost all the same and returns false, so that both answers take equally long.
 */
bool password_fits(const char *password, const char *hash, int cost);

#endif
