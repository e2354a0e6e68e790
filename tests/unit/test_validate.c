/* Validation over the sample contract of tests/unit/contract: one line a wrong body, the pointer and the code
 * it must give. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>

#include "core/arena.h"
#include "core/buf.h"
#include "http/query.h"
#include "http/request.h"
#include "http/validate.h"

static struct arena *arena;
static struct field_errors errors;

static const struct operation *operation(const char *id) {
    for (size_t i = 0; i < contract_operation_count; i++) {
        if (strcmp(contract_operations[i].id, id) == 0) {
            return &contract_operations[i];
        }
    }
    fail_msg("no operation %s", id);
    return NULL;
}

static int set_up(void **state) {
    (void)state;
    const char *wrong = NULL;
    arena = arena_create(1 << 22);
    return arena == NULL || !validate_setup(&wrong);
}

static int tear_down(void **state) {
    (void)state;
    validate_teardown();
    arena_destroy(arena);
    return 0;
}

static bool check(const char *body) {
    json_t *tree = json_loads(body, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    memset(&errors, 0, sizeof errors);
    if (tree == NULL) {
        fail_msg("%s is no JSON", body);
    }
    bool good = validate_body(arena, operation("createThing")->body, tree, &errors);
    json_decref(tree);
    assert_int_equal(good, errors.count == 0);
    return good;
}

static void expect_one(const char *body, const char *pointer, const char *code) {
    check(body);
    if (errors.count != 1 || strcmp(errors.items[0].pointer, pointer) != 0 ||
        strcmp(validate_code(errors.items[0].code), code) != 0) {
        fail_msg("%s: %zu errors, first %s %s instead of %s %s", body, errors.count,
                 errors.count == 0 ? "" : errors.items[0].pointer,
                 errors.count == 0 ? "" : validate_code(errors.items[0].code), pointer, code);
    }
    assert_null(errors.items[0].parameter);
}

/* A member added to a body that is right but for it. */
static void expect_member(const char *member, const char *pointer, const char *code) {
    char body[1024];
    snprintf(body, sizeof body, "{\"name\":\"ab\",\"kind\":\"wood\",%s}", member);
    if (code == NULL) {
        if (!check(body)) {
            fail_msg("%s refused: %s", member, validate_code(errors.items[0].code));
        }
    } else {
        expect_one(body, pointer, code);
    }
}

static void takes_what_the_schema_allows(void **state) {
    (void)state;
    assert_true(check("{\"name\":\"ab\",\"kind\":\"wood\"}"));
    assert_true(check("{\"name\":\"纸上谈兵一\",\"kind\":\"纸\"}")); /* five code points, fifteen bytes */
    static const char *const members[] = {"\"code\":null",
                                          "\"code\":\"A12\"",
                                          "\"count\":0",
                                          "\"count\":100",
                                          "\"level\":3",
                                          "\"big\":9007199254740991",
                                          "\"big\":-9007199254740991",
                                          "\"open\":true",
                                          "\"open\":false",
                                          "\"owner\":null",
                                          "\"owner\":\"0193b1c5-7c1a-7000-8000-00000000000A\"",
                                          "\"day\":\"2028-02-29\"",
                                          "\"at\":\"2026-11-24T07:00:00Z\"",
                                          "\"at\":\"2026-11-24T15:00:00.123+08:00\"",
                                          "\"mail\":\"a.b+c@example.cn\"",
                                          "\"phone\":\"10012345678\"",
                                          "\"tags\":[\"a\",\"b\",\"c\"]",
                                          "\"parts\":[]",
                                          "\"parts\":[{\"name\":\"x\",\"a/b~c\":9}]",
                                          "\"place\":null",
                                          "\"place\":{\"street\":\"滨江路\"}"};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        expect_member(members[i], NULL, NULL);
    }
}

