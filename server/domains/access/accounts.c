/* Codes handed over in person, new passwords, acting for another. What is decided, the database decides; here
 * codes are made, digested and compared with what was typed, and passwords hashed on work/cpu. */
#include <string.h>

#include "auth/password.h"
#include "auth/token.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/config.h"
#include "core/random.h"
#include "domains/access/session.h"
#include "domains/access/steps.h"
#include "json/json_out.h"

#define CODE_GROUP 4u
#define CODE_SIZE 15u /* XXXX-XXXX-XXXX and a NUL */
#define REPLY_MAX 2048u

/* No I, L, O, U: what can be misread is not there. 32 letters: a byte's low bits are fair. */
static const char code_letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* ── codes ── */

static void generate_code(char code[CODE_SIZE]) {
    unsigned char bytes[CODE_SIZE - 1];
    random_fill(bytes, sizeof bytes);
    for (size_t i = 0; i < CODE_SIZE - 1; i++) {
        code[i] = i % (CODE_GROUP + 1) == CODE_GROUP ? '-' : code_letters[bytes[i] % 32u];
    }
    code[CODE_SIZE - 1] = '\0';
}

/* `:selector` finds the row, `:blind` is the keyed digest of the whole. false: memory. */
static bool set_code(struct request *request, const char *code) {
    const char *selector = arena_copy(request_arena(request), code, CODE_GROUP);
    const char *blind = request_blind(request, "claim_code", code);
    request_set(request, "selector", selector);
    request_set(request, "blind", blind);
    return selector != NULL && blind != NULL;
}

static enum step_result make_code(struct request *request, const char *statement) {
    char *code = arena_alloc(request_arena(request), CODE_SIZE);
    if (code == NULL) {
        return request_problem(request, "internal_error", NULL);
    }
    generate_code(code);
    request_set(request, "code", code);
    if (!set_code(request, code)) {
        return request_problem(request, "internal_error", NULL);
    }
    return request_add_statement(request, statement) ? STEP_CALL : STEP_REPLY;
}

static void write_member(struct buf *out, const char *before, struct cell cell) {
    buf_text(out, before);
    if (cell.text == NULL) {
        buf_text(out, "null");
    } else {
        json_out_string(out, cell.text, cell.length);
    }
}

static enum step_result reply_buf(struct request *request, unsigned status, struct buf *out) {
    const char *json = buf_failed(out) ? NULL : arena_copy(request_arena(request), out->data, out->length);
    buf_free(out);
    return request_reply_json(request, status, json);
}

/* `{"code":…,"person":{…},"expires_at":…}`: the only time the code is seen. */
static enum step_result reply_code(struct request *request, const char *statement) {
    const struct call_result *made = request_result(request, statement);
    struct buf out;
    if (result_rows(made) == 0) {
        return request_problem(request, "not_found", NULL);
    }
    buf_init(&out, REPLY_MAX);
    buf_text(&out, "{\"code\":");
    json_out_text(&out, request_step_value(request, "code"));
    write_member(&out, ",\"person\":{\"id\":", result_named(made, 0, "person_id"));
    write_member(&out, ",\"name\":", result_named(made, 0, "person_name"));
    write_member(&out, "},\"expires_at\":", result_named(made, 0, "expires_at"));
    buf_char(&out, '}');
    return reply_buf(request, 201, &out);
}

static enum step_result claim_code_make(struct request *request) {
    return make_code(request, "createClaimCode/make");
}

static enum step_result claim_code_reply(struct request *request) {
    return reply_code(request, "createClaimCode/make");
}

const struct steps steps_claim_code = {
    .name = "claim_code",
    .functions = (const step_function[]){claim_code_make, claim_code_reply, NULL},
};

static enum step_result approve_reset_make(struct request *request) {
    return make_code(request, "approvePasswordReset/approve");
}

static enum step_result approve_reset_reply(struct request *request) {
    return reply_code(request, "approvePasswordReset/approve");
}

const struct steps steps_approve_reset = {
    .name = "approve_reset",
    .functions = (const step_function[]){approve_reset_make, approve_reset_reply, NULL},
};

/* ── exchanging a code ── */

static enum step_result wait_first(struct request *request, unsigned seconds) {
    request_add_header(request, "Retry-After", arena_format(request_arena(request), "%u", seconds));
    return request_problem(request, "too_many_requests", NULL);
}

/* Every guess costs a hash and a place in the limiter, whether the code exists or not. */
static enum step_result redeem_hash(struct request *request) {
    struct value code = request_member(request, "code"), password = request_member(request, "password");
    char *selector = arena_copy(request_arena(request), code.text, CODE_GROUP);
    unsigned wait = selector == NULL ? 0 : request_limit_login(request, selector);
    if (wait > 0) {
        return wait_first(request, wait);
    }
    return request_hash_password(request, password.text, password.length);
}

