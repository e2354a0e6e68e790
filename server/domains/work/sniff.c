#include "domains/work/sniff.h"

#include <string.h>

struct mark {
    const char *type;
    const char *bytes;
    size_t length, at;
};

/* WebP needs both of its marks. */
static const struct mark marks[] = {
    {"image/jpeg", "\xFF\xD8\xFF", 3, 0},
    {"image/png", "\x89PNG\r\n\x1A\n", 8, 0},
    {"image/webp", "RIFF", 4, 0},
    {"image/webp", "WEBP", 4, 8},
    {"application/pdf", "%PDF-", 5, 0},
    {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "PK\x03\x04", 4, 0},
};
#define MARK_COUNT (sizeof marks / sizeof marks[0])

static bool has_mark(const struct mark *mark, const char *bytes, size_t length) {
    return length >= mark->at + mark->length && memcmp(bytes + mark->at, mark->bytes, mark->length) == 0;
}

/* Text in UTF-8 or GB18030 has no control bytes but tabs and line ends, and none of the marks. */
static bool is_text(const char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if ((c < 0x20 && c != '\t' && c != '\r' && c != '\n') || c == 0x7F) {
            return false;
        }
    }
    for (size_t i = 0; i < MARK_COUNT; i++) {
        if (has_mark(&marks[i], bytes, length)) {
            return false;
        }
    }
    return true;
}

bool sniff_is(const char *type, const char *bytes, size_t length) {
    bool known = false;
    if (strcmp(type, "text/csv") == 0) {
        return is_text(bytes, length);
    }
    for (size_t i = 0; i < MARK_COUNT; i++) {
        if (strcmp(marks[i].type, type) == 0) {
            known = true;
            if (!has_mark(&marks[i], bytes, length)) {
                return false;
            }
        }
    }
    return known;
}
