/* What may I do: the operations that each role admits, from the contract's table, for the statement to hand
 * out. */
#include "core/buf.h"
#include "domains/access/steps.h"
#include "json/json_out.h"

#define LIST_MAX (256u * 1024)

static bool person_admitted(const struct operation *operation, uint32_t roles) {
    return operation->gate != GATE_ROLES || (operation->roles & roles) != 0;
}

/* What everyone may do with their own and some roles beyond it stands with those roles, and with the roles
 * that reach only what is one's own. */
static bool grant_admits(const struct operation *operation, size_t role) {
    bool named = (operation->roles & (UINT32_C(1) << role)) != 0;
    bool shared = operation->gate == GATE_AUTHENTICATED && operation->roles != 0;
    return shared ? named || !contract_roles[role].staff : named;
}

static int by_id(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* `["addGroupMember",…]`, sorted. */
static void write_operations(struct buf *out, const char **ids, size_t count) {
    qsort(ids, count, sizeof ids[0], by_id);
    buf_char(out, '[');
    for (size_t i = 0; i < count; i++) {
        buf_text(out, i == 0 ? "" : ",");
        json_out_text(out, ids[i]);
    }
    buf_char(out, ']');
}

static void write_person(struct buf *out, const char **ids, uint32_t roles) {
    size_t count = 0;
    for (size_t i = 0; i < contract_operation_count; i++) {
        if (person_admitted(&contract_operations[i], roles)) {
            ids[count++] = contract_operations[i].id;
        }
    }
    write_operations(out, ids, count);
}

static void write_grant(struct buf *out, const char **ids, size_t role) {
    size_t count = 0;
    for (size_t i = 0; i < contract_operation_count; i++) {
        if (grant_admits(&contract_operations[i], role)) {
            ids[count++] = contract_operations[i].id;
        }
    }
    write_operations(out, ids, count);
}

static void write_by_role(struct buf *out, const char **ids, uint32_t roles) {
    const char *separator = "{";
    for (size_t role = 0; role < contract_role_count; role++) {
        if (roles & (UINT32_C(1) << role)) {
            buf_text(out, separator);
            json_out_text(out, contract_roles[role].name);
            buf_char(out, ':');
            write_grant(out, ids, role);
            separator = ",";
        }
    }
    buf_text(out, separator[0] == '{' ? "{}" : "}");
}

static bool set_json(struct request *request, const char *name, struct buf *text) {
    const char *copy = buf_failed(text) ? NULL : arena_copy(request_arena(request), text->data, text->length);
    request_set(request, name, copy);
    buf_free(text);
    return copy != NULL;
}

static enum step_result me_ask(struct request *request) {
    uint32_t roles = request_principal(request)->roles;
    const char **ids = arena_alloc(request_arena(request), contract_operation_count * sizeof *ids);
    struct buf all, by_role;
    if (ids == NULL) {
        return request_problem(request, "internal_error", NULL);
    }
    buf_init(&all, LIST_MAX);
    buf_init(&by_role, LIST_MAX);
    write_person(&all, ids, roles);
    write_by_role(&by_role, ids, roles);
    bool set = set_json(request, "operations", &all);
    if (!set_json(request, "by_role", &by_role) || !set) {
        return request_problem(request, "internal_error", NULL);
    }
    return request_add_statement(request, "getMe/me") ? STEP_CALL : STEP_REPLY;
}

static enum step_result me_reply(struct request *request) {
    const struct call_result *result = request_result(request, "getMe/me");
    if (result_rows(result) == 0) {
        return request_problem(request, "not_found", NULL);
    }
    struct cell body = result_named(result, 0, "body");
    return request_reply_json(request, 200, arena_copy(request_arena(request), body.text, body.length));
}

const struct steps steps_me = {
    .name = "me",
    .functions = (const step_function[]){me_ask, me_reply, NULL},
};
