/* Blind indexes: equal values give equal bytes, and without the key nobody can try values. */
#include <openssl/crypto.h>
#include <string.h>
#include "core/text.h"
#include "seal/keyring.h"

/* Digits alone; the country code of China in front of a mobile number goes. */
static size_t blind_normalise_phone(char *out, const char *plain, size_t length) {
    size_t written = 0;
    for (size_t i = 0; i < length; i++)
        if (plain[i] >= '0' && plain[i] <= '9')
            out[written++] = plain[i];
    if (written == 13 && out[0] == '8' && out[1] == '6') {
        memmove(out, out + 2, 11);
        written = 11;
    }
    return written;
}

/* Upper case without blanks and dashes. */
static size_t blind_normalise_text(char *out, const char *plain, size_t length) {
    size_t written = 0;
    for (size_t i = 0; i < length; i++) {
        char c = plain[i];
        if (c == ' ' || c == '\t' || c == '-')
            continue;
        out[written++] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    return written;
}

char *codec_blind(const struct keyring *ring, struct arena *arena, const char *name, const char *plain,
                  size_t length) {
    unsigned char mac[32];
    char *value = arena_alloc(arena, length + 1);
    char *text = arena_alloc(arena, 2 * sizeof mac + 3);
    if (!value || !text)
        return NULL;
    size_t size = strstr(name, "phone") ? blind_normalise_phone(value, plain, length)
                                        : blind_normalise_text(value, plain, length);
    bool fine = keyring_mac(mac, ring->blind.bytes, name, value, size);
    OPENSSL_cleanse(value, length + 1);
    if (!fine)
        return NULL;
    text[0] = '\\';
    text[1] = 'x';
    text_write_hex(text + 2, mac, sizeof mac);
    return text;
}
