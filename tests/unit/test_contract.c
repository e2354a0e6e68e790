/* Looking up problems by name and by constraint: every one is found as itself, and nothing else is found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "core/contract.h"

#define NAME_SIZE 128

static void test_every_problem_by_its_name(void **state) {
    (void)state;
    assert_true(contract_problem_count > 10);
    for (size_t i = 0; i < contract_problem_count; i++) {
        assert_ptr_equal(contract_find_problem(contract_problems[i].name), &contract_problems[i]);
    }
}

/* Shorter and longer than a name that exists, before the first and behind the last. */
static void test_no_problem_by_another_name(void **state) {
    (void)state;
    char name[NAME_SIZE];
    for (size_t i = 0; i < contract_problem_count; i++) {
        snprintf(name, sizeof name, "%s_", contract_problems[i].name);
        assert_null(contract_find_problem(name));
        snprintf(name, sizeof name, "%.*s", (int)strlen(contract_problems[i].name) - 1,
                 contract_problems[i].name);
        assert_null(contract_find_problem(name));
    }
    assert_null(contract_find_problem(""));
    assert_null(contract_find_problem("~"));
}

static void test_constraints_lead_to_their_problem(void **state) {
    (void)state;
    assert_true(contract_constraint_count > 0);
    for (size_t i = 0; i < contract_constraint_count; i++) {
        const struct problem *found = contract_find_constraint(contract_constraints[i].constraint);
        assert_non_null(found);
        assert_string_equal(found->name, contract_constraints[i].problem);
    }
    assert_string_equal(contract_find_constraint("thing_name_key")->name, "name_taken");
    assert_null(contract_find_constraint("thing_name_ke"));
    assert_null(contract_find_constraint("name_taken"));
    assert_null(contract_find_constraint(""));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_problem_by_its_name),
        cmocka_unit_test(test_no_problem_by_another_name),
        cmocka_unit_test(test_constraints_lead_to_their_problem),
    };
    return cmocka_run_group_tests_name("contract", tests, NULL, NULL);
}
