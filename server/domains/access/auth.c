/* Logging in, refreshing, logging out. Passwords are checked on work/cpu; lockout and sessions are the
 * database's. */
#include "auth/refresh.h"
#include "auth/token.h"
#include "core/clock.h"
#include "core/config.h"
#include "domains/access/steps.h"

#define SECONDS_OF_HOUR 3600

static const char *text_of_cell(struct request *request, struct cell cell) {
    return cell.text == NULL ? NULL : arena_copy(request_arena(request), cell.text, cell.length);
}

static bool is_true(struct cell cell) {
    return cell.text != NULL && cell.length > 0 && cell.text[0] == 't';
}

/* ── the session's two tokens ── */

static enum step_result reply_session(struct request *request, const char *person_id,
                                      const char *session_id) {
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

static void set_cookie(struct request *request, const char *secret) {
    long seconds = (long)config_integer(CONFIG_REFRESH_HOURS) * SECONDS_OF_HOUR;
    request_add_header(
        request, "Set-Cookie",
        refresh_cookie(request_arena(request), secret, config_flag(CONFIG_COOKIE_SECURE), seconds));
}

/* A fresh secret: its hash for the statement's `:name`, itself kept under `refresh_secret` until the reply.
 */
static const char *new_secret(struct request *request, const char *name) {
    char *secret = arena_alloc(request_arena(request), REFRESH_SIZE);
    if (secret != NULL) {
        refresh_generate(secret);
        request_set(request, name, refresh_hash(request_arena(request), secret));
        request_set(request, "refresh_secret", secret);
    }
    return secret;
}

/* ── login ── */

static enum step_result wait_first(struct request *request, const char *problem, const char *seconds) {
    request_add_header(request, "Retry-After", seconds);
    return request_problem(request, problem, NULL);
}

static enum step_result login_find(struct request *request) {
    struct value user_name = request_member(request, "user_name");
    unsigned wait = request_limit_login(request, user_name.text);
    if (wait > 0) {
        return wait_first(request, "too_many_requests", arena_format(request_arena(request), "%u", wait));
    }
    return request_add_statement(request, "login/find") ? STEP_CALL : STEP_REPLY;
}

/* Unknown and disabled users are locked like known ones and cost the same hashing: the answer tells nobody
 * who is here. */
static enum step_result login_check(struct request *request) {
    const struct call_result *found = request_result(request, "login/find");
    struct value password = request_member(request, "password");
    bool known =
        result_named(found, 0, "person_id").text != NULL && !is_true(result_named(found, 0, "disabled"));
    if (is_true(result_named(found, 0, "locked"))) {
        return wait_first(request, "login_locked",
                          text_of_cell(request, result_named(found, 0, "locked_seconds")));
    }
    const char *hash = known ? text_of_cell(request, result_named(found, 0, "password_hash")) : NULL;
    return request_check_password(request, hash, password.text, password.length);
}

static enum step_result login_open(struct request *request) {
    const struct call_result *found = request_result(request, "login/find");
    if (!request_password_right(request)) {
        return request_add_statement(request, "login/failure") ? STEP_CALL : STEP_REPLY;
    }
    request_set(request, "person_id", text_of_cell(request, result_named(found, 0, "person_id")));
    request_set(
        request, "lifetime",
        arena_format(request_arena(request), "%lld hours", (long long)config_integer(CONFIG_REFRESH_HOURS)));
    if (new_secret(request, "refresh_hash") == NULL) {
        return request_problem(request, "internal_error", NULL);
    }
    return request_add_statement(request, "login/open") ? STEP_CALL : STEP_REPLY;
}

static enum step_result login_reply(struct request *request) {
    const struct call_result *found = request_result(request, "login/find");
    const struct call_result *opened = request_result(request, "login/open");
    if (opened == NULL || result_rows(opened) == 0) {
        return request_problem(request, "wrong_credentials", NULL);
    }
    set_cookie(request, request_step_value(request, "refresh_secret"));
    return reply_session(request, text_of_cell(request, result_named(found, 0, "person_id")),
                         text_of_cell(request, result_named(opened, 0, "session_id")));
}

const struct steps steps_login = {
    .name = "login",
    .functions = (const step_function[]){login_find, login_check, login_open, login_reply, NULL},
};

/* ── refresh ── */

static enum step_result end_session(struct request *request) {
    set_cookie(request, NULL);
    return request_problem(request, "session_ended", NULL);
}

static enum step_result refresh_rotate(struct request *request) {
    const char *secret = request_cookie(request, refresh_cookie_name(config_flag(CONFIG_COOKIE_SECURE)));
    const char *hash = refresh_hash(request_arena(request), secret);
    if (!request_is_same_origin(request)) {
        return request_problem(request, "session_ended",
                               NULL); /* the cookie stays: it is not that page's affair */
    }
    if (hash == NULL) {
        return end_session(request);
    }
    request_set(request, "refresh_hash", hash);
    if (new_secret(request, "new_hash") == NULL) {
        return request_problem(request, "internal_error", NULL);
    }
    return request_add_statement(request, "refreshSession/rotate") ? STEP_CALL : STEP_REPLY;
}

/* rotated; grace: another tab has just rotated, and both new cookies are good; reused, unknown: it is over.
 */
static enum step_result refresh_reply(struct request *request) {
    const struct call_result *result = request_result(request, "refreshSession/rotate");
    struct cell outcome = {NULL, 0};
    if (result_rows(result) > 0) {
        outcome = result_named(result, 0, "outcome");
    }
    struct text word = {outcome.text == NULL ? "" : outcome.text, outcome.length};
    if (!text_is(word, "rotated") && !text_is(word, "grace")) {
        return end_session(request);
    }
    set_cookie(request, request_step_value(request, "refresh_secret"));
    return reply_session(request, text_of_cell(request, result_named(result, 0, "person_id")),
                         text_of_cell(request, result_named(result, 0, "session_id")));
}

const struct steps steps_refresh = {
    .name = "refresh",
    .functions = (const step_function[]){refresh_rotate, refresh_reply, NULL},
};

/* ── logout ── */

static enum step_result logout_close(struct request *request) {
    return request_add_statement(request, "logout/close") ? STEP_CALL : STEP_REPLY;
}

static enum step_result logout_reply(struct request *request) {
    set_cookie(request, NULL);
    return request_reply_nothing(request, 204);
}

const struct steps steps_logout = {
    .name = "logout",
    .functions = (const step_function[]){logout_close, logout_reply, NULL},
};
