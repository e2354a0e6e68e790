/* Access tokens: HS256 JWTs that this server alone makes, and believes only in the one form in which it makes
 * them.
 *
 * Owns the header segment, a constant, which is compared byte for byte before libjwt sees a token: libjwt
 * would let the token choose its algorithm. The signing keys belong to the keyring and live as long as the
 * process. A verified token says who (person, login session) and until when, never what is allowed: grants
 * are read from the database.
 */
#ifndef LINLI_AUTH_TOKEN_H
#define LINLI_AUTH_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/arena.h"
#include "core/uuid.h"
#include "seal/codec.h"

#define TOKEN_LENGTH_MAX 1024
#define TOKEN_ISSUER "linli"
#define TOKEN_AUDIENCE "linli-api"
#define TOKEN_USE "access"

struct token_claims {
    char person_id[UUID_SIZE];
    char session_id[UUID_SIZE];
    int64_t expires; /* seconds since 1970 */
};

/* Once, before any thread. false: there is no signing key, or libjwt does not make the tokens we expect of
 * it. */
bool token_setup(const struct keyring *ring);
/* A token for `life` seconds from `now`; arena memory, NULL when it cannot be made. */
char *token_sign(struct arena *arena, const char *person_id, const char *session_id, int64_t now,
                 int64_t life);
/* Signature by the current, next or previous key, every claim with its type, and within its time. */
bool token_verify(struct arena *arena, const char *token, size_t length, int64_t now,
                  struct token_claims *claims);

#endif
