#include "json/json_out.h"
#include <string.h>
#include "core/text.h"

/* Bytes that may stand in a JSON string as they are: printable ASCII but quote and backslash. */
static bool json_out_is_plain(unsigned char c) {
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void json_out_escape(struct buf *out, unsigned char c) {
    static const char letters[] = "btn?fr"; /* 8 to 13; 11 has no letter */
    if (c == '"' || c == '\\') {
        buf_char(out, '\\');
        buf_char(out, (char)c);
    } else if (c >= 8 && c <= 13 && c != 11) {
        buf_char(out, '\\');
        buf_char(out, letters[c - 8]);
    } else {
        buf_format(out, "\\u%04x", c);
    }
}

void json_out_string(struct buf *out, const char *bytes, size_t length) {
    size_t start = 0, i = 0; /* bytes[start, i) can be copied as they are */
    buf_char(out, '"');
    while (i < length) {
        if (json_out_is_plain((unsigned char)bytes[i])) {
            i++;
            continue;
        }
        bool ascii = (unsigned char)bytes[i] < 0x80;
        size_t step = ascii ? 1 : text_next(bytes + i, length - i, NULL);
        if (!ascii && step) {
            i += step;
            continue;
        }
        buf_append(out, bytes + start, i - start);
        if (ascii)
            json_out_escape(out, (unsigned char)bytes[i]);
        else
            buf_text(out, "\xef\xbf\xbd");
        start = ++i;
    }
    buf_append(out, bytes + start, length - start);
    buf_char(out, '"');
}

void json_out_text(struct buf *out, const char *text) {
    if (text)
        json_out_string(out, text, strlen(text));
    else
        buf_text(out, "null");
}
