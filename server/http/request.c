/* The one order: guard → route → limits → token → (body) → principal → body → validate → authorize → call →
 * reply. */
#include "http/request.h"

#include "auth/principal_read.h"
#include "core/clock.h"
#include "core/config.h"
#include "db/engine.h"
#include "db/sqlstate.h"
#include "http/exchange.h"
#include "http/loop.h"
#include "http/negotiate.h"

#define DRAIN_FACTOR                                                                                         \
    8u /* a refused body is read up to so many times the limit, so that the answer arrives                   \
        */

const char *exchange_header(const struct request *request, const char *name) {
    return MHD_lookup_connection_value(request->mhd, MHD_HEADER_KIND, name);
}

/* ── guard ── */

static enum verb read_verb(const char *method) {
    static const char *const names[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(method, names[i]) == 0) {
            return (enum verb)i;
        }
    }
    return VERB_OTHER;
}

static enum MHD_Result judge_header(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_length,
                                    const char *value, size_t value_length) {
    (void)kind;
    guard_header(cls, (struct text){name, name_length},
                 (struct text){value == NULL ? "" : value, value_length});
    return MHD_YES;
}

static const char *verdict_problem(enum guard_verdict verdict) {
    switch (verdict) {
    case GUARD_TARGET_TOO_LONG:
        return "uri_too_long";
    case GUARD_HEADERS_TOO_LARGE:
        return "headers_too_large";
    default:
        return "bad_request";
    }
}

/* false: the refusal is written, and the connection ends: what follows on it cannot be trusted. */
static bool pass_guard(struct request *request, const char *version) {
    struct guard guard;
    guard_begin(&guard, (size_t)config_integer(CONFIG_HEADER_LIMIT));
    MHD_get_connection_values_n(request->mhd, MHD_HEADER_KIND, judge_header, &guard);
    enum guard_verdict verdict = guard_finish(&guard, strcmp(version, MHD_HTTP_VERSION_1_0) == 0);
    if (request->verdict == GUARD_PASS) {
        request->verdict = verdict;
    }
    request->expected = guard.chunked ? UINT64_MAX : guard.length;
    if (request->verdict != GUARD_PASS) {
        problem_reply_named(request, verdict_problem(request->verdict));
        request->reply.close = true;
    }
    return request->verdict == GUARD_PASS;
}

/* ── route and limits, before the body ── */

static void split_target(struct request *request) {
    struct text rest = request->target;
    text_split(&rest, '?', &request->path);
    request->query = rest.bytes == NULL ? (struct text){"", 0} : rest;
}

static bool is_api(struct text path) {
    size_t length = strlen(contract_base_path);
    return text_starts_with(path, contract_base_path) && (path.length == length || path.bytes[length] == '/');
}

static const char *allowed_methods(struct request *request, uint32_t methods) {
    static const char *const names[METHOD_COUNT] = {"GET, HEAD", "POST", "PUT", "PATCH", "DELETE"};
    const char *list = "OPTIONS";
    for (int i = METHOD_COUNT - 1; i >= 0; i--) {
        if (methods & (UINT32_C(1) << i)) {
            list = arena_format(request->arena, "%s, %s", names[i], list);
        }
    }
    return list == NULL ? "OPTIONS" : list;
}

/* HEAD is a GET whose body libmicrohttpd keeps back. METHOD_COUNT: no operation has it. */
static enum http_method method_of(enum verb verb) {
    switch (verb) {
    case VERB_GET:
    case VERB_HEAD:
        return METHOD_GET;
    case VERB_POST:
        return METHOD_POST;
    case VERB_PUT:
        return METHOD_PUT;
    case VERB_PATCH:
        return METHOD_PATCH;
    case VERB_DELETE:
        return METHOD_DELETE;
    default:
        return METHOD_COUNT;
    }
}

static const struct problem *find_route(struct request *request) {
    switch (
        route_find(method_of(request->verb), request->path.bytes, request->path.length, &request->match)) {
    case ROUTE_FOUND:
        request->operation = request->match.operation;
        return NULL;
    case ROUTE_WRONG_METHOD:
        request_add_header(request, "Allow", allowed_methods(request, request->match.methods));
        return contract_find_problem("method_not_allowed");
    case ROUTE_NOT_FOUND:
        break;
    }
    return contract_find_problem("not_found");
}

static bool is_plain(const char *coding) {
    return coding == NULL || strcasecmp(coding, "identity") == 0;
}

