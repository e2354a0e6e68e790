#include "http/query.h"

#include <string.h>

#include "core/text.h"

static size_t find_parameter(const struct operation *operation, struct text name) {
    for (size_t i = 0; i < operation->parameter_count; i++) {
        if (operation->parameters[i].in == IN_QUERY && text_is(name, operation->parameters[i].name)) {
            return i;
        }
    }
    return operation->parameter_count;
}

/* Decoded arena copy of a raw part. false: a broken escape, %00 or no UTF-8. */
static bool decode(struct arena *arena, struct text raw, struct text *decoded) {
    char *out = arena_alloc(arena, raw.length + 1);
    decoded->bytes = out;
    decoded->length = 0;
    if (out == NULL || !text_decode_percent(out, &decoded->length, raw.bytes, raw.length, true)) {
        return false;
    }
    out[decoded->length] = '\0';
    return text_check_utf8(out, decoded->length) && memchr(out, '\0', decoded->length) == NULL;
}

static void refuse(struct field_errors *errors, enum field_code code, const char *name) {
    validate_refuse(errors, (struct field_error){.parameter = name, .code = code});
}

/* The name of a pair that cannot be decoded is shown as far as it is plain ASCII. */
static const char *shown_name(struct arena *arena, struct text raw) {
    size_t plain = 0;
    while (plain < raw.length && raw.bytes[plain] > 0x20 && raw.bytes[plain] < 0x7f) {
        plain++;
    }
    const char *name = arena_copy(arena, raw.bytes, plain);
    return name == NULL ? "" : name;
}

static void read_pair(struct arena *arena, const struct operation *operation, struct text pair,
                      struct value *values, struct field_errors *errors) {
    const char *equals = memchr(pair.bytes, '=', pair.length);
    struct text raw = {pair.bytes, equals == NULL ? pair.length : (size_t)(equals - pair.bytes)};
    struct text name;
    if (!decode(arena, raw, &name)) {
        refuse(errors, FIELD_INVALID, shown_name(arena, raw));
        return;
    }
    size_t index = find_parameter(operation, name);
    if (index == operation->parameter_count) {
        refuse(errors, FIELD_UNKNOWN, name.bytes);
        return;
    }
    if (values[index].present) {
        refuse(errors, FIELD_REPEATED, name.bytes);
        return;
    }
    struct text value = {"", 0};
    if (equals == NULL || !decode(arena, (struct text){equals + 1, pair.length - raw.length - 1}, &value)) {
        refuse(errors, FIELD_INVALID, name.bytes);
        return;
    }
    values[index] = (struct value){value.bytes, value.length, true};
}

bool query_read(struct arena *arena, const struct operation *operation, const char *query, size_t length,
                struct value *values, struct field_errors *errors) {
    size_t before = errors->count;
    const char *end = length == 0 ? NULL : query + length;
    for (const char *at = length == 0 ? NULL : query; at != NULL;) {
        const char *stop = memchr(at, '&', (size_t)(end - at));
        struct text pair = {at, (size_t)((stop == NULL ? end : stop) - at)};
        read_pair(arena, operation, pair, values, errors);
        at = stop == NULL || errors->count == FIELD_ERRORS_MAX ? NULL : stop + 1;
    }
    return errors->count == before;
}
