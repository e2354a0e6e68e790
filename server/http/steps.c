/* M1: the small functions of an operation, one after the other; and what they may use of the request. */
#include "auth/limiter.h"
#include "auth/password.h"
#include "core/clock.h"
#include "core/config.h"
#include "core/log.h"
#include "http/conditional.h"
#include "http/exchange.h"
#include "http/loop.h"

/* ── work/cpu ── */

static void check_password(struct cpu_job *job) {
    struct request_job *own = job->owner;
    own->right = password_check(own->hash, own->plain, own->length);
}

static void hash_password(struct cpu_job *job) {
    struct request_job *own = job->owner;
    if (password_hash(own->made, own->plain, own->length) != 0) {
        own->made[0] = '\0';
    }
}

static void calculate(struct cpu_job *job) {
    struct request_job *own = job->owner;
    own->calculate(own->data);
}

static void job_finished(struct cpu_job *job) {
    struct request_job *own = job->owner;
    loop_post_cpu(own->loop, &own->message);
}

static void fill_job(struct request *request, void (*run)(struct cpu_job *job)) {
    struct request_job *own = &request->job;
    own->loop = request->loop;
    own->message.request = request;
    own->job = (struct cpu_job){.run = run, .finished = job_finished, .owner = own};
}

enum step_result request_check_password(struct request *request, const char *hash, const char *plain,
                                        size_t length) {
    struct request_job *own = &request->job;
    own->hash = hash == NULL ? NULL : arena_string(request->arena, hash);
    own->plain = arena_copy(request->arena, plain, length);
    own->length = length;
    own->right = false;
    fill_job(request, check_password);
    if (own->plain == NULL || (hash != NULL && own->hash == NULL)) {
        return request_problem(request, "internal_error", NULL);
    }
    return STEP_CPU;
}

bool request_password_right(const struct request *request) {
    return request->job.right;
}

enum step_result request_hash_password(struct request *request, const char *plain, size_t length) {
    struct request_job *own = &request->job;
    own->plain = arena_copy(request->arena, plain, length);
    own->length = length;
    own->made[0] = '\0';
    fill_job(request, hash_password);
    return own->plain == NULL ? request_problem(request, "internal_error", NULL) : STEP_CPU;
}

const char *request_new_hash(const struct request *request) {
    return request->job.made[0] == '\0' ? NULL : request->job.made;
}

const char *request_blind(struct request *request, const char *name, const char *plain) {
    return codec_blind(request->loop->server->ring, request->arena, name, plain, strlen(plain));
}

enum step_result request_calculate(struct request *request, void (*function)(void *data), void *data) {
    request->job.calculate = function;
    request->job.data = data;
    fill_job(request, calculate);
    return STEP_CPU;
}

void *request_calculated(const struct request *request) {
    return request->job.data;
}

/* ── the sequence ── */

static void submit_job(struct request *request) {
    request->waiting++;
    if (!cpu_submit(request->loop->server->cpu, &request->job.job)) {
        request->waiting--;
        problem_reply_named(request, "busy");
    }
}

void steps_run(struct request *request) {
    for (;;) {
        step_function step = request->operation->steps->functions[request->step];
        if (step == NULL) {
            log_event(LOG_LEVEL_ERROR, "steps_without_reply", log_text("operation", request->operation->id));
            problem_reply_named(request, "internal_error");
            return;
        }
        request->step++;
        switch (step(request)) {
        case STEP_NEXT:
            continue;
        case STEP_CALL:
            steps_submit(request);
            return;
        case STEP_CPU:
            submit_job(request);
            return;
        case STEP_BODY:
            body_open(request);
            return;
        case STEP_REPLY:
            return;
        }
    }
}

/* ── what a step may use ── */

void request_set(struct request *request, const char *name, const char *text) {
    struct step_value *value = request->step_values;
    while (value != NULL && strcmp(value->name, name) != 0) {
        value = value->next;
    }
    if (value != NULL) {
        value->text = text;
        return;
    }
    value = arena_alloc(request->arena, sizeof *value);
    if (value != NULL) { /* otherwise the bind is missing, which answers 500 */
        *value = (struct step_value){name, text, request->step_values};
        request->step_values = value;
    }
}

const char *request_step_value(const struct request *request, const char *name) {
    for (const struct step_value *value = request->step_values; value != NULL; value = value->next) {
        if (strcmp(value->name, name) == 0) {
            return value->text;
        }
    }
    return NULL;
}

bool request_add_statement(struct request *request, const char *name) {
    const struct operation *operation = request->operation;
    for (uint16_t i = 0; i < operation->statement_count; i++) {
        if (strcmp(operation->statements[i]->name, name) == 0 &&
            plan_add(request, operation->statements[i], false)) {
            return true;
        }
    }
    problem_reply_named(request, "internal_error");
    return false;
}

const struct call_result *request_result(const struct request *request, const char *name) {
    for (size_t i = request->done_count; i > 0; i--) {
        if (strcmp(request->done_statements[i - 1]->name, name) == 0) {
            return request->done[i - 1];
        }
    }
    return NULL;
}

static struct value member_text(const struct request *request, const json_t *member) {
    char *text;
    switch (json_typeof(member)) {
    case JSON_STRING:
        return (struct value){json_string_value(member), json_string_length(member), true};
    case JSON_NULL:
        return (struct value){NULL, 0, true};
    default:
        text = json_dumps(member, JSON_COMPACT | JSON_ENCODE_ANY);
        if (text == NULL || !arena_defer(request->arena, free, text)) {
            return (struct value){NULL, 0, false};
        }
        return (struct value){text, strlen(text), true};
    }
}

