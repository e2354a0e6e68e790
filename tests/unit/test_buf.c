#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "core/buf.h"

static void test_grows_and_stays_terminated(void **state) {
    (void)state;
    struct buf buf;
    buf_init(&buf, 100000);
    for (int i = 0; i < 5000; i++) {
        buf_char(&buf, (char)('a' + i % 26));
        assert_int_equal(buf.data[buf.length], 0);
    }
    assert_int_equal(buf.length, 5000);
    assert_int_equal(buf.data[4999], 'a' + 4999 % 26);
    buf_clear(&buf);
    buf_integer(&buf, INT64_MIN);
    buf_char(&buf, ' ');
    buf_integer(&buf, INT64_MAX);
    buf_text(&buf, " ");
    buf_format(&buf, "%s-%03d", "x", 7);
    assert_string_equal(buf.data, "-9223372036854775808 9223372036854775807 x-007");
    assert_false(buf_failed(&buf));
    buf_free(&buf);
    assert_null(buf.data);
}

static void test_the_maximum_is_exact(void **state) {
    (void)state;
    struct buf buf;
    buf_init(&buf, 10);
    buf_text(&buf, "0123456789");
    assert_false(buf_failed(&buf));
    buf_append(&buf, NULL, 0);
    assert_false(buf_failed(&buf));
    buf_char(&buf, 'x');
    assert_true(buf_failed(&buf));
    buf_text(&buf, "y");
    assert_string_equal(buf.data, "0123456789");
    buf_clear(&buf);
    assert_false(buf_failed(&buf));
    buf_format(&buf, "%011d", 1);
    assert_true(buf_failed(&buf));
    buf_free(&buf);
}

static void test_steal(void **state) {
    (void)state;
    struct buf buf;
    size_t length;
    buf_init(&buf, 100);
    assert_null(buf_steal(&buf, &length));
    assert_int_equal(length, 0);
    buf_text(&buf, "gone");
    char *bytes = buf_steal(&buf, &length);
    assert_int_equal(length, 4);
    assert_string_equal(bytes, "gone");
    assert_null(buf.data);
    buf_text(&buf, "new");
    assert_string_equal(buf.data, "new");
    buf_release(bytes);
    buf_free(&buf);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grows_and_stays_terminated),
        cmocka_unit_test(test_the_maximum_is_exact),
        cmocka_unit_test(test_steal),
    };
    return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
