#include "domains/access/session.h"

#include <string.h>

#include "auth/refresh.h"
#include "auth/token.h"
#include "core/clock.h"
#include "core/config.h"
#include "core/text.h"

#define SECONDS_OF_HOUR 3600
#define SECONDS_OF_DAY 86400

const char *session_text(struct request *request, struct cell cell) {
    return cell.text == NULL ? NULL : arena_copy(request_arena(request), cell.text, cell.length);
}

bool session_flag(struct cell cell) {
    return cell.text != NULL && cell.length > 0 && cell.text[0] == 't';
}

long session_integer(struct cell cell) {
    int64_t value = 0;
    return cell.text != NULL && text_parse_integer(cell.text, cell.length, &value) ? (long)value : 0;
}

const char *session_new_secret(struct request *request, const char *name) {
    char *secret = arena_alloc(request_arena(request), REFRESH_SIZE);
    if (secret != NULL) {
        refresh_generate(secret);
        request_set(request, name, refresh_hash(request_arena(request), secret));
        request_set(request, "refresh_secret", secret);
    }
    return secret;
}

long session_seconds(const struct request *request) {
    struct value own = request_member(request, "own_device");
    bool months = own.present && own.text != NULL && strcmp(own.text, "true") == 0;
    return months ? (long)config_integer(CONFIG_OWN_DEVICE_DAYS) * SECONDS_OF_DAY
                  : (long)config_integer(CONFIG_REFRESH_HOURS) * SECONDS_OF_HOUR;
}

void session_set_lifetime(struct request *request) {
    request_set(request, "lifetime",
                arena_format(request_arena(request), "%ld seconds", session_seconds(request)));
}

void session_set_cookie(struct request *request, const char *secret, long seconds) {
    request_add_header(
        request, "Set-Cookie",
        refresh_cookie(request_arena(request), secret, config_flag(CONFIG_COOKIE_SECURE), seconds));
}

enum step_result session_reply(struct request *request, const char *person_id, const char *session_id) {
    struct arena *arena = request_arena(request);
    int64_t life = config_integer(CONFIG_ACCESS_TOKEN_SECONDS);
    const char *token = person_id == NULL || session_id == NULL
                            ? NULL
                            : token_sign(arena, person_id, session_id, clock_wall_us() / 1000000, life);
    if (token == NULL) {
        return request_problem(request, "internal_error", NULL);
    }
    return request_reply_json(
        request, 200,
        arena_format(arena, "{\"access_token\":\"%s\",\"token_type\":\"Bearer\",\"expires_in\":%lld}", token,
                     (long long)life));
}
