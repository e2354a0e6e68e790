/* The key of an online secret ballot: RSA blind signatures (RFC 9474, RSABSSA-SHA384-PSS-Deterministic).
 *
 * A device draws a token and blinds it, the server signs without seeing it, the device takes the blinding
 * off. Whoever holds the private half can make tokens of its own (seen as more ballots than were issued), but
 * can never tell which signature became which token. Owns nothing; texts live in the arena. ballot_key_create
 * takes a tenth of a second or more, ballot_key_sign a millisecond: call both on work/cpu.
 */
#ifndef LINLI_SEAL_BALLOT_KEY_H
#define LINLI_SEAL_BALLOT_KEY_H

#include <stdbool.h>
#include "core/arena.h"
#include "core/text.h"

#define BALLOT_KEY_BYTES 256 /* RSA-2048: a key lives for one round of one election */
#define BALLOT_TOKEN_BYTES 32

struct ballot_key_pair {
    char *public_text;          /* SubjectPublicKeyInfo, base64url without padding */
    unsigned char *private_der; /* to be sealed; the caller wipes it by ballot_key_wipe */
    size_t private_length;
};

bool ballot_key_create(struct arena *arena, struct ballot_key_pair *pair);
void ballot_key_wipe(struct ballot_key_pair *pair);
/* The raw signature of a blinded message. false: not a number below the modulus, or the key is broken; the
 * result is checked with the public half before it leaves, so that a faulty calculation gives nothing away.
 */
bool ballot_key_sign(struct text private_der, const unsigned char blinded[BALLOT_KEY_BYTES],
                     unsigned char signature[BALLOT_KEY_BYTES]);
bool ballot_key_verify(struct arena *arena, const char *public_text,
                       const unsigned char token[BALLOT_TOKEN_BYTES],
                       const unsigned char signature[BALLOT_KEY_BYTES]);

#endif
