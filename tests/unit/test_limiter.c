/* Token buckets: burst, refill, and keys that do not disturb each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "auth/limiter.h"

#define SECOND UINT64_C(1000000000)
#define START (1000 * SECOND)

static void test_burst_and_refill(void **state) {
    (void)state;
    struct limiter *limiter = limiter_create(10);
    struct text key = text_of("192.0.2.1 someone");
    for (int i = 0; i < 10; i++) {
        assert_int_equal(limiter_take(limiter, key, START), 0);
    }
    assert_int_equal(limiter_take(limiter, key, START), 6);
    assert_int_equal(limiter_take(limiter, key, START + 5 * SECOND), 1);
    assert_int_equal(limiter_take(limiter, key, START + 6 * SECOND), 0);
    assert_int_equal(limiter_take(limiter, key, START + 6 * SECOND), 6);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(limiter_take(limiter, key, START + 600 * SECOND), 0);
    }
    limiter_destroy(limiter);
}

/* The hash is seeded anew in every limiter: some pair may share a bucket, most do not. */
static void test_keys_are_apart(void **state) {
    (void)state;
    unsigned apart = 0;
    for (int round = 0; round < 20; round++) {
        struct limiter *limiter = limiter_create(1);
        assert_int_equal(limiter_take(limiter, text_of("a"), START), 0);
        apart += limiter_take(limiter, text_of("b"), START) == 0;
        assert_int_not_equal(limiter_take(limiter, text_of("a"), START), 0);
        limiter_destroy(limiter);
    }
    assert_true(apart >= 18);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_burst_and_refill),
        cmocka_unit_test(test_keys_are_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
