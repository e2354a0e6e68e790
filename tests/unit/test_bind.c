/* Values and the choice of a variant, on the statements of the sample contract. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "db/bind.h"
#include "db/engine.h"

struct given {
    const char *names[4], *texts[4];
    const char *refuse;
};

static bool get(void *context, const struct bind *bind, const char **text) {
    const struct given *given = context;
    *text = NULL;
    for (size_t i = 0; i < 4 && given->names[i] != NULL; i++) {
        if (strcmp(given->names[i], bind->name) == 0) {
            *text = given->texts[i];
        }
    }
    return given->refuse == NULL || strcmp(given->refuse, bind->name) != 0;
}

static const struct statement *find(const char *name) {
    for (size_t i = 0; i < contract_operation_count; i++) {
        for (uint16_t s = 0; s < contract_operations[i].statement_count; s++) {
            if (strcmp(contract_operations[i].statements[s]->name, name) == 0) {
                return contract_operations[i].statements[s];
            }
        }
    }
    return NULL;
}

static const char *value_of(const struct call_part *part, const char *name) {
    for (uint16_t i = 0; i < part->variant->bind_count; i++) {
        if (strcmp(part->variant->binds[i].name, name) == 0) {
            return part->values[i];
        }
    }
    return "no such bind";
}

static void append(struct call *call, const char *name, struct given *given, bool expected) {
    call->arena = arena_create(1 << 16);
    assert_int_equal(bind_append(call, find(name), false, get, given), expected);
}

static void test_optional_lines(void **state) {
    (void)state;
    struct call none = {0}, some = {0};
    struct given nothing = {.names = {"limit", "as_of"}, .texts = {"51", "2026-11-24"}};
    struct given filters = {.names = {"limit", "as_of", "q", "since"},
                            .texts = {"51", "2026-11-24", "水", "2026-01-01"}};
    append(&none, "listThings", &nothing, true);
    append(&some, "listThings", &filters, true);
    assert_int_equal(none.parts[0].variant->mask, 0);
    assert_true(some.parts[0].variant->mask != 0);
    assert_null(strstr(none.parts[0].variant->text, "t.made_at >="));
    assert_non_null(strstr(some.parts[0].variant->text, "t.made_at >="));
    assert_null(strstr(some.parts[0].variant->text, "t.kind ="));
    assert_string_equal(value_of(&some.parts[0], "q"), "水");
    assert_string_equal(value_of(&none.parts[0], "limit"), "51");
    assert_string_equal(value_of(&none.parts[0], "q"), "no such bind");
    assert_true(engine_slot(none.parts[0].variant) != engine_slot(some.parts[0].variant));
    arena_destroy(none.arena);
    arena_destroy(some.arena);
}

static void test_refusals(void **state) {
    (void)state;
    struct call call = {0};
    struct given refused = {.names = {"limit"}, .texts = {"51"}, .refuse = "limit"};
    append(&call, "listThings", &refused, false);
    assert_int_equal(call.part_count, 0);
    call.part_count = CALL_STATEMENTS_MAX;
    refused.refuse = NULL;
    assert_false(bind_append(&call, find("listThings"), false, get, &refused));
    arena_destroy(call.arena);
}

static void test_statement_without_values(void **state) {
    (void)state;
    struct call call = {0};
    struct given nothing = {.refuse = NULL};
    append(&call, "getStatus", &nothing, true);
    assert_int_equal(call.parts[0].variant->bind_count, 0);
    assert_non_null(call.parts[0].values);
    arena_destroy(call.arena);
}

static void test_slots_do_not_meet(void **state) {
    (void)state;
    const struct statement_variant *engine[] = {&engine_settings, &engine_claim, &engine_abandon,
                                                &engine_principal};
    for (size_t i = 0; i < 4; i++) {
        assert_in_range(engine_slot(engine[i]), contract_variant_count, engine_slot_count() - 1);
        for (size_t j = 0; j < i; j++) {
            assert_int_not_equal(engine_slot(engine[i]), engine_slot(engine[j]));
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_optional_lines),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_statement_without_values),
        cmocka_unit_test(test_slots_do_not_meet),
    };
    return cmocka_run_group_tests_name("bind", tests, NULL, NULL);
}
