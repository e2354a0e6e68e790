/* Passwords: argon2id (19 MiB, two passes) by libsodium, this room's only user of it.
 *
 * Owns nothing but one hash of a random password, made by password_setup, against which unknown users are
 * checked so that they take as long as known ones. 30–50 ms of one core: call it on work/cpu or in commands,
 * never on a loop.
 */
#ifndef LINLI_AUTH_PASSWORD_H
#define LINLI_AUTH_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>

#define PASSWORD_HASH_SIZE 128
#define PASSWORD_MIN_LENGTH 10
#define PASSWORD_MAX_LENGTH 256

/* Once, before any thread. false: libsodium cannot be used. */
bool password_setup(void);
/* 0 and a NUL-terminated hash in `out`; −1 when out of memory. */
int password_hash(char out[PASSWORD_HASH_SIZE], const char *plain, size_t length);
/* hash NULL: unknown user; takes the same time and says false. */
bool password_check(const char *hash, const char *plain, size_t length);
/* A fresh password of 20 letters and digits that cannot be confused with each other. */
void password_generate(char out[24]);

#endif
