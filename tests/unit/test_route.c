/* Routing over the sample contract of tests/unit/contract. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "http/route.h"

#define ID "0193b1c5-7c1a-7000-8000-000000000001"

static struct route_match match;

static enum route_result find(enum http_method method, const char *path) {
    return route_find(method, path, strlen(path), &match);
}

static void finds_literals_and_values(void **state) {
    (void)state;
    assert_int_equal(find(METHOD_GET, "/api/v1/things"), ROUTE_FOUND);
    assert_string_equal(match.operation->id, "listThings");
    assert_int_equal(match.count, 0);
    assert_int_equal(find(METHOD_POST, "/api/v1/things"), ROUTE_FOUND);
    assert_string_equal(match.operation->id, "createThing");
    assert_int_equal(find(METHOD_GET, "/api/v1/things/" ID), ROUTE_FOUND);
    assert_string_equal(match.operation->id, "getThing");
    assert_int_equal(match.count, 1);
    assert_string_equal(match.values[0].bytes, ID);
}

static void prefers_the_literal_to_the_value(void **state) {
    (void)state;
    assert_int_equal(find(METHOD_GET, "/api/v1/things/newest"), ROUTE_FOUND);
    assert_string_equal(match.operation->id, "getNewestThing");
    assert_int_equal(find(METHOD_GET, "/api/v1/things/newes"), ROUTE_FOUND);
    assert_string_equal(match.operation->id, "getThing");
}

static void keeps_values_in_the_order_of_the_parameters(void **state) {
    (void)state;
    assert_int_equal(find(METHOD_DELETE, "/api/v1/things/" ID "/parts/%E7%BA%B8%20a"), ROUTE_FOUND);
    assert_string_equal(match.operation->id, "deletePart");
    assert_int_equal(match.count, 2);
    assert_string_equal(match.operation->parameters[0].name, "thing_id");
    assert_string_equal(match.values[0].bytes, ID);
    assert_string_equal(match.operation->parameters[1].name, "name");
    assert_string_equal(match.values[1].bytes, "纸 a");
    assert_int_equal(match.values[1].length, strlen("纸 a"));
}

static void tells_the_methods_of_a_path(void **state) {
    (void)state;
    assert_int_equal(find(METHOD_DELETE, "/api/v1/things"), ROUTE_WRONG_METHOD);
    assert_null(match.operation);
    assert_int_equal(match.methods, 1u << METHOD_GET | 1u << METHOD_POST);
    assert_int_equal(find(METHOD_COUNT, "/api/v1/things/" ID), ROUTE_WRONG_METHOD);
    assert_int_equal(match.methods, 1u << METHOD_GET | 1u << METHOD_PATCH);
}

static void knows_nothing_else(void **state) {
    (void)state;
    static const char *const paths[] = {"",
                                        "/",
                                        "/api",
                                        "/api/v1",
                                        "/api/v1/",
                                        "/api/v2/things",
                                        "/api/v1things",
                                        "/things",
                                        "api/v1/things",
                                        "/api/v1/things/",
                                        "/api/v1//things",
                                        "//api/v1/things",
                                        "/api/v1/things//parts/x",
                                        "/api/v1/things/" ID "/parts",
                                        "/api/v1/things/" ID "/parts/",
                                        "/api/v1/things/" ID "/parts/x/y",
                                        "/api/v1/thing",
                                        "/api/v1/thingss",
                                        "/api/v1/./things",
                                        "/api/v1/x/../things",
                                        "/api/v1/things/..",
                                        "/api/v1/things/%2e%2e",
                                        "/api/v1/things/%2E",
                                        "/api/v1/things/%",
                                        "/api/v1/things/%2",
                                        "/api/v1/things/%zz",
                                        "/api/v1/things/a%00b",
                                        "/api/v1/things/%0a",
                                        "/api/v1/things/%7f",
                                        "/api/v1/things/%ff",
                                        "/api/v1/things/%c0%af",
                                        "/API/v1/things",
                                        "/api/v1/Things",
                                        "/api/v1/things?x=1/"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        if (find(METHOD_GET, paths[i]) != ROUTE_NOT_FOUND) {
            fail_msg("%s was found", paths[i]);
        }
        assert_null(match.operation);
        assert_int_equal(match.methods, 0);
    }
}

static void an_encoded_slash_stays_in_its_value(void **state) {
    (void)state;
    assert_int_equal(find(METHOD_DELETE, "/api/v1/things/" ID "/parts/a%2Fb"), ROUTE_FOUND);
    assert_string_equal(match.values[1].bytes, "a/b");
    assert_int_equal(find(METHOD_GET, "/api/v1/things%2Fnewest"), ROUTE_NOT_FOUND);
    assert_int_equal(find(METHOD_GET, "/api/v1/things/%252e"), ROUTE_FOUND);
    assert_string_equal(match.values[0].bytes, "%2e");
    assert_int_equal(find(METHOD_GET, "/api/v1/th%69ngs"),
                     ROUTE_FOUND); /* the same path, spelled differently */
    assert_int_equal(route_find(METHOD_GET, "/api/v1/things\0x", 16, &match), ROUTE_NOT_FOUND);
}

static void refuses_what_is_longer_than_its_storage(void **state) {
    (void)state;
    char path[2 * ROUTE_STORAGE] = "/api/v1/things/";
    size_t head = strlen(path);
    memset(path + head, 'a', ROUTE_STORAGE - 1);
    assert_int_equal(find(METHOD_GET, path), ROUTE_FOUND);
    assert_int_equal(match.values[0].length, ROUTE_STORAGE - 1);
    path[head + ROUTE_STORAGE - 1] = 'a';
    assert_int_equal(find(METHOD_GET, path), ROUTE_NOT_FOUND);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_literals_and_values),
        cmocka_unit_test(prefers_the_literal_to_the_value),
        cmocka_unit_test(keeps_values_in_the_order_of_the_parameters),
        cmocka_unit_test(tells_the_methods_of_a_path),
        cmocka_unit_test(knows_nothing_else),
        cmocka_unit_test(an_encoded_slash_stays_in_its_value),
        cmocka_unit_test(refuses_what_is_longer_than_its_storage),
    };
    return cmocka_run_group_tests_name("route", tests, NULL, NULL);
}
