/* Growing byte buffer with a maximum.
 *
 * Owns its bytes (core's allocator, not an arena: a reply's buffer outlives the request's arena and is handed
 * to libmicrohttpd). Once an append would pass the maximum, the buffer is `failed`, further appends do
 * nothing, and the caller checks `buf_failed` once at the end. Always NUL-terminated.
 */
#ifndef LINLI_CORE_BUF_H
#define LINLI_CORE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
    char *data; /* NULL until the first append */
    size_t length, capacity, maximum;
    bool failed;
};

void buf_init(struct buf *buf, size_t maximum);
void buf_free(struct buf *buf);
void buf_clear(struct buf *buf);
void buf_append(struct buf *buf, const char *bytes, size_t length);
void buf_text(struct buf *buf, const char *text);
void buf_char(struct buf *buf, char c);
void buf_integer(struct buf *buf, int64_t value);
void buf_format(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool buf_failed(const struct buf *buf);
/* Gives the bytes away (release with buf_release) and leaves the buffer empty. */
char *buf_steal(struct buf *buf, size_t *length);
void buf_release(void *bytes);

#endif
