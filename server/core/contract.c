#include "core/contract.h"
#include <stdlib.h>
#include <string.h>

static int contract_compare_problem(const void *name, const void *problem) {
    return strcmp(name, ((const struct problem *)problem)->name);
}

const struct problem *contract_find_problem(const char *name) {
    return bsearch(name, contract_problems, contract_problem_count, sizeof *contract_problems,
                   contract_compare_problem);
}

static int contract_compare_constraint(const void *name, const void *entry) {
    return strcmp(name, ((const struct constraint_problem *)entry)->constraint);
}

const struct problem *contract_find_constraint(const char *constraint) {
    const struct constraint_problem *found =
        bsearch(constraint, contract_constraints, contract_constraint_count, sizeof *contract_constraints,
                contract_compare_constraint);
    return found ? contract_find_problem(found->problem) : NULL;
}
