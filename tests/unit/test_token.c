/* Access tokens: our own are believed, and of some forty forgeries none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include "auth/token.h"
#include "auth/token_cache.h"
#include "core/text.h"
#include "json/json_in.h"
#include "seal/codec.h"
#include "keys.h"

#define NOW INT64_C(1795503600)
#define PERSON "01a20fed-ee0c-7c74-9a81-60adc2b1f1bd"
#define SESSION "01a20fee-3d4a-7df2-a9e3-8d43a32fdfeb"
#define OURS "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"

static struct keyring *ring;
static struct arena *arena;
static const unsigned char *key;

static int set_up(void **state) {
    const char *error = "";
    const unsigned char *keys[3];
    json_in_setup();
    if (keys_make(state) != 0 || keyring_create(keys_dir, &error) < 0)
        return -1;
    ring = keyring_open(keys_dir, &error);
    arena = arena_create(1 << 24);
    if (ring == NULL || arena == NULL || keyring_token_keys(ring, keys) == 0)
        return -1;
    key = keys[0];
    return token_setup(ring) ? 0 : -1;
}

static int tear_down(void **state) {
    arena_destroy(arena);
    keyring_close(ring);
    return keys_remove(state);
}

/* Any header and payload, truly signed by `with`. */
static const char *forge_with(const unsigned char *with, size_t size, const char *header,
                              const char *payload) {
    unsigned char mac[32];
    unsigned mac_size;
    char *token = arena_alloc(arena, 8192);
    size_t length = text_write_base64url(token, header, strlen(header));
    token[length++] = '.';
    length += text_write_base64url(token + length, payload, strlen(payload));
    HMAC(EVP_sha256(), with, (int)size, (const unsigned char *)token, length, mac, &mac_size);
    token[length++] = '.';
    text_write_base64url(token + length, mac, sizeof mac);
    return token;
}

static const char *forge(const char *header, const char *payload) {
    return forge_with(key, 32, header, payload);
}

/* The claims of a good token, with one pair replaced; NULL value: left out; "" name: none replaced. */
static const char *claims_with(const char *name, const char *value) {
    static const char *const pairs[][2] = {
        {"aud", "\"linli-api\""},   {"exp", "1795504200"},      {"iat", "1795503600"},
        {"iss", "\"linli\""},       {"jti", "\"" SESSION "\""}, {"nbf", "1795503600"},
        {"sid", "\"" SESSION "\""}, {"sub", "\"" PERSON "\""},  {"use", "\"access\""},
    };
    const char *text = "";
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        const char *mine = strcmp(pairs[i][0], name) == 0 ? value : pairs[i][1];
        if (mine != NULL) {
            text = arena_format(arena, "%s%s\"%s\":%s", text, text[0] == '\0' ? "" : ",", pairs[i][0], mine);
        }
    }
    return arena_format(arena, "{%s}", text);
}

static bool believed(const char *token) {
    struct token_claims claims;
    return token_verify(arena, token, strlen(token), NOW, &claims);
}

static void test_our_own(void **state) {
    (void)state;
    struct token_claims claims;
    const char *token = token_sign(arena, PERSON, SESSION, NOW, 600);
    assert_non_null(token);
    assert_true(token_verify(arena, token, strlen(token), NOW, &claims));
    assert_string_equal(claims.person_id, PERSON);
    assert_string_equal(claims.session_id, SESSION);
    assert_int_equal(claims.expires, NOW + 600);
    assert_true(token_verify(arena, token, strlen(token), NOW + 599, &claims));
    assert_false(token_verify(arena, token, strlen(token), NOW + 600, &claims));
    assert_false(token_verify(arena, token, strlen(token), NOW - 60, &claims));
    assert_true(believed(forge(OURS, claims_with("", NULL)))); /* the forger's tools work */
}

static void test_headers(void **state) {
    (void)state;
    static const char *const headers[] = {
        "{\"alg\":\"none\",\"typ\":\"JWT\"}",
        "{\"alg\":\"None\",\"typ\":\"JWT\"}",
        "{\"alg\":\"HS384\",\"typ\":\"JWT\"}",
        "{\"alg\":\"HS512\",\"typ\":\"JWT\"}",
        "{\"alg\":\"RS256\",\"typ\":\"JWT\"}",
        "{\"alg\":\"ES256\",\"typ\":\"JWT\"}",
        "{\"typ\":\"JWT\",\"alg\":\"HS256\"}",
        "{\"alg\":\"HS256\"}",
        "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"../../dev/null\"}",
        "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"crit\":[\"exp\"]}",
        "{\"alg\":\"HS256\",\"alg\":\"none\",\"typ\":\"JWT\"}",
        " {\"alg\":\"HS256\",\"typ\":\"JWT\"}",
        "[]",
        "",
    };
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        assert_false(believed(forge(headers[i], claims_with("", NULL))));
    }
}