static void names_the_member_and_the_rule(void **state) {
    (void)state;
    static const char *const cases[][3] = {
        {"\"code\":\"A1\"", "/code", "too_short"},
        {"\"code\":\"A12345678\"", "/code", "too_long"},
        {"\"code\":\"a12\"", "/code", "pattern"},
        {"\"code\":\"A12\\n\"", "/code", "pattern"},
        {"\"code\":12", "/code", "type"},
        {"\"count\":-1", "/count", "minimum"},
        {"\"count\":101", "/count", "maximum"},
        {"\"count\":1.0", "/count", "type"},
        {"\"count\":1e2", "/count", "type"},
        {"\"count\":\"1\"", "/count", "type"},
        {"\"count\":true", "/count", "type"},
        {"\"count\":null", "/count", "null"},
        {"\"count\":[1]", "/count", "type"},
        {"\"big\":9007199254740992", "/big", "maximum"},
        {"\"big\":-9007199254740992", "/big", "minimum"},
        {"\"level\":2", "/level", "choice"},
        {"\"open\":1", "/open", "type"},
        {"\"open\":\"true\"", "/open", "type"},
        {"\"owner\":\"x\"", "/owner", "format"},
        {"\"owner\":{}", "/owner", "type"},
        {"\"day\":\"2026-02-29\"", "/day", "format"},
        {"\"day\":\"2026-2-9\"", "/day", "format"},
        {"\"day\":\"\"", "/day", "format"},
        {"\"day\":20260101", "/day", "type"},
        {"\"at\":\"2026-11-24\"", "/at", "format"},
        {"\"at\":\"2026-11-24T07:00:00\"", "/at", "format"},
        {"\"mail\":\"a@b\"", "/mail", "format"},
        {"\"mail\":\"a b@c.d\"", "/mail", "format"},
        {"\"mail\":\"a@b@c.d\"", "/mail", "format"},
        {"\"mail\":\"@c.d\"", "/mail", "format"},
        {"\"tags\":[]", "/tags", "too_few"},
        {"\"tags\":[\"a\",\"b\",\"c\",\"d\"]", "/tags", "too_many"},
        {"\"tags\":[\"a\",\"b\",\"a\"]", "/tags/2", "duplicate"},
        {"\"tags\":[\"a\",5]", "/tags/1", "type"},
        {"\"tags\":[null]", "/tags/0", "null"},
        {"\"tags\":{}", "/tags", "type"},
        {"\"parts\":[{\"name\":\"x\"},{}]", "/parts/1/name", "required"},
        {"\"parts\":[{\"name\":\"x\",\"a/b~c\":0}]", "/parts/0/a~1b~0c", "minimum"},
        {"\"parts\":[{\"name\":\"x\",\"y/~z\":0}]", "/parts/0/y~1~0z", "unknown"},
        {"\"parts\":[1]", "/parts/0", "type"},
        {"\"place\":{}", "/place/street", "required"},
        {"\"place\":{\"street\":\"\"}", "/place/street", "too_short"},
        {"\"place\":[]", "/place", "type"},
        {"\"phone\":\"1\\u0000\"", "/phone", "invalid"},
        {"\"\":1", "/", "unknown"},
        {"\"kindx\":1", "/kindx", "unknown"},
        {"\"Kind\":1", "/Kind", "unknown"},
        {"\"__proto__\":1", "/__proto__", "unknown"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        expect_member(cases[i][0], cases[i][1], cases[i][2]);
    }
    expect_one("{\"kind\":\"wood\"}", "/name", "required");
    expect_one("{\"name\":null,\"kind\":\"wood\"}", "/name", "null");
    expect_one("{\"name\":\"a\",\"kind\":\"wood\"}", "/name", "too_short");
    expect_one("{\"name\":\"纸上谈兵一二\",\"kind\":\"wood\"}", "/name", "too_long");
    expect_one("{\"name\":\"ab\",\"kind\":\"Wood\"}", "/kind", "choice");
    expect_one("[]", "", "type");
    expect_one("null", "", "null");
    expect_one("\"x\"", "", "type");
}

static void tells_every_error_up_to_the_cap(void **state) {
    (void)state;
    check("{\"code\":1,\"count\":\"x\",\"tags\":[],\"x\":1,\"y\":2}");
    assert_int_equal(errors.count, 7); /* and the two that are missing */
    char body[8192] = "{\"name\":\"ab\",\"kind\":\"wood\",\"parts\":[{}";
    for (size_t i = 1; i < 60; i++) {
        strcat(body, ",{}");
    }
    strcat(body, "]}");
    check(body);
    assert_int_equal(errors.count, FIELD_ERRORS_MAX);
    assert_string_equal(errors.items[49].pointer, "/parts/49/name");
}

static void writes_errors_in_two_languages(void **state) {
    (void)state;
    struct buf out;
    buf_init(&out, 1 << 16);
    check("{\"name\":\"a\",\"kind\":\"gold\"}");
    field_errors_write(&out, &errors, LANGUAGE_EN);
    assert_non_null(strstr(
        out.data,
        "{\"pointer\":\"/name\",\"code\":\"too_short\",\"message\":\"is too short, fewest characters: 2\"}"));
    assert_non_null(strstr(out.data, "is none of the choices: wood, iron, 纸"));
    buf_clear(&out);
    field_errors_write(&out, &errors, LANGUAGE_ZH);
    assert_non_null(strstr(out.data, "太短，至少字数：2"));
    json_t *tree = json_loadb(out.data, out.length, 0, NULL);
    assert_int_equal(json_array_size(tree), 2);
    json_decref(tree);
    buf_clear(&out);
    memset(&errors, 0, sizeof errors);
    validate_refuse(&errors, (struct field_error){.parameter = "\"q\"", .code = FIELD_FORMAT});
    field_errors_write(&out, &errors, LANGUAGE_EN);
    assert_string_equal(out.data,
                        "[{\"parameter\":\"\\\"q\\\"\",\"code\":\"format\",\"message\":\"is not valid\"}]");
    buf_free(&out);
}

/* Every code in both languages, with and without the schema whose rule was broken. */
static void has_a_message_for_every_code(void **state) {
    (void)state;
    struct buf out;
    buf_init(&out, 1 << 20);
    const struct schema *body = operation("createThing")->body;
    for (enum field_code code = 0; code < FIELD_CODE_COUNT; code++) {
        memset(&errors, 0, sizeof errors);
        validate_refuse(&errors, (struct field_error){.pointer = "/x", .code = code});
        for (size_t i = 0; i < body->property_count; i++) {
            const struct schema *schema = body->properties[i].schema;
            if (code != FIELD_CHOICE || schema->choices != NULL) {
                validate_refuse(&errors,
                                (struct field_error){.pointer = "/x", .code = code, .schema = schema});
            }
        }
        field_errors_write(&out, &errors, LANGUAGE_ZH);
        field_errors_write(&out, &errors, LANGUAGE_EN);
        assert_true(strlen(validate_code(code)) > 3);
    }
    assert_false(buf_failed(&out));
    buf_free(&out);
}

static void expect_query(const char *query, const char *parameter, const char *code) {
    const struct operation *list = operation("listThings");
    struct value values[16] = {0};
    memset(&errors, 0, sizeof errors);
    assert_true(query_read(arena, list, query, strlen(query), values, &errors));
    bool good = validate_parameters(list, values, &errors);
    assert_int_equal(good, parameter == NULL);
    if (parameter != NULL) {
        assert_int_equal(errors.count, 1);
        assert_string_equal(errors.items[0].parameter, parameter);
        assert_string_equal(validate_code(errors.items[0].code), code);
    } else {
        assert_true(values[6].present); /* limit has a default */
        assert_string_equal(list->parameters[6].name, "limit");
    }
}

static void checks_parameters(void **state) {
    (void)state;
    expect_query("", NULL, NULL);
    expect_query("limit=200&open=false&as_of=2026-01-01&since=2026-01-01T00:00:00Z&kind=%E7%BA%B8", NULL,
                 NULL);
    expect_query("limit=0", "limit", "minimum");
    expect_query("limit=201", "limit", "maximum");
    expect_query("limit=+5", "limit", "type");
    expect_query("limit=05", "limit", "type");
    expect_query("limit=5.0", "limit", "type");
    expect_query("limit=", "limit", "type");
    expect_query("limit=99999999999999999999", "limit", "type");
    expect_query("open=1", "open", "type");
    expect_query("as_of=2026-02-30", "as_of", "format");
    expect_query("owner=1", "owner", "format");
    expect_query("kind=gold", "kind", "choice");
    expect_query("q=", "q", "too_short");
    expect_query("q=12345678901", "q", "too_long");
    expect_query("cursor=a%20b", "cursor", "pattern");
    const struct operation *change = operation("updateThing");
    struct value values[3] = {{"nope", 4, true}, {NULL, 0, false}, {"short", 5, true}};
    memset(&errors, 0, sizeof errors);
    assert_false(validate_parameters(change, values, &errors));
    assert_int_equal(errors.count, 2);
    assert_string_equal(errors.items[0].parameter, "thing_id");
    assert_string_equal(errors.items[1].parameter, "Idempotency-Key");
    memset(&errors, 0, sizeof errors);
    values[0] = (struct value){NULL, 0, false};
    values[2] = (struct value){"\xff\xff\xff\xff\xff\xff\xff\xff", 8, true};
    assert_false(validate_parameters(change, values, &errors));
    assert_string_equal(validate_code(errors.items[0].code), "required");
    assert_string_equal(validate_code(errors.items[1].code), "invalid");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_what_the_schema_allows),    cmocka_unit_test(names_the_member_and_the_rule),
        cmocka_unit_test(tells_every_error_up_to_the_cap), cmocka_unit_test(writes_errors_in_two_languages),
        cmocka_unit_test(has_a_message_for_every_code),    cmocka_unit_test(checks_parameters),
    };
    return cmocka_run_group_tests_name("validate", tests, set_up, tear_down);
}
