#include "core/log.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "core/clock.h"
#include "core/text.h"

#define LOG_LINE_SIZE 4096u
#define LOG_TEXT_MAX 1024u
#define LOG_RESERVE 8u /* always left for the closing brace, the newline and a cut text's quote */

static const char *const level_names[] = {"debug", "info", "warning", "error"};
static enum log_level least_level = LOG_LEVEL_INFO;

struct log_line {
    size_t length;
    char bytes[LOG_LINE_SIZE];
};

bool log_read_level(const char *name, enum log_level *level) {
    for (size_t i = 0; i < sizeof level_names / sizeof *level_names; i++)
        if (strcmp(name, level_names[i]) == 0) {
            *level = (enum log_level)i;
            return true;
        }
    return false;
}

void log_set_level(enum log_level least) {
    least_level = least;
}

bool log_wants(enum log_level level) {
    return level >= least_level;
}

static size_t log_room(const struct log_line *line) {
    size_t usable = LOG_LINE_SIZE - LOG_RESERVE;
    return line->length < usable ? usable - line->length : 0;
}

/* All or nothing; false when the line is full. */
static bool log_put(struct log_line *line, const char *bytes, size_t length) {
    if (length > log_room(line))
        return false;
    memcpy(line->bytes + line->length, bytes, length);
    line->length += length;
    return true;
}

/* One code point, escaped; what is not UTF-8 becomes "?". Returns the bytes taken, 0 when the line is full.
 */
static size_t log_put_character(struct log_line *line, const char *text, size_t left) {
    char escape[8];
    unsigned char c = (unsigned char)text[0];
    if (c == '"' || c == '\\') {
        escape[0] = '\\';
        escape[1] = (char)c;
        return log_put(line, escape, 2);
    }
    if (c < 0x20 || c == 0x7f) {
        int length = snprintf(escape, sizeof escape, "\\u%04x", c);
        return log_put(line, escape, (size_t)length);
    }
    size_t step = text_next(text, left, NULL);
    if (!step)
        return log_put(line, "?", 1);
    return log_put(line, text, step) ? step : 0;
}

static void log_put_text(struct log_line *line, const char *text) {
    size_t left = strlen(text), written = 0;
    log_put(line, "\"", 1);
    while (left && written < LOG_TEXT_MAX) {
        size_t step = log_put_character(line, text, left);
        if (!step)
            break;
        text += step;
        left -= step;
        written += step;
    }
    /* The reserve has room for this even when the line is full. */
    const char *end = left ? "…\"" : "\"";
    memcpy(line->bytes + line->length, end, strlen(end));
    line->length += strlen(end);
}

static void log_put_value(struct log_line *line, const struct log_field *field) {
    char digits[32];
    int length = 0;
    switch (field->type) {
    case LOG_TYPE_TEXT:
        if (field->text)
            log_put_text(line, field->text);
        else
            log_put(line, "null", 4);
        return;
    case LOG_TYPE_FLAG:
        length = snprintf(digits, sizeof digits, "%s", field->integer ? "true" : "false");
        break;
    case LOG_TYPE_INTEGER:
        length = snprintf(digits, sizeof digits, "%" PRId64, field->integer);
        break;
    case LOG_TYPE_MILLISECONDS:
        length = snprintf(digits, sizeof digits, "%" PRId64 ".%03d", field->integer / 1000000,
                          (int)(field->integer / 1000 % 1000));
        break;
    }
    log_put(line, digits, (size_t)length);
}

/* A field either fits whole or is left out; only texts are cut. */
static void log_put_field(struct log_line *line, const struct log_field *field) {
    size_t longest = strlen(field->key) + 4 + (field->type == LOG_TYPE_TEXT ? 16 : 32);
    if (longest > log_room(line))
        return;
    log_put(line, ",\"", 2);
    log_put(line, field->key, strlen(field->key));
    log_put(line, "\":", 2);
    log_put_value(line, field);
}

static _Thread_local struct {
    bool holds;
    size_t length;
    char bytes[LOG_LINE_SIZE];
} held;

static void log_send(const char *bytes, size_t length) {
    /* Standard error may be closed or full; there is nobody to tell. */
    ssize_t ignored = write(STDERR_FILENO, bytes, length);
    (void)ignored;
}

void log_flush(void) {
    if (held.length > 0) {
        log_send(held.bytes, held.length);
        held.length = 0;
    }
}

void log_hold(void) {
    held.holds = true;
}

static void log_keep(const char *bytes, size_t length) {
    if (length > sizeof held.bytes - held.length) {
        log_flush();
    }
    memcpy(held.bytes + held.length, bytes, length); /* no line is longer than what is kept */
    held.length += length;
}

void log_write(enum log_level level, const char *event, const struct log_field *fields, size_t count) {
    if (!log_wants(level))
        return;
    struct log_line line; /* its bytes are written before they are read */
    char stamp[CLOCK_STAMP_SIZE];
    clock_write_stamp(stamp, clock_wall_us(), 3);
    int length =
        snprintf(line.bytes, 256, "{\"at\":\"%s\",\"level\":\"%s\",\"event\":", stamp, level_names[level]);
    line.length = (size_t)length;
    log_put_text(&line, event);
    for (size_t i = 0; i < count; i++)
        log_put_field(&line, &fields[i]);
    line.bytes[line.length++] = '}';
    line.bytes[line.length++] = '\n';
    if (!held.holds) {
        log_send(line.bytes, line.length);
        return;
    }
    log_keep(line.bytes, line.length);
    if (level >= LOG_LEVEL_WARNING)
        log_flush();
}
