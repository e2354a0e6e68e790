#include "http/validate.h"

#include <assert.h>
#include <inttypes.h>
#include <regex.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/id_number.h"
#include "core/text.h"
#include "core/uuid.h"
#include "http/request.h"

static regex_t *compiled;
static size_t compiled_count;

/* Where in the body: a list from the leaf to the root, on the C stack. name NULL: a place in an array. */
struct place {
    const struct place *above;
    const char *name;
    size_t index;
};

/* One run over a body or over the parameters. */
struct check {
    struct arena *arena;   /* NULL for parameters: their names need no memory */
    const char *parameter; /* NULL for the body */
    struct field_errors *errors;
};

static void check_json(struct check *check, const struct schema *schema, json_t *value,
                       const struct place *place);

/* ── errors ─────────────────────────────────────────────────────────────────────────────────────────────────
 */

void validate_refuse(struct field_errors *errors, struct field_error error) {
    if (errors->count < FIELD_ERRORS_MAX) {
        errors->items[errors->count++] = error;
    }
}

static size_t escaped_length(const struct place *place) {
    size_t length = 1;
    if (place->name == NULL) {
        return length + 20;
    }
    for (const char *c = place->name; *c != '\0'; c++) {
        length += *c == '~' || *c == '/' ? 2 : 1;
    }
    return length;
}

static char *append_escaped(char *out, const char *name) {
    for (; *name != '\0'; name++) {
        if (*name == '~' || *name == '/') {
            *out++ = '~';
            *out++ = *name == '~' ? '0' : '1';
        } else {
            *out++ = *name;
        }
    }
    return out;
}

static char *append_place(char *out, const struct place *place) {
    if (place == NULL) {
        return out;
    }
    out = append_place(out, place->above);
    *out++ = '/';
    return place->name != NULL ? append_escaped(out, place->name)
                               : out + snprintf(out, 21, "%zu", place->index);
}

static const char *pointer_to(struct arena *arena, const struct place *place) {
    size_t length = 1;
    for (const struct place *at = place; at != NULL; at = at->above) {
        length += escaped_length(at);
    }
    char *text = arena_alloc(arena, length);
    if (text == NULL) {
        return "";
    }
    *append_place(text, place) = '\0';
    return text;
}

static void refuse(struct check *check, enum field_code code, const struct schema *schema,
                   const struct place *place) {
    if (check->errors->count == FIELD_ERRORS_MAX) {
        return;
    }
    struct field_error error = {.parameter = check->parameter, .code = code, .schema = schema};
    if (check->parameter == NULL) {
        error.pointer = pointer_to(check->arena, place);
    }
    validate_refuse(check->errors, error);
}

/* ── texts ──────────────────────────────────────────────────────────────────────────────────────────────────
 */

static bool is_email(const char *text, size_t length) {
    const char *at = memchr(text, '@', length);
    if (at == NULL || at == text || at - text > 64 || length > 254) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c <= 0x20 || c >= 0x7f || c == ',' || c == ';' || c == '<' || c == '>' ||
            (c == '@' && text + i != at)) {
            return false;
        }
    }
    const char *dot = strrchr(at, '.');
    return dot != NULL && dot > at + 1 && dot[1] != '\0' && at[1] != '.';
}

static bool has_format(const struct schema *schema, const char *text, size_t length) {
    switch (schema->type) {
    case VALUE_UUID:
        return uuid_check(text, length);
    case VALUE_DATE:
        return clock_check_date(text, length);
    case VALUE_TIMESTAMP:
        return clock_check_stamp(text, length);
    default:
        return (schema->format != TEXT_FORMAT_EMAIL || is_email(text, length)) &&
               (schema->format != TEXT_FORMAT_CN_ID_NUMBER || id_number_check(text, length));
    }
}

static bool is_choice(const struct schema *schema, const char *text) {
    for (const char *const *choice = schema->choices; *choice != NULL; choice++) {
        if (strcmp(*choice, text) == 0) {
            return true;
        }
    }
    return false;
}

