#include "seal/keyring.h"
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/alloc.h"

#define KEY_FILE_MAX 4096
#define PATH_SIZE 1100

static const char *const generations[KEYRING_GENERATIONS] = {"current", "next", "previous"};

bool keyring_fail(const char **error, const char *format, ...) {
    static _Thread_local char sentence[1400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    *error = sentence;
    return false;
}

bool keyring_mac(unsigned char out[32], const unsigned char key[KEYRING_KEY_SIZE], const char *label,
                 const void *bytes, size_t length) {
    unsigned char derived[32];
    unsigned size = 0;
    /* Two steps instead of one long text: no label can run into the bytes. */
    bool fine = HMAC(EVP_sha256(), key, KEYRING_KEY_SIZE, (const unsigned char *)label, strlen(label),
                     derived, &size) &&
                HMAC(EVP_sha256(), derived, sizeof derived, length ? bytes : "", length, out, &size);
    OPENSSL_cleanse(derived, sizeof derived);
    return fine;
}

/* ── reading ── */

static bool keyring_is_weak(const unsigned char *bytes, size_t length) {
    for (size_t i = 1; i < length; i++)
        if (bytes[i] != bytes[0])
            return false;
    return true;
}

/* 32 bytes are the key; more of them (a passphrase file, hexadecimal) are digested to it. */
static bool keyring_take(struct keyring_key *key, const unsigned char *bytes, size_t length) {
    unsigned char digest[32];
    if (length == KEYRING_KEY_SIZE)
        memcpy(key->bytes, bytes, length);
    else if (!EVP_Digest(bytes, length, key->bytes, NULL, EVP_sha256(), NULL))
        return false;
    if (!keyring_mac(digest, key->bytes, "linli key id", NULL, 0))
        return false;
    key->id = digest[0];
    key->present = true;
    return true;
}

static bool keyring_judge_file(int fd, const char *path, const char **error) {
    struct stat status;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
        return keyring_fail(error, "The key %s is not a file.", path);
    if (status.st_mode & 077)
        return keyring_fail(error, "The key %s can be read by others; set its mode to 0600.", path);
    if (status.st_size < KEYRING_KEY_SIZE || status.st_size > KEY_FILE_MAX)
        return keyring_fail(error, "The key %s must hold 32 to 4096 random bytes.", path);
    return true;
}

static bool keyring_read_open(int fd, const char *path, struct keyring_key *key, const char **error) {
    unsigned char bytes[KEY_FILE_MAX + 1];
    if (!keyring_judge_file(fd, path, error))
        return false;
    ssize_t length = read(fd, bytes, sizeof bytes);
    bool fine = length >= KEYRING_KEY_SIZE && length <= KEY_FILE_MAX &&
                !keyring_is_weak(bytes, (size_t)length) && keyring_take(key, bytes, (size_t)length);
    OPENSSL_cleanse(bytes, sizeof bytes);
    return fine || keyring_fail(error, "The key %s must hold 32 to 4096 random bytes.", path);
}

/* A missing optional key is no error: it stays absent. */
static bool keyring_read(const char *key_dir, const char *name, bool required, struct keyring_key *key,
                         const char **error) {
    char path[PATH_SIZE];
    if (snprintf(path, sizeof path, "%s/%s", key_dir, name) >= (int)sizeof path)
        return keyring_fail(error, "The path of the key folder is too long.");
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT && !required)
        return true;
    if (fd < 0)
        return keyring_fail(error, "The key %s cannot be read: %s. `linli key create` makes missing keys.",
                            path, strerror(errno));
    bool fine = keyring_read_open(fd, path, key, error);
    close(fd);
    return fine;
}

static bool keyring_read_family(const char *key_dir, const char *family,
                                struct keyring_key keys[KEYRING_GENERATIONS], const char **error) {
    for (int i = 0; i < KEYRING_GENERATIONS; i++) {
        char name[32];
        snprintf(name, sizeof name, "%s.%s", family, generations[i]);
        if (!keyring_read(key_dir, name, i == 0, &keys[i], error))
            return false;
    }
    return true;
}

struct keyring *keyring_open(const char *key_dir, const char **error) {
    struct keyring *ring = alloc_zeroed(1, sizeof *ring);
    if (!ring) {
        *error = "There is not enough memory for the keys.";
        return NULL;
    }
    bool fine = keyring_read_family(key_dir, "data", ring->data, error) &&
                keyring_read_family(key_dir, "token", ring->token, error) &&
                keyring_read(key_dir, "blind", true, &ring->blind, error);
    if (fine) {
        ring->cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
        fine = ring->cipher && keyring_mac(ring->cursor, ring->blind.bytes, "linli cursor", NULL, 0);
        if (!fine)
            *error = "The cryptographic library offers no AES-256-GCM.";
    }
    if (fine)
        return ring;
    keyring_close(ring);
    return NULL;
}

void keyring_close(struct keyring *ring) {
    if (!ring)
        return;
    EVP_CIPHER_free(ring->cipher);
    OPENSSL_cleanse(ring, sizeof *ring);
    alloc_release(ring);
}

size_t keyring_token_keys(const struct keyring *ring, const unsigned char *keys[3]) {
    size_t count = 0;
    for (int i = 0; i < KEYRING_GENERATIONS; i++)
        if (ring->token[i].present)
            keys[count++] = ring->token[i].bytes;
    return count;
}
