#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>
#include "core/clock.h"

static const struct {
    int64_t us;
    unsigned digits;
    const char *stamp;
} stamps[] = {
    {0, 0, "1970-01-01T00:00:00Z"},
    {-1, 6, "1969-12-31T23:59:59.999999Z"},
    {1795503600123456, 3, "2026-11-24T07:00:00.123Z"},
    {1795503600123456, 6, "2026-11-24T07:00:00.123456Z"},
    {951782400000000, 0, "2000-02-29T00:00:00Z"},
    {-62135596800000000, 0, "0001-01-01T00:00:00Z"},
    {253402300799999999, 6, "9999-12-31T23:59:59.999999Z"},
};

static void test_stamps_both_ways(void **state) {
    (void)state;
    char out[CLOCK_STAMP_SIZE];
    for (size_t i = 0; i < sizeof stamps / sizeof *stamps; i++) {
        size_t length = clock_write_stamp(out, stamps[i].us, stamps[i].digits);
        assert_string_equal(out, stamps[i].stamp);
        assert_int_equal(length, strlen(out));
        int64_t back;
        assert_true(clock_read_stamp(out, length, &back));
        assert_true(stamps[i].us - back < 1000000 && stamps[i].us >= back);
    }
}

/* Every day of 1600 to 2400 against the C library. */
static void test_days_agree_with_the_c_library(void **state) {
    (void)state;
    for (int64_t day = -135140; day < 157054; day++) {
        time_t seconds = (time_t)day * 86400;
        struct tm parts;
        char expected[64], out[CLOCK_STAMP_SIZE];
        gmtime_r(&seconds, &parts);
        snprintf(expected, sizeof expected, "%04d-%02d-%02dT00:00:00Z", parts.tm_year + 1900,
                 parts.tm_mon + 1, parts.tm_mday);
        clock_write_stamp(out, day * INT64_C(86400000000), 0);
        assert_string_equal(out, expected);
        int64_t back;
        assert_true(clock_read_stamp(out, strlen(out), &back));
        assert_true(back == day * INT64_C(86400000000));
    }
}

static void test_stamps_of_clients(void **state) {
    (void)state;
    int64_t a, b;
    assert_true(clock_read_stamp("2026-11-24T15:00:00+08:00", 25, &a));
    assert_true(clock_read_stamp("2026-11-24t07:00:00.000000000z", 30, &b));
    assert_true(a == b);
    assert_true(clock_read_stamp("2026-11-24T07:00:00.1234567Z", 28, &a));
    assert_int_equal(a - b, 123456);
    static const char *const invalid[] = {
        "",
        "2026-11-24",
        "2026-11-24T07:00:00",
        "2026-11-24 07:00:00Z",
        "2026-11-24T07:00Z",
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-11-24T24:00:00Z",
        "2026-11-24T07:60:00Z",
        "2026-11-24T23:59:60Z",
        "2026-11-24T07:00:00.Z",
        "2026-11-24T07:00:00.1234567890Z",
        "2026-11-24T07:00:00+8:00",
        "2026-11-24T07:00:00+0800",
        "2026-11-24T07:00:00+16:00",
        "2026-11-24T07:00:00+08:60",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+08:00",
        "9999-12-31T23:59:59-08:00",
        "12026-11-24T07:00:00Z",
        "2026-11-24T07:00:00ZZ",
        "+026-11-24T07:00:00Z",
        "2026-11-24T07:00:00,5Z",
        "2026-1a-24T07:00:00Z",
    };
    for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++)
        assert_false(clock_check_stamp(invalid[i], strlen(invalid[i])));
}

static void test_dates(void **state) {
    (void)state;
    static const char *const valid[] = {"2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31", "2026-11-30"};
    static const char *const invalid[] = {"2023-02-29",
                                          "1900-02-29",
                                          "2026-11-31",
                                          "2026-00-01",
                                          "2026-01-00",
                                          "0000-01-01",
                                          "2026-1-01",
                                          "2026/01/01",
                                          "2026-01-01 ",
                                          "20260101",
                                          ""};
    for (size_t i = 0; i < sizeof valid / sizeof *valid; i++)
        assert_true(clock_check_date(valid[i], strlen(valid[i])));
    for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++)
        assert_false(clock_check_date(invalid[i], strlen(invalid[i])));
}

static void test_shanghai(void **state) {
    (void)state;
    char date[CLOCK_DATE_SIZE];
    int64_t midnight;
    assert_true(clock_read_stamp("2026-11-25T00:00:00+08:00", 25, &midnight));
    clock_write_date(date, midnight);
    assert_string_equal(date, "2026-11-25");
    clock_write_date(date, midnight - 1);
    assert_string_equal(date, "2026-11-24");
    assert_int_equal(clock_until_midnight_ms(midnight), 86400000);
    assert_int_equal(clock_until_midnight_ms(midnight - 1), 1);
    assert_int_equal(clock_until_midnight_ms(midnight - 1500000), 1500);
    clock_write_today(date);
    assert_true(clock_check_date(date, 10));
    assert_true(clock_monotonic_ns() <= clock_monotonic_ns());
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stamps_both_ways),  cmocka_unit_test(test_days_agree_with_the_c_library),
        cmocka_unit_test(test_stamps_of_clients), cmocka_unit_test(test_dates),
        cmocka_unit_test(test_shanghai),
    };
    return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