/* JSON by the smaller of the operation's limit and the configured one; streams by their own alone. */
static uint64_t body_limit(const struct operation *operation) {
    uint64_t most = (uint64_t)config_integer(CONFIG_BODY_LIMIT);
    if (operation->body == NULL && operation->stream_types == NULL) {
        return 0;
    }
    bool own = operation->stream_types != NULL || (operation->body_limit > 0 && operation->body_limit < most);
    return own ? operation->body_limit : most;
}

static bool is_taken_type(const struct request *request) {
    const struct operation *operation = request->operation;
    const char *sent = exchange_header(request, "Content-Type");
    for (const char *const *type = operation->stream_types; type != NULL && *type != NULL; type++) {
        if (negotiate_is_type(sent, *type)) {
            return true;
        }
    }
    return operation->body != NULL && negotiate_is_type(sent, operation->body_type);
}

static const struct problem *check_limits(struct request *request) {
    const struct operation *operation = request->operation;
    bool has_body = request->expected > 0;
    if (operation->reply != REPLY_STREAM && !walk_negotiate(request, exchange_header(request, "Accept"))) {
        return contract_find_problem("not_acceptable");
    }
    request->body.limit = body_limit(operation);
    if (has_body && (!is_plain(exchange_header(request, "Content-Encoding")) || !is_taken_type(request))) {
        return contract_find_problem("unsupported_media_type");
    }
    if (request->expected != UINT64_MAX && request->expected > request->body.limit) {
        return contract_find_problem("body_too_large");
    }
    if (request->loop->streams >= (unsigned)config_integer(CONFIG_STREAM_LIMIT) &&
        (operation->stream_types != NULL || operation->reply == REPLY_STREAM)) {
        return contract_find_problem("busy");
    }
    buf_init(&request->body.bytes, operation->stream_types == NULL ? request->body.limit + 1 : 1);
    return NULL;
}

static const struct problem *take_api(struct request *request) {
    const struct problem *problem = find_route(request);
    if (problem == NULL) {
        problem = check_limits(request);
    }
    return problem == NULL ? authorize_token(request) : problem;
}

/* What will not be read to its end is answered at once, which closes the connection. */
bool request_is_hopeless(const struct request *request) {
    bool waits = exchange_header(request, "Expect") != NULL;
    uint64_t patience = DRAIN_FACTOR * (uint64_t)config_integer(CONFIG_BODY_LIMIT);
    if (body_is_streamed(request) && patience < request->operation->body_limit) {
        patience = request->operation->body_limit;
    }
    return request->expected > 0 &&
           (waits || (request->expected != UINT64_MAX && request->expected > patience));
}

void request_take(struct request *request, const char *method, const char *version) {
    request->verb = read_verb(method);
    request->language = negotiate_language(exchange_header(request, "Accept-Language"));
    if (!pass_guard(request, version)) {
        return;
    }
    split_target(request);
    if (is_api(request->path)) {
        request->early = take_api(request);
    } else if (request->expected > 0) {
        request->early = contract_find_problem("unsupported_media_type");
    }
    if (request->early != NULL && request_is_hopeless(request)) {
        problem_reply(request, request->early);
        request->reply.close = true;
    }
}

/* ── calls ── */

static void submit_in(struct request *request, struct arena *arena, void (*done)(struct call *call)) {
    request->call.done = done;
    request->call.owner = request;
    request->call.arena = arena;
    request->waiting++;
    lanes_submit(request->loop->lanes, &request->call);
}

static void submit(struct request *request, void (*done)(struct call *call)) {
    submit_in(request, request->arena, done);
}

void request_submit_side(struct request *request, void (*done)(struct call *call)) {
    submit_in(request, request->side, done);
}

void request_leave(struct request *request) {
    if (request->waiting == 0) {
        stream_over(request);
    }
    if (request->waiting == 0) {
        loop_give_back(request->loop, request);
    }
}

void request_proceed(struct request *request) {
    if (!request->reply.ready && request->upload.stage != UPLOAD_READING) {
        return;
    }
    if (request->over) {
        request_leave(request);
    } else if (request->suspended) {
        request->suspended = false;
        request->loop->resumed = true;
        MHD_resume_connection(request->mhd);
    }
}

static bool succeeded(const struct call *call) {
    return call->outcome == CALL_DONE || call->outcome == CALL_PREVIEW;
}

static bool refused_as(const struct call *call, const char *state) {
    return call->outcome == CALL_REFUSED && strcmp(call->error.state, state) == 0;
}

static void plan_done(struct call *call) {
    struct request *request = call->owner;
    request->waiting--;
    if (succeeded(call)) {
        reply_rows(request);
    } else if (refused_as(call, "LI200")) {
        reply_replay(request);
    } else if (refused_as(call, "LI422")) {
        problem_reply_named(request, "key_reused");
    } else {
        problem_reply_call(request);
    }
    request_proceed(request);
}

