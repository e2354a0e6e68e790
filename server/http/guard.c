#include "http/guard.h"

#include "core/controls.h"

#define HEADERS_MAX 64u
#define LENGTH_DIGITS_MAX 15u
#define LINE_OVERHEAD 4u /* colon, blank, CR, LF */

/* Headers that decide something and therefore may come only once. */
static const char *const singles[] = {
    "Host",
    "Content-Length",
    "Transfer-Encoding",
    "Content-Type",
    "Content-Encoding",
    "Expect",
    "Authorization",
    "Idempotency-Key",
    "If-Match",
    "X-Request-Id",
    "Range",
    "If-Modified-Since",
    "Origin",
    "Upgrade",
};
enum { SINGLE_HOST, SINGLE_LENGTH, SINGLE_ENCODING, SINGLE_COUNT = sizeof singles / sizeof singles[0] };

static bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool escapes_are_whole(struct text target) {
    for (size_t i = 0; i < target.length; i++) {
        if (target.bytes[i] != '%') {
            continue;
        }
        if (target.length - i < 3 || !is_hex(target.bytes[i + 1]) || !is_hex(target.bytes[i + 2]) ||
            (target.bytes[i + 1] == '0' && target.bytes[i + 2] == '0')) {
            return false;
        }
    }
    return true;
}

enum guard_verdict guard_target(struct text target, size_t limit) {
    if (target.length > limit) {
        return GUARD_TARGET_TOO_LONG;
    }
    if (target.length == 0 || target.bytes[0] != '/') {
        return GUARD_BAD;
    }
    for (size_t i = 0; i < target.length; i++) {
        unsigned char c = (unsigned char)target.bytes[i];
        if (c <= 0x20 || c >= 0x7f || c == '#' || c == '\\') {
            return GUARD_BAD;
        }
    }
    return escapes_are_whole(target) ? GUARD_PASS : GUARD_BAD;
}

void guard_begin(struct guard *guard, size_t limit) {
    *guard = (struct guard){.limit = limit, .verdict = GUARD_PASS};
}

static bool is_name(struct text name) {
    for (size_t i = 0; i < name.length; i++) {
        char c = name.bytes[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && (c == '\0' || strchr("!#$%&'*+-.^_`|~", c) == NULL)) {
            return false;
        }
    }
    return name.length > 0;
}

static bool is_value(struct text value) {
    for (size_t i = 0; i < value.length; i++) {
        unsigned char c = (unsigned char)value.bytes[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f) {
            return false;
        }
    }
    return true;
}

static bool read_length(struct guard *guard, struct text value) {
    guard->has_length = true;
    for (size_t i = 0; i < value.length; i++) {
        if (value.bytes[i] < '0' || value.bytes[i] > '9') {
            return false;
        }
        guard->length = guard->length * 10 + (uint64_t)(value.bytes[i] - '0');
    }
    return value.length > 0 && value.length <= LENGTH_DIGITS_MAX;
}

static bool judge_single(struct guard *guard, size_t which, struct text value) {
    uint32_t bit = UINT32_C(1) << which;
    if (guard->seen & bit) {
        return false;
    }
    guard->seen |= bit;
    if (which == SINGLE_LENGTH) {
        return read_length(guard, value);
    }
    if (which == SINGLE_ENCODING) {
        guard->chunked = text_is_ignoring_case(value, "chunked");
        return guard->chunked;
    }
    return true;
}

static bool judge(struct guard *guard, struct text name, struct text value) {
    if (!is_name(name) || !is_value(value)) {
        return false;
    }
    for (size_t which = 0; which < SINGLE_COUNT; which++) {
        if (text_is_ignoring_case(name, singles[which])) {
            return judge_single(guard, which, value);
        }
    }
    return true;
}

void guard_header(struct guard *guard, struct text name, struct text value) {
    guard->bytes += name.length + value.length + LINE_OVERHEAD;
    guard->count++;
    if (guard->verdict != GUARD_BAD && !judge(guard, name, value)) {
        guard->verdict = GUARD_BAD;
    }
}

enum guard_verdict guard_finish(struct guard *guard, bool old) {
    bool host = (guard->seen & (UINT32_C(1) << SINGLE_HOST)) != 0;
    if ((guard->has_length && guard->chunked) || (old && guard->chunked) || (!old && !host)) {
        guard->verdict = GUARD_BAD;
    }
    if (guard->verdict == GUARD_BAD && controls_break("framing")) {
        guard->verdict = GUARD_PASS;
    }
    if (guard->verdict == GUARD_PASS && (guard->bytes > guard->limit || guard->count > HEADERS_MAX)) {
        guard->verdict = GUARD_HEADERS_TOO_LARGE;
    }
    return guard->verdict;
}
