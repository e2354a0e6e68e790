/* Files in UTF-8 or GB18030, cut anywhere, become the same UTF-8. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "core/buf.h"
#include "core/charset.h"

static struct buf seen;

static bool take(void *context, const char *utf8, size_t length) {
    (void)context;
    buf_append(&seen, utf8, length);
    return true;
}

static size_t convert(enum charset_name name, const char *bytes, size_t length, size_t piece) {
    struct charset *charset = charset_open(name);
    assert_non_null(charset);
    buf_clear(&seen);
    for (size_t at = 0; at < length; at += piece) {
        assert_true(charset_feed(charset, bytes + at, length - at < piece ? length - at : piece, take, NULL));
    }
    assert_true(charset_end(charset, take, NULL));
    size_t broken = charset_broken(charset);
    charset_close(charset);
    return broken;
}

static enum charset_name guess(const char *bytes, size_t length, size_t piece) {
    struct charset_guess state = {.rest_length = 0};
    for (size_t at = 0; at < length; at += piece) {
        charset_guess_feed(&state, bytes + at, length - at < piece ? length - at : piece);
    }
    return charset_guess_end(&state);
}

static void expect(enum charset_name name, const char *bytes, const char *utf8) {
    for (size_t piece = 1; piece <= strlen(bytes) + 1; piece++) {
        assert_int_equal(guess(bytes, strlen(bytes), piece), name);
        assert_int_equal(convert(name, bytes, strlen(bytes), piece), 0);
        assert_string_equal(seen.data, utf8);
    }
}

static void test_both(void **state) {
    (void)state;
    expect(CHARSET_UTF8, "a,岑溪,𠮷,é\n", "a,岑溪,𠮷,é\n");
    expect(CHARSET_UTF8, "\xEF\xBB\xBF姓名\n", "姓名\n");
    expect(CHARSET_GB18030, "\xD0\xD5\xC3\xFB,a\n", "姓名,a\n");
    expect(CHARSET_GB18030, "\x95\x32\x82\x36\n", "𠀀\n");         /* four bytes */
    expect(CHARSET_GB18030, "\x84\x31\x95\x33\xD0\xD5\n", "姓\n"); /* its mark */
}

static void test_broken(void **state) {
    (void)state;
    const char *wrong = "\xD0\xD5,\xFF,a";
    for (size_t piece = 1; piece <= strlen(wrong); piece++) {
        assert_int_equal(guess(wrong, strlen(wrong), piece), CHARSET_GB18030);
        assert_true(convert(CHARSET_GB18030, wrong, strlen(wrong), piece) > 0);
    }
    assert_int_equal(guess("\xE5\xB2", 2, 1), CHARSET_GB18030); /* ends in the middle */
    assert_int_equal(convert(CHARSET_UTF8, "a\xE5\xB2", 3, 1), 1);
    assert_string_equal(seen.data, "a\xEF\xBF\xBD");
    assert_int_equal(guess("\xC0\xAF", 2, 2), CHARSET_GB18030);     /* overlong */
    assert_int_equal(guess("\xED\xA0\x80", 3, 1), CHARSET_GB18030); /* a surrogate */
}

int main(void) {
    buf_init(&seen, 4096);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both),
        cmocka_unit_test(test_broken),
    };
    int result = cmocka_run_group_tests(tests, NULL, NULL);
    buf_free(&seen);
    return result;
}