static void steps_done(struct call *call) {
    struct request *request = call->owner;
    request->waiting--;
    if (!succeeded(call)) {
        problem_reply_call(request);
    } else {
        for (size_t i = 0; i < call->part_count && request->done_count < CALL_STATEMENTS_MAX * 2; i++) {
            request->done_statements[request->done_count] = request->parts[i];
            request->done[request->done_count++] = call->parts[i].result;
        }
        call->part_count = 0;
        steps_run(request);
    }
    request_proceed(request);
}

void steps_submit(struct request *request) {
    submit(request, steps_done);
}

/* ── the operation itself ── */

static void carry_out(struct request *request) {
    const struct problem *problem = plan_parse_body(request);
    if (problem != NULL) {
        problem_reply(request, problem);
        return;
    }
    if (!plan_validate(request)) {
        return;
    }
    if (!authorize_role(request->operation, &request->principal)) {
        problem_reply_named(request, "forbidden");
        return;
    }
    if (!plan_begin(request)) {
        problem_reply_named(request, "internal_error");
    } else if (request->operation->steps != NULL) {
        steps_run(request);
    } else if (request->format != FORMAT_JSON) {
        walk_start(request);
    } else if (plan_build(request)) {
        submit(request, plan_done);
    } else if (!request->reply.ready) {
        problem_reply_named(request, "internal_error");
    }
}

/* ── principal ── */

/* The session is the token's, and so must be the person. */
static bool is_bearers(const struct request *request) {
    return strcmp(request->principal.person_id, request->claims.person_id) == 0;
}

static bool take_principal(struct request *request, const struct call_result *result) {
    bool good = principal_read(request->arena, result, request->claims.session_id, &request->principal) &&
                is_bearers(request);
    if (good) {
        principal_cache_store(request->loop->principals, request->generation, clock_wall_us(),
                              &request->principal);
    }
    return good;
}

static bool recall_principal(struct request *request, struct arena *arena) {
    return principal_cache_find(request->loop->principals, arena, request->claims.session_id, clock_wall_us(),
                                &request->principal) &&
           is_bearers(request);
}

static bool ask_principal(struct request *request, struct arena *arena) {
    const char **values = arena_alloc(arena, sizeof *values);
    if (values == NULL) {
        return false;
    }
    values[0] = request->claims.session_id;
    request->generation = principal_cache_generation(request->loop->principals);
    request->call.lane = LANE_READ;
    request->call.parts[0] = (struct call_part){.variant = &engine_principal, .values = values};
    request->call.part_count = 1;
    return true;
}

static void principal_loaded(struct call *call) {
    struct request *request = call->owner;
    request->waiting--;
    if (!succeeded(call)) {
        problem_reply_call(request);
    } else if (!take_principal(request, call->parts[0].result)) {
        request->principal = (struct principal){0};
        problem_reply_named(request, "unauthenticated"); /* the session has ended */
    } else {
        carry_out(request);
    }
    request_proceed(request);
}

static void load_principal(struct request *request) {
    request->call = (struct call){
        .settings = {"", "", "", "", "", "", request->operation->id, request->id, NULL},
    };
    if (ask_principal(request, request->arena)) {
        submit(request, principal_loaded);
    } else {
        problem_reply_named(request, "internal_error");
    }
}

bool request_recall_principal(struct request *request) {
    return recall_principal(request, request_side_arena(request));
}

bool request_ask_principal(struct request *request) {
    return ask_principal(request, request_side_arena(request));
}

bool request_take_principal(struct request *request) {
    return take_principal(request, request_part(request, 0)); /* outlives the side arena */
}

bool request_apply_principal(struct request *request, struct arena *arena) {
    return authorize_role(request->operation, &request->principal) &&
           principal_settings(arena, &request->principal, request->operation, request->id,
                              &request->call.settings);
}

static void run_api(struct request *request) {
    if (!request->signed_in || recall_principal(request, request->arena)) {
        carry_out(request);
    } else {
        load_principal(request);
    }
}

static void answer_options(struct request *request) {
    reply_status(request, 204);
}

void request_run(struct request *request) {
    if (request->early != NULL && request->verb == VERB_OPTIONS && request->early->status == 405) {
        answer_options(request);
    } else if (request->early != NULL) {
        problem_reply(request, request->early);
    } else if (request->body.over || buf_failed(&request->body.bytes)) {
        problem_reply_named(request, "body_too_large");
    } else if (request->operation == NULL) {
        endpoints_answer(request);
    } else {
        run_api(request);
    }
}
