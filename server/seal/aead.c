/* Sealed values: 0x01 | key id | nonce (12) | ciphertext | tag (16), in the text form of bytea. */
#include <limits.h>
#include <openssl/crypto.h>
#include <string.h>
#include "core/random.h"
#include "core/text.h"
#include "seal/keyring.h"

#define AEAD_VERSION 1
#define AEAD_NONCE 12
#define AEAD_TAG 16
#define AEAD_HEAD (2 + AEAD_NONCE)
#define AEAD_PLAIN_MAX (1u << 24)

struct aead_piece {
    unsigned char *bytes;
    size_t length;
};

/* Version and key id are authenticated with the field's own label: no part can be exchanged. */
static bool aead_bind(EVP_CIPHER_CTX *context, const unsigned char *head, const char *aad) {
    int ignored;
    size_t length = strlen(aad);
    return length <= INT_MAX && EVP_CipherUpdate(context, NULL, &ignored, head, 2) == 1 &&
           EVP_CipherUpdate(context, NULL, &ignored, (const unsigned char *)aad, (int)length) == 1;
}

static bool aead_encrypt(const struct keyring *ring, const struct keyring_key *key, const char *aad,
                         const char *plain, size_t length, unsigned char *sealed) {
    int written = 0, rest = 0;
    unsigned char none;
    sealed[0] = AEAD_VERSION;
    sealed[1] = key->id;
    random_fill(sealed + 2, AEAD_NONCE);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    bool fine =
        context && EVP_EncryptInit_ex2(context, ring->cipher, key->bytes, sealed + 2, NULL) == 1 &&
        aead_bind(context, sealed, aad) &&
        EVP_EncryptUpdate(context, sealed + AEAD_HEAD, &written, (const unsigned char *)plain, (int)length) ==
            1 &&
        EVP_EncryptFinal_ex(context, &none, &rest) == 1 &&
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, AEAD_TAG, sealed + AEAD_HEAD + length) == 1;
    EVP_CIPHER_CTX_free(context);
    return fine;
}

static char *aead_write_bytea(struct arena *arena, const unsigned char *bytes, size_t length) {
    char *text = arena_alloc(arena, 2 * length + 3);
    if (!text)
        return NULL;
    text[0] = '\\';
    text[1] = 'x';
    text_write_hex(text + 2, bytes, length);
    return text;
}

char *codec_seal(const struct keyring *ring, struct arena *arena, const char *aad, const char *plain,
                 size_t length) {
    if (length > AEAD_PLAIN_MAX)
        return NULL;
    size_t total = AEAD_HEAD + length + AEAD_TAG;
    unsigned char *sealed = arena_alloc(arena, total);
    if (!sealed || !aead_encrypt(ring, &ring->data[0], aad, plain, length, sealed))
        return NULL;
    return aead_write_bytea(arena, sealed, total);
}

/* The bytes of `\x…` in the arena. */
static bool aead_read_bytea(struct arena *arena, const char *hex, size_t length, struct aead_piece *out) {
    if (length < 2 || hex[0] != '\\' || hex[1] != 'x')
        return false;
    out->length = (length - 2) / 2;
    out->bytes = arena_alloc(arena, out->length);
    return out->bytes && text_read_hex(out->bytes, hex + 2, length - 2);
}

static bool aead_decrypt(const struct keyring *ring, const struct keyring_key *key, const char *aad,
                         const struct aead_piece *sealed, char *plain, size_t length) {
    int written = 0, rest = 0;
    unsigned char none;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    bool fine =
        context && EVP_DecryptInit_ex2(context, ring->cipher, key->bytes, sealed->bytes + 2, NULL) == 1 &&
        aead_bind(context, sealed->bytes, aad) &&
        EVP_DecryptUpdate(context, (unsigned char *)plain, &written, sealed->bytes + AEAD_HEAD,
                          (int)length) == 1 &&
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, AEAD_TAG, sealed->bytes + AEAD_HEAD + length) ==
            1 &&
        EVP_DecryptFinal_ex(context, &none, &rest) == 1;
    EVP_CIPHER_CTX_free(context);
    return fine;
}

char *codec_open(const struct keyring *ring, struct arena *arena, const char *aad, const char *hex,
                 size_t length, size_t *plain_length) {
    struct aead_piece sealed;
    if (!aead_read_bytea(arena, hex, length, &sealed) || sealed.length < AEAD_HEAD + AEAD_TAG ||
        sealed.length > AEAD_HEAD + AEAD_PLAIN_MAX + AEAD_TAG || sealed.bytes[0] != AEAD_VERSION)
        return NULL;
    size_t size = sealed.length - AEAD_HEAD - AEAD_TAG;
    char *plain = arena_alloc(arena, size + 1);
    /* Two keys may share an id; the tag decides. */
    for (int i = 0; plain && i < KEYRING_GENERATIONS; i++) {
        const struct keyring_key *key = &ring->data[i];
        if (key->present && key->id == sealed.bytes[1] &&
            aead_decrypt(ring, key, aad, &sealed, plain, size)) {
            plain[size] = '\0';
            *plain_length = size;
            return plain;
        }
    }
    if (plain)
        OPENSSL_cleanse(plain, size + 1); /* unauthenticated text must not linger */
    return NULL;
}
