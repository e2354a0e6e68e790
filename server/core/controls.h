/* Negative controls: each switch breaks one rule, so that the test of that rule can be seen to fail.
 *
 * They exist only in the `controls` preset (LINLI_CONTROLS), never in what ships: elsewhere they are the
 * constant false and the compiler drops the branch. LINLI_BREAK names the rule to break:
 *   token_header: tokens are accepted whatever their header segment says.
 *   framing: what could be read in two ways is read.
 *   idempotency: no key is claimed.
 *   scope: the scope predicate sees every unit.
 *   application: that, and the role gate admits everyone; row-level security alone is left.
 */
#ifndef LINLI_CORE_CONTROLS_H
#define LINLI_CORE_CONTROLS_H

#include <stdbool.h>

#ifdef LINLI_CONTROLS
#include <stdlib.h>
#include <string.h>

static inline bool controls_break(const char *rule) {
    const char *broken = getenv("LINLI_BREAK");
    return broken != NULL && strcmp(broken, rule) == 0;
}
#else
static inline bool controls_break(const char *rule) {
    (void)rule;
    return false;
}
#endif

#endif
