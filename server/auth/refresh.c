#include "auth/refresh.h"

#include "core/random.h"
#include "core/text.h"
#include "seal/digest.h"

#define SECRET_BYTES 32

void refresh_generate(char out[REFRESH_SIZE]) {
    unsigned char secret[SECRET_BYTES];
    _Static_assert(TEXT_BASE64URL_SIZE(SECRET_BYTES) == REFRESH_SIZE, "32 bytes are 43 letters");
    random_fill(secret, sizeof secret);
    text_write_base64url(out, secret, sizeof secret);
    explicit_bzero(secret, sizeof secret);
}

const char *refresh_hash(struct arena *arena, const char *secret) {
    unsigned char bytes[REFRESH_SIZE];
    size_t length = 0;
    if (secret == NULL || strlen(secret) != REFRESH_SIZE - 1 ||
        !text_read_base64url(bytes, &length, secret, REFRESH_SIZE - 1) || length != SECRET_BYTES) {
        return NULL;
    }
    const struct text part = {(const char *)bytes, length};
    return digest_bytea(arena, &part, 1);
}

const char *refresh_cookie_name(bool secure) {
    return secure ? "__Host-linli_refresh" : "linli_refresh";
}

const char *refresh_cookie(struct arena *arena, const char *secret, bool secure, long seconds) {
    return arena_format(arena, "%s=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%ld%s",
                        refresh_cookie_name(secure), secret == NULL ? "" : secret,
                        secret == NULL ? 0 : seconds, secure ? "; Secure" : "");
}
