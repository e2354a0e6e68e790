#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "core/random.h"
#include "core/uuid.h"

static void test_generated_are_version_7_in_order(void **state) {
    (void)state;
    char earlier[UUID_SIZE] = "", id[UUID_SIZE];
    for (int i = 0; i < 2000; i++) {
        uuid_generate(id);
        assert_int_equal(strlen(id), 36);
        assert_true(uuid_check(id, 36));
        assert_int_equal(id[14], '7');
        assert_non_null(strchr("89ab", id[19]));
        assert_string_not_equal(id, earlier);
        assert_true(strncmp(id, earlier, 18) >= 0);
        memcpy(earlier, id, sizeof id);
    }
}

static void test_form(void **state) {
    (void)state;
    char out[UUID_SIZE];
    assert_true(uuid_normalise(out, "0193-", 5) == false);
    assert_true(uuid_normalise(out, "01936F2E-7A00-7ABC-8DEF-0123456789AB", 36));
    assert_string_equal(out, "01936f2e-7a00-7abc-8def-0123456789ab");
    static const char *const invalid[] = {
        "01936f2e-7a00-7abc-8def-0123456789a",  "01936f2e-7a00-7abc-8def-0123456789abc",
        "01936f2e07a00-7abc-8def-0123456789ab", "g1936f2e-7a00-7abc-8def-0123456789ab",
        "{1936f2e-7a00-7abc-8def-0123456789a}", "01936f2e-7a00-7abc-8def-0123456789a-",
        "01936f2e7a007abc8def0123456789ab0000", "",
    };
    for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++)
        assert_false(uuid_check(invalid[i], strlen(invalid[i])));
}

static void test_random_differs(void **state) {
    (void)state;
    unsigned char a[1000] = {0}, b[1000] = {0};
    random_fill(a, sizeof a);
    random_fill(b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
    random_fill(a, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_generated_are_version_7_in_order),
        cmocka_unit_test(test_form),
        cmocka_unit_test(test_random_differs),
    };
    return cmocka_run_group_tests_name("uuid", tests, NULL, NULL);
}
