/* Sealing, blind indexes, masks and cursors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "seal/codec.h"
#include "keys.h"

static struct keyring *ring;
static struct arena *arena;

static int set_up(void **state) {
    const char *error = "";
    if (keys_make(state) != 0 || keyring_create(keys_dir, &error) < 0)
        return -1;
    ring = keyring_open(keys_dir, &error);
    arena = arena_create(1 << 26);
    return ring && arena ? 0 : -1;
}

static int tear_down(void **state) {
    arena_destroy(arena);
    keyring_close(ring);
    return keys_remove(state);
}

static char *open_text(const char *aad, const char *sealed) {
    size_t length;
    return codec_open(ring, arena, aad, sealed, strlen(sealed), &length);
}

static void test_seal_and_open(void **state) {
    (void)state;
    char long_text[5000];
    memset(long_text, 'x', sizeof long_text);
    const struct {
        const char *plain;
        size_t length;
    } cases[] = {{"", 0},
                 {"1", 1},
                 {"10012345678", 11},
                 {"岑溪市孝坊社区", 21},
                 {"a\0b", 3},
                 {long_text, sizeof long_text}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *sealed = codec_seal(ring, arena, "people.phone", cases[i].plain, cases[i].length);
        char *again = codec_seal(ring, arena, "people.phone", cases[i].plain, cases[i].length);
        assert_non_null(sealed);
        assert_string_not_equal(sealed, again);
        assert_memory_equal(sealed, "\\x01", 4);
        assert_int_equal(strlen(sealed), 2 + 2 * (1 + 1 + 12 + cases[i].length + 16));
        size_t length;
        char *plain = codec_open(ring, arena, "people.phone", sealed, strlen(sealed), &length);
        assert_non_null(plain);
        assert_int_equal(length, cases[i].length);
        assert_memory_equal(plain, cases[i].plain, length);
        assert_int_equal(plain[length], 0);
    }
}

static void test_any_changed_bit_is_noticed(void **state) {
    (void)state;
    char *sealed = codec_seal(ring, arena, "people.phone", "10012345678", 11);
    size_t length = strlen(sealed);
    for (size_t i = 2; i < length; i++) {
        char kept = sealed[i];
        sealed[i] = kept == '0' ? '1' : '0';
        assert_null(open_text("people.phone", sealed));
        sealed[i] = kept;
    }
    for (size_t cut = 0; cut < length; cut++) {
        size_t size;
        assert_null(codec_open(ring, arena, "people.phone", sealed, cut, &size));
    }
    assert_null(open_text("people.id_number", sealed));
    assert_null(open_text("", sealed));
    assert_null(open_text("people.phone", "\\xzz"));
    assert_null(open_text("people.phone", "10012345678"));
    assert_non_null(open_text("people.phone", sealed));
}

static void test_blind(void **state) {
    (void)state;
    const char *phone = codec_blind(ring, arena, "phone", "10012345678", 11);
    assert_int_equal(strlen(phone), 2 + 64);
    static const char *const same[] = {"100 1234 5678", "+86 100-1234-5678", "8610012345678"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        assert_string_equal(codec_blind(ring, arena, "phone", same[i], strlen(same[i])), phone);
    assert_string_not_equal(codec_blind(ring, arena, "phone", "10012345679", 11), phone);
    assert_string_not_equal(codec_blind(ring, arena, "id_number", "10012345678", 11), phone);
    assert_string_equal(codec_blind(ring, arena, "id_number", "45048100000000001x", 18),
                        codec_blind(ring, arena, "id_number", "450481 0000 0000 001X", 21));
    assert_non_null(codec_blind(ring, arena, "id_number", "", 0));
}

static void test_masks(void **state) {
    (void)state;
    static const struct {
        enum mask_kind kind;
        const char *plain, *masked;
    } cases[] = {
        {MASK_PHONE, "13812345678", "138****5678"},
        {MASK_PHONE, "077412345", "****45"},
        {MASK_PHONE, "110", "****"},
        {MASK_NAME, "覃丽华", "覃**"},
        {MASK_NAME, "莫", "莫**"},
        {MASK_NAME, "", ""},
        {MASK_ID_NUMBER, "450481000000000012", "4504************12"},
        {MASK_ID_NUMBER, "123456", "****"},
        {MASK_NAME, "\xff\xfe", "****"},
        {MASK_NONE, "as it is", "as it is"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(codec_mask(arena, cases[i].kind, cases[i].plain, strlen(cases[i].plain)),
                            cases[i].masked);
}

static void test_cursors(void **state) {
    (void)state;
    static const char key[] = "[\"2026-11-24T07:00:00Z\",\"01936f2e-7a00-7abc-8def-0123456789ab\"]";
    char *cursor = codec_cursor_write(ring, arena, "listUnits", key, sizeof key - 1);
    assert_string_equal(codec_cursor_read(ring, arena, "listUnits", cursor), key);
    assert_null(codec_cursor_read(ring, arena, "listPeople", cursor));
    for (size_t i = 0; cursor[i]; i++) {
        char kept = cursor[i];
        cursor[i] = kept == 'A' ? 'B' : 'A';
        assert_null(codec_cursor_read(ring, arena, "listUnits", cursor));
        cursor[i] = kept;
    }
    static const char *const forged[] = {"", "A", "AAAAAAAAAAA", "?", "W10", "W10AAAAAAAAAAA", "..", "%00"};
    for (size_t i = 0; i < sizeof forged / sizeof *forged; i++)
        assert_null(codec_cursor_read(ring, arena, "listUnits", forged[i]));
    char longest[701];
    memset(longest, 'x', sizeof longest);
    assert_null(codec_cursor_write(ring, arena, "listUnits", longest, 701));
    cursor = codec_cursor_write(ring, arena, "listUnits", longest, 700);
    assert_non_null(codec_cursor_read(ring, arena, "listUnits", cursor));
    char *oversized = arena_format(arena, "%s%s", cursor, cursor);
    assert_null(codec_cursor_read(ring, arena, "listUnits", oversized));
}

static void test_a_full_arena_is_no_crash(void **state) {
    (void)state;
    struct arena *small = arena_create(48);
    size_t length;
    char *sealed = codec_seal(ring, arena, "people.phone", "10012345678", 11);
    assert_null(codec_seal(ring, small, "people.phone", "10012345678", 11));
    assert_null(codec_open(ring, small, "people.phone", sealed, strlen(sealed), &length));
    assert_null(codec_blind(ring, small, "phone", "10012345678", 11));
    assert_null(codec_cursor_write(ring, small, "listUnits", sealed, 60));
    arena_destroy(small);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_seal_and_open), cmocka_unit_test(test_any_changed_bit_is_noticed),
        cmocka_unit_test(test_blind),         cmocka_unit_test(test_masks),
        cmocka_unit_test(test_cursors),       cmocka_unit_test(test_a_full_arena_is_no_crash),
    };
    return cmocka_run_group_tests_name("codec", tests, set_up, tear_down);
}
