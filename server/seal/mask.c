/* Masks count code points, not bytes. What is too short to show a part of shows nothing. */
#include <string.h>
#include "core/text.h"
#include "seal/codec.h"

#define MASK_STARS_MAX 32u

/* Bytes of the first `count` code points. */
static size_t mask_prefix(const char *plain, size_t length, size_t count) {
    size_t end = 0;
    while (count-- && end < length)
        end += text_next(plain + end, length - end, NULL);
    return end;
}

static char *mask_middle(struct arena *arena, const char *plain, size_t length, size_t head, size_t tail,
                         size_t stars) {
    char row[MASK_STARS_MAX + 1];
    size_t count = text_count(plain, length);
    if (stars > MASK_STARS_MAX)
        stars = MASK_STARS_MAX;
    memset(row, '*', stars);
    row[stars] = '\0';
    size_t start = mask_prefix(plain, length, head);
    size_t end = tail ? mask_prefix(plain, length, count - tail) : length;
    return arena_format(arena, "%.*s%s%.*s", (int)start, plain, row, (int)(length - end), plain + end);
}

char *codec_mask(struct arena *arena, enum mask_kind kind, const char *plain, size_t length) {
    if (kind == MASK_NONE || !length)
        return arena_copy(arena, plain, length);
    if (!text_check_utf8(plain, length) || memchr(plain, '\0', length))
        return arena_string(arena, "****");
    size_t count = text_count(plain, length);
    switch (kind) {
    case MASK_NAME: /* always two stars: the length of a name says something about it */
        return mask_middle(arena, plain, length, 1, 0, 2);
    case MASK_PHONE:
        return count < 11 ? mask_middle(arena, plain, length, 0, count < 7 ? 0 : 2, 4)
                          : mask_middle(arena, plain, length, 3, 4, 4);
    case MASK_ID_NUMBER:
        return count < 15 ? mask_middle(arena, plain, length, 0, 0, 4)
                          : mask_middle(arena, plain, length, 4, 2, count - 6);
    case MASK_NONE:
        break;
    }
    return arena_copy(arena, plain, length);
}
