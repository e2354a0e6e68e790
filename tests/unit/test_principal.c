/* Principals: the settings that bind a request to its units, and the cache that must forget in time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "auth/principal.h"
#include "auth/principal_cache.h"
#include "auth/refresh.h"
#include "core/contract.h"

#define PERSON "01a20fed-ee0c-7c74-9a81-60adc2b1f1bd"
#define SESSION "01a20fee-3d4a-7df2-a9e3-8d43a32fdfeb"
#define NOON INT64_C(1795492800000000) /* 2026-11-24T04:00:00Z, noon in Shanghai */
#define HOUR INT64_C(3600000000)

static struct arena *arena;

static int set_up(void **state) {
    (void)state;
    arena = arena_create(1 << 20);
    return arena == NULL ? -1 : 0;
}

static int tear_down(void **state) {
    (void)state;
    arena_destroy(arena);
    return 0;
}

static uint8_t role(const char *name) {
    for (size_t i = 0; i < contract_role_count; i++) {
        if (strcmp(contract_roles[i].name, name) == 0) {
            return (uint8_t)i;
        }
    }
    fail_msg("the contract has no role %s", name);
    return 0;
}

static void add(struct principal *principal, const char *name, const char *territory,
                const char *leadership) {
    uint8_t which = role(name);
    principal->grants[principal->grant_count++] = (struct principal_grant){which, territory, leadership};
    principal->roles |= UINT32_C(1) << which;
}

static struct principal somebody(void) {
    return (struct principal){.person_id = PERSON, .session_id = SESSION};
}

static struct call_settings settings_of(const struct principal *principal, enum gate gate, uint32_t roles) {
    const struct operation operation = {.id = "sampleOperation", .gate = gate, .roles = roles};
    struct call_settings settings;
    assert_true(principal_settings(arena, principal, &operation, "rid", &settings));
    return settings;
}

static void test_nobody(void **state) {
    (void)state;
    const struct principal nobody = {0};
    struct call_settings settings = settings_of(&nobody, GATE_ANYONE, 0);
    assert_string_equal(settings.person, "");
    assert_string_equal(settings.scope, "");
    assert_string_equal(settings.paths, "");
    assert_string_equal(settings.lead, "");
    assert_string_equal(settings.files, "");
    assert_string_equal(settings.operation, "sampleOperation");
    assert_string_equal(settings.request_id, "rid");
}

/* Residents, volunteers and guardians reach what is theirs, never a unit. */
static void test_residents_reach_no_unit(void **state) {
    (void)state;
    struct principal principal = somebody();
    add(&principal, "resident", "1.2.3", "9.8");
    add(&principal, "volunteer", "1.2", NULL);
    add(&principal, "guardian", "1", NULL);
    struct call_settings settings = settings_of(&principal, GATE_ROLES, UINT32_MAX);
    assert_string_equal(settings.person, PERSON);
    assert_string_equal(settings.scope, "");
    assert_string_equal(settings.scope_lead, "");
    assert_string_equal(settings.paths, "");
}

static void test_scope_is_of_the_operation(void **state) {
    (void)state;
    struct principal principal = somebody();
    add(&principal, "mediator", "1.2.3", "9.3");
    add(&principal, "community_worker", "1.2.4", "9.4");
    struct call_settings settings =
        settings_of(&principal, GATE_ROLES, UINT32_C(1) << role("community_worker"));
    assert_string_equal(settings.scope, "{1.2.4}");
    assert_string_equal(settings.scope_lead, "");
    assert_string_equal(settings.paths, "{1.2.3,1.2.4}");
    assert_string_equal(settings.files, "{1.2.3}");
    assert_string_equal(settings.lead, "");
    settings = settings_of(&principal, GATE_AUTHENTICATED, 0);
    assert_string_equal(settings.scope, "{1.2.3,1.2.4}");
}

static void test_leaders(void **state) {
    (void)state;
    struct principal principal = somebody();
    add(&principal, "branch_secretary", NULL, "9.8.7");
    add(&principal, "city_leader", "1", "9");
    struct call_settings settings =
        settings_of(&principal, GATE_ROLES, UINT32_C(1) << role("branch_secretary"));
    assert_string_equal(settings.scope, "");
    assert_string_equal(settings.scope_lead, "{9.8.7}");
    assert_string_equal(settings.lead, "{9.8.7,9}");
    assert_string_equal(settings.files, ""); /* however high: confidential files are not a leader's */
}

static struct principal_cache *cache_with(struct principal *principal) {
    struct principal_cache *cache = principal_cache_create(64);
    add(principal, "mediator", "1.2.3", NULL);
    principal_cache_listening(cache, true);
    principal_cache_store(cache, principal_cache_generation(cache), NOON, principal);
    return cache;
}

