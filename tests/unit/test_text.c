#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "core/text.h"

static void test_utf8(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t step;
        uint32_t code_point;
    } valid[] = {
        {"a", 1, 'a'},
        {"\xc2\x80", 2, 0x80},
        {"\xdf\xbf", 2, 0x7ff},
        {"\xe0\xa0\x80", 3, 0x800},
        {"\xed\x9f\xbf", 3, 0xd7ff},
        {"\xee\x80\x80", 3, 0xe000},
        {"岑", 3, 0x5c91},
        {"\xf0\x90\x80\x80", 4, 0x10000},
        {"\xf4\x8f\xbf\xbf", 4, 0x10ffff},
    };
    for (size_t i = 0; i < sizeof valid / sizeof *valid; i++) {
        uint32_t code_point = 0;
        size_t length = strlen(valid[i].bytes);
        assert_int_equal(text_next(valid[i].bytes, length, &code_point), valid[i].step);
        assert_int_equal(code_point, valid[i].code_point);
        assert_int_equal(text_next(valid[i].bytes, length - 1, NULL), 0);
    }
    static const char *const invalid[] = {"\x80",
                                          "\xbf",
                                          "\xc0\x80",
                                          "\xc1\xbf",
                                          "\xe0\x9f\xbf",
                                          "\xed\xa0\x80",
                                          "\xed\xbf\xbf",
                                          "\xf0\x8f\xbf\xbf",
                                          "\xf4\x90\x80\x80",
                                          "\xf5\x80\x80\x80",
                                          "\xff",
                                          "\xfe",
                                          "\xe5\xb2x",
                                          "\xc3",
                                          "\xc3("};
    for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++) {
        assert_int_equal(text_next(invalid[i], strlen(invalid[i]), NULL), 0);
        assert_false(text_check_utf8(invalid[i], strlen(invalid[i])));
    }
    assert_true(text_check_utf8("邻里 Linli 🏘", strlen("邻里 Linli 🏘")));
    assert_int_equal(text_count("邻里 Linli 🏘", strlen("邻里 Linli 🏘")), 10);
}

static void test_integers(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t value;
    } valid[] = {
        {"0", 0},
        {"7", 7},
        {"-1", -1},
        {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
    };
    int64_t value;
    for (size_t i = 0; i < sizeof valid / sizeof *valid; i++) {
        assert_true(text_parse_integer(valid[i].text, strlen(valid[i].text), &value));
        assert_true(value == valid[i].value);
    }
    static const char *const invalid[] = {"",
                                          "-",
                                          "+1",
                                          "01",
                                          "-0",
                                          "00",
                                          " 1",
                                          "1 ",
                                          "1.0",
                                          "1e3",
                                          "0x1",
                                          "9223372036854775808",
                                          "-9223372036854775809",
                                          "99999999999999999999",
                                          "--1"};
    for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++)
        assert_false(text_parse_integer(invalid[i], strlen(invalid[i]), &value));
}

static void test_hex_and_base64url(void **state) {
    (void)state;
    unsigned char bytes[67], back[67];
    char text[140];
    size_t length;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 37 + 11);
    for (size_t n = 0; n <= sizeof bytes; n++) {
        text_write_hex(text, bytes, n);
        assert_int_equal(strlen(text), 2 * n);
        assert_true(text_read_hex(back, text, 2 * n));
        assert_memory_equal(back, bytes, n);
        size_t written = text_write_base64url(text, bytes, n);
        assert_int_equal(strlen(text), written);
        assert_true(written < TEXT_BASE64URL_SIZE(n));
        assert_true(text_read_base64url(back, &length, text, written));
        assert_int_equal(length, n);
        assert_memory_equal(back, bytes, n);
    }
    assert_true(text_read_hex(back, "aBcD", 4));
    assert_false(text_read_hex(back, "abc", 3));
    assert_false(text_read_hex(back, "ag", 2));
    static const char *const invalid[] = {"A", "AA=", "AA==", "A+/A", "AB", "AAB", "AA A", "AAAAA", "\n"};
    for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++)
        assert_false(text_read_base64url(back, &length, invalid[i], strlen(invalid[i])));
}

static void test_percent(void **state) {
    (void)state;
    char out[32];
    size_t length;
    assert_true(text_decode_percent(out, &length, "a%2Fb+%e5%b2%91", 15, false));
    assert_memory_equal(out, "a/b+岑", length);
    assert_true(text_decode_percent(out, &length, "a+b", 3, true));
    assert_memory_equal(out, "a b", 3);
    assert_true(text_decode_percent(out, &length, "%2541", 5, false));
    assert_memory_equal(out, "%41", length);
    static const char *const invalid[] = {"%", "%2", "%zz", "a%00b", "%-1", "%%20"};
    for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++)
        assert_false(text_decode_percent(out, &length, invalid[i], strlen(invalid[i]), false));
}

static void test_views(void **state) {
    (void)state;
    struct text rest = text_of("a,,b"), part;
    static const char *const parts[] = {"a", "", "b"};
    for (size_t i = 0; i < 3; i++) {
        assert_true(text_split(&rest, ',', &part));
        assert_true(text_is(part, parts[i]));
    }
    assert_false(text_split(&rest, ',', &part));
    assert_true(text_is(text_trim(text_of(" \t x y\t ")), "x y"));
    assert_true(text_is(text_trim(text_of("  ")), ""));
    assert_true(text_is_ignoring_case(text_of("Content-TYPE"), "content-type"));
    assert_false(text_is_ignoring_case(text_of("@"), "`"));
    assert_true(text_starts_with(text_of("/api/v1/me"), "/api/v1"));
    assert_false(text_starts_with(text_of("/ap"), "/api"));
    assert_true(text_is(text_of(NULL), ""));
    assert_true(text_equals_secret("abc", "abc", 3));
    assert_false(text_equals_secret("abc", "abd", 3));
    assert_true(text_equals_secret("", "x", 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_hex_and_base64url),
        cmocka_unit_test(test_percent),
        cmocka_unit_test(test_views),
    };
    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