static void test_claims(void **state) {
    (void)state;
    static const char *const changes[][2] = {
        {"aud", NULL},
        {"exp", NULL},
        {"iat", NULL},
        {"iss", NULL},
        {"jti", NULL},
        {"nbf", NULL},
        {"sid", NULL},
        {"sub", NULL},
        {"use", NULL},
        {"aud", "[\"linli-api\"]"},
        {"aud", "\"other\""},
        {"iss", "\"Linli\""},
        {"iss", "1"},
        {"use", "\"refresh\""},
        {"use", "true"},
        {"sub", "\"somebody\""},
        {"sub", "null"},
        {"sub", "\"\""},
        {"sid", "{}"},
        {"jti", "7"},
        {"exp", "1795503600"},
        {"exp", "\"1795504200\""},
        {"exp", "1795504200.5"},
        {"exp", "99999999999"},
        {"exp", "1e12"},
        {"exp", "-1"},
        {"exp", "9223372036854775807"},
        {"exp", "null"},
        {"nbf", "1795503700"},
        {"nbf", "\"\""},
        {"iat", "1795503700"},
        {"iat", "0"},
        {"iat", "true"},
        {"use", "\"access\",\"admin\":true"},
        {"use", "\"access\",\"use\":\"access\""},
        {"sub", "\"" PERSON "\",\"sub\":\"" SESSION "\""},
    };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        assert_false(believed(forge(OURS, claims_with(changes[i][0], changes[i][1]))));
    }
    assert_false(believed(forge(OURS, "[]")));
    assert_false(believed(forge(OURS, "")));
    assert_false(believed(forge(OURS, "\"x\"")));
}

static void test_signatures(void **state) {
    (void)state;
    static const unsigned char other[32] = {1};
    const char *payload = claims_with("", NULL), *good = forge(OURS, payload);
    assert_false(believed(forge_with(other, 32, OURS, payload)));
    assert_false(believed(forge_with((const unsigned char *)"", 0, OURS, payload)));
    assert_false(believed(forge_with(key, 31, OURS, payload)));
    char *broken = arena_string(arena, good);
    *strrchr(broken, '.') = '\0';
    assert_false(believed(broken));
    assert_false(believed(arena_format(arena, "%s.", broken)));
    for (size_t at = 0; at < strlen(good); at += 7) {
        broken = arena_string(arena, good);
        broken[at] = broken[at] == 'A' ? 'B' : 'A';
        assert_false(believed(broken));
    }
}

static void test_shapes(void **state) {
    (void)state;
    const char *good = forge(OURS, claims_with("", NULL));
    static const char *const shapes[] = {"", ".", "..", "...", "a.b.c", "Bearer x.y.z"};
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        assert_false(believed(shapes[i]));
    }
    assert_false(believed(arena_format(arena, "%s.x", good)));
    assert_false(believed(arena_format(arena, " %s", good)));
    assert_false(believed(arena_format(arena, "%s=", good)));
    assert_false(believed(arena_format(arena, "%s\n", good)));
    char huge[TOKEN_LENGTH_MAX + 2];
    memset(huge, 'a', sizeof huge - 1);
    huge[sizeof huge - 1] = '\0';
    assert_false(believed(huge));
}

static void test_cache(void **state) {
    (void)state;
    struct token_cache *cache = token_cache_create(16);
    struct token_claims claims;
    const char *token = token_sign(arena, PERSON, SESSION, NOW, 600);
    size_t length = strlen(token);
    assert_true(token_cache_verify(cache, arena, token, length, NOW, &claims));
    assert_true(token_cache_verify(cache, arena, token, length, NOW, &claims));
    assert_string_equal(claims.session_id, SESSION);
    assert_int_equal(token_cache_figures(cache).hits, 1);
    assert_false(
        token_cache_verify(cache, arena, token, length, NOW + 600, &claims)); /* remembered, and expired */
    assert_false(token_cache_verify(cache, arena, token, length - 1, NOW, &claims));
    for (int i = 0; i < 100; i++) { /* each forgery is judged anew, also after a good one took its slot */
        assert_false(token_cache_verify(cache, arena, "a.b.c", 5, NOW, &claims));
    }
    token_cache_destroy(cache);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_our_own),    cmocka_unit_test(test_headers), cmocka_unit_test(test_claims),
        cmocka_unit_test(test_signatures), cmocka_unit_test(test_shapes),  cmocka_unit_test(test_cache),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
