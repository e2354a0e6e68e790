/* M6 on the way in: a value of the body as the text that is bound, with sealed fields encrypted wherever they
 * stand. */
#ifndef LINLI_HTTP_SEALING_H
#define LINLI_HTTP_SEALING_H

#include <jansson.h>
#include "core/arena.h"
#include "core/contract.h"
#include "http/request.h"
#include "seal/codec.h"

/* Strings raw or sealed (`\x…`), integers decimal, booleans, objects and arrays as JSON in which every sealed
 * string is replaced by its `\x…`; null: text NULL. present false: it could not be made (memory, keys). NULL
 * json: text NULL. */
struct value sealing_value(const struct keyring *ring, struct arena *arena, const struct schema *schema,
                           const json_t *json);

#endif
