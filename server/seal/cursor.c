/* Cursors: opaque to clients, bound to their operation, forged ones are refused. */
#include <string.h>
#include "core/text.h"
#include "seal/keyring.h"

#define CURSOR_MAC 8
#define CURSOR_PAYLOAD_MAX 700 /* less than 1 000 characters as text: the contract’s maximum */

char *codec_cursor_write(const struct keyring *ring, struct arena *arena, const char *operation,
                         const char *payload, size_t length) {
    unsigned char bytes[CURSOR_PAYLOAD_MAX + CURSOR_MAC], mac[32];
    if (length > CURSOR_PAYLOAD_MAX || !keyring_mac(mac, ring->cursor, operation, payload, length))
        return NULL;
    if (length)
        memcpy(bytes, payload, length);
    memcpy(bytes + length, mac, CURSOR_MAC);
    char *text = arena_alloc(arena, TEXT_BASE64URL_SIZE(length + CURSOR_MAC));
    if (text)
        text_write_base64url(text, bytes, length + CURSOR_MAC);
    return text;
}

char *codec_cursor_read(const struct keyring *ring, struct arena *arena, const char *operation,
                        const char *text) {
    unsigned char bytes[CURSOR_PAYLOAD_MAX + CURSOR_MAC + 3], mac[32];
    size_t length = strlen(text), size;
    if (length >= TEXT_BASE64URL_SIZE(CURSOR_PAYLOAD_MAX + CURSOR_MAC) ||
        !text_read_base64url(bytes, &size, text, length) || size < CURSOR_MAC)
        return NULL;
    size -= CURSOR_MAC;
    if (!keyring_mac(mac, ring->cursor, operation, bytes, size) ||
        !text_equals_secret(mac, bytes + size, CURSOR_MAC))
        return NULL;
    return arena_copy(arena, (const char *)bytes, size);
}
