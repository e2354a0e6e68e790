#include "core/text.h"
#include <string.h>

struct text text_of(const char *terminated) {
    return (struct text){terminated ? terminated : "", terminated ? strlen(terminated) : 0};
}

bool text_equals(struct text a, struct text b) {
    return a.length == b.length && (a.length == 0 || memcmp(a.bytes, b.bytes, a.length) == 0);
}

bool text_is(struct text a, const char *terminated) {
    return text_equals(a, text_of(terminated));
}

static unsigned char text_lower(char c) {
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool text_is_ignoring_case(struct text a, const char *terminated) {
    if (strlen(terminated) != a.length)
        return false;
    for (size_t i = 0; i < a.length; i++)
        if (text_lower(a.bytes[i]) != text_lower(terminated[i]))
            return false;
    return true;
}

bool text_starts_with(struct text a, const char *prefix) {
    size_t length = strlen(prefix);
    return a.length >= length && (length == 0 || memcmp(a.bytes, prefix, length) == 0);
}

static bool text_is_blank(char c) {
    return c == ' ' || c == '\t';
}

struct text text_trim(struct text a) {
    while (a.length && text_is_blank(a.bytes[0])) {
        a.bytes++;
        a.length--;
    }
    while (a.length && text_is_blank(a.bytes[a.length - 1]))
        a.length--;
    return a;
}

bool text_split(struct text *rest, char separator, struct text *part) {
    if (!rest->bytes)
        return false;
    const char *found = rest->length ? memchr(rest->bytes, separator, rest->length) : NULL;
    if (!found) {
        *part = *rest;
        *rest = (struct text){NULL, 0};
        return true;
    }
    *part = (struct text){rest->bytes, (size_t)(found - rest->bytes)};
    *rest = (struct text){found + 1, rest->length - part->length - 1};
    return true;
}

bool text_equals_secret(const void *a, const void *b, size_t length) {
    const volatile unsigned char *left = a, *right = b;
    unsigned difference = 0;
    for (size_t i = 0; i < length; i++)
        difference |= (unsigned)(left[i] ^ right[i]);
    return difference == 0;
}

/* ── UTF-8 ── */

static bool text_continues(const unsigned char *bytes, size_t count) {
    for (size_t i = 1; i <= count; i++)
        if ((bytes[i] & 0xc0) != 0x80)
            return false;
    return true;
}

size_t text_next(const char *bytes, size_t length, uint32_t *code_point) {
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    if (!length)
        return 0;
    const unsigned char *b = (const unsigned char *)bytes;
    size_t more = b[0] < 0x80 ? 0 : b[0] < 0xc2 ? 4 : b[0] < 0xe0 ? 1 : b[0] < 0xf0 ? 2 : b[0] < 0xf5 ? 3 : 4;
    if (more == 4 || more >= length || !text_continues(b, more))
        return 0;
    uint32_t value = more ? b[0] & (0x3fu >> more) : b[0];
    for (size_t i = 1; i <= more; i++)
        value = value << 6 | (b[i] & 0x3f);
    if (value < least[more] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        return 0;
    if (code_point)
        *code_point = value;
    return more + 1;
}

bool text_check_utf8(const char *bytes, size_t length) {
    while (length) {
        size_t step = text_next(bytes, length, NULL);
        if (!step)
            return false;
        bytes += step;
        length -= step;
    }
    return true;
}

size_t text_count(const char *bytes, size_t length) {
    size_t count = 0;
    for (size_t i = 0; i < length; i++)
        count += ((unsigned char)bytes[i] & 0xc0) != 0x80;
    return count;
}

/* ── numbers and encodings ── */

bool text_parse_integer(const char *bytes, size_t length, int64_t *value) {
    bool negative = length && bytes[0] == '-';
    size_t i = negative;
    if (i == length || length - i > 19 || (bytes[i] == '0' && (length - i > 1 || negative)))
        return false;
    uint64_t magnitude = 0;
    for (; i < length; i++) {
        if (bytes[i] < '0' || bytes[i] > '9')
            return false;
        magnitude = magnitude * 10 + (uint64_t)(bytes[i] - '0'); /* 19 digits fit into 64 bits */
    }
    if (magnitude > (uint64_t)INT64_MAX + negative)
        return false;
    *value = negative ? (int64_t)(-magnitude) : (int64_t)magnitude;
    return true;
}

void text_write_hex(char *out, const void *bytes, size_t length) {
    static const char digits[] = "0123456789abcdef";
    const unsigned char *b = bytes;
    for (size_t i = 0; i < length; i++) {
        out[2 * i] = digits[b[i] >> 4];
        out[2 * i + 1] = digits[b[i] & 15];
    }
    out[2 * length] = '\0';
}

static int text_hex_value(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool text_read_hex(void *out, const char *hex, size_t length) {
    unsigned char *to = out;
    if (length % 2)
        return false;
    for (size_t i = 0; i < length; i += 2) {
        int high = text_hex_value(hex[i]), low = text_hex_value(hex[i + 1]);
        if (high < 0 || low < 0)
            return false;
        *to++ = (unsigned char)(high << 4 | low);
    }
    return true;
}

size_t text_write_base64url(char *out, const void *bytes, size_t length) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const unsigned char *b = bytes;
    size_t written = 0;
    uint32_t bits = 0;
    unsigned held = 0;
    for (size_t i = 0; i < length; i++) {
        bits = (bits << 8 | b[i]) & 0xffffff;
        for (held += 8; held >= 6; held -= 6)
            out[written++] = digits[bits >> (held - 6) & 63];
    }
    if (held)
        out[written++] = digits[bits << (6 - held) & 63];
    out[written] = '\0';
    return written;
}

static int text_base64url_value(char c) {
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

bool text_read_base64url(void *out, size_t *out_length, const char *text, size_t length) {
    unsigned char *to = out;
    uint32_t bits = 0;
    unsigned held = 0;
    if (length % 4 == 1)
        return false;
    for (size_t i = 0; i < length; i++) {
        int value = text_base64url_value(text[i]);
        if (value < 0)
            return false;
        bits = (bits << 6 | (uint32_t)value) & 0xffff;
        held += 6;
        if (held >= 8) {
            held -= 8;
            *to++ = (unsigned char)(bits >> held);
        }
    }
    *out_length = (size_t)(to - (unsigned char *)out);
    return (bits & ((1u << held) - 1)) == 0;
}

bool text_decode_percent(char *out, size_t *out_length, const char *text, size_t length, bool plus) {
    size_t written = 0;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (c == '%') {
            if (length - i < 3 || !text_read_hex(&c, text + i + 1, 2) || c == '\0')
                return false;
            i += 2;
        } else if (c == '+' && plus) {
            c = ' ';
        }
        out[written++] = c;
    }
    *out_length = written;
    return true;
}
