#include "http/conditional.h"

#include "core/text.h"

const char *conditional_etag(struct arena *arena, const char *value, size_t length) {
    return arena_format(arena, "\"%.*s\"", (int)length, value);
}

static struct text strong(struct text tag) {
    return text_starts_with(tag, "W/") ? (struct text){tag.bytes + 2, tag.length - 2} : tag;
}

bool conditional_matches(const char *if_none_match, const char *etag) {
    struct text rest = text_of(if_none_match), tag;
    if (if_none_match == NULL || etag == NULL) {
        return false;
    }
    while (text_split(&rest, ',', &tag)) {
        tag = text_trim(tag);
        if (text_is(tag, "*") || text_equals(strong(tag), strong(text_of(etag)))) {
            return true;
        }
    }
    return false;
}

enum if_match conditional_if_match(struct arena *arena, const char *if_match, const char **version) {
    struct text tag = text_trim(text_of(if_match));
    int64_t number;
    *version = NULL;
    if (if_match == NULL) {
        return IF_MATCH_NONE;
    }
    if (text_is(tag, "*")) {
        return IF_MATCH_ANY;
    }
    if (tag.length < 3 || tag.bytes[0] != '"' || tag.bytes[tag.length - 1] != '"' ||
        !text_parse_integer(tag.bytes + 1, tag.length - 2, &number)) {
        return IF_MATCH_NEVER;
    }
    *version = arena_copy(arena, tag.bytes + 1, tag.length - 2);
    return *version == NULL ? IF_MATCH_NEVER : IF_MATCH_VERSION;
}
