/* The guard: request targets and framing headers that can be read in more than one way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "http/guard.h"

#define LIMIT 1000

static enum guard_verdict target(const char *text) {
    return guard_target(text_of(text), 64);
}

static void test_targets(void **state) {
    (void)state;
    static const char *const good[] = {
        "/", "/api/v1/units?kind=city&q=%E5%AD%9D", "/a%2Fb", "/%2e%2e/x", "/a//b", "/~x;y=1"};
    static const char *const bad[] = {"",         "*",     "http://x/", "x",          "/a b",
                                      "/a%",      "/a%2",  "/a%zz",     "/a%00",      "/a%00b?c=1",
                                      "/a?b=%00", "/a\tb", "/a\x7f",    "/a\xc3\xa9", "/a#b",
                                      "/a\\..\\", "/\x01", "/a?b=%0",   "//a%G0"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(target(good[i]), GUARD_PASS);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(target(bad[i]), GUARD_BAD);
    }
    char longest[66] = "/";
    memset(longest + 1, 'a', 64);
    assert_int_equal(target(longest), GUARD_TARGET_TOO_LONG);
    longest[64] = '\0';
    assert_int_equal(target(longest), GUARD_PASS);
}

/* Headers as "Name: value" lines, ended by NULL. */
static enum guard_verdict judge_of(struct guard *guard, bool old, const char *const *lines) {
    guard_begin(guard, LIMIT);
    for (; *lines != NULL; lines++) {
        struct text rest = text_of(*lines), name;
        text_split(&rest, ':', &name);
        guard_header(guard, name, rest.bytes == NULL ? text_of("") : text_trim(rest));
    }
    return guard_finish(guard, old);
}

#define HEADERS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void test_framing(void **state) {
    (void)state;
    const struct {
        const char *const *lines;
        bool old;
        enum guard_verdict verdict;
    } cases[] = {
        {HEADERS("Host: x"), false, GUARD_PASS},
        {HEADERS("host: x", "content-length: 12"), false, GUARD_PASS},
        {HEADERS("Host: x", "Transfer-Encoding: chunked"), false, GUARD_PASS},
        {HEADERS("Host: x", "Transfer-Encoding: Chunked"), false, GUARD_PASS},
        {HEADERS("Accept: a", "Host: x", "Accept: b"), false, GUARD_PASS},
        {HEADERS("User-Agent: curl"), true, GUARD_PASS},
        {HEADERS("User-Agent: curl"), false, GUARD_BAD},
        {HEADERS("Host: x", "Host: x"), false, GUARD_BAD},
        {HEADERS("Host: x", "Content-Length: 5", "Transfer-Encoding: chunked"), false, GUARD_BAD},
        {HEADERS("Host: x", "Content-Length: 5", "Content-Length: 5"), false, GUARD_BAD},
        {HEADERS("Host: x", "Content-Length: 5", "Content-Length: 6"), false, GUARD_BAD},
        {HEADERS("Host: x", "Content-Length: 5, 5"), false, GUARD_BAD},
        {HEADERS("Host: x", "Content-Length: +5"), false, GUARD_BAD},
        {HEADERS("Host: x", "Content-Length: -1"), false, GUARD_BAD},
        {HEADERS("Host: x", "Content-Length: 0x5"), false, GUARD_BAD},
        {HEADERS("Host: x", "Content-Length:"), false, GUARD_BAD},
        {HEADERS("Host: x", "Content-Length: 9999999999999999"), false, GUARD_BAD},
        {HEADERS("Host: x", "Content-Length : 5"), false, GUARD_BAD},
        {HEADERS("Host: x", "Transfer-Encoding: gzip, chunked"), false, GUARD_BAD},
        {HEADERS("Host: x", "Transfer-Encoding: xchunked"), false, GUARD_BAD},
        {HEADERS("Host: x", "Transfer-Encoding: chunked", "Transfer-Encoding: chunked"), false, GUARD_BAD},
        {HEADERS("Host: x", "Transfer-Encoding: identity"), false, GUARD_BAD},
        {HEADERS("Host: x", "Transfer-Encoding: chunked"), true, GUARD_BAD},
        {HEADERS("Host: x", ": nameless"), false, GUARD_BAD},
        {HEADERS("Host: x", "A b: c"), false, GUARD_BAD},
        {HEADERS("Host: x", "A\xc3\xa9: c"), false, GUARD_BAD},
        {HEADERS("Host: x", "X-A: b\x01"), false, GUARD_BAD},
        {HEADERS("Host: x", "X-A: b\nX-B: c"), false, GUARD_BAD},
        {HEADERS("Host: x", "Authorization: a", "authorization: b"), false, GUARD_BAD},
        {HEADERS("Host: x", "Idempotency-Key: a", "Idempotency-Key: b"), false, GUARD_BAD},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct guard guard;
        assert_int_equal(judge_of(&guard, cases[i].old, cases[i].lines), cases[i].verdict);
    }
}

static void test_length(void **state) {
    (void)state;
    struct guard guard;
    assert_int_equal(judge_of(&guard, false, HEADERS("Host: x", "Content-Length: 1048576")), GUARD_PASS);
    assert_true(guard.has_length && !guard.chunked);
    assert_int_equal(guard.length, 1048576);
    assert_int_equal(judge_of(&guard, false, HEADERS("Host: x", "Transfer-Encoding: chunked")), GUARD_PASS);
    assert_true(guard.chunked && !guard.has_length);
}

static void test_amount(void **state) {
    (void)state;
    struct guard guard;
    char value[LIMIT + 1];
    memset(value, 'a', LIMIT);
    value[LIMIT] = '\0';
    guard_begin(&guard, LIMIT);
    guard_header(&guard, text_of("Host"), text_of("x"));
    guard_header(&guard, text_of("X-A"), text_of(value));
    assert_int_equal(guard_finish(&guard, false), GUARD_HEADERS_TOO_LARGE);
    guard_begin(&guard, 100000);
    guard_header(&guard, text_of("Host"), text_of("x"));
    for (int i = 0; i < 64; i++) {
        guard_header(&guard, text_of("X-A"), text_of("1"));
    }
    assert_int_equal(guard_finish(&guard, false), GUARD_HEADERS_TOO_LARGE);
    /* What cannot be read in one way stays 400 however large it is. */
    guard_header(&guard, text_of("Host"), text_of("y"));
    assert_int_equal(guard_finish(&guard, false), GUARD_BAD);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_targets),
        cmocka_unit_test(test_framing),
        cmocka_unit_test(test_length),
        cmocka_unit_test(test_amount),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
