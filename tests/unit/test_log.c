#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "core/log.h"
#include "json/json_in.h"

static int ends[2], real_stderr;

static int redirect(void **state) {
    (void)state;
    if (pipe(ends) != 0)
        return -1;
    real_stderr = dup(STDERR_FILENO);
    return dup2(ends[1], STDERR_FILENO) < 0 ? -1 : 0;
}

static int restore(void **state) {
    (void)state;
    dup2(real_stderr, STDERR_FILENO);
    close(ends[0]);
    return close(ends[1]);
}

/* The line as JSON: one line, one object. */
static json_t *read_line(void) {
    char line[8192];
    ssize_t length = read(ends[0], line, sizeof line);
    assert_true(length > 0 && length <= 4096);
    assert_int_equal(line[length - 1], '\n');
    assert_null(memchr(line, '\n', (size_t)length - 1));
    json_t *tree = json_loadb(line, (size_t)length, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(tree);
    return tree;
}

static void test_types(void **state) {
    (void)state;
    log_event(LOG_LEVEL_INFO, "request", log_text("operation", "listUnits"), log_integer("status", 200),
              log_flag("cached", true), log_text("nothing", NULL), log_duration("ms", 1234567));
    json_t *line = read_line();
    assert_string_equal(json_string_value(json_object_get(line, "level")), "info");
    assert_string_equal(json_string_value(json_object_get(line, "event")), "request");
    assert_int_equal(strlen(json_string_value(json_object_get(line, "at"))), 24);
    assert_string_equal(json_string_value(json_object_get(line, "operation")), "listUnits");
    assert_int_equal(json_integer_value(json_object_get(line, "status")), 200);
    assert_true(json_is_true(json_object_get(line, "cached")));
    assert_true(json_is_null(json_object_get(line, "nothing")));
    assert_true(json_real_value(json_object_get(line, "ms")) > 1.2335 &&
                json_real_value(json_object_get(line, "ms")) < 1.2345);
    json_decref(line);
}

static void test_hostile_texts_stay_one_line(void **state) {
    (void)state;
    log_event(LOG_LEVEL_ERROR, "odd", log_text("text", "a\"b\\c\nd\x01\xff岑\x7f"));
    json_t *line = read_line();
    assert_string_equal(json_string_value(json_object_get(line, "text")), "a\"b\\c\nd\x01?岑\x7f");
    json_decref(line);
}

static void test_long_lines_are_cut(void **state) {
    (void)state;
    char text[5000], escapes[5000];
    memset(text, 'x', sizeof text - 1);
    memset(escapes, '\n', sizeof escapes - 1);
    text[sizeof text - 1] = escapes[sizeof escapes - 1] = '\0';
    log_event(LOG_LEVEL_INFO, text, log_text("a", text), log_text("b", text), log_text("c", text),
              log_text("d", text), log_text("e", escapes), log_integer("f", 1));
    json_t *line = read_line();
    assert_int_equal(json_string_length(json_object_get(line, "a")), 1024 + 3);
    json_decref(line);
    log_event(LOG_LEVEL_INFO, "escapes", log_text("a", escapes), log_integer("b", 1));
    json_decref(read_line());
}

static void test_levels(void **state) {
    (void)state;
    enum log_level level;
    assert_true(log_read_level("warning", &level));
    log_set_level(level);
    assert_false(log_wants(LOG_LEVEL_INFO));
    log_event(LOG_LEVEL_INFO, "unheard");
    log_event(LOG_LEVEL_WARNING, "heard");
    json_t *line = read_line();
    assert_string_equal(json_string_value(json_object_get(line, "event")), "heard");
    json_decref(line);
    assert_false(log_read_level("loud", &level));
    log_set_level(LOG_LEVEL_INFO);
}

static int lines_of(const char *bytes, ssize_t length) {
    int lines = 0;
    for (ssize_t i = 0; i < length; i++) {
        lines += bytes[i] == '\n';
    }
    return lines;
}

static bool is_silent(void) {
    struct pollfd file = {.fd = ends[0], .events = POLLIN};
    return poll(&file, 1, 0) == 0;
}

/* The last test: a thread that holds its lines goes on holding them. */
static void test_held_lines_come_together(void **state) {
    (void)state;
    char bytes[8192], text[1000];
    log_hold();
    log_event(LOG_LEVEL_INFO, "one");
    log_event(LOG_LEVEL_INFO, "two");
    assert_true(is_silent());
    log_flush();
    assert_int_equal(lines_of(bytes, read(ends[0], bytes, sizeof bytes)), 2);
    log_event(LOG_LEVEL_INFO, "three");
    log_event(LOG_LEVEL_WARNING, "heard at once, and what came before it");
    assert_int_equal(lines_of(bytes, read(ends[0], bytes, sizeof bytes)), 2);
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    for (int i = 0; i < 4; i++) { /* more than are kept */
        log_event(LOG_LEVEL_INFO, "long", log_text("text", text));
    }
    ssize_t length = read(ends[0], bytes, sizeof bytes);
    assert_true(length <= 4096);
    assert_int_equal(lines_of(bytes, length), 3);
    log_flush();
    assert_int_equal(lines_of(bytes, read(ends[0], bytes, sizeof bytes)), 1);
    log_flush();
    assert_true(is_silent());
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_types, redirect, restore),
        cmocka_unit_test_setup_teardown(test_hostile_texts_stay_one_line, redirect, restore),
        cmocka_unit_test_setup_teardown(test_long_lines_are_cut, redirect, restore),
        cmocka_unit_test_setup_teardown(test_levels, redirect, restore),
        cmocka_unit_test_setup_teardown(test_held_lines_come_together, redirect, restore),
    };
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
