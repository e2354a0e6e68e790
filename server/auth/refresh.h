/* Refresh tokens: 256 random bits in a cookie; the database knows only their SHA-256. Owns nothing. */
#ifndef LINLI_AUTH_REFRESH_H
#define LINLI_AUTH_REFRESH_H

#include <stdbool.h>
#include <stddef.h>
#include "core/arena.h"

#define REFRESH_SIZE 44 /* 43 letters of base64url and a NUL */

/* A fresh secret for the client. */
void refresh_generate(char out[REFRESH_SIZE]);
/* `\x…` of its digest, for the database. NULL: not of our form, or the arena is exhausted. */
const char *refresh_hash(struct arena *arena, const char *secret);
/* Set-Cookie's value. `secret` NULL clears the cookie. secure: HTTPS, `__Host-` name. */
const char *refresh_cookie(struct arena *arena, const char *secret, bool secure, long seconds);
const char *refresh_cookie_name(bool secure);

#endif
