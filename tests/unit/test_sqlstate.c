/* Outcomes of the database → problems: nothing of SQL may show, nothing invisible may be told apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "db/sqlstate.h"

static const char *pointer;

static const char *problem(const char *state, const char *constraint) {
    struct sql_error error = {
        .message = "text of PostgreSQL", .detail = "Key (phone)=(1) exists", .constraint = constraint};
    memcpy(error.state, state, 6);
    return sqlstate_problem(&error, CALL_REFUSED, &pointer)->name;
}

static const char *raised(const char *name, const char *detail) {
    struct sql_error error = {.state = "LI000", .message = name, .detail = detail};
    return sqlstate_problem(&error, CALL_REFUSED, &pointer)->name;
}

static void test_raised_names(void **state) {
    (void)state;
    assert_string_equal(raised("wrong_state", ""), "wrong_state");
    assert_null(pointer);
    assert_string_equal(raised("version_mismatch", "/version"), "version_mismatch");
    assert_string_equal(pointer, "/version");
    assert_string_equal(raised("nobody_knows_this", "/x"), "internal_error");
    assert_string_equal(raised(NULL, NULL), "internal_error");
}

static void test_constraints(void **state) {
    (void)state;
    assert_string_equal(problem("23505", "thing_name_key"), "name_taken");
    assert_null(pointer);
    assert_string_equal(problem("23505", "other_key"), "conflict");
    assert_string_equal(problem("23P01", "other_exclusion"), "conflict");
    assert_string_equal(problem("23503", "other_fkey"), "not_found");
    assert_string_equal(problem("23514", "other_check"), "invalid_value");
}

static void test_states(void **state) {
    (void)state;
    static const struct {
        const char *state, *problem;
    } cases[] = {
        {"22003", "invalid_value"},  {"22P02", "invalid_value"},  {"42501", "not_found"},
        {"40001", "try_again"},      {"40P01", "try_again"},      {"55P03", "try_again"},
        {"57014", "took_too_long"},  {"57P03", "unavailable"},    {"53100", "unavailable"},
        {"25006", "unavailable"},    {"0A000", "try_again"},      {"26000", "try_again"},
        {"42P01", "internal_error"}, {"XX000", "internal_error"}, {"P0001", "internal_error"},
        {"LI422", "key_reused"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_string_equal(problem(cases[i].state, NULL), cases[i].problem);
        assert_int_equal(sqlstate_is_transient(cases[i].state), strcmp(cases[i].problem, "try_again") == 0);
    }
}

static void test_outcomes(void **state) {
    (void)state;
    struct sql_error error = {.state = "08006"};
    assert_string_equal(sqlstate_problem(&error, CALL_UNKNOWN, &pointer)->name, "outcome_unknown");
    assert_string_equal(sqlstate_problem(&error, CALL_UNSENT, &pointer)->name, "unavailable");
    memcpy(error.state, "53300", 6);
    assert_string_equal(sqlstate_problem(&error, CALL_UNSENT, &pointer)->name, "busy");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_raised_names),
        cmocka_unit_test(test_constraints),
        cmocka_unit_test(test_states),
        cmocka_unit_test(test_outcomes),
    };
    return cmocka_run_group_tests_name("sqlstate", tests, NULL, NULL);
}
