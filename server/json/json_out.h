/* Writing JSON text into a buf: escapes, never builds a tree. Invalid UTF-8 is replaced by U+FFFD. */
#ifndef LINLI_JSON_JSON_OUT_H
#define LINLI_JSON_JSON_OUT_H

#include <stddef.h>
#include "core/buf.h"

void json_out_string(struct buf *out, const char *bytes, size_t length); /* with quotes */
void json_out_text(struct buf *out, const char *text);                   /* NUL-terminated; NULL → null */

#endif
