#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "core/config.h"

static char path[] = "/tmp/linli-test-config-XXXXXX";

static void write_file(const char *content) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(content, file);
    fclose(file);
}

static int make_file(void **state) {
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state) {
    (void)state;
    return unlink(path);
}

static void test_every_default_is_valid(void **state) {
    (void)state;
    char error[CONFIG_ERROR_SIZE];
    for (int i = 0; i < CONFIG_COUNT; i++) {
        const struct config_key *key = config_describe((enum config_id)i);
        enum config_id found;
        assert_true(config_find(key->name, &found));
        assert_int_equal(found, i);
        assert_string_equal(config_origin(found), "default");
        if (key->type == CONFIG_TYPE_INTEGER)
            config_integer(found);
        else if (key->type == CONFIG_TYPE_FLAG)
            config_flag(found);
        else
            assert_true(key->least == 0 || config_text(found)[0]);
        assert_true(config_set(found, key->preset, error));
        assert_non_null(key->help[0]);
        assert_non_null(key->help[1]);
    }
}

static void test_order_of_sources(void **state) {
    (void)state;
    char error[CONFIG_ERROR_SIZE];
    write_file("# a comment\n\n port = 9001 \r\nbind=0.0.0.0\ndemo = Yes\npublic_origin =\n");
    unsetenv("LINLI_PORT");
    setenv("LINLI_BIND", "::1", 1);
    assert_true(config_load(path, error));
    assert_int_equal(config_integer(CONFIG_PORT), 9001);
    assert_string_equal(config_origin(CONFIG_PORT), "file");
    assert_string_equal(config_text(CONFIG_BIND), "::1");
    assert_string_equal(config_origin(CONFIG_BIND), "environment");
    assert_true(config_flag(CONFIG_DEMO));
    assert_string_equal(config_text(CONFIG_PUBLIC_ORIGIN), "");
    assert_true(config_set(CONFIG_PORT, "9002", error));
    assert_string_equal(config_origin(CONFIG_PORT), "option");
    unsetenv("LINLI_BIND");
}

static void test_errors_are_sentences(void **state) {
    (void)state;
    static const struct {
        const char *content, *part;
    } cases[] = {
        {"port = 99999\n", "must be a whole number from 1 to 65535"},
        {"port = 80 80\n", "must be a whole number"},
        {"demo = perhaps\n", "must be true or false"},
        {"bind =\n", "must be text of 1 to 64 bytes"},
        {"colour = red\n", "there is no setting called colour"},
        {"\n\nport\n", "line 3"},
        {"bind = \xff\xfe\n", "must be text"},
    };
    char error[CONFIG_ERROR_SIZE];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_file(cases[i].content);
        assert_false(config_load(path, error));
        assert_non_null(strstr(error, cases[i].part));
    }
    assert_false(config_load("/nonexistent/linli.conf", error));
    assert_non_null(strstr(error, "cannot be read"));
    setenv("LINLI_PORT", "x", 1);
    assert_false(config_load(NULL, error));
    assert_non_null(strstr(error, "port"));
    unsetenv("LINLI_PORT");
}

static void test_secrets_come_from_files_and_stay_hidden(void **state) {
    (void)state;
    char error[CONFIG_ERROR_SIZE];
    write_file("host=db password=hush\n");
    setenv("LINLI_DATABASE_URL_FILE", path, 1);
    assert_true(config_load(NULL, error));
    assert_string_equal(config_text(CONFIG_DATABASE_URL), "host=db password=hush");
    assert_true(config_describe(CONFIG_DATABASE_URL)->secret);
    setenv("LINLI_DATABASE_URL_FILE", "/nonexistent", 1);
    assert_false(config_load(NULL, error));
    unsetenv("LINLI_DATABASE_URL_FILE");
    struct buf out;
    buf_init(&out, 1 << 20);
    config_write_help(&out);
    config_write_markdown(&out);
    assert_false(buf_failed(&out));
    assert_null(strstr(out.data, "hush"));
    assert_non_null(strstr(out.data, "| `port` | `LINLI_PORT` | integer | `8080` |"));
    buf_free(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_default_is_valid),
        cmocka_unit_test(test_order_of_sources),
        cmocka_unit_test(test_errors_are_sentences),
        cmocka_unit_test(test_secrets_come_from_files_and_stay_hidden),
    };
    return cmocka_run_group_tests_name("config", tests, make_file, remove_file);
}
