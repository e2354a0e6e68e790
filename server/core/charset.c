#include "core/charset.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>
#include "core/alloc.h"
#include "core/text.h"

#define MARK "\xEF\xBB\xBF"
#define REPLACEMENT "\xEF\xBF\xBD"
#define SEQUENCE_MOST 4u /* bytes of one character, in either of them */
#define OUT_SIZE 8192u

/* ── which is it? ── */

/* Could these few bytes be the beginning of a sequence? */
static bool is_beginning(const char *bytes, size_t length) {
    static const char continuations[] = "\x80\x80\x80";
    char whole[2 * SEQUENCE_MOST];
    if (length >= SEQUENCE_MOST) {
        return false;
    }
    memcpy(whole, bytes, length);
    /* the least and the greatest continuation: whatever may follow lies between them */
    for (size_t more = 1; length + more <= SEQUENCE_MOST; more++) {
        memcpy(whole + length, continuations, more);
        bool least = text_next(whole, length + more, NULL) == length + more;
        memset(whole + length, 0xBF, more);
        if (least || text_next(whole, length + more, NULL) == length + more) {
            return true;
        }
    }
    return false;
}

/* Takes what begins at `bytes`; 0: it may go on in the next piece. */
static size_t guess_step(struct charset_guess *guess, const char *bytes, size_t length) {
    size_t taken = text_next(bytes, length, NULL);
    if (taken == 0 && !is_beginning(bytes, length)) {
        guess->broken = true;
    }
    return taken;
}

/* A sequence that began in the piece before. Returns how many bytes of this piece belong to it. */
static size_t guess_join(struct charset_guess *guess, const char *bytes, size_t length) {
    size_t used = 0;
    while (guess->rest_length > 0 && used < length && !guess->broken) {
        guess->rest[guess->rest_length++] = bytes[used++];
        if (guess_step(guess, guess->rest, guess->rest_length) > 0) {
            guess->rest_length = 0;
        }
    }
    return used;
}

void charset_guess_feed(struct charset_guess *guess, const char *bytes, size_t length) {
    size_t at = guess->broken ? length : guess_join(guess, bytes, length);
    while (at < length && !guess->broken) {
        size_t taken = guess_step(guess, bytes + at, length - at);
        if (taken == 0 && !guess->broken) {
            guess->rest_length = length - at;
            memcpy(guess->rest, bytes + at, length - at);
            return;
        }
        at += taken;
    }
}

enum charset_name charset_guess_end(const struct charset_guess *guess) {
    return guess->broken || guess->rest_length > 0 ? CHARSET_GB18030 : CHARSET_UTF8;
}

/* ── into UTF-8 ── */

struct charset {
    iconv_t converter;
    char rest[SEQUENCE_MOST];
    size_t rest_length, broken;
    bool begun;
};

struct charset *charset_open(enum charset_name name) {
    struct charset *charset = alloc_zeroed(1, sizeof *charset);
    if (charset == NULL) {
        return NULL;
    }
    charset->converter = iconv_open("UTF-8", name == CHARSET_UTF8 ? "UTF-8" : "GB18030");
    if (charset->converter == (iconv_t)-1) {
        alloc_release(charset);
        return NULL;
    }
    return charset;
}

void charset_close(struct charset *charset) {
    if (charset != NULL) {
        iconv_close(charset->converter);
        alloc_release(charset);
    }
}

size_t charset_broken(const struct charset *charset) {
    return charset->broken;
}

static bool give(struct charset *charset, const char *utf8, size_t length,
                 bool (*sink)(void *context, const char *utf8, size_t length), void *context) {
    bool marked = !charset->begun && length >= 3 && memcmp(utf8, MARK, 3) == 0;
    charset->begun = charset->begun || length > 0;
    return length == 0 || (marked && length == 3) ||
           sink(context, utf8 + (marked ? 3 : 0), length - (marked ? 3 : 0));
}

/* Converts as far as it goes; *left: what the next piece must complete. false: the sink has had enough. */
static bool convert(struct charset *charset, char *in, size_t length, size_t *left,
                    bool (*sink)(void *context, const char *utf8, size_t length), void *context) {
    while (length > 0) {
        char out[OUT_SIZE], *to = out;
        size_t room = sizeof out;
        size_t done = iconv(charset->converter, &in, &length, &to, &room);
        int why = done == (size_t)-1 ? errno : 0;
        if (!give(charset, out, sizeof out - room, sink, context)) {
            return false;
        }
        if (why == EINVAL) {
            break;
        }
        if (why == EILSEQ) {
            charset->broken++;
            in++;
            length--;
            if (!give(charset, REPLACEMENT, 3, sink, context)) {
                return false;
            }
        }
    }
    *left = length;
    return true;
}

/* The rest of the piece before, with as much of this one as it takes to be whole. */
static bool join(struct charset *charset, const char **bytes, size_t *length,
                 bool (*sink)(void *context, const char *utf8, size_t length), void *context) {
    while (charset->rest_length > 0 && *length > 0) {
        size_t left = 0, had = charset->rest_length + 1;
        char whole[SEQUENCE_MOST + 1];
        memcpy(whole, charset->rest, charset->rest_length);
        whole[charset->rest_length] = **bytes;
        (*bytes)++;
        (*length)--;
        if (!convert(charset, whole, had, &left, sink, context)) {
            return false;
        }
        memcpy(charset->rest, whole + had - left, left);
        charset->rest_length = left;
    }
    return true;
}

bool charset_feed(struct charset *charset, const char *bytes, size_t length,
                  bool (*sink)(void *context, const char *utf8, size_t length), void *context) {
    size_t left = 0;
    if (!join(charset, &bytes, &length, sink, context)) {
        return false;
    }
    /* iconv reads through a pointer that is not const */
    if (length > 0 && !convert(charset, (char *)(size_t)bytes, length, &left, sink, context)) {
        return false;
    }
    if (length > 0) {
        memcpy(charset->rest, bytes + length - left, left);
        charset->rest_length = left;
    }
    return true;
}

bool charset_end(struct charset *charset, bool (*sink)(void *context, const char *utf8, size_t length),
                 void *context) {
    if (charset->rest_length == 0) {
        return true;
    }
    charset->rest_length = 0;
    charset->broken++;
    return give(charset, REPLACEMENT, 3, sink, context);
}
