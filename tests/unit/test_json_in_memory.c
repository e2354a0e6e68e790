/* Fails the n-th allocation, for every n, until the body is read: nothing may leak, crash or come back half
 * read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "core/alloc.h"
#include "core/buf.h"
#include "json/json_in.h"

static long left = -1; /* allocations that succeed before one fails; −1: all, also after that one */

static int may_allocate(void) {
    if (left < 0)
        return 1;
    return left-- > 0;
}

/* These replace core/alloc.c: the linker takes an archive's member only for what is still missing. */
void *alloc_bytes(size_t size) {
    return may_allocate() ? malloc(size ? size : 1) : NULL;
}

void *alloc_zeroed(size_t count, size_t size) {
    return may_allocate() ? calloc(count ? count : 1, size ? size : 1) : NULL;
}

void *alloc_grow(void *bytes, size_t size) {
    return may_allocate() ? realloc(bytes, size ? size : 1) : NULL;
}

void alloc_release(void *bytes) {
    free(bytes);
}

static const char body[] =
    "{\"title\":\"漏水纠纷\",\"parties\":[{\"name\":\"覃\",\"side\":1},{\"name\":\"莫\",\"side\":2,"
    "\"marks\":[1,2,3,4,5,6,7,8,9,10]}],\"a\":null,\"b\":true,\"c\":1.5,\"d\":\"x\",\"e\":\"y\","
    "\"f\":\"z\",\"g\":0,\"h\":99999999999999999999}";

static void test_every_allocation_may_fail(void **state) {
    (void)state;
    struct json_in_limits limits = {32, 1000};
    json_t *tree = NULL;
    long n = 0;
    for (enum json_in_error error = JSON_IN_MEMORY; error != JSON_IN_OK; n++) {
        left = -1;
        struct arena *arena = arena_create(1 << 20);
        size_t position;
        left = n;
        error = json_in_parse(arena, body, sizeof body - 1, limits, &tree, &position);
        assert_true(error == JSON_IN_OK || error == JSON_IN_MEMORY);
        left = -1;
        if (error == JSON_IN_OK) {
            assert_int_equal(json_object_size(tree), 10);
            assert_int_equal(json_array_size(json_object_get(tree, "parties")), 2);
        }
        arena_destroy(arena);
        assert_true(n < 5000);
    }
    assert_true(n > 30);
}

static void test_a_small_arena_gives_the_tree_back(void **state) {
    (void)state;
    struct json_in_limits limits = {32, 1000};
    struct arena *arena = arena_create(8);
    json_t *tree;
    size_t position;
    assert_int_equal(json_in_parse(arena, "[1]", 3, limits, &tree, &position), JSON_IN_MEMORY);
    assert_int_equal(json_in_parse(arena, "[99999999999999999999]", 22, limits, &tree, &position),
                     JSON_IN_MEMORY);
    arena_destroy(arena);
}

static void test_arena_and_buf_report_the_lack(void **state) {
    (void)state;
    left = 0;
    assert_null(arena_create(4096));
    left = 1;
    assert_null(arena_create(4096));
    left = -1;
    struct arena *arena = arena_create(1 << 20);
    assert_non_null(arena);
    left = 0;
    assert_null(arena_alloc(arena, 100000));
    assert_true(arena_exhausted(arena));
    struct buf buf;
    buf_init(&buf, 100);
    left = 0;
    buf_text(&buf, "x");
    assert_true(buf_failed(&buf));
    left = -1;
    arena_destroy(arena);
    buf_free(&buf);
}

static int set_up(void **state) {
    (void)state;
    json_in_setup();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_allocation_may_fail),
        cmocka_unit_test(test_a_small_arena_gives_the_tree_back),
        cmocka_unit_test(test_arena_and_buf_report_the_lack),
    };
    return cmocka_run_group_tests_name("json_in_memory", tests, set_up, NULL);
}
