#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>
#include "json/json_out.h"

static const struct {
    const char *bytes;
    size_t length;
    const char *json;
} cases[] = {
    {"", 0, "\"\""},
    {"plain", 5, "\"plain\""},
    {"a\"b\\c/", 6, "\"a\\\"b\\\\c/\""},
    {"\b\t\n\v\f\r", 6, "\"\\b\\t\\n\\u000b\\f\\r\""},
    {"\0\x1f\x7f", 3, "\"\\u0000\\u001f\\u007f\""},
    {"岑溪🏘", 10, "\"岑溪🏘\""},
    {"x\xffy", 3, "\"x\xef\xbf\xbdy\""},
    {"\xc0\x80", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\""},
    {"\xe5\xb2", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\""},
    {"</script>", 9, "\"</script>\""},
};

static void test_strings(void **state) {
    (void)state;
    struct buf out;
    buf_init(&out, 1000);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        buf_clear(&out);
        json_out_string(&out, cases[i].bytes, cases[i].length);
        assert_string_equal(out.data, cases[i].json);
    }
    buf_clear(&out);
    json_out_text(&out, NULL);
    json_out_text(&out, "x");
    assert_string_equal(out.data, "null\"x\"");
    buf_free(&out);
}

/* Every code point comes back from a reader. */
static void test_round_trip(void **state) {
    (void)state;
    struct buf out;
    buf_init(&out, 1000);
    for (int32_t code_point = 1; code_point < 0x110000; code_point += code_point < 0x3000 ? 1 : 97) {
        if (code_point >= 0xd800 && code_point < 0xe000)
            continue;
        char bytes[8];
        size_t length = 0;
        if (code_point < 0x80) {
            bytes[length++] = (char)code_point;
        } else {
            int more = code_point < 0x800 ? 1 : code_point < 0x10000 ? 2 : 3;
            bytes[length++] = (char)((0xf0 << (3 - more) & 0xff) | code_point >> 6 * more);
            while (more--)
                bytes[length++] = (char)(0x80 | (code_point >> 6 * more & 0x3f));
        }
        buf_clear(&out);
        buf_char(&out, '[');
        json_out_string(&out, bytes, length);
        buf_char(&out, ']');
        json_t *tree = json_loadb(out.data, out.length, 0, NULL);
        assert_non_null(tree);
        assert_int_equal(json_string_length(json_array_get(tree, 0)), length);
        assert_memory_equal(json_string_value(json_array_get(tree, 0)), bytes, length);
        json_decref(tree);
    }
    buf_free(&out);
}

static void test_the_maximum_holds(void **state) {
    (void)state;
    struct buf out;
    buf_init(&out, 8);
    json_out_string(&out, "\n\n\n\n", 4);
    assert_true(buf_failed(&out));
    assert_true(out.length <= 8);
    buf_free(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_the_maximum_holds),
    };
    return cmocka_run_group_tests_name("json_out", tests, NULL, NULL);
}
