#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "core/text.h"
#include "seal/digest.h"

static void test_known_answers(void **state) {
    (void)state;
    unsigned char digest[DIGEST_SIZE];
    char hex[2 * DIGEST_SIZE + 1];
    digest_bytes(digest, "abc", 3);
    text_write_hex(hex, digest, sizeof digest);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    digest_bytes(digest, NULL, 0);
    text_write_hex(hex, digest, sizeof digest);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* Where one part ends and the next begins is part of the digest. */
static void test_parts_do_not_run_together(void **state) {
    (void)state;
    static const char *const lists[][3] = {
        {"ab", "c", NULL}, {"a", "bc", NULL}, {"abc", NULL}, {"abc", "", NULL}, {"", "abc", NULL}};
    unsigned char digests[5][DIGEST_SIZE];
    for (size_t i = 0; i < 5; i++) {
        struct text parts[3];
        size_t count = 0;
        for (; lists[i][count]; count++)
            parts[count] = text_of(lists[i][count]);
        digest_parts(digests[i], parts, count);
        for (size_t earlier = 0; earlier < i; earlier++)
            assert_memory_not_equal(digests[i], digests[earlier], DIGEST_SIZE);
    }
}

static void test_text_form(void **state) {
    (void)state;
    struct arena *arena = arena_create(256), *small = arena_create(16);
    struct text part = text_of("x");
    const char *text = digest_bytea(arena, &part, 1);
    assert_int_equal(strlen(text), 2 + 2 * DIGEST_SIZE);
    assert_memory_equal(text, "\\x", 2);
    assert_null(digest_bytea(small, &part, 1));
    arena_destroy(arena);
    arena_destroy(small);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_answers),
        cmocka_unit_test(test_parts_do_not_run_together),
        cmocka_unit_test(test_text_form),
    };
    return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}
