/* Values for a statement: from wherever they come (request, step, command) to the texts libpq sends.
 *
 * Owns nothing; arrays and texts live in the caller's arena. The getter is asked once for each bind, in
 * order, and once for each condition when the variant is chosen; it answers NULL for absent and for null.
 */
#ifndef LINLI_DB_BIND_H
#define LINLI_DB_BIND_H

#include <stdbool.h>
#include "core/arena.h"
#include "core/contract.h"
#include "db/call.h"

/* Sets *text (NUL-terminated, arena or longer-lived; NULL = SQL NULL). false: the value cannot be made (500).
 */
typedef bool (*bind_getter)(void *context, const struct bind *bind, const char **text);

/* Texts for variant->binds. NULL when a getter refused or memory is out; a statement without binds gives "".
 */
const char *const *bind_values(struct arena *arena, const struct statement_variant *variant, bind_getter get,
                               void *context);
/* M7: bit i is set when condition i holds, that is when its value is there. false: a getter refused. */
bool bind_mask(const struct statement *statement, bind_getter get, void *context, uint32_t *mask);
/* The generated variant of this mask; NULL only when the generator made none (our mistake). */
const struct statement_variant *bind_variant(const struct statement *statement, uint32_t mask, bool keyed);
/* Chooses the variant, binds its values and appends it to the call. false: no room, no variant, no memory. */
bool bind_append(struct call *call, const struct statement *statement, bool keyed, bind_getter get,
                 void *context);

#endif
