#include "core/buf.h"
#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "core/alloc.h"

#define BUF_FIRST 256u

void buf_init(struct buf *buf, size_t maximum) {
    assert(maximum < SIZE_MAX / 2);
    *buf = (struct buf){.maximum = maximum};
}

void buf_free(struct buf *buf) {
    alloc_release(buf->data);
    *buf = (struct buf){.maximum = buf->maximum};
}

void buf_clear(struct buf *buf) {
    buf->length = 0;
    buf->failed = false;
    if (buf->data)
        buf->data[0] = '\0';
}

/* Room for `more` bytes and the NUL. */
static bool buf_reserve(struct buf *buf, size_t more) {
    if (buf->failed || more > buf->maximum - buf->length) {
        buf->failed = true;
        return false;
    }
    size_t needed = buf->length + more + 1;
    if (needed <= buf->capacity)
        return true;
    size_t capacity = buf->capacity ? buf->capacity * 2 : BUF_FIRST;
    if (capacity < needed)
        capacity = needed;
    if (capacity > buf->maximum + 1)
        capacity = buf->maximum + 1;
    char *data = alloc_grow(buf->data, capacity);
    if (!data) {
        buf->failed = true;
        return false;
    }
    buf->data = data;
    buf->capacity = capacity;
    return true;
}

void buf_append(struct buf *buf, const char *bytes, size_t length) {
    if (!buf_reserve(buf, length))
        return;
    if (length)
        memcpy(buf->data + buf->length, bytes, length);
    buf->length += length;
    buf->data[buf->length] = '\0';
}

void buf_text(struct buf *buf, const char *text) {
    buf_append(buf, text, strlen(text));
}

void buf_char(struct buf *buf, char c) {
    buf_append(buf, &c, 1);
}

void buf_integer(struct buf *buf, int64_t value) {
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%" PRId64, value);
    buf_append(buf, digits, (size_t)length);
}

void buf_format(struct buf *buf, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    assert(length >= 0);
    if (!buf_reserve(buf, (size_t)length))
        return;
    va_start(arguments, format);
    vsnprintf(buf->data + buf->length, (size_t)length + 1, format, arguments);
    va_end(arguments);
    buf->length += (size_t)length;
}

bool buf_failed(const struct buf *buf) {
    return buf->failed;
}

char *buf_steal(struct buf *buf, size_t *length) {
    char *data = buf->data;
    *length = buf->length;
    *buf = (struct buf){.maximum = buf->maximum};
    return data;
}

void buf_release(void *bytes) {
    alloc_release(bytes);
}
