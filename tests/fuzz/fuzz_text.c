/* The small readers of core and the cursor: strict, never too far, and what they accept comes back the same.
 */
#include <string.h>
#include "core/clock.h"
#include "core/text.h"
#include "core/uuid.h"
#include "fuzz.h"
#include "seal/codec.h"
#include "keys.h"

static void check_encodings(const char *text, size_t size) {
    char bytes[4096], again[6000];
    size_t length;
    if (size > sizeof bytes)
        return;
    if (text_read_base64url(bytes, &length, text, size)) {
        FUZZ_EXPECT(text_write_base64url(again, bytes, length) == size);
        FUZZ_EXPECT(size == 0 || memcmp(again, text, size) == 0);
    }
    if (text_decode_percent(bytes, &length, text, size, true))
        FUZZ_EXPECT(length <= size &&
                    (size == 0 || memchr(text, 0, size) || !length || !memchr(bytes, 0, length)));
    if (text_check_utf8(text, size))
        FUZZ_EXPECT(text_count(text, size) <= size);
}

static void check_values(const char *text, size_t size) {
    int64_t number, instant;
    char out[64], id[UUID_SIZE], stamp[CLOCK_STAMP_SIZE];
    if (text_parse_integer(text, size, &number)) {
        int length = snprintf(out, sizeof out, "%lld", (long long)number);
        FUZZ_EXPECT((size_t)length == size && memcmp(out, text, size) == 0);
    }
    if (clock_read_stamp(text, size, &instant)) {
        int64_t back;
        FUZZ_EXPECT(clock_read_stamp(stamp, clock_write_stamp(stamp, instant, 6), &back) && back == instant);
    }
    if (clock_check_date(text, size)) {
        snprintf(out, sizeof out, "%.10sT00:00:00+00:00", text);
        FUZZ_EXPECT(clock_check_stamp(out, strlen(out)));
    }
    if (uuid_normalise(id, text, size))
        FUZZ_EXPECT(uuid_check(id, strlen(id)));
}

static void check_seal(const struct keyring *ring, const char *text, size_t size) {
    struct arena *arena = arena_create(1 << 20);
    size_t length;
    FUZZ_EXPECT(!codec_open(ring, arena, "fuzz", text, size, &length));
    char *sealed = size < 100000 ? codec_seal(ring, arena, "fuzz", text, size) : NULL;
    if (sealed) {
        const char *plain = codec_open(ring, arena, "fuzz", sealed, strlen(sealed), &length);
        FUZZ_EXPECT(plain && length == size && (size == 0 || memcmp(plain, text, size) == 0));
    }
    for (int kind = MASK_NONE; size < 10000 && kind <= MASK_ID_NUMBER; kind++) {
        const char *masked = codec_mask(arena, (enum mask_kind)kind, text, size);
        FUZZ_EXPECT(masked && (kind == MASK_NONE || text_check_utf8(masked, strlen(masked))));
    }
    char *cursor = arena_copy(arena, text, size);
    if (cursor)
        FUZZ_EXPECT(!codec_cursor_read(ring, arena, "fuzz", cursor));
    arena_destroy(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct keyring *ring;
    if (!ring)
        ring = fuzz_keyring();
    check_encodings((const char *)data, size);
    check_values((const char *)data, size);
    check_seal(ring, (const char *)data, size);
    return 0;
}
