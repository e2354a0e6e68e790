/* Query strings of every operation that has parameters: errors name what is wrong, values keep their rules.
 */
#include <string.h>
#include "core/clock.h"
#include "core/text.h"
#include "core/uuid.h"
#include "fuzz.h"
#include "http/query.h"

#define VALUES_MAX 64

static void check_value(const struct schema *schema, const struct value *value) {
    int64_t number;
    FUZZ_EXPECT(value->text && text_check_utf8(value->text, strlen(value->text)));
    size_t length = strlen(value->text);
    if (schema->type == VALUE_INTEGER)
        FUZZ_EXPECT(text_parse_integer(value->text, length, &number) && number >= schema->minimum &&
                    number <= schema->maximum);
    if (schema->type == VALUE_UUID)
        FUZZ_EXPECT(uuid_check(value->text, length));
    if (schema->type == VALUE_DATE)
        FUZZ_EXPECT(clock_check_date(value->text, length));
    if (schema->type == VALUE_TIMESTAMP)
        FUZZ_EXPECT(clock_check_stamp(value->text, length));
    if (schema->type == VALUE_STRING && schema->max_length)
        FUZZ_EXPECT(text_count(value->text, length) <= schema->max_length);
}

static void check_operation(const struct operation *operation, const char *query, size_t size) {
    struct value values[VALUES_MAX] = {{0}};
    struct field_errors errors = {.count = 0};
    struct arena *arena = arena_create(1 << 20);
    struct buf out;
    FUZZ_EXPECT(operation->parameter_count <= VALUES_MAX);
    bool read = query_read(arena, operation, query, size, values, &errors);
    FUZZ_EXPECT(read == (errors.count == 0) || arena_exhausted(arena));
    bool valid = validate_parameters(operation, values, &errors);
    for (uint16_t i = 0; read && valid && i < operation->parameter_count; i++)
        if (values[i].present)
            check_value(operation->parameters[i].schema, &values[i]);
    buf_init(&out, 1 << 20);
    for (int language = LANGUAGE_ZH; language <= LANGUAGE_EN; language++)
        field_errors_write(&out, &errors, (enum language)language);
    FUZZ_EXPECT(errors.count <= FIELD_ERRORS_MAX);
    buf_free(&out);
    arena_destroy(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *wrong;
    static bool ready;
    if (!ready)
        FUZZ_EXPECT(ready = validate_setup(&wrong));
    for (size_t i = 0; i < contract_operation_count; i++)
        if (contract_operations[i].parameter_count)
            check_operation(&contract_operations[i], (const char *)data, size);
    return 0;
}