struct value request_member(const struct request *request, const char *name) {
    const json_t *member = json_object_get(request->tree, name);
    return member == NULL ? (struct value){NULL, 0, false} : member_text(request, member);
}

enum step_result request_problem(struct request *request, const char *problem, const char *pointer) {
    problem_reply_pointer(request, contract_find_problem(problem), pointer);
    return STEP_REPLY;
}

enum step_result request_reply_json(struct request *request, unsigned status, const char *json) {
    if (json == NULL) {
        return request_problem(request, "internal_error", NULL);
    }
    reply_text(request, status, "application/json", json);
    return STEP_REPLY;
}

enum step_result request_reply_nothing(struct request *request, unsigned status) {
    reply_status(request, status);
    return STEP_REPLY;
}

/* In the order they were added: a header may come twice (Set-Cookie). */
void request_add_header(struct request *request, const char *name, const char *value) {
    struct header *header = arena_alloc(request->arena, sizeof *header), **end = &request->reply.headers;
    if (header == NULL || value == NULL) {
        return; /* the arena is exhausted: reply.c answers 500 */
    }
    *header = (struct header){name, value, NULL};
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = header;
}

const char *request_cookie(const struct request *request, const char *name) {
    struct text rest = text_of(exchange_header(request, "Cookie")), part, key;
    while (rest.bytes != NULL && rest.length > 0 && text_split(&rest, ';', &part)) {
        struct text value = text_trim(part);
        if (text_split(&value, '=', &key) && text_is(key, name) && value.bytes != NULL) {
            return arena_copy(request->arena, value.bytes, value.length);
        }
    }
    return NULL;
}

/* The last element of X-Forwarded-For is the one our own proxy added. */
const char *request_address(const struct request *request) {
    const char *forwarded =
        config_flag(CONFIG_TRUST_PROXY) ? exchange_header(request, "X-Forwarded-For") : NULL;
    if (forwarded == NULL) {
        return request->connection->address;
    }
    const char *comma = strrchr(forwarded, ',');
    struct text last = text_trim(text_of(comma == NULL ? forwarded : comma + 1));
    return last.length == 0 ? request->connection->address
                            : arena_copy(request->arena, last.bytes, last.length);
}

/* Browsers name the page's origin with every POST: it must be the one people type, or the host they asked. */
bool request_is_same_origin(const struct request *request) {
    const char *origin = exchange_header(request, "Origin"), *host = exchange_header(request, "Host");
    const char *address = origin == NULL ? NULL : strstr(origin, "://");
    if (origin == NULL) {
        return true; /* no browser */
    }
    return strcmp(origin, config_text(CONFIG_PUBLIC_ORIGIN)) == 0 ||
           (address != NULL && host != NULL && strcasecmp(address + 3, host) == 0);
}

char *request_seal(struct request *request, struct arena *arena, const char *label, const char *plain,
                   size_t length) {
    return codec_seal(request->loop->server->ring, arena, label, plain, length);
}

char *request_open(struct request *request, struct arena *arena, const char *label, struct cell sealed,
                   size_t *length) {
    return codec_open(request->loop->server->ring, arena, label, sealed.text, sealed.length, length);
}

unsigned request_limit_login(struct request *request, const char *user_name) {
    const char *address = request_address(request);
    const char *both = arena_format(request->arena, "%s %s", address == NULL ? "" : address, user_name);
    uint64_t now_ns = clock_monotonic_ns();
    const struct server_settings *server = request->loop->server;
    unsigned wait = limiter_take(server->by_address, text_of(address), now_ns);
    return wait > 0 ? wait : limiter_take(server->by_user, text_of(both), now_ns);
}

const char *request_version(const struct request *request) {
    return request->loop->server->version;
}

struct arena *request_side_arena(struct request *request) {
    if (request->side == NULL) {
        request->side = arena_create((size_t)config_integer(CONFIG_REQUEST_MEMORY));
    }
    if (request->side == NULL) {
        abort(); /* the system has not even a block left; a request cannot be answered without memory */
    }
    return request->side;
}

void *request_state(const struct request *request) {
    return request->state;
}

void request_set_state(struct request *request, void *state) {
    request->state = state;
}

const struct call_result *request_part(const struct request *request, size_t part) {
    return part < request->call.part_count ? request->call.parts[part].result : NULL;
}

const char *request_header(const struct request *request, const char *name) {
    return exchange_header(request, name);
}

uint64_t request_length(const struct request *request) {
    return request->expected;
}

struct value request_parameter(const struct request *request, const char *name) {
    for (uint16_t i = 0; i < request->operation->parameter_count; i++) {
        if (strcmp(request->operation->parameters[i].name, name) == 0) {
            return request->parameters[i];
        }
    }
    return (struct value){NULL, 0, false};
}

bool request_knows(struct request *request, const char *etag) {
    const char *tag = conditional_etag(request->arena, etag, strlen(etag));
    return conditional_matches(exchange_header(request, "If-None-Match"), tag);
}

struct arena *request_arena(struct request *request) {
    return request->arena;
}

const struct principal *request_principal(const struct request *request) {
    return &request->principal;
}
