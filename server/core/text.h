/* Text: views of bytes, UTF-8, hexadecimal, base64url, numbers, percent-decoding. Owns nothing, allocates
 * nothing.
 *
 * A view is not NUL-terminated. Output arguments are the caller's; every decoder is strict: one spelling of a
 * value, no overlong forms, no surrounding space, and false with the output unspecified otherwise.
 */
#ifndef LINLI_CORE_TEXT_H
#define LINLI_CORE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
    const char *bytes;
    size_t length;
};

struct text text_of(const char *terminated); /* NULL → empty */
bool text_equals(struct text a, struct text b);
bool text_is(struct text a, const char *terminated);
bool text_is_ignoring_case(struct text a, const char *terminated); /* ASCII */
bool text_starts_with(struct text a, const char *prefix);
struct text text_trim(struct text a); /* blanks and tabs at both ends */
/* Cuts what stands before `separator` off *rest (the separator goes too). false when *rest is used up (bytes
 * NULL). */
bool text_split(struct text *rest, char separator, struct text *part);

/* Takes as long for equal as for different bytes of one length. */
bool text_equals_secret(const void *a, const void *b, size_t length);

/* Length in bytes of the valid UTF-8 sequence at the start, 0 when there is none. *code_point may be NULL. */
size_t text_next(const char *bytes, size_t length, uint32_t *code_point);
bool text_check_utf8(const char *bytes, size_t length);
size_t text_count(const char *bytes, size_t length); /* code points; bytes must be valid UTF-8 */

/* Decimal int64: an optional minus, no plus, no leading zeros, nothing else. */
bool text_parse_integer(const char *bytes, size_t length, int64_t *value);

/* out: 2 × length + 1 bytes, lower case, terminated. */
void text_write_hex(char *out, const void *bytes, size_t length);
/* Both cases; length even; out: length / 2 bytes. */
bool text_read_hex(void *out, const char *hex, size_t length);

#define TEXT_BASE64URL_SIZE(n) (((n)*4 + 2) / 3 + 1)
/* Without padding, terminated; returns the length without the NUL. out: TEXT_BASE64URL_SIZE(length) bytes. */
size_t text_write_base64url(char *out, const void *bytes, size_t length);
/* Without padding; unused bits must be zero. out: length × 3 / 4 bytes. */
bool text_read_base64url(void *out, size_t *out_length, const char *text, size_t length);

/* %XX → byte; refuses a broken escape and %00. plus: '+' means a blank (query parts). out: length bytes. */
bool text_decode_percent(char *out, size_t *out_length, const char *text, size_t length, bool plus);

#endif
