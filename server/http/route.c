#include "http/route.h"

#include <string.h>

/* A cursor over the raw path: what is left, and where decoded values go. */
struct walk {
    struct text rest;
    struct route_match *match;
    size_t stored;
};

static bool strip_base(struct text *path) {
    size_t base = strlen(contract_base_path);
    if (path->length <= base || memcmp(path->bytes, contract_base_path, base) != 0 ||
        path->bytes[base] != '/') {
        return false;
    }
    path->bytes += base + 1;
    path->length -= base + 1;
    return true;
}

static bool has_control(const char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if (byte < 0x20 || byte == 0x7f) {
            return true;
        }
    }
    return false;
}

/* Decodes one raw segment behind what is stored already. false: no segment of ours can look like this. */
static bool decode(struct walk *walk, struct text raw, struct text *decoded) {
    char *out = walk->match->storage + walk->stored;
    size_t length = 0;
    if (raw.length == 0 || walk->stored + raw.length + 1 > ROUTE_STORAGE) {
        return false;
    }
    if (!text_decode_percent(out, &length, raw.bytes, raw.length, false) || has_control(out, length)) {
        return false;
    }
    if (!text_check_utf8(out, length)) {
        return false;
    }
    out[length] = '\0';
    *decoded = (struct text){out, length};
    return !text_is(*decoded, ".") && !text_is(*decoded, "..");
}

/* Literal children are sorted by segment; the parameter child, if any, is the last. */
static const struct route_node *child_of(const struct route_node *node, struct text segment, bool *is_value) {
    size_t count = node->child_count;
    const struct route_node *parameter = NULL;
    if (count > 0 && node->children[count - 1].segment == NULL) {
        parameter = &node->children[--count];
    }
    *is_value = false;
    for (size_t low = 0, high = count; low < high;) {
        size_t middle = low + (high - low) / 2;
        const char *name = node->children[middle].segment;
        int order = strcmp(name, segment.bytes);
        if (order == 0) {
            return &node->children[middle];
        }
        *(order < 0 ? &low : &high) = order < 0 ? middle + 1 : middle;
    }
    *is_value = parameter != NULL;
    return parameter;
}

static const struct route_node *descend(struct walk *walk, const struct route_node *node) {
    struct text raw;
    do {
        const char *slash = memchr(walk->rest.bytes, '/', walk->rest.length);
        raw.bytes = walk->rest.bytes;
        raw.length = slash == NULL ? walk->rest.length : (size_t)(slash - walk->rest.bytes);
        walk->rest.bytes = slash == NULL ? NULL : slash + 1;
        walk->rest.length -= raw.length + (slash == NULL ? 0 : 1);
        struct text segment;
        bool is_value = false;
        if (!decode(walk, raw, &segment)) {
            return NULL;
        }
        node = child_of(node, segment, &is_value);
        if (is_value) {
            if (walk->match->count == ROUTE_VALUES_MAX) {
                return NULL;
            }
            walk->match->values[walk->match->count++] = segment;
            walk->stored += segment.length + 1;
        }
    } while (node != NULL && walk->rest.bytes != NULL);
    return node;
}

enum route_result route_find(enum http_method method, const char *path, size_t length,
                             struct route_match *match) {
    struct walk walk = {{path, length}, match, 0};
    match->operation = NULL;
    match->count = 0;
    match->methods = 0;
    const struct route_node *node = strip_base(&walk.rest) ? descend(&walk, &contract_routes) : NULL;
    if (node == NULL) {
        return ROUTE_NOT_FOUND;
    }
    for (unsigned i = 0; i < METHOD_COUNT; i++) {
        match->methods |= node->operations[i] == NULL ? 0u : 1u << i;
    }
    if (match->methods == 0) {
        return ROUTE_NOT_FOUND;
    }
    match->operation = method < METHOD_COUNT ? node->operations[method] : NULL;
    return match->operation == NULL ? ROUTE_WRONG_METHOD : ROUTE_FOUND;
}
