/* The few statements that belong to no operation: settings, idempotency claim, principal, abandon.
 *
 * Owns nothing: const tables for the life of the process. Their ids carry ENGINE_VARIANT, so that they never
 * meet the generated ones; a connection keeps them behind the contract's in its table of prepared statements.
 */
#ifndef LINLI_DB_ENGINE_H
#define LINLI_DB_ENGINE_H

#include "core/contract.h"

#define ENGINE_VARIANT 0x80000000u /* bit of statement_variant.id: an engine statement */
#define ENGINE_VARIANT_COUNT 6u

extern const struct statement_variant engine_settings; /* 9 texts, in the order of struct call_settings */
extern const struct statement_variant engine_claim;    /* key, operation, fingerprint as \x… text */
extern const struct statement_variant engine_abandon;  /* no values; raises LI204 */
/* One value: the session's id. Rows: person_id, role, territory_path, leadership_path of today's grants; an
 * open session without grants gives one row with a NULL role; a closed one gives none. */
extern const struct statement_variant engine_principal;

/* M8: an export begins (operation, media type, query; gives its id) and is over (id, rows, whole). */
extern const struct statement_variant engine_begin_export, engine_end_export;

/* Where a connection remembers the statement: dense over generated and engine statements. */
uint32_t engine_slot(const struct statement_variant *variant);
uint32_t engine_slot_count(void);

#endif