static bool matches(const struct schema *schema, const char *text) {
    assert(schema->pattern_index < compiled_count);
    return regexec(&compiled[schema->pattern_index], text, 0, NULL, 0) == 0;
}

/* text is NUL-terminated and valid UTF-8; one error at most, the plainest. */
static void check_text(struct check *check, const struct schema *schema, const char *text, size_t length,
                       const struct place *place) {
    size_t characters = text_count(text, length);
    if (memchr(text, '\0', length) != NULL) {
        refuse(check, FIELD_INVALID, schema, place);
    } else if (schema->choices != NULL && !is_choice(schema, text)) {
        refuse(check, FIELD_CHOICE, schema, place);
    } else if (characters < schema->min_length) {
        refuse(check, FIELD_TOO_SHORT, schema, place);
    } else if (characters > schema->max_length) {
        refuse(check, FIELD_TOO_LONG, schema, place);
    } else if (!has_format(schema, text, length)) {
        refuse(check, FIELD_FORMAT, schema, place);
    } else if (schema->pattern != NULL && !matches(schema, text)) {
        refuse(check, FIELD_PATTERN, schema, place);
    }
}

static void check_integer(struct check *check, const struct schema *schema, int64_t value,
                          const struct place *place) {
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, value);
    if (schema->choices != NULL && !is_choice(schema, text)) {
        refuse(check, FIELD_CHOICE, schema, place);
    } else if (value < schema->minimum) {
        refuse(check, FIELD_MINIMUM, schema, place);
    } else if (value > schema->maximum) {
        refuse(check, FIELD_MAXIMUM, schema, place);
    }
}

static void check_number(struct check *check, const struct schema *schema, double value,
                         const struct place *place) {
    if (value < (double)schema->minimum) {
        refuse(check, FIELD_MINIMUM, schema, place);
    } else if (value > (double)schema->maximum) {
        refuse(check, FIELD_MAXIMUM, schema, place);
    }
}

/* ── bodies ─────────────────────────────────────────────────────────────────────────────────────────────────
 */

static const struct property *find_property(const struct schema *schema, const char *name) {
    size_t low = 0, high = schema->property_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(schema->properties[middle].name, name);
        if (order == 0) {
            return &schema->properties[middle];
        }
        *(order < 0 ? &low : &high) = order < 0 ? middle + 1 : middle;
    }
    return NULL;
}

static void check_object(struct check *check, const struct schema *schema, json_t *object,
                         const struct place *above) {
    for (size_t i = 0; i < schema->property_count; i++) {
        const struct property *property = &schema->properties[i];
        if (property->required && json_object_get(object, property->name) == NULL) {
            refuse(check, FIELD_REQUIRED, property->schema, &(struct place){above, property->name, 0});
        }
    }
    const char *name;
    json_t *member;
    json_object_foreach(object, name, member) {
        const struct property *property = find_property(schema, name);
        struct place place = {above, name, 0};
        if (property == NULL) {
            refuse(check, FIELD_UNKNOWN, NULL, &place);
        } else {
            check_json(check, property->schema, member, &place);
        }
    }
}

/* Only for arrays within max_items, so that the pairs stay few. */
static void check_unique(struct check *check, const struct schema *schema, json_t *array,
                         const struct place *above) {
    for (size_t i = 1; i < json_array_size(array); i++) {
        for (size_t j = 0; j < i; j++) {
            if (json_equal(json_array_get(array, i), json_array_get(array, j))) {
                refuse(check, FIELD_DUPLICATE, schema, &(struct place){above, NULL, i});
                break;
            }
        }
    }
}

static void check_array(struct check *check, const struct schema *schema, json_t *array,
                        const struct place *above) {
    size_t size = json_array_size(array);
    if (size > schema->max_items) {
        refuse(check, FIELD_TOO_MANY, schema, above);
        return;
    }
    if (size < schema->min_items) {
        refuse(check, FIELD_TOO_FEW, schema, above);
    }
    for (size_t i = 0; i < size; i++) {
        check_json(check, schema->items, json_array_get(array, i), &(struct place){above, NULL, i});
    }
    if (schema->unique_items) {
        check_unique(check, schema, array, above);
    }
}

