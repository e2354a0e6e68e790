#include "auth/password.h"

#include <sodium.h>

#define OPERATIONS 2
#define MEMORY ((size_t)19 * 1024 * 1024)

_Static_assert(PASSWORD_HASH_SIZE >= crypto_pwhash_STRBYTES, "a hash of libsodium fits");

static char unknown_user_hash[PASSWORD_HASH_SIZE];

bool password_setup(void) {
    unsigned char nobody_knows[32];
    if (sodium_init() < 0) {
        return false;
    }
    randombytes_buf(nobody_knows, sizeof nobody_knows);
    int status = password_hash(unknown_user_hash, (const char *)nobody_knows, sizeof nobody_knows);
    sodium_memzero(nobody_knows, sizeof nobody_knows);
    return status == 0;
}

int password_hash(char out[PASSWORD_HASH_SIZE], const char *plain, size_t length) {
    char hash[crypto_pwhash_STRBYTES];
    if (crypto_pwhash_str_alg(hash, plain, length, OPERATIONS, MEMORY, crypto_pwhash_ALG_ARGON2ID13) != 0) {
        return -1;
    }
    for (size_t i = 0; i < sizeof hash; i++) {
        out[i] = hash[i];
    }
    return 0;
}

bool password_check(const char *hash, const char *plain, size_t length) {
    if (length > PASSWORD_MAX_LENGTH) {
        return false;
    }
    bool same = crypto_pwhash_str_verify(hash != NULL ? hash : unknown_user_hash, plain, length) == 0;
    return hash != NULL && same;
}

void password_generate(char out[24]) {
    static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789";
    for (size_t i = 0; i < 20; i++) {
        out[i] = letters[randombytes_uniform(sizeof letters - 1)];
    }
    out[20] = '\0';
}
