#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>
#include "seal/codec.h"
#include "keys.h"

static void path_of(char out[200], const char *name) {
    snprintf(out, 200, "%s/%s", keys_dir, name);
}

static void write_key(const char *name, const void *bytes, size_t length, mode_t mode) {
    char path[200];
    path_of(path, name);
    unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, length), length);
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

static void expect_refusal(const char *part) {
    const char *error = NULL;
    assert_null(keyring_open(keys_dir, &error));
    assert_non_null(error);
    assert_non_null(strstr(error, part));
}

static void test_create_is_idempotent(void **state) {
    (void)state;
    const char *error = NULL, *const names[] = {"data.current", "token.current", "blind"};
    expect_refusal("cannot be read");
    assert_int_equal(keyring_create(keys_dir, &error), 3);
    assert_int_equal(keyring_create(keys_dir, &error), 0);
    for (size_t i = 0; i < 3; i++) {
        char path[200];
        struct stat status;
        path_of(path, names[i]);
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_mode & 07777, 0600);
        assert_int_equal(status.st_size, 32);
    }
    struct keyring *ring = keyring_open(keys_dir, &error);
    assert_non_null(ring);
    const unsigned char *keys[3];
    assert_int_equal(keyring_token_keys(ring, keys), 1);
    keyring_close(ring);
    keyring_close(NULL);
    assert_int_equal(keyring_create("/nonexistent/keys", &error), -1);
}

static void test_bad_files_are_refused(void **state) {
    (void)state;
    char bytes[64], path[200];
    const char *error;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 7);
    static const mode_t open_modes[] = {0640, 0604, 0660, 0644, 0610};
    for (size_t i = 0; i < sizeof open_modes / sizeof *open_modes; i++) {
        write_key("token.previous", bytes, 32, open_modes[i]);
        expect_refusal("can be read by others");
    }
    write_key("token.previous", bytes, 31, 0600);
    expect_refusal("32 to 4096 random bytes");
    write_key("token.previous", bytes, 0, 0600);
    expect_refusal("32 to 4096 random bytes");
    memset(bytes, 'k', sizeof bytes);
    write_key("token.previous", bytes, 32, 0600);
    expect_refusal("random bytes");
    path_of(path, "token.previous");
    unlink(path);
    assert_int_equal(mkdir(path, 0700), 0);
    expect_refusal("not a file");
    rmdir(path);
    bytes[0] = 'x';
    write_key("token.previous", bytes, 64, 0400);
    struct keyring *ring = keyring_open(keys_dir, &error);
    assert_non_null(ring);
    const unsigned char *keys[3];
    assert_int_equal(keyring_token_keys(ring, keys), 2);
    keyring_close(ring);
    unlink(path);
}

static void test_old_values_open_after_a_rotation(void **state) {
    (void)state;
    const char *error;
    struct arena *arena = arena_create(1 << 16);
    struct keyring *before = keyring_open(keys_dir, &error);
    const char *old = codec_seal(before, arena, "people.phone", "10012345678", 11);
    assert_true(keyring_stage(keys_dir, "data", &error));
    assert_false(keyring_stage(keys_dir, "data", &error));
    /* A server that still has the old current key already reads what the next one seals. */
    struct keyring *staged = keyring_open(keys_dir, &error);
    assert_true(keyring_rotate(keys_dir, "data", &error));
    struct keyring *after = keyring_open(keys_dir, &error);
    const char *new = codec_seal(after, arena, "people.phone", "10012345678", 11);
    size_t length;
    assert_string_equal(codec_open(after, arena, "people.phone", old, strlen(old), &length), "10012345678");
    assert_string_equal(codec_open(staged, arena, "people.phone", new, strlen(new), &length), "10012345678");
    assert_null(codec_open(before, arena, "people.phone", new, strlen(new), &length));
    /* Blind indexes do not change with the data key. */
    assert_string_equal(codec_blind(before, arena, "phone", "1", 1),
                        codec_blind(after, arena, "phone", "1", 1));
    assert_true(keyring_rotate(keys_dir, "data", &error));
    assert_true(keyring_rotate(keys_dir, "token", &error));
    assert_false(keyring_rotate(keys_dir, "blind", &error));
    struct keyring *last = keyring_open(keys_dir, &error);
    assert_null(codec_open(last, arena, "people.phone", old, strlen(old), &length));
    assert_string_equal(codec_open(last, arena, "people.phone", new, strlen(new), &length), "10012345678");
    keyring_close(before);
    keyring_close(staged);
    keyring_close(after);
    keyring_close(last);
    arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_create_is_idempotent),
        cmocka_unit_test(test_bad_files_are_refused),
        cmocka_unit_test(test_old_values_open_after_a_rotation),
    };
    return cmocka_run_group_tests_name("keyring", tests, keys_make, keys_remove);
}
