#include "seal/ballot_key.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#define KEY_BITS (BALLOT_KEY_BYTES * 8)
#define SALT_BYTES 48

/* OpenSSL's own memory into the arena, and back to OpenSSL. */
static unsigned char *take_bytes(struct arena *arena, unsigned char *der, int length) {
    unsigned char *copy = length > 0 ? arena_alloc(arena, (size_t)length) : NULL;
    if (copy != NULL) {
        memcpy(copy, der, (size_t)length);
    }
    if (der != NULL) {
        OPENSSL_clear_free(der, length > 0 ? (size_t)length : 0);
    }
    return copy;
}

static bool write_public(struct arena *arena, EVP_PKEY *key, struct ballot_key_pair *pair) {
    unsigned char *der = NULL;
    int length = i2d_PUBKEY(key, &der);
    unsigned char *bytes = take_bytes(arena, der, length);
    pair->public_text = bytes == NULL ? NULL : arena_alloc(arena, (size_t)length * 4 / 3 + 4);
    if (pair->public_text == NULL) {
        return false;
    }
    text_write_base64url(pair->public_text, bytes, (size_t)length);
    return true;
}

bool ballot_key_create(struct arena *arena, struct ballot_key_pair *pair) {
    *pair = (struct ballot_key_pair){0};
    EVP_PKEY *key = EVP_RSA_gen(KEY_BITS);
    if (key == NULL) {
        return false;
    }
    unsigned char *der = NULL;
    int length = i2d_PrivateKey(key, &der);
    pair->private_der = take_bytes(arena, der, length);
    pair->private_length = pair->private_der == NULL ? 0 : (size_t)length;
    bool made = pair->private_der != NULL && write_public(arena, key, pair);
    EVP_PKEY_free(key);
    return made;
}

void ballot_key_wipe(struct ballot_key_pair *pair) {
    if (pair->private_der != NULL) {
        OPENSSL_cleanse(pair->private_der, pair->private_length);
    }
    pair->private_length = 0;
}

/* ── signing: the bare operation, without padding ── */

static bool raw_private(EVP_PKEY *key, const unsigned char *in, unsigned char *out) {
    size_t length = BALLOT_KEY_BYTES;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    bool done = context != NULL && EVP_PKEY_decrypt_init(context) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING) == 1 &&
                EVP_PKEY_decrypt(context, out, &length, in, BALLOT_KEY_BYTES) == 1 &&
                length == BALLOT_KEY_BYTES;
    EVP_PKEY_CTX_free(context);
    return done;
}

static bool raw_public(EVP_PKEY *key, const unsigned char *in, unsigned char *out) {
    size_t length = BALLOT_KEY_BYTES;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    bool done = context != NULL && EVP_PKEY_encrypt_init(context) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING) == 1 &&
                EVP_PKEY_encrypt(context, out, &length, in, BALLOT_KEY_BYTES) == 1 &&
                length == BALLOT_KEY_BYTES;
    EVP_PKEY_CTX_free(context);
    return done;
}

bool ballot_key_sign(struct text private_der, const unsigned char blinded[BALLOT_KEY_BYTES],
                     unsigned char signature[BALLOT_KEY_BYTES]) {
    const unsigned char *der = (const unsigned char *)private_der.bytes;
    unsigned char again[BALLOT_KEY_BYTES];
    EVP_PKEY *key = private_der.length > LONG_MAX
                        ? NULL
                        : d2i_PrivateKey(EVP_PKEY_RSA, NULL, &der, (long)private_der.length);
    bool signed_it = key != NULL && EVP_PKEY_get_size(key) == BALLOT_KEY_BYTES &&
                     raw_private(key, blinded, signature) && raw_public(key, signature, again) &&
                     CRYPTO_memcmp(again, blinded, sizeof again) == 0;
    EVP_PKEY_free(key);
    return signed_it;
}

/* ── checking: an ordinary RSA-PSS signature ── */

static EVP_PKEY *read_public(struct arena *arena, const char *text) {
    size_t length = strlen(text), size = 0;
    unsigned char *bytes = arena_alloc(arena, length);
    if (bytes == NULL || !text_read_base64url(bytes, &size, text, length) || size > LONG_MAX) {
        return NULL;
    }
    const unsigned char *der = bytes;
    return d2i_PUBKEY(NULL, &der, (long)size);
}

bool ballot_key_verify(struct arena *arena, const char *public_text,
                       const unsigned char token[BALLOT_TOKEN_BYTES],
                       const unsigned char signature[BALLOT_KEY_BYTES]) {
    EVP_PKEY *key = read_public(arena, public_text);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *options = NULL;
    bool good = key != NULL && context != NULL &&
                EVP_DigestVerifyInit(context, &options, EVP_sha384(), NULL, key) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
                EVP_PKEY_CTX_set_rsa_mgf1_md(options, EVP_sha384()) == 1 &&
                EVP_PKEY_CTX_set_rsa_pss_saltlen(options, SALT_BYTES) == 1 &&
                EVP_DigestVerify(context, signature, BALLOT_KEY_BYTES, token, BALLOT_TOKEN_BYTES) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return good;
}
