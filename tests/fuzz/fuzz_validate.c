/* Bodies against the schemas: what passes obeys the schema by a second, slower judge; every error can be
 * written. */
#include <string.h>
#include "core/text.h"
#include "fuzz.h"
#include "http/validate.h"
#include "json/json_in.h"

static void check_valid(const struct schema *schema, json_t *value);

static void check_object(const struct schema *schema, json_t *value) {
    size_t known = 0;
    for (size_t i = 0; i < schema->property_count; i++) {
        json_t *member = json_object_get(value, schema->properties[i].name);
        FUZZ_EXPECT(member || !schema->properties[i].required);
        if (member) {
            known++;
            check_valid(schema->properties[i].schema, member);
        }
    }
    FUZZ_EXPECT(known == json_object_size(value));
}

static void check_array(const struct schema *schema, json_t *value) {
    size_t index, other;
    json_t *item;
    FUZZ_EXPECT(json_array_size(value) >= schema->min_items);
    FUZZ_EXPECT(json_array_size(value) <= schema->max_items);
    json_array_foreach(value, index, item) {
        check_valid(schema->items, item);
        for (other = 0; schema->unique_items && other < index; other++)
            FUZZ_EXPECT(!json_equal(item, json_array_get(value, other)));
    }
}

static void check_valid(const struct schema *schema, json_t *value) {
    if (json_is_null(value)) {
        FUZZ_EXPECT(schema->nullable);
    } else if (schema->type == VALUE_OBJECT) {
        FUZZ_EXPECT(json_is_object(value));
        check_object(schema, value);
    } else if (schema->type == VALUE_ARRAY) {
        FUZZ_EXPECT(json_is_array(value));
        check_array(schema, value);
    } else if (schema->type == VALUE_INTEGER) {
        FUZZ_EXPECT(json_is_integer(value) && json_integer_value(value) >= schema->minimum &&
                    json_integer_value(value) <= schema->maximum);
    } else if (schema->type == VALUE_NUMBER) {
        FUZZ_EXPECT(json_is_number(value) && json_number_value(value) >= (double)schema->minimum &&
                    json_number_value(value) <= (double)schema->maximum);
    } else if (schema->type == VALUE_BOOLEAN) {
        FUZZ_EXPECT(json_is_boolean(value));
    } else {
        FUZZ_EXPECT(json_is_string(value));
        size_t count = text_count(json_string_value(value), json_string_length(value));
        FUZZ_EXPECT(count >= schema->min_length);
        FUZZ_EXPECT(schema->max_length == 0 || count <= schema->max_length);
    }
}

static void check_errors(const struct field_errors *errors) {
    struct buf out;
    buf_init(&out, 1 << 22);
    for (int language = LANGUAGE_ZH; language <= LANGUAGE_EN; language++) {
        buf_clear(&out);
        field_errors_write(&out, errors, (enum language)language);
        FUZZ_EXPECT(!buf_failed(&out));
        json_t *list = json_loadb(out.data, out.length, 0, NULL);
        FUZZ_EXPECT(list && json_array_size(list) == errors->count);
        json_decref(list);
    }
    buf_free(&out);
}

static void check_operation(const struct operation *operation, struct arena *arena, json_t *body) {
    struct field_errors errors = {.count = 0};
    bool valid = validate_body(arena, operation->body, body, &errors);
    FUZZ_EXPECT(errors.count <= FIELD_ERRORS_MAX);
    if (valid && errors.count == 0 && !arena_exhausted(arena))
        check_valid(operation->body, body);
    if (!valid)
        check_errors(&errors);
}

static void set_up(void) {
    const char *wrong;
    json_in_setup();
    FUZZ_EXPECT(validate_setup(&wrong));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static bool ready;
    if (!ready)
        set_up();
    ready = true;
    struct arena *arena = arena_create(4 << 20);
    json_t *body;
    size_t position;
    enum json_in_error error =
        json_in_parse(arena, (const char *)data, size, (struct json_in_limits){32, 2000}, &body, &position);
    for (size_t i = 0; error == JSON_IN_OK && i < contract_operation_count; i++)
        if (contract_operations[i].body)
            check_operation(&contract_operations[i], arena, body);
    arena_destroy(arena);
    return 0;
}