static void check_json(struct check *check, const struct schema *schema, json_t *value,
                       const struct place *place) {
    json_type type = json_typeof(value);
    if (type == JSON_NULL) {
        if (!schema->nullable) {
            refuse(check, FIELD_NULL, schema, place);
        }
    } else if (schema->type == VALUE_OBJECT && type == JSON_OBJECT) {
        check_object(check, schema, value, place);
    } else if (schema->type == VALUE_ARRAY && type == JSON_ARRAY) {
        check_array(check, schema, value, place);
    } else if (schema->type == VALUE_INTEGER && type == JSON_INTEGER) {
        check_integer(check, schema, (int64_t)json_integer_value(value), place);
    } else if (schema->type == VALUE_NUMBER && (type == JSON_INTEGER || type == JSON_REAL)) {
        check_number(check, schema, json_number_value(value), place);
    } else if (schema->type <= VALUE_TIMESTAMP && type == JSON_STRING) {
        check_text(check, schema, json_string_value(value), json_string_length(value), place);
    } else if (schema->type != VALUE_BOOLEAN || (type != JSON_TRUE && type != JSON_FALSE)) {
        refuse(check, FIELD_TYPE, schema, place);
    }
}

bool validate_body(struct arena *arena, const struct schema *schema, json_t *body,
                   struct field_errors *errors) {
    size_t before = errors->count;
    struct check check = {.arena = arena, .errors = errors};
    check_json(&check, schema, body, NULL);
    return errors->count == before;
}

/* ── parameters ─────────────────────────────────────────────────────────────────────────────────────────────
 */

static void check_parameter(struct check *check, const struct schema *schema, const struct value *value) {
    int64_t integer = 0;
    if (!text_check_utf8(value->text, value->length)) {
        refuse(check, FIELD_INVALID, schema, NULL);
    } else if (schema->type == VALUE_INTEGER) {
        if (text_parse_integer(value->text, value->length, &integer)) {
            check_integer(check, schema, integer, NULL);
        } else {
            refuse(check, FIELD_TYPE, schema, NULL);
        }
    } else if (schema->type == VALUE_BOOLEAN) {
        if (strcmp(value->text, "true") != 0 && strcmp(value->text, "false") != 0) {
            refuse(check, FIELD_TYPE, schema, NULL);
        }
    } else {
        check_text(check, schema, value->text, value->length, NULL);
    }
}

bool validate_parameters(const struct operation *operation, struct value *values,
                         struct field_errors *errors) {
    size_t before = errors->count;
    for (size_t i = 0; i < operation->parameter_count; i++) {
        const struct parameter *parameter = &operation->parameters[i];
        struct check check = {.parameter = parameter->name, .errors = errors};
        if (values[i].present) {
            check_parameter(&check, parameter->schema, &values[i]);
        } else if (parameter->preset != NULL) {
            values[i] = (struct value){parameter->preset, strlen(parameter->preset), true};
        } else if (parameter->required) {
            refuse(&check, FIELD_REQUIRED, parameter->schema, NULL);
        }
    }
    return errors->count == before;
}

/* ── patterns ───────────────────────────────────────────────────────────────────────────────────────────────
 */

bool validate_setup(const char **wrong) {
    assert(compiled == NULL);
    compiled = alloc_zeroed(contract_pattern_count + 1, sizeof *compiled);
    *wrong = "";
    for (size_t i = 0; compiled != NULL && i < contract_pattern_count; i++) {
        if (regcomp(&compiled[i], contract_patterns[i], REG_EXTENDED | REG_NOSUB) != 0) {
            *wrong = contract_patterns[i];
            validate_teardown();
            return false;
        }
        compiled_count = i + 1;
    }
    return compiled != NULL;
}

void validate_teardown(void) {
    for (size_t i = 0; i < compiled_count; i++) {
        regfree(&compiled[i]);
    }
    alloc_release(compiled);
    compiled = NULL;
    compiled_count = 0;
}
