#include "seal/digest.h"

#include <openssl/evp.h>
#include <stdint.h>

static void must(int ok) {
    if (ok != 1) {
        abort();
    }
}

void digest_parts(unsigned char out[DIGEST_SIZE], const struct text *parts, size_t count) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    must(context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1);
    for (size_t i = 0; i < count; i++) {
        unsigned char length[8];
        for (unsigned byte = 0; byte < 8; byte++) {
            length[byte] = (unsigned char)((uint64_t)parts[i].length >> (8 * byte));
        }
        must(EVP_DigestUpdate(context, length, sizeof length));
        must(EVP_DigestUpdate(context, parts[i].bytes, parts[i].length));
    }
    must(EVP_DigestFinal_ex(context, out, NULL));
    EVP_MD_CTX_free(context);
}

void digest_bytes(unsigned char out[DIGEST_SIZE], const void *bytes, size_t length) {
    must(EVP_Digest(bytes, length, out, NULL, EVP_sha256(), NULL));
}

char *digest_bytea(struct arena *arena, const struct text *parts, size_t count) {
    unsigned char digest[DIGEST_SIZE];
    char *text = arena_alloc(arena, 2 + 2 * DIGEST_SIZE + 1);
    if (text == NULL) {
        return NULL;
    }
    digest_parts(digest, parts, count);
    text[0] = '\\';
    text[1] = 'x';
    text_write_hex(text + 2, digest, sizeof digest);
    return text;
}