static enum step_result redeem_try(struct request *request) {
    struct value code = request_member(request, "code");
    const char *hash = request_new_hash(request);
    request_set(request, "hash", hash);
    if (hash == NULL || !set_code(request, code.text)) {
        return request_problem(request, "internal_error", NULL);
    }
    return request_add_statement(request, "redeemCode/redeem") ? STEP_CALL : STEP_REPLY;
}

static enum step_result redeem_open(struct request *request) {
    const struct call_result *redeemed = request_result(request, "redeemCode/redeem");
    if (result_rows(redeemed) == 0) {
        return request_problem(request, "wrong_code", NULL);
    }
    request_set(request, "claimed", session_text(request, result_named(redeemed, 0, "person_id")));
    session_set_lifetime(request);
    if (session_new_secret(request, "refresh_hash") == NULL) {
        return request_problem(request, "internal_error", NULL);
    }
    return request_add_statement(request, "redeemCode/open") ? STEP_CALL : STEP_REPLY;
}

static enum step_result redeem_reply(struct request *request) {
    const struct call_result *opened = request_result(request, "redeemCode/open");
    if (result_rows(opened) == 0) {
        return request_problem(request, "wrong_code", NULL);
    }
    session_set_cookie(request, request_step_value(request, "refresh_secret"), session_seconds(request));
    return session_reply(request, request_step_value(request, "claimed"),
                         session_text(request, result_named(opened, 0, "session_id")));
}

const struct steps steps_redeem_code = {
    .name = "redeem_code",
    .functions = (const step_function[]){redeem_hash, redeem_try, redeem_open, redeem_reply, NULL},
};

/* ── one's own password ── */

static enum step_result change_find(struct request *request) {
    return request_add_statement(request, "changePassword/find") ? STEP_CALL : STEP_REPLY;
}

static enum step_result change_check(struct request *request) {
    const struct call_result *found = request_result(request, "changePassword/find");
    struct value current = request_member(request, "current_password");
    if (result_rows(found) == 0) { /* only somebody who acts for another has no login here */
        return request_problem(request, "own_hand_only", NULL);
    }
    if (session_flag(result_named(found, 0, "locked"))) {
        request_add_header(request, "Retry-After", "60");
        return request_problem(request, "login_locked", NULL);
    }
    request_set(request, "own_name", session_text(request, result_named(found, 0, "user_name")));
    return request_check_password(request, session_text(request, result_named(found, 0, "password_hash")),
                                  current.text, current.length);
}

static enum step_result change_hash(struct request *request) {
    struct value wanted = request_member(request, "new_password");
    if (!request_password_right(request)) {
        return request_add_statement(request, "changePassword/failure") ? STEP_CALL : STEP_REPLY;
    }
    return request_hash_password(request, wanted.text, wanted.length);
}

static enum step_result change_store(struct request *request) {
    const char *hash = request_new_hash(request);
    if (!request_password_right(request)) {
        return request_problem(request, "wrong_credentials", NULL);
    }
    request_set(request, "hash", hash);
    if (hash == NULL) {
        return request_problem(request, "internal_error", NULL);
    }
    return request_add_statement(request, "changePassword/change") ? STEP_CALL : STEP_REPLY;
}

static enum step_result change_reply(struct request *request) {
    return request_reply_nothing(request, 204);
}

const struct steps steps_change_password = {
    .name = "change_password",
    .functions =
        (const step_function[]){change_find, change_check, change_hash, change_store, change_reply, NULL},
};

/* ── acting for another ── */

static enum step_result act_open(struct request *request) {
    return request_add_statement(request, "actFor/open") ? STEP_CALL : STEP_REPLY;
}

static enum step_result act_reply(struct request *request) {
    const struct call_result *opened = request_result(request, "actFor/open");
    struct arena *arena = request_arena(request);
    struct buf out;
    if (result_rows(opened) == 0) {
        return request_problem(request, "not_found", NULL);
    }
    long long life = (long long)config_integer(CONFIG_ACCESS_TOKEN_SECONDS);
    const char *token = token_sign(arena, session_text(request, result_named(opened, 0, "person_id")),
                                   session_text(request, result_named(opened, 0, "session_id")),
                                   clock_wall_us() / 1000000, life);
    if (token == NULL) {
        return request_problem(request, "internal_error", NULL);
    }
    buf_init(&out, REPLY_MAX);
    buf_format(&out, "{\"access_token\":\"%s\",\"token_type\":\"Bearer\",\"expires_in\":%lld", token, life);
    write_member(&out, ",\"person\":{\"id\":", result_named(opened, 0, "person_id"));
    write_member(&out, ",\"name\":", result_named(opened, 0, "person_name"));
    write_member(&out, "},\"until\":", result_named(opened, 0, "until"));
    buf_char(&out, '}');
    return reply_buf(request, 201, &out);
}

const struct steps steps_act_for = {
    .name = "act_for",
    .functions = (const step_function[]){act_open, act_reply, NULL},
};
