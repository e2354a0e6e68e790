/* What an outcome of the database means to a client: SQLSTATE, constraint or raised name → problem.
 *
 * Owns nothing. SQL text, table and column names never pass through here: only problems of the contract's
 * table.
 */
#ifndef LINLI_DB_SQLSTATE_H
#define LINLI_DB_SQLSTATE_H

#include "core/contract.h"
#include "db/call.h"

/* For every outcome but CALL_DONE and CALL_PREVIEW; never NULL. *pointer becomes the JSON Pointer that a
 * routine named (LI000), or NULL. LI200 is answered by http/idempotency and never comes here. */
const struct problem *sqlstate_problem(const struct sql_error *error, enum call_outcome outcome,
                                       const char **pointer);
/* The statement may be sent again as it is: nothing of it has happened (serialization, deadlock, lock
 * time-out…). */
bool sqlstate_is_transient(const char state[6]);

#endif
