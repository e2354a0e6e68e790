#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "core/id_number.h"

/* Written as the standard defines it, not as the code computes it: the weight of place i (from the right, the
 * check character being place 1) is 2^(i-1) mod 11, and the weighted sum leaves 1. */
static char check_by_definition(const char *digits) {
    int sum = 0;
    for (int place = 2; place <= 18; place++) {
        int weight = 1;
        for (int i = 1; i < place; i++) {
            weight = weight * 2 % 11;
        }
        sum += weight * (digits[18 - place] - '0');
    }
    for (int check = 0; check <= 10; check++) {
        if ((sum + check) % 11 == 1) {
            return check == 10 ? 'X' : (char)('0' + check);
        }
    }
    return '?';
}

static void test_check_character(void **state) {
    (void)state;
    bool seen_x = false;
    for (int n = 0; n < 1000; n++) {
        char number[32];
        snprintf(number, sizeof number, "99999919800601%03d", n);
        number[17] = check_by_definition(number);
        number[18] = '\0';
        seen_x = seen_x || number[17] == 'X';
        struct id_number read;
        assert_true(id_number_read(number, 18, &read));
        assert_string_equal(read.birth_date, "1980-06-01");
        assert_int_equal(read.male, n % 2);
        for (char wrong = '0'; wrong <= '9'; wrong++) {
            if (wrong != number[17]) {
                char other[32];
                memcpy(other, number, sizeof other);
                other[17] = wrong;
                assert_false(id_number_check(other, 18));
            }
        }
    }
    assert_true(seen_x);
}

/* One wrong digit, or two neighbours that changed places, is always found: what the check character is for.
 */
static void test_slips_are_found(void **state) {
    (void)state;
    char number[19] = "99999919751224017";
    number[17] = check_by_definition(number);
    for (size_t i = 0; i < 17; i++) {
        for (char digit = '0'; digit <= '9'; digit++) {
            char other[19];
            memcpy(other, number, sizeof other);
            other[i] = digit;
            assert_int_equal(id_number_check(other, 18), digit == number[i]);
        }
        char swapped[19];
        memcpy(swapped, number, sizeof swapped);
        swapped[i] = number[i + 1];
        swapped[i + 1] = number[i];
        if (i < 16 && number[i] != number[i + 1]) {
            assert_false(id_number_check(swapped, 18));
        }
    }
}

static void test_form(void **state) {
    (void)state;
    char number[19] = "99999920000229001", spaced[32];
    number[17] = check_by_definition(number);
    assert_true(id_number_check(number, 18)); /* a day of a leap year */
    int length = snprintf(spaced, sizeof spaced, "%.6s %.8s-%.4s", number, number + 6, number + 14);
    assert_true(id_number_check(spaced, (size_t)length));
    char never[19] = "99999919000229001"; /* 1900 was none */
    never[17] = check_by_definition(never);
    assert_false(id_number_check(never, 18));
    char small[32] = "99999919800601007";
    for (int n = 0; check_by_definition(small) != 'X'; n++) {
        snprintf(small, sizeof small, "99999919800601%03d", n);
    }
    small[17] = 'x';
    assert_true(id_number_check(small, 18));
    static const char *const invalid[] = {"",
                                          "999999800601001",
                                          "09999919800601001X",
                                          "9999991980060100XX",
                                          "99999919800601001 1 1",
                                          "九九九九九九"};
    for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++) {
        assert_false(id_number_check(invalid[i], strlen(invalid[i])));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_check_character),
        cmocka_unit_test(test_slips_are_found),
        cmocka_unit_test(test_form),
    };
    return cmocka_run_group_tests_name("id_number", tests, NULL, NULL);
}
