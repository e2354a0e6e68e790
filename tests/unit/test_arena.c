#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "core/arena.h"

static char order[8];
static size_t order_length;

static void note(void *what) {
    order[order_length++] = *(const char *)what;
}

static void test_pieces_are_zeroed_aligned_and_apart(void **state) {
    (void)state;
    struct arena *arena = arena_create(1 << 20);
    unsigned char *earlier = NULL;
    for (size_t size = 0; size < 300; size++) {
        unsigned char *piece = arena_alloc(arena, size);
        assert_non_null(piece);
        assert_int_equal((uintptr_t)piece % 16, 0);
        assert_ptr_not_equal(piece, earlier);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(piece[i], 0);
        memset(piece, 0xff, size);
        earlier = piece;
    }
    arena_reset(arena);
    assert_int_equal(arena_used(arena), 0);
    const unsigned char *again = arena_alloc(arena, 512);
    for (size_t i = 0; i < 512; i++)
        assert_int_equal(again[i], 0);
    arena_destroy(arena);
}

static void test_cap_is_refused_and_reset_forgives(void **state) {
    (void)state;
    struct arena *arena = arena_create(16384);
    assert_non_null(arena_alloc(arena, 10000));
    assert_false(arena_exhausted(arena));
    assert_null(arena_alloc(arena, 10000));
    assert_true(arena_exhausted(arena));
    assert_null(arena_alloc(arena, SIZE_MAX));
    assert_null(arena_alloc(arena, SIZE_MAX - 8));
    arena_reset(arena);
    assert_false(arena_exhausted(arena));
    assert_non_null(arena_alloc(arena, 10000));
    arena_destroy(arena);
    arena_destroy(NULL);
}

static void test_texts(void **state) {
    (void)state;
    struct arena *arena = arena_create(1 << 16);
    assert_string_equal(arena_copy(arena, "岑溪市", 6), "岑溪");
    assert_string_equal(arena_copy(arena, NULL, 0), "");
    assert_string_equal(arena_string(arena, ""), "");
    assert_string_equal(arena_format(arena, "%d %s", 7, "x"), "7 x");
    assert_null(arena_copy(arena, "x", SIZE_MAX));
    assert_null(arena_format(arena, "%70000d", 1));
    arena_destroy(arena);
}

static void test_clean_ups_run_backwards_once(void **state) {
    (void)state;
    struct arena *arena = arena_create(4096);
    char marks[] = "abc";
    order_length = 0;
    assert_true(arena_defer(arena, note, &marks[0]));
    assert_true(arena_defer(arena, note, &marks[1]));
    arena_reset(arena);
    assert_memory_equal(order, "ba", 2);
    assert_true(arena_defer(arena, note, &marks[2]));
    arena_destroy(arena);
    assert_int_equal(order_length, 3);
    assert_memory_equal(order, "bac", 3);
}

static void test_clean_up_runs_at_once_when_there_is_no_room(void **state) {
    (void)state;
    struct arena *arena = arena_create(16);
    char mark = 'x';
    order_length = 0;
    assert_false(arena_defer(arena, note, &mark));
    assert_int_equal(order_length, 1);
    arena_destroy(arena);
    assert_int_equal(order_length, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces_are_zeroed_aligned_and_apart),
        cmocka_unit_test(test_cap_is_refused_and_reset_forgives),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_clean_ups_run_backwards_once),
        cmocka_unit_test(test_clean_up_runs_at_once_when_there_is_no_room),
    };
    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
