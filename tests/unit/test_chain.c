/* The offline verifier of the audit chain: every way of falsifying it is found and named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "commands/chain.h"
#include "core/text.h"
#include "seal/digest.h"

enum { ROWS = 6 };

static char canonical[ROWS][64], hashes[ROWS][65];
static int64_t found_at[16];
static char found_what[16][64];
static size_t found_count;

static void found(void *context, int64_t seal_no, const char *what, const char *row) {
    (void)context;
    (void)row;
    found_at[found_count] = seal_no;
    snprintf(found_what[found_count++], sizeof found_what[0], "%s", what);
}

static void seal(void) {
    unsigned char hash[DIGEST_SIZE] = {0};
    for (int i = 0; i < ROWS; i++) {
        char bytes[200];
        snprintf(canonical[i], sizeof canonical[i], "audit [%d, \"第%d行\"]", 10 + i, i);
        memcpy(bytes, hash, DIGEST_SIZE);
        int length = snprintf(bytes + DIGEST_SIZE, sizeof bytes - DIGEST_SIZE, "%d %s", i + 1, canonical[i]);
        digest_bytes(hash, bytes, DIGEST_SIZE + (size_t)length);
        text_write_hex(hashes[i], hash, DIGEST_SIZE);
    }
}

/* skip: a row left out, −1 none; until: rows taken. */
static void verify(int skip, int until, const struct checkpoint *checkpoints, size_t count) {
    struct chain chain = {.checkpoints = checkpoints, .checkpoint_count = count, .found = found};
    found_count = 0;
    chain_start(&chain, 0, NULL);
    for (int i = 0; i < until; i++) {
        struct seal_row row = {.seal_no = i + 1,
                               .source_id = 10 + i,
                               .stream = "audit",
                               .canonical = canonical[i][0] != '\0' ? canonical[i] : NULL,
                               .canonical_length = strlen(canonical[i]),
                               .hash = hashes[i]};
        if (i != skip) {
            chain_take(&chain, &row);
        }
    }
    chain_end(&chain);
    assert_int_equal(chain.findings, found_count);
}

static void test_untouched(void **state) {
    (void)state;
    seal();
    verify(-1, ROWS, NULL, 0);
    assert_int_equal(found_count, 0);
}

static void test_changed_rows_are_each_named(void **state) {
    (void)state;
    seal();
    canonical[1][8] ^= 1;
    canonical[4][8] ^= 1;
    verify(-1, ROWS, NULL, 0);
    assert_int_equal(found_count, 2);
    assert_int_equal(found_at[0], 2);
    assert_int_equal(found_at[1], 5);
    assert_string_equal(found_what[0], "the row was changed");
}

static void test_deleted_row_and_missing_seal(void **state) {
    (void)state;
    seal();
    canonical[2][0] = '\0';
    verify(-1, ROWS, NULL, 0);
    assert_int_equal(found_count, 1);
    assert_string_equal(found_what[0], "the row was deleted");
    seal();
    verify(3, ROWS, NULL, 0);
    assert_int_equal(found_count, 1);
    assert_string_equal(found_what[0], "seals are missing");
}

static void test_changed_hash(void **state) {
    (void)state;
    seal();
    hashes[2][5] = hashes[2][5] == 'a' ? 'b' : 'a';
    verify(-1, ROWS, NULL, 0);
    assert_int_equal(found_count,
                     2); /* the row itself, and the next one, which was chained to the true hash */
}

static void test_rewritten_chain_meets_its_checkpoint(void **state) {
    (void)state;
    seal();
    struct checkpoint kept[2] = {{.day = "2026-11-23", .seal_no = 3}, {.day = "2026-11-24", .seal_no = ROWS}};
    memcpy(kept[0].hash, hashes[2], 65);
    memcpy(kept[1].hash, hashes[ROWS - 1], 65);
    verify(-1, ROWS, kept, 2);
    assert_int_equal(found_count, 0);
    verify(-1, ROWS - 1, kept, 2);
    assert_int_equal(found_count, 1);
    assert_non_null(strstr(found_what[0], "cut off"));
    kept[0].hash[0] = kept[0].hash[0] == 'a' ? 'b' : 'a';
    verify(-1, ROWS, kept, 2);
    assert_int_equal(found_count, 1);
    assert_int_equal(found_at[0], 3);
}

static void test_checkpoint_file(void **state) {
    (void)state;
    char folder[] = "/tmp/linli-checkpoints-XXXXXX", path[128];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/" CHECKPOINT_FILE_NAME, folder);
    struct checkpoint last, written = {.day = "2026-11-24", .seal_no = 42};
    memset(written.hash, 'e', 64);
    checkpoint_file_last(folder, &last);
    assert_string_equal(last.day, "");
    assert_true(checkpoint_file_append(folder, &written));
    written.seal_no = 43;
    assert_true(checkpoint_file_append(folder, &written));
    checkpoint_file_last(folder, &last);
    assert_int_equal(last.seal_no, 43);
    struct arena *arena = arena_create((size_t)16 << 20);
    struct checkpoint *read;
    size_t count;
    assert_true(chain_read_checkpoints(arena, path, &read, &count));
    assert_int_equal(count, 2);
    assert_string_equal(read[1].hash, written.hash);
    FILE *file = fopen(path, "a");
    fputs("{\"day\":\"2026-02-30\",\"seal_no\":1,\"hash\":\"00\"}\n", file);
    fclose(file);
    assert_false(chain_read_checkpoints(arena, path, &read, &count));
    arena_destroy(arena);
    unlink(path);
    rmdir(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_untouched),
        cmocka_unit_test(test_changed_rows_are_each_named),
        cmocka_unit_test(test_deleted_row_and_missing_seal),
        cmocka_unit_test(test_changed_hash),
        cmocka_unit_test(test_rewritten_chain_meets_its_checkpoint),
        cmocka_unit_test(test_checkpoint_file),
    };
    return cmocka_run_group_tests_name("chain", tests, NULL, NULL);
}
