/* Principal: who asks, with which grants, as of today in Asia/Shanghai.
 *
 * A cache per loop (no locks), keyed by login session; an entry is dropped on NOTIFY linli_grants (its
 * person), at Shanghai midnight, and all of them when the listening connection is lost, so a removed right
 * ends within a second. While nobody listens, nothing is cached. Principals are copied into the request's
 * arena.
 */
#ifndef LINLI_AUTH_PRINCIPAL_H
#define LINLI_AUTH_PRINCIPAL_H

#include <stdbool.h>
#include <stdint.h>
#include "core/arena.h"
#include "core/contract.h"
#include "db/call.h"

#define PRINCIPAL_GRANTS_MAX 32

struct principal_grant {
    uint8_t role;                                 /* index of contract_roles */
    const char *territory_path, *leadership_path; /* of the grant's unit; NULL when not on that ladder */
};

struct principal {
    const char *person_id; /* NULL: nobody is signed in */
    const char *session_id;
    const char *agent_id; /* who acts in the person's name; NULL: they themselves */
    uint32_t roles; /* bit per role held anywhere */
    struct principal_grant grants[PRINCIPAL_GRANTS_MAX];
    size_t grant_count;
};

/* Builds app.* settings for an operation: scope from grants whose role the operation admits. Arena memory. */
bool principal_settings(struct arena *arena, const struct principal *principal,
                        const struct operation *operation, const char *request_id,
                        struct call_settings *settings);

#endif