static bool found(struct principal_cache *cache, int64_t at) {
    struct principal principal;
    return principal_cache_find(cache, arena, SESSION, at, &principal);
}

static void test_cache_keeps_a_copy(void **state) {
    (void)state;
    struct principal principal = somebody(), read;
    struct principal_cache *cache = cache_with(&principal);
    assert_true(principal_cache_find(cache, arena, SESSION, NOON + 1000, &read));
    assert_string_equal(read.person_id, PERSON);
    assert_int_equal(read.grant_count, 1);
    assert_string_equal(read.grants[0].territory_path, "1.2.3");
    assert_ptr_not_equal(read.grants[0].territory_path, principal.grants[0].territory_path);
    assert_false(principal_cache_find(cache, arena, PERSON, NOON, &read));
    principal_cache_destroy(cache);
}

static void test_cache_forgets(void **state) {
    (void)state;
    struct principal principal = somebody();
    struct principal_cache *cache = cache_with(&principal);
    principal_cache_drop(cache, "00000000-0000-7000-8000-000000000001");
    assert_true(found(cache, NOON));
    principal_cache_drop(cache, PERSON);
    assert_false(found(cache, NOON));
    principal_cache_store(cache, principal_cache_generation(cache), NOON, &principal);
    assert_true(found(cache, NOON));
    assert_false(found(cache, NOON + PRINCIPAL_AGE_MS * INT64_C(1000)));
    principal_cache_store(cache, principal_cache_generation(cache), NOON, &principal);
    principal_cache_listening(cache, false);
    assert_false(found(cache, NOON));
    principal_cache_destroy(cache);
}

static void test_midnight(void **state) {
    (void)state;
    struct principal principal = somebody();
    struct principal_cache *cache = cache_with(&principal);
    int64_t late = NOON + 12 * HOUR - 1000000; /* a second before midnight in Shanghai */
    principal_cache_store(cache, principal_cache_generation(cache), late, &principal);
    assert_true(found(cache, late + 500000));
    assert_false(found(cache, late + 1000000));
    principal_cache_destroy(cache);
}

/* What was read before a change must not be kept after it. */
static void test_generation(void **state) {
    (void)state;
    struct principal principal = somebody();
    struct principal_cache *cache = principal_cache_create(64);
    uint64_t before = principal_cache_generation(cache);
    principal_cache_store(cache, before, NOON, &principal);
    assert_false(found(cache, NOON)); /* nobody listens */
    principal_cache_listening(cache, true);
    before = principal_cache_generation(cache);
    principal_cache_drop(cache, PERSON);
    principal_cache_store(cache, before, NOON, &principal);
    assert_false(found(cache, NOON));
    principal_cache_destroy(cache);
}

static void test_many(void **state) {
    (void)state;
    struct principal_cache *cache = principal_cache_create(16);
    principal_cache_listening(cache, true);
    for (int i = 0; i < 1000; i++) {
        struct principal principal = somebody();
        principal.session_id = arena_format(arena, "session-%d", i);
        principal_cache_store(cache, principal_cache_generation(cache), NOON + i, &principal);
    }
    assert_true(principal_cache_figures(cache).kept <= 16);
    principal_cache_destroy(cache);
}

static void test_refresh(void **state) {
    (void)state;
    char one[REFRESH_SIZE], two[REFRESH_SIZE];
    refresh_generate(one);
    refresh_generate(two);
    assert_int_equal(strlen(one), 43);
    assert_string_not_equal(one, two);
    assert_int_equal(strlen(refresh_hash(arena, one)), 2 + 64);
    assert_string_not_equal(refresh_hash(arena, one), refresh_hash(arena, two));
    assert_null(refresh_hash(arena, NULL));
    assert_null(refresh_hash(arena, ""));
    assert_null(refresh_hash(arena, "short"));
    one[3] = ' ';
    assert_null(refresh_hash(arena, one));
    const char *cookie = refresh_cookie(arena, two, true, 60);
    assert_ptr_equal(strstr(cookie, "__Host-linli_refresh="), cookie);
    assert_non_null(strstr(cookie, "; Path=/; HttpOnly; SameSite=Strict; Max-Age=60; Secure"));
    assert_non_null(strstr(refresh_cookie(arena, NULL, false, 60),
                           "linli_refresh=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"));
    assert_null(strstr(refresh_cookie(arena, NULL, false, 60), "Secure"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nobody),
        cmocka_unit_test(test_residents_reach_no_unit),
        cmocka_unit_test(test_scope_is_of_the_operation),
        cmocka_unit_test(test_leaders),
        cmocka_unit_test(test_cache_keeps_a_copy),
        cmocka_unit_test(test_cache_forgets),
        cmocka_unit_test(test_midnight),
        cmocka_unit_test(test_generation),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_refresh),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
