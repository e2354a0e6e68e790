/* Tokens: the input as a token, and the input as the payload of a token that is signed with our own key, so
 * that the claims are judged too. A raw token is never believed; a signed one only with exactly our claims.
 */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>
#include "auth/token.h"
#include "core/arena.h"
#include "core/text.h"
#include "json/json_in.h"
#include "seal/codec.h"
#include "fuzz.h"
#include "keys.h"

#define NOW 1795503600
#define PLAIN_MAX 900

static const unsigned char *signing_key;
static char header[128]; /* with its dot */

static void set_up(void) {
    static struct keyring *ring;
    static const unsigned char *keys[3];
    static const char nobody[] = "00000000-0000-0000-0000-000000000000";
    json_in_setup();
    ring = fuzz_keyring();
    FUZZ_EXPECT(keyring_token_keys(ring, keys) == 1 && token_setup(ring));
    signing_key = keys[0];
    struct arena *arena = arena_create(1 << 16);
    const char *sample = token_sign(arena, nobody, nobody, NOW, 600);
    FUZZ_EXPECT(sample && strchr(sample, '.'));
    snprintf(header, sizeof header, "%.*s", (int)(strchr(sample, '.') - sample) + 1, sample);
    struct token_claims claims;
    FUZZ_EXPECT(token_verify(arena, sample, strlen(sample), NOW, &claims));
    arena_destroy(arena);
}

/* header.payload.signature, truly signed. */
static size_t sign(char token[2048], const uint8_t *payload, size_t size) {
    unsigned char mac[32];
    unsigned mac_size;
    size_t length = strlen(header);
    memcpy(token, header, length);
    length += text_write_base64url(token + length, payload, size);
    FUZZ_EXPECT(HMAC(EVP_sha256(), signing_key, 32, (const unsigned char *)token, length, mac, &mac_size));
    token[length++] = '.';
    return length + text_write_base64url(token + length, mac, sizeof mac);
}

static void check_believed(const uint8_t *payload, size_t size, const struct token_claims *claims) {
    json_t *tree = json_loadb((const char *)payload, size, JSON_REJECT_DUPLICATES, NULL);
    FUZZ_EXPECT(tree && json_object_size(tree) == 9);
    FUZZ_EXPECT(claims->expires > NOW && claims->expires == json_integer_value(json_object_get(tree, "exp")));
    FUZZ_EXPECT(uuid_check(claims->person_id, strlen(claims->person_id)));
    FUZZ_EXPECT(uuid_check(claims->session_id, strlen(claims->session_id)));
    json_decref(tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!signing_key)
        set_up();
    struct arena *arena = arena_create(1 << 20);
    struct token_claims claims;
    char token[2048];
    FUZZ_EXPECT(!token_verify(arena, (const char *)data, size, NOW, &claims));
    if (size <= PLAIN_MAX) {
        size_t length = sign(token, data, size);
        if (token_verify(arena, token, length, NOW, &claims))
            check_believed(data, size, &claims);
    }
    arena_destroy(arena);
    return 0;
}
