/* Query strings over the sample contract of tests/unit/contract. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/arena.h"
#include "http/query.h"
#include "http/route.h"

static struct arena *arena;
static struct route_match match;
static struct value values[16];
static struct field_errors errors;

static int open_arena(void **state) {
    (void)state;
    arena = arena_create(1 << 20);
    const char *path = "/api/v1/things";
    return arena == NULL || route_find(METHOD_GET, path, strlen(path), &match) != ROUTE_FOUND;
}

static int close_arena(void **state) {
    (void)state;
    arena_destroy(arena);
    return 0;
}

static bool read(const char *query) {
    memset(values, 0, sizeof values);
    memset(&errors, 0, sizeof errors);
    return query_read(arena, match.operation, query, strlen(query), values, &errors);
}

static const struct value *given(const char *name) {
    for (size_t i = 0; i < match.operation->parameter_count; i++) {
        if (strcmp(match.operation->parameters[i].name, name) == 0) {
            return &values[i];
        }
    }
    fail_msg("no parameter %s", name);
    return NULL;
}

static void refuses(const char *query, enum field_code code, const char *parameter) {
    assert_false(read(query));
    assert_int_equal(errors.count, 1);
    assert_int_equal(errors.items[0].code, code);
    assert_string_equal(errors.items[0].parameter, parameter);
    assert_null(errors.items[0].pointer);
}

static void reads_values(void **state) {
    (void)state;
    assert_true(read("q=%E7%BA%B8+x%2B&limit=5&kind="));
    assert_string_equal(given("q")->text, "纸 x+");
    assert_int_equal(given("q")->length, strlen("纸 x+"));
    assert_string_equal(given("limit")->text, "5");
    assert_true(given("kind")->present);
    assert_int_equal(given("kind")->length, 0);
    assert_false(given("owner")->present);
    assert_true(read(""));
    assert_true(query_read(arena, match.operation, NULL, 0, values, &errors));
    assert_true(read("q=a=b"));
    assert_string_equal(given("q")->text, "a=b");
}

static void refuses_with_the_name(void **state) {
    (void)state;
    refuses("x=1", FIELD_UNKNOWN, "x");
    refuses("Q=1", FIELD_UNKNOWN, "Q");
    refuses("Idempotency-Key=12345678", FIELD_UNKNOWN, "Idempotency-Key");
    refuses("q=1&q=2", FIELD_REPEATED, "q");
    refuses("q", FIELD_INVALID, "q");
    refuses("q=%", FIELD_INVALID, "q");
    refuses("q=%4", FIELD_INVALID, "q");
    refuses("q=a%00b", FIELD_INVALID, "q");
    refuses("q=%ff", FIELD_INVALID, "q");
    refuses("q=%c0%af", FIELD_INVALID, "q");
    refuses("q=a&&kind=wood", FIELD_UNKNOWN, "");
    refuses("q=a&", FIELD_UNKNOWN, "");
    refuses("=a", FIELD_UNKNOWN, "");
    refuses("%zz=a", FIELD_INVALID, "%zz");
}

static void names_every_error_at_once(void **state) {
    (void)state;
    assert_false(read("x=1&y=2&q=%zz&limit=1&limit=2"));
    assert_int_equal(errors.count, 4);
    char many[4096] = "";
    for (size_t i = 0; i < 300; i++) {
        strcat(many, "x=1&");
    }
    assert_false(read(many));
    assert_int_equal(errors.count, FIELD_ERRORS_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_values),
        cmocka_unit_test(refuses_with_the_name),
        cmocka_unit_test(names_every_error_at_once),
    };
    return cmocka_run_group_tests_name("query", tests, open_arena, close_arena);
}
