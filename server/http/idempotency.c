#include "http/idempotency.h"

#include "seal/digest.h"

#define KEY_LENGTH_MIN 8
#define KEY_LENGTH_MAX 128

static bool is_key_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("-_.:~", c) != NULL);
}

bool idempotency_check_key(const char *key) {
    size_t length = strlen(key);
    for (size_t i = 0; i < length; i++) {
        if (!is_key_letter(key[i])) {
            return false;
        }
    }
    return length >= KEY_LENGTH_MIN && length <= KEY_LENGTH_MAX;
}

const char *idempotency_fingerprint(struct arena *arena, const struct operation *operation, struct text path,
                                    struct text query, const struct buf *body) {
    static const char *const methods[METHOD_COUNT] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
    const struct text parts[] = {
        text_of(methods[operation->method]),
        path,
        query,
        {body->data == NULL ? "" : body->data, body->length},
    };
    return digest_bytea(arena, parts, sizeof parts / sizeof parts[0]);
}
