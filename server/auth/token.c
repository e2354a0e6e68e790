#include "auth/token.h"

#include <jwt.h>

#include "core/controls.h"
#include "core/text.h"
#include "json/json_in.h"

#define KEY_SIZE 32
#define KEYS_MAX 3
#define HEADER_MAX 128
#define LEEWAY_SECONDS 5 /* between the clocks of two servers */
#define LIFE_MAX_SECONDS 3600
#define CLAIM_COUNT 9

static const unsigned char *keys[KEYS_MAX];
static size_t key_count;
static char header[HEADER_MAX]; /* with its dot */
static size_t header_length;

static void release_jwt(void *jwt) {
    jwt_free(jwt);
}

static bool add_claims(jwt_t *jwt, const char *person_id, const char *session_id, int64_t now, int64_t life) {
    char id[UUID_SIZE];
    uuid_generate(id);
    return jwt_add_grant(jwt, "iss", TOKEN_ISSUER) == 0 && jwt_add_grant(jwt, "aud", TOKEN_AUDIENCE) == 0 &&
           jwt_add_grant(jwt, "sub", person_id) == 0 && jwt_add_grant(jwt, "sid", session_id) == 0 &&
           jwt_add_grant(jwt, "use", TOKEN_USE) == 0 && jwt_add_grant(jwt, "jti", id) == 0 &&
           jwt_add_grant_int(jwt, "iat", (long)now) == 0 && jwt_add_grant_int(jwt, "nbf", (long)now) == 0 &&
           jwt_add_grant_int(jwt, "exp", (long)(now + life)) == 0;
}

char *token_sign(struct arena *arena, const char *person_id, const char *session_id, int64_t now,
                 int64_t life) {
    jwt_t *jwt = NULL;
    if (key_count == 0 || jwt_new(&jwt) != 0 || !arena_defer(arena, release_jwt, jwt)) {
        return NULL;
    }
    if (jwt_set_alg(jwt, JWT_ALG_HS256, keys[0], KEY_SIZE) != 0 ||
        !add_claims(jwt, person_id, session_id, now, life)) {
        return NULL;
    }
    char *token = jwt_encode_str(jwt);
    if (token == NULL || !arena_defer(arena, free, token) || strlen(token) > TOKEN_LENGTH_MAX) {
        return NULL;
    }
    return token;
}

/* What libjwt writes as the header of our tokens is the only header we accept. */
static bool learn_header(struct arena *arena) {
    static const char nobody[] = "00000000-0000-0000-0000-000000000000";
    const char *sample = token_sign(arena, nobody, nobody, 0, 1);
    const char *dot = sample == NULL ? NULL : strchr(sample, '.');
    if (dot == NULL || (size_t)(dot - sample) + 1 >= sizeof header) {
        return false;
    }
    header_length = (size_t)(dot - sample) + 1;
    memcpy(header, sample, header_length);
    char plain[HEADER_MAX];
    size_t plain_length = 0;
    return text_read_base64url(plain, &plain_length, header, header_length - 1) &&
           memmem(plain, plain_length, "\"HS256\"", 7) != NULL;
}

bool token_setup(const struct keyring *ring) {
    key_count = keyring_token_keys(ring, keys);
    struct arena *arena = key_count == 0 ? NULL : arena_create(64 * 1024);
    if (arena == NULL) {
        return false;
    }
    bool learnt = learn_header(arena);
    arena_destroy(arena);
    return learnt;
}

/* The form alone: three segments of base64url, the first being ours. *payload: the second. */
static bool split(const char *token, size_t length, struct text *payload) {
    bool ours = length > header_length && memcmp(token, header, header_length) == 0;
    if (length > TOKEN_LENGTH_MAX || !(ours || controls_break("token_header"))) {
        return false;
    }
    struct text rest = {token, length};
    struct text parts[3];
    for (size_t i = 0; i < 3; i++) {
        if (!text_split(&rest, '.', &parts[i]) || parts[i].length == 0) {
            return false;
        }
    }
    *payload = parts[1];
    return rest.bytes == NULL;
}

static bool signed_by_us(struct arena *arena, const char *token) {
    for (size_t i = 0; i < key_count; i++) {
        jwt_t *jwt = NULL;
        if (jwt_decode(&jwt, token, keys[i], KEY_SIZE) == 0 && jwt != NULL) {
            return arena_defer(arena, release_jwt, jwt) && jwt_get_alg(jwt) == JWT_ALG_HS256;
        }
    }
    return false;
}

static const char *claim_text(const json_t *claims, const char *name) {
    return json_string_value(json_object_get(claims, name)); /* NULL for any other type */
}

static bool claim_is(const json_t *claims, const char *name, const char *wanted) {
    const char *text = claim_text(claims, name);
    return text != NULL && strcmp(text, wanted) == 0;
}

static bool claim_uuid(const json_t *claims, const char *name, char out[UUID_SIZE]) {
    const json_t *value = json_object_get(claims, name);
    return json_is_string(value) && uuid_normalise(out, json_string_value(value), json_string_length(value));
}

static bool claim_integer(const json_t *claims, const char *name, int64_t *out) {
    const json_t *value = json_object_get(claims, name);
    *out = json_integer_value(value);
    return json_is_integer(value) && *out >= 0;
}

static bool check_times(const json_t *payload, int64_t now, int64_t *expires) {
    int64_t issued, not_before;
    return claim_integer(payload, "iat", &issued) && claim_integer(payload, "nbf", &not_before) &&
           claim_integer(payload, "exp", expires) && issued <= now + LEEWAY_SECONDS &&
           not_before <= now + LEEWAY_SECONDS && *expires > now && *expires > issued &&
           *expires - issued <= LIFE_MAX_SECONDS;
}

static bool check_claims(const json_t *payload, int64_t now, struct token_claims *claims) {
    char id[UUID_SIZE];
    return json_is_object(payload) && json_object_size(payload) == CLAIM_COUNT &&
           claim_is(payload, "iss", TOKEN_ISSUER) && claim_is(payload, "aud", TOKEN_AUDIENCE) &&
           claim_is(payload, "use", TOKEN_USE) && claim_uuid(payload, "sub", claims->person_id) &&
           claim_uuid(payload, "sid", claims->session_id) && claim_uuid(payload, "jti", id) &&
           check_times(payload, now, &claims->expires);
}

bool token_verify(struct arena *arena, const char *token, size_t length, int64_t now,
                  struct token_claims *claims) {
    struct text payload;
    if (key_count == 0 || !split(token, length, &payload)) {
        return false;
    }
    char *copy = arena_copy(arena, token, length); /* libjwt wants a NUL */
    char *plain = arena_alloc(arena, payload.length + 1);
    size_t plain_length = 0, position;
    json_t *tree = NULL;
    /* The payload is read by our strict reader: libjwt's lets the last of two equal claims win. */
    return copy != NULL && plain != NULL && signed_by_us(arena, copy) &&
           text_read_base64url(plain, &plain_length, payload.bytes, payload.length) &&
           json_in_parse(arena, plain, plain_length, (struct json_in_limits){2, 32}, &tree, &position) ==
               JSON_IN_OK &&
           check_claims(tree, now, claims);
}
