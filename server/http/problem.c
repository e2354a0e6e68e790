#include "http/exchange.h"

#include "db/sqlstate.h"
#include "core/log.h"
#include "json/json_out.h"

#define RETRY_SECONDS "2"
#define PROBLEM_BYTES_MAX (256u * 1024)

static void write_member(struct buf *out, const char *name, const char *value) {
    buf_char(out, ',');
    json_out_text(out, name);
    buf_char(out, ':');
    json_out_text(out, value);
}

static void open_problem(struct request *request, const struct problem *problem) {
    struct buf *out = &request->reply.body;
    buf_free(out);
    buf_init(out, PROBLEM_BYTES_MAX);
    buf_text(out, "{\"type\":\"/docs/problems#");
    buf_text(out, problem->name);
    buf_text(out, "\"");
    write_member(out, "title", problem->title[request->language]);
    buf_text(out, ",\"status\":");
    buf_integer(out, problem->status);
    if (problem->help[request->language][0] != '\0') {
        write_member(out, "detail", problem->help[request->language]);
    }
    write_member(out, "request_id", request->id);
}

static void add_status_headers(struct request *request, unsigned status) {
    if (status == 401) {
        request_add_header(request, "WWW-Authenticate", "Bearer realm=\"linli\"");
    }
    if (status == 503) {
        request_add_header(request, "Retry-After", RETRY_SECONDS);
    }
    request_add_header(request, "Content-Language", request->language == LANGUAGE_EN ? "en" : "zh-CN");
}

static void close_problem(struct request *request, const struct problem *problem) {
    buf_char(&request->reply.body, '}');
    request->reply.status = problem->status;
    request->reply.type = "application/problem+json";
    request->reply.ready = true;
    add_status_headers(request, problem->status);
}

void problem_reply(struct request *request, const struct problem *problem) {
    open_problem(request, problem);
    close_problem(request, problem);
}

void problem_reply_named(struct request *request, const char *name) {
    problem_reply(request, contract_find_problem(name));
}

/* A routine that names a field: one error, whose message is the problem's title. */
void problem_reply_pointer(struct request *request, const struct problem *problem, const char *pointer) {
    struct buf *out = &request->reply.body;
    open_problem(request, problem);
    if (pointer != NULL) {
        buf_text(out, ",\"errors\":[{\"pointer\":");
        json_out_text(out, pointer);
        buf_text(out, ",\"code\":\"invalid\"");
        write_member(out, "message", problem->title[request->language]);
        buf_text(out, "}]");
    }
    close_problem(request, problem);
}

void problem_reply_errors(struct request *request, const struct field_errors *errors) {
    const struct problem *problem = contract_find_problem("invalid_input");
    struct buf *out = &request->reply.body;
    open_problem(request, problem);
    buf_text(out, ",\"errors\":");
    field_errors_write(out, errors, request->language);
    close_problem(request, problem);
}

static void log_failure(const struct request *request, const struct problem *problem) {
    if (problem->status >= 500) {
        log_event(LOG_LEVEL_ERROR, "call_failed", log_text("operation", request->operation->id),
                  log_text("problem", problem->name), log_text("sqlstate", request->call.error.state),
                  log_text("constraint", request->call.error.constraint), log_text("rid", request->id));
    }
}

void problem_reply_call(struct request *request) {
    const char *pointer = NULL;
    const struct problem *problem = sqlstate_problem(&request->call.error, request->call.outcome, &pointer);
    if (request->call.outcome == CALL_UNKNOWN && request->call.lane != LANE_WRITE) {
        problem = contract_find_problem("unavailable"); /* nothing could have been changed */
    }
    log_failure(request, problem);
    problem_reply_pointer(request, problem, pointer);
}
