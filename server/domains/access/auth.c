/* Logging in, refreshing, logging out. Passwords are checked on work/cpu; lockout and sessions are the
 * database's. */
#include "auth/refresh.h"
#include "core/config.h"
#include "domains/access/session.h"
#include "domains/access/steps.h"

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
        result_named(found, 0, "person_id").text != NULL && !session_flag(result_named(found, 0, "disabled"));
    if (session_flag(result_named(found, 0, "locked"))) {
        return wait_first(request, "login_locked",
                          session_text(request, result_named(found, 0, "locked_seconds")));
    }
    const char *hash = known ? session_text(request, result_named(found, 0, "password_hash")) : NULL;
    return request_check_password(request, hash, password.text, password.length);
}

static enum step_result login_open(struct request *request) {
    const struct call_result *found = request_result(request, "login/find");
    if (!request_password_right(request)) {
        return request_add_statement(request, "login/failure") ? STEP_CALL : STEP_REPLY;
    }
    request_set(request, "person_id", session_text(request, result_named(found, 0, "person_id")));
    session_set_lifetime(request);
    if (session_new_secret(request, "refresh_hash") == NULL) {
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
    session_set_cookie(request, request_step_value(request, "refresh_secret"), session_seconds(request));
    return session_reply(request, session_text(request, result_named(found, 0, "person_id")),
                         session_text(request, result_named(opened, 0, "session_id")));
}

const struct steps steps_login = {
    .name = "login",
    .functions = (const step_function[]){login_find, login_check, login_open, login_reply, NULL},
};

/* ── refresh ── */

static enum step_result end_session(struct request *request) {
    session_set_cookie(request, NULL, 0);
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
    if (session_new_secret(request, "new_hash") == NULL) {
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
    session_set_cookie(request, request_step_value(request, "refresh_secret"),
                       session_integer(result_named(result, 0, "lasts")));
    return session_reply(request, session_text(request, result_named(result, 0, "person_id")),
                         session_text(request, result_named(result, 0, "session_id")));
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
    session_set_cookie(request, NULL, 0);
    return request_reply_nothing(request, 204);
}

const struct steps steps_logout = {
    .name = "logout",
    .functions = (const step_function[]){logout_close, logout_reply, NULL},
};
