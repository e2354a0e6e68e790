#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "json/json_in.h"

static const struct json_in_limits limits = {32, 100};

static enum json_in_error parse(struct arena *arena, const char *text, size_t length, json_t **tree) {
    size_t position;
    *tree = NULL;
    return json_in_parse(arena, text, length, limits, tree, &position);
}

static enum json_in_error judge(const char *text, size_t length) {
    struct arena *arena = arena_create(1 << 20);
    json_t *tree;
    enum json_in_error error = parse(arena, text, length, &tree);
    assert_true((error == JSON_IN_OK) == (tree != NULL));
    arena_destroy(arena);
    return error;
}

static void test_accepts(void **state) {
    (void)state;
    static const char *const texts[] = {"{}",
                                        "[]",
                                        " null ",
                                        "0",
                                        "-1",
                                        "\"x\"",
                                        "{\"a\":[1,{\"b\":null}],\"c\":1.5}",
                                        "9007199254740993",
                                        "\"\\ud83c\\udfd8 岑\"",
                                        "\"[[[[{{{{,,,,\"",
                                        "\"\\\"\"",
                                        "{\"\":1}",
                                        "1e2",
                                        "-0"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal(judge(texts[i], strlen(texts[i])), JSON_IN_OK);
}

static void test_refuses(void **state) {
    (void)state;
    static const char *const texts[] = {
        "",
        " ",
        "{",
        "}",
        "[1,]",
        "{\"a\":1,}",
        "{a:1}",
        "{'a':1}",
        "01",
        "+1",
        ".5",
        "1.",
        "NaN",
        "Infinity",
        "nul",
        "true false",
        "{} {}",
        "\"\x01\"",
        "\"\t\"",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "\"\\udc00\\ud800\"",
        "\"\\x41\"",
        "\"\xff\"",
        "\"\xc0\x80\"",
        "\"\xed\xa0\x80\"",
        "\xef\xbb\xbf{}",
        "// x\n1",
        "[1 2]",
        "{\"a\" 1}",
        "\"abc",
        "\"\\",
        "1e",
        "-",
        "[",
        "]",
        "{\"a\":}",
        "\"\\u12\"",
        "\x00",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal(judge(texts[i], strlen(texts[i])), JSON_IN_SYNTAX);
    assert_int_equal(judge("{}\0", 3), JSON_IN_SYNTAX);
    assert_int_equal(judge("\"a\0b\"", 5), JSON_IN_SYNTAX);
    assert_int_equal(judge("{\"a\0\":1}", 8), JSON_IN_SYNTAX);
    assert_int_equal(judge("{\"a\":1,\"a\":2}", 13), JSON_IN_DUPLICATE_KEY);
    assert_int_equal(judge("{\"a\":1,\"\\u0061\":2}", 18), JSON_IN_DUPLICATE_KEY);
    assert_int_equal(judge("[{\"b\":{\"a\":1,\"a\":1}}]", 21), JSON_IN_DUPLICATE_KEY);
}

static void test_depth(void **state) {
    (void)state;
    char text[200000];
    for (size_t depth = 1; depth <= 40; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        assert_int_equal(judge(text, 2 * depth), depth <= 32 ? JSON_IN_OK : JSON_IN_TOO_DEEP);
    }
    memset(text, '[', sizeof text);
    assert_int_equal(judge(text, sizeof text), JSON_IN_TOO_DEEP);
    for (size_t i = 0; i + 5 <= sizeof text; i += 5)
        memcpy(text + i, "{\"a\":", 5);
    assert_int_equal(judge(text, sizeof text), JSON_IN_TOO_DEEP);
}

static void test_nodes_are_counted_exactly(void **state) {
    (void)state;
    char text[1024] = "[", full[1024] = "{";
    for (int i = 0; i < 99; i++) {
        strcat(text, i ? ", [ ]" : "[ ]");
        char member[32];
        snprintf(member, sizeof member, "%s\"%d\":1", i ? "," : "", i);
        strcat(full, member);
    }
    strcat(text, "]");
    strcat(full, "}");
    assert_int_equal(judge(text, strlen(text)), JSON_IN_OK);
    assert_int_equal(judge(full, strlen(full)), JSON_IN_OK);
    full[strlen(full) - 1] = ',';
    strcat(full, "\"x\":{}}");
    assert_int_equal(judge(full, strlen(full)), JSON_IN_TOO_MANY);
    text[strlen(text) - 1] = ',';
    strcat(text, "0]");
    assert_int_equal(judge(text, strlen(text)), JSON_IN_TOO_MANY);
}

/* The client learns the field, so the text must parse; and no such number may look like an integer. */
static void test_numbers_that_fit_nowhere_become_reals(void **state) {
    (void)state;
    static const char *const numbers[] = {"9223372036854775808",
                                          "-9223372036854775809",
                                          "99999999999999999999999",
                                          "1e999",
                                          "-1e999",
                                          "1E+400",
                                          "0.1e9999"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct arena *arena = arena_create(1 << 16);
        char text[128];
        json_t *tree;
        snprintf(text, sizeof text, "{\"12345678901234567890\": [%s, 7, \"1e999\"]}", numbers[i]);
        assert_int_equal(parse(arena, text, strlen(text), &tree), JSON_IN_OK);
        const json_t *list = json_object_get(tree, "12345678901234567890");
        assert_true(json_is_real(json_array_get(list, 0)));
        assert_int_equal(json_integer_value(json_array_get(list, 1)), 7);
        assert_string_equal(json_string_value(json_array_get(list, 2)), "1e999");
        arena_destroy(arena);
    }
    assert_int_equal(judge("[9223372036854775808,]", 22), JSON_IN_SYNTAX);
}

static void test_position(void **state) {
    (void)state;
    struct arena *arena = arena_create(1 << 16);
    json_t *tree;
    size_t position;
    assert_int_equal(json_in_parse(arena, "{\"a\": 1 2}", 10, limits, &tree, &position), JSON_IN_SYNTAX);
    assert_true(position >= 7 && position <= 10);
    arena_destroy(arena);
}

static int set_up(void **state) {
    (void)state;
    json_in_setup();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepts),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_nodes_are_counted_exactly),
        cmocka_unit_test(test_numbers_that_fit_nowhere_become_reals),
        cmocka_unit_test(test_position),
    };
    return cmocka_run_group_tests_name("json_in", tests, set_up, NULL);
}
