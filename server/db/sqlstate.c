#include "db/sqlstate.h"

#include <string.h>

/* By SQLSTATE, or by its class when only two characters are given; the first that fits. Constraints that no
 * problem claims fall here too: they are then a conflict in general terms, since the rows behind them may be
 * invisible. */
static const struct {
    const char *state;
    const char *problem;
} states[] = {
    {"LI422", "key_reused"},
    {"23505", "conflict"},
    {"23P01", "conflict"},
    {"23503", "not_found"}, /* what it points at does not exist, or is not the caller's to know of */
    {"23", "invalid_value"},
    {"22", "invalid_value"},
    {"42501", "not_found"}, /* refused by row-level security: not the caller's */
    {"40", "try_again"},
    {"55P03", "try_again"},
    {"26000", "try_again"}, /* plans from before a migration: the connection is being replaced */
    {"0A000", "try_again"},
    {"25006", "unavailable"}, /* a standby, or a database set read-only */
    {"57014", "took_too_long"},
    {"57", "unavailable"},
    {"53", "unavailable"},
    {"08", "unavailable"},
};

static bool state_fits(const char *pattern, const char *state) {
    return strncmp(pattern, state, strlen(pattern)) == 0;
}

static const char *problem_of_state(const char *state) {
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        if (state_fits(states[i].state, state)) {
            return states[i].problem;
        }
    }
    return "internal_error";
}

/* A name that no table knows was raised by a routine the generator has not seen: our mistake, not the
 * client's. */
static const struct problem *problem_raised(const char *name) {
    for (size_t i = 0; name != NULL && i < contract_problem_count; i++) {
        if (strcmp(contract_problems[i].name, name) == 0) {
            return &contract_problems[i];
        }
    }
    return contract_find_problem("internal_error");
}

static const struct problem *problem_refused(const struct sql_error *error, const char **pointer) {
    if (strcmp(error->state, "LI000") == 0) {
        *pointer = error->detail != NULL && error->detail[0] == '/' ? error->detail : NULL;
        return problem_raised(error->message);
    }
    if (error->constraint != NULL) {
        const struct problem *claimed = contract_find_constraint(error->constraint);
        if (claimed != NULL) {
            return claimed;
        }
    }
    return contract_find_problem(problem_of_state(error->state));
}

const struct problem *sqlstate_problem(const struct sql_error *error, enum call_outcome outcome,
                                       const char **pointer) {
    *pointer = NULL;
    switch (outcome) {
    case CALL_UNKNOWN:
        return contract_find_problem("outcome_unknown");
    case CALL_UNSENT:
        return contract_find_problem(strcmp(error->state, "53300") == 0 ? "busy" : "unavailable");
    default:
        return problem_refused(error, pointer);
    }
}

bool sqlstate_is_transient(const char state[6]) {
    return strcmp(problem_of_state(state), "try_again") == 0;
}
