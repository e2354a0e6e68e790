/* Entity tags, If-Match, and what a client accepts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "http/conditional.h"
#include "http/idempotency.h"
#include "http/negotiate.h"

static struct arena *arena;

static int set_up(void **state) {
    (void)state;
    arena = arena_create(1 << 20);
    return arena == NULL ? -1 : 0;
}

static int tear_down(void **state) {
    (void)state;
    arena_destroy(arena);
    return 0;
}

static void test_none_match(void **state) {
    (void)state;
    assert_string_equal(conditional_etag(arena, "17xyz", 2), "\"17\"");
    assert_true(conditional_matches("\"17\"", "\"17\""));
    assert_true(conditional_matches("\"1\", W/\"17\" ,\"2\"", "\"17\""));
    assert_true(conditional_matches("*", "\"17\""));
    assert_false(conditional_matches("\"1\"", "\"17\""));
    assert_false(conditional_matches("17", "\"17\""));
    assert_false(conditional_matches(NULL, "\"17\""));
    assert_false(conditional_matches("\"17\"", NULL));
}

static void test_if_match(void **state) {
    (void)state;
    const char *version;
    assert_int_equal(conditional_if_match(arena, NULL, &version), IF_MATCH_NONE);
    assert_int_equal(conditional_if_match(arena, "*", &version), IF_MATCH_ANY);
    assert_null(version);
    assert_int_equal(conditional_if_match(arena, " \"42\" ", &version), IF_MATCH_VERSION);
    assert_string_equal(version, "42");
    static const char *const never[] = {"42",           "\"x\"", "W/\"42\"",    "\"\"",
                                        "\"42",         "",      "\"1\",\"2\"", "\"99999999999999999999\"",
                                        "\"1'; drop\"", "\"01\""};
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++) {
        assert_int_equal(conditional_if_match(arena, never[i], &version), IF_MATCH_NEVER);
        assert_null(version);
    }
}

static void test_language(void **state) {
    (void)state;
    assert_int_equal(negotiate_language(NULL), LANGUAGE_ZH);
    assert_int_equal(negotiate_language(""), LANGUAGE_ZH);
    assert_int_equal(negotiate_language("fr"), LANGUAGE_ZH);
    assert_int_equal(negotiate_language("en"), LANGUAGE_EN);
    assert_int_equal(negotiate_language("en-GB,fr;q=0.9"), LANGUAGE_EN);
    assert_int_equal(negotiate_language("zh-CN,zh;q=0.9,en;q=0.8"), LANGUAGE_ZH);
    assert_int_equal(negotiate_language("en;q=0.9, zh;q=0.2"), LANGUAGE_EN);
    assert_int_equal(negotiate_language("en;q=0"), LANGUAGE_ZH);
    assert_int_equal(negotiate_language("english"), LANGUAGE_ZH);
    assert_int_equal(negotiate_language(",;q=,,en;q=junk"), LANGUAGE_ZH);
}

static void test_accept(void **state) {
    (void)state;
    static const char json[] = "application/json";
    assert_true(negotiate_type(NULL, json));
    assert_true(negotiate_type("", json));
    assert_true(negotiate_type("*/*", json));
    assert_true(negotiate_type("text/html, application/*;q=0.1", json));
    assert_true(negotiate_type("Application/JSON; charset=utf-8", json));
    assert_false(negotiate_type("text/html", json));
    assert_false(negotiate_type("application/json;q=0", json));
    assert_false(negotiate_type("*/*, application/json;q=0", json));
    assert_false(negotiate_type("application/*;q=0, */*", json));
    assert_true(negotiate_wants_html("text/html,*/*;q=0.8"));
    assert_false(negotiate_wants_html("*/*"));
    assert_false(negotiate_wants_html(NULL));
}

static void test_codings(void **state) {
    (void)state;
    assert_true(negotiate_coding("gzip, deflate, br", "br"));
    assert_false(negotiate_coding("gzip, br;q=0", "br"));
    assert_false(negotiate_coding(NULL, "br"));
    assert_true(negotiate_is_type("application/json", "application/json"));
    assert_true(negotiate_is_type("application/json; charset=UTF-8", "application/json"));
    assert_true(negotiate_is_type("APPLICATION/JSON", "application/json"));
    assert_false(negotiate_is_type("application/json; charset=gbk", "application/json"));
    assert_false(negotiate_is_type("application/jsonp", "application/json"));
    assert_false(negotiate_is_type("text/plain", "application/json"));
    assert_false(negotiate_is_type(NULL, "application/json"));
    assert_false(negotiate_is_type("", "application/json"));
}

static void test_keys(void **state) {
    (void)state;
    char longest[130];
    memset(longest, 'k', sizeof longest);
    longest[128] = '\0';
    assert_true(idempotency_check_key("12345678"));
    assert_true(idempotency_check_key("01a20fea-ad74-7c39-8b04-08182d118479"));
    assert_true(idempotency_check_key(longest));
    longest[128] = 'k';
    longest[129] = '\0';
    assert_false(idempotency_check_key(longest));
    assert_false(idempotency_check_key(""));
    assert_false(idempotency_check_key("1234567"));
    assert_false(idempotency_check_key("1234 5678"));
    assert_false(idempotency_check_key("1234567'"));
    assert_false(idempotency_check_key("1234567\xc3\xa9"));
}

static const char *fingerprint(enum http_method method, const char *path, const char *query,
                               const char *body) {
    const struct operation operation = {.id = "x", .method = method};
    struct buf bytes;
    buf_init(&bytes, 1000);
    buf_text(&bytes, body);
    const char *result = idempotency_fingerprint(arena, &operation, text_of(path), text_of(query), &bytes);
    buf_free(&bytes);
    return result;
}

/* Nothing may move from one part into the next without being another request. */
static void test_fingerprints(void **state) {
    (void)state;
    const char *first = fingerprint(METHOD_POST, "/a", "b", "{}");
    assert_int_equal(strlen(first), 2 + 64);
    assert_string_equal(first, fingerprint(METHOD_POST, "/a", "b", "{}"));
    assert_string_not_equal(first, fingerprint(METHOD_PATCH, "/a", "b", "{}"));
    assert_string_not_equal(first, fingerprint(METHOD_POST, "/ab", "", "{}"));
    assert_string_not_equal(first, fingerprint(METHOD_POST, "/a", "b{", "}"));
    assert_string_not_equal(first, fingerprint(METHOD_POST, "/a", "b", "{} "));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_none_match),   cmocka_unit_test(test_if_match), cmocka_unit_test(test_language),
        cmocka_unit_test(test_accept),       cmocka_unit_test(test_codings),  cmocka_unit_test(test_keys),
        cmocka_unit_test(test_fingerprints),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
