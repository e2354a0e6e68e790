/* The keyring's inside, for the files of this room only. */
#ifndef LINLI_SEAL_KEYRING_H
#define LINLI_SEAL_KEYRING_H

#include <openssl/evp.h>
#include "seal/codec.h"

#define KEYRING_KEY_SIZE 32
#define KEYRING_GENERATIONS 3 /* current, next, previous */

struct keyring_key {
    bool present;
    unsigned char id; /* the first byte of a digest of the key: what a sealed value names */
    unsigned char bytes[KEYRING_KEY_SIZE];
};

struct keyring {
    struct keyring_key data[KEYRING_GENERATIONS], token[KEYRING_GENERATIONS], blind;
    unsigned char cursor[KEYRING_KEY_SIZE]; /* derived from blind */
    EVP_CIPHER *cipher;                     /* fetched once: fetching is most of the cost of a short seal */
};

/* Writes the sentence of this thread's last failure, points *error to it, and is always false. */
bool keyring_fail(const char **error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* HMAC-SHA-256 over `label`, a zero byte and `bytes`. */
bool keyring_mac(unsigned char out[32], const unsigned char key[KEYRING_KEY_SIZE], const char *label,
                 const void *bytes, size_t length);

#endif
