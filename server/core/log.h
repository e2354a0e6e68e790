/* Log: one JSON line an event on standard error, written by a single write(2), so that lines of threads do
 * not mix.
 *
 * Never give it personal data, tokens, query strings or SQL values: ids, names of operations and figures
 * only. A line is at most 4 KiB (what a pipe takes in one piece); longer texts are cut and end in "…".
 *
 *     log_event(LOG_LEVEL_INFO, "listening", log_integer("port", port), log_text("address", address));
 */
#ifndef LINLI_CORE_LOG_H
#define LINLI_CORE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARNING, LOG_LEVEL_ERROR };
enum log_type { LOG_TYPE_TEXT, LOG_TYPE_INTEGER, LOG_TYPE_FLAG, LOG_TYPE_MILLISECONDS };

struct log_field {
    const char *key;
    enum log_type type;
    const char *text; /* NULL is written as null */
    int64_t integer;  /* LOG_TYPE_MILLISECONDS: nanoseconds, written as milliseconds with three decimals */
};

static inline struct log_field log_text(const char *key, const char *text) {
    return (struct log_field){key, LOG_TYPE_TEXT, text, 0};
}

static inline struct log_field log_integer(const char *key, int64_t value) {
    return (struct log_field){key, LOG_TYPE_INTEGER, NULL, value};
}

static inline struct log_field log_flag(const char *key, bool value) {
    return (struct log_field){key, LOG_TYPE_FLAG, NULL, value};
}

static inline struct log_field log_duration(const char *key, uint64_t nanoseconds) {
    return (struct log_field){key, LOG_TYPE_MILLISECONDS, NULL, (int64_t)nanoseconds};
}

#define LOG_FIELDS_(...) ((const struct log_field[]){{NULL, LOG_TYPE_TEXT, NULL, 0}, __VA_ARGS__})
#define log_event(level, event, ...)                                                                         \
    log_write((level), (event), LOG_FIELDS_(__VA_ARGS__) + 1,                                                \
              sizeof LOG_FIELDS_(__VA_ARGS__) / sizeof(struct log_field) - 1)

void log_write(enum log_level level, const char *event, const struct log_field *fields, size_t count);
bool log_read_level(const char *name, enum log_level *level); /* debug info warning error */
void log_set_level(enum log_level least);                     /* before threads start */
bool log_wants(enum log_level level);

/* From now on this thread's lines are kept until log_flush, a warning, or 4 KiB of them: still whole lines in one
 * write(2), but one for many. For threads that come back to log_flush before they wait for anything. */
void log_hold(void);
void log_flush(void);

#endif
