#include "json/json_in.h"
#include <string.h>
#include "core/alloc.h"

/* jansson does not always say why an allocation failed, so the allocator itself remembers. */
static _Thread_local bool json_in_starved;

static void *json_in_alloc(size_t size) {
    void *bytes = alloc_bytes(size);
    if (!bytes)
        json_in_starved = true;
    return bytes;
}

void json_in_setup(void) {
    json_set_alloc_funcs(json_in_alloc, alloc_release);
    json_object_seed(0);
}

/* ── before jansson: depth and number of values, without recursion ── */

struct json_scan {
    const char *bytes;
    size_t length, at;
    unsigned depth, nodes;
    bool opened; /* the last thing read was an opening bracket */
};

/* After the opening quote; stops behind the closing one, or at the end. */
static void json_scan_string(struct json_scan *scan) {
    while (scan->at < scan->length) {
        char c = scan->bytes[scan->at++];
        if (c == '"')
            return;
        if (c == '\\')
            scan->at++;
    }
    scan->at = scan->length;
}

/* Values are the root, what follows an opening bracket, and what follows a comma. */
static enum json_in_error json_scan_step(struct json_scan *scan, const struct json_in_limits *limits) {
    char c = scan->bytes[scan->at++];
    bool opened = scan->opened;
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
        return JSON_IN_OK;
    scan->opened = c == '[' || c == '{';
    if (opened && c != ']' && c != '}')
        scan->nodes++;
    if (c == ',')
        scan->nodes++;
    else if (c == '"')
        json_scan_string(scan);
    else if (c == ']' || c == '}')
        scan->depth -= scan->depth > 0;
    else if (scan->opened && ++scan->depth > limits->depth)
        return JSON_IN_TOO_DEEP;
    return scan->nodes > limits->nodes ? JSON_IN_TOO_MANY : JSON_IN_OK;
}

static enum json_in_error json_scan_run(const char *bytes, size_t length, const struct json_in_limits *limits,
                                        size_t *position) {
    struct json_scan scan = {.bytes = bytes, .length = length, .nodes = 1};
    enum json_in_error error = JSON_IN_OK;
    while (scan.at < length && error == JSON_IN_OK)
        error = json_scan_step(&scan, limits);
    if (error != JSON_IN_OK)
        *position = scan.at ? scan.at - 1 : 0;
    return error;
}

/* ── numbers that fit nowhere ── */

static bool json_in_is_number_part(char c) {
    return (c >= '0' && c <= '9') || c == '.' || c == 'e' || c == 'E' || c == '+' || c == '-';
}

/* jansson gives up at a number beyond int64 or double. The text is correct JSON, though, and the client
 * should learn which field is wrong: so such a number is read as 9e99, a real beyond the bounds of every
 * schema of ours. */
static char *json_in_tame_numbers(struct arena *arena, const char *bytes, size_t length) {
    struct json_scan scan = {.length = length};
    char *copy = arena_copy(arena, bytes, length);
    scan.bytes = copy;
    while (copy && scan.at < length) {
        size_t start = scan.at;
        char c = copy[scan.at++];
        if (c == '"')
            json_scan_string(&scan);
        if (c != '-' && (c < '0' || c > '9'))
            continue;
        while (scan.at < length && json_in_is_number_part(copy[scan.at]))
            scan.at++;
        size_t size = scan.at - start;
        bool real = memchr(copy + start, '.', size) || memchr(copy + start, 'e', size) ||
                    memchr(copy + start, 'E', size);
        if (size >= (real ? 5u : 19u)) {
            memset(copy + start, '0', size);
            copy[start] = copy[start + size - 1] = copy[start + size - 2] = '9';
            copy[start + 1] = 'e';
        }
    }
    return copy;
}

/* ── parsing ── */

static void json_in_release(void *tree) {
    json_decref(tree);
}

static json_t *json_in_load(const char *bytes, size_t length, json_error_t *error) {
    json_in_starved = false;
    return json_loadb(bytes, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, error);
}

static enum json_in_error json_in_judge(const json_error_t *error) {
    if (json_in_starved)
        return JSON_IN_MEMORY;
    return json_error_code(error) == json_error_duplicate_key ? JSON_IN_DUPLICATE_KEY : JSON_IN_SYNTAX;
}

enum json_in_error json_in_parse(struct arena *arena, const char *bytes, size_t length,
                                 struct json_in_limits limits, json_t **tree, size_t *position) {
    *position = 0;
    if (!length)
        return JSON_IN_SYNTAX;
    enum json_in_error refused = json_scan_run(bytes, length, &limits, position);
    if (refused != JSON_IN_OK)
        return refused;
    json_error_t error;
    json_t *read = json_in_load(bytes, length, &error);
    if (!read && !json_in_starved && json_error_code(&error) == json_error_numeric_overflow) {
        const char *tamed = json_in_tame_numbers(arena, bytes, length);
        if (!tamed)
            return JSON_IN_MEMORY;
        read = json_in_load(tamed, length, &error);
    }
    if (!read) {
        *position = error.position > 0 ? (size_t)error.position : 0;
        return json_in_judge(&error);
    }
    if (!arena_defer(arena, json_in_release, read))
        return JSON_IN_MEMORY;
    *tree = read;
    return JSON_IN_OK;
}
