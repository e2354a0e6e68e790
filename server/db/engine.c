#include "db/engine.h"

#include "core/contract.h"

enum engine_number {
    ENGINE_SETTINGS,
    ENGINE_CLAIM,
    ENGINE_ABANDON,
    ENGINE_PRINCIPAL,
    ENGINE_BEGIN_EXPORT,
    ENGINE_END_EXPORT,
    ENGINE_NUMBERS
};

_Static_assert(ENGINE_NUMBERS == ENGINE_VARIANT_COUNT, "each engine statement has a slot");

const struct statement_variant engine_settings = {
    .id = ENGINE_VARIANT | ENGINE_SETTINGS,
    .text = "select set_config('app.person', $1, true), set_config('app.scope', $2, true),"
            " set_config('app.scope_lead', $3, true), set_config('app.paths', $4, true),"
            " set_config('app.lead', $5, true), set_config('app.files', $6, true),"
            " set_config('app.op', $7, true), set_config('app.rid', $8, true),"
            " set_config('app.agent', $9, true)",
    .bind_count = 9,
};

const struct statement_variant engine_claim = {
    .id = ENGINE_VARIANT | ENGINE_CLAIM,
    .text = "select core.claim_idempotency($1::text, $2::text, $3::bytea)",
    .bind_count = 3,
};

const struct statement_variant engine_abandon = {
    .id = ENGINE_VARIANT | ENGINE_ABANDON,
    .text = "select core.abandon()",
    .bind_count = 0,
};

const struct statement_variant engine_principal = {
    .id = ENGINE_VARIANT | ENGINE_PRINCIPAL,
    .text =
        "select p.person_id, p.role, p.territory_path, p.leadership_path, p.agent_id"
        " from access.principal($1::uuid) p",
    .bind_count = 1,
};

const struct statement_variant engine_begin_export = {
    .id = ENGINE_VARIANT | ENGINE_BEGIN_EXPORT,
    .text = "select core.begin_export($1::text, $2::text, $3::text)",
    .bind_count = 3,
};

const struct statement_variant engine_end_export = {
    .id = ENGINE_VARIANT | ENGINE_END_EXPORT,
    .text = "select core.end_export($1::uuid, $2::bigint, $3::boolean)",
    .bind_count = 3,
};

uint32_t engine_slot(const struct statement_variant *variant) {
    if (variant->id & ENGINE_VARIANT) {
        return contract_variant_count + (variant->id & ~ENGINE_VARIANT);
    }
    return variant->id;
}

uint32_t engine_slot_count(void) {
    return contract_variant_count + ENGINE_VARIANT_COUNT;
}
