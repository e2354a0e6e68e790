/* Text files as people have them: UTF-8 (with or without its mark) or GB18030, into UTF-8, piece by piece.
 *
 * Which of the two it is shows only at the end of the file: UTF-8 that is none is GB18030 (no text of some
 * length is both by chance). So a file is read twice: first by a charset_guess, then by a charset. Owns
 * iconv's state.
 */
#ifndef LINLI_CORE_CHARSET_H
#define LINLI_CORE_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

enum charset_name { CHARSET_UTF8, CHARSET_GB18030 };

struct charset_guess {
    char rest[4]; /* the beginning of a sequence that the next piece ends */
    size_t rest_length;
    bool broken;
};

void charset_guess_feed(struct charset_guess *guess, const char *bytes, size_t length);
enum charset_name charset_guess_end(const struct charset_guess *guess);

struct charset;

/* NULL: out of memory, or the C library lacks GB18030. */
struct charset *charset_open(enum charset_name name);
void charset_close(struct charset *charset); /* NULL is fine */
/* UTF-8 goes to `sink`, in pieces of at most some kilobytes; a mark at the beginning is left out, and a byte
 * that is no text becomes U+FFFD and is counted. false: the sink has had enough. */
bool charset_feed(struct charset *charset, const char *bytes, size_t length,
                  bool (*sink)(void *context, const char *utf8, size_t length), void *context);
/* A sequence that the file's end cut off. */
bool charset_end(struct charset *charset, bool (*sink)(void *context, const char *utf8, size_t length),
                 void *context);
size_t charset_broken(const struct charset *charset);

#endif
