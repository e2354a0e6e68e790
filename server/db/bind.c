#include "db/bind.h"

#include <assert.h>

const char *const *bind_values(struct arena *arena, const struct statement_variant *variant, bind_getter get,
                               void *context) {
    const char **values = arena_alloc(arena, (variant->bind_count + 1u) * sizeof *values);
    if (values == NULL) {
        return NULL;
    }
    for (uint16_t i = 0; i < variant->bind_count; i++) {
        if (!get(context, &variant->binds[i], &values[i])) {
            return NULL;
        }
    }
    return values;
}

bool bind_mask(const struct statement *statement, bind_getter get, void *context, uint32_t *mask) {
    *mask = 0;
    for (uint8_t i = 0; i < statement->condition_count; i++) {
        const struct condition *condition = &statement->conditions[i];
        const struct bind bind = {.name = condition->name,
                                  .source = condition->source,
                                  .index = condition->index,
                                  .type = VALUE_STRING};
        const char *text = NULL;
        if (!get(context, &bind, &text)) {
            return false;
        }
        *mask |= text != NULL ? UINT32_C(1) << i : 0;
    }
    return true;
}

const struct statement_variant *bind_variant(const struct statement *statement, uint32_t mask, bool keyed) {
    for (uint16_t i = 0; i < statement->variant_count; i++) {
        const struct statement_variant *variant = &statement->variants[i];
        if (variant->mask == mask && variant->keyed == keyed) {
            return variant;
        }
    }
    return NULL;
}

bool bind_append(struct call *call, const struct statement *statement, bool keyed, bind_getter get,
                 void *context) {
    uint32_t mask;
    if (call->part_count == CALL_STATEMENTS_MAX || !bind_mask(statement, get, context, &mask)) {
        return false;
    }
    const struct statement_variant *variant = bind_variant(statement, mask, keyed);
    assert(variant != NULL);
    const char *const *values = bind_values(call->arena, variant, get, context);
    if (values == NULL) {
        return false;
    }
    call->parts[call->part_count++] = (struct call_part){.variant = variant, .values = values};
    return true;
}
