/* What every visitor may know: whose installation this is, and a telephone that a human answers. */
#include "core/buf.h"
#include "core/config.h"
#include "domains/access/steps.h"
#include "json/json_out.h"
#include "json/row_json.h"

#define REPLY_MAX 4096

static enum step_result system_ask(struct request *request) {
    return request_add_statement(request, "getSystem/system") ? STEP_CALL : STEP_REPLY;
}

static void write_cell(struct buf *out, const char *before, struct cell cell) {
    buf_text(out, before);
    if (cell.text == NULL) {
        buf_text(out, "null");
    } else {
        json_out_string(out, cell.text, cell.length);
    }
}

static void write_now(struct buf *out, struct cell now) {
    static const struct column column = {.name = "now", .type = VALUE_TIMESTAMP, .before = ",\"now\":"};
    static const struct reply_plan plan = {.columns = &column, .column_count = 1, .after = ""};
    row_json_write(out, &plan, &now);
}

static enum step_result system_reply(struct request *request) {
    const struct call_result *result = request_result(request, "getSystem/system");
    struct buf out;
    buf_init(&out, REPLY_MAX);
    buf_text(&out, config_flag(CONFIG_DEMO) ? "{\"demo\":true" : "{\"demo\":false");
    write_now(&out, result_named(result, 0, "now"));
    write_cell(&out, ",\"city\":", result_named(result, 0, "city"));
    write_cell(&out, ",\"contact_phone\":", result_named(result, 0, "contact_phone"));
    buf_text(&out, ",\"version\":");
    json_out_text(&out, request_version(request));
    buf_char(&out, '}');
    const char *json = buf_failed(&out) ? NULL : arena_copy(request_arena(request), out.data, out.length);
    buf_free(&out);
    return json == NULL ? request_problem(request, "internal_error", NULL)
                        : request_reply_json(request, 200, json);
}

const struct steps steps_system = {
    .name = "system",
    .functions = (const step_function[]){system_ask, system_reply, NULL},
};
