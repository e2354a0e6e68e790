/* From the request to the call: what was sent becomes values, by the contract's tables. */
#include "core/clock.h"
#include "core/config.h"
#include "core/controls.h"
#include "core/id_number.h"
#include "db/bind.h"
#include "http/conditional.h"
#include "http/exchange.h"
#include "http/idempotency.h"
#include "http/loop.h"
#include "http/query.h"
#include "http/sealing.h"
#include "json/json_in.h"

#define LIMIT_DEFAULT 50

/* ── body ── */

const struct problem *plan_parse_body(struct request *request) {
    const struct operation *operation = request->operation;
    const struct buf *bytes = &request->body.bytes;
    const struct json_in_limits limits = {(unsigned)config_integer(CONFIG_JSON_DEPTH),
                                          (unsigned)config_integer(CONFIG_JSON_NODES)};
    size_t position;
    if (operation->body == NULL || (bytes->length == 0 && !operation->body_required)) {
        return NULL;
    }
    switch (json_in_parse(request->arena, bytes->length == 0 ? "" : bytes->data, bytes->length, limits,
                          &request->tree, &position)) {
    case JSON_IN_OK:
        return NULL;
    case JSON_IN_TOO_MANY:
    case JSON_IN_MEMORY:
        return contract_find_problem("body_too_large");
    default:
        return contract_find_problem("invalid_json");
    }
}

/* ── parameters ── */

static bool read_header_value(const struct request *request, const struct parameter *parameter,
                              struct value *value) {
    const char *text = exchange_header(request, parameter->name);
    *value = (struct value){text, text == NULL ? 0 : strlen(text), text != NULL};
    return text != NULL;
}

static struct value *read_parameters(struct request *request, struct field_errors *errors) {
    const struct operation *operation = request->operation;
    struct value *values = arena_alloc(request->arena, (operation->parameter_count + 1u) * sizeof *values);
    if (values == NULL) {
        return NULL;
    }
    for (uint16_t i = 0; i < operation->parameter_count; i++) {
        if (operation->parameters[i].in == IN_PATH && i < request->match.count) {
            values[i] = (struct value){request->match.values[i].bytes, request->match.values[i].length, true};
        } else if (operation->parameters[i].in == IN_HEADER) {
            read_header_value(request, &operation->parameters[i], &values[i]);
        }
    }
    query_read(request->arena, operation, request->query.bytes, request->query.length, values, errors);
    validate_parameters(operation, values, errors);
    return values;
}

static const struct value *find_parameter(const struct request *request, const char *name) {
    for (uint16_t i = 0; i < request->operation->parameter_count; i++) {
        if (strcmp(request->operation->parameters[i].name, name) == 0 && request->parameters[i].present) {
            return &request->parameters[i];
        }
    }
    return NULL;
}

static void refuse_parameter(struct field_errors *errors, const char *name) {
    validate_refuse(errors, (struct field_error){.parameter = name, .code = FIELD_INVALID});
}

static void read_page(struct request *request, struct field_errors *errors) {
    const struct value *limit = find_parameter(request, "limit"), *cursor = find_parameter(request, "cursor");
    int64_t number;
    request->limit = LIMIT_DEFAULT;
    if (limit != NULL && text_parse_integer(limit->text, limit->length, &number) && number > 0) {
        request->limit = (uint32_t)number;
    }
    if (cursor != NULL && errors->count == 0) {
        request->cursor = codec_cursor_read(request->loop->server->ring, request->arena,
                                            request->operation->id, cursor->text);
        if (request->cursor == NULL) {
            refuse_parameter(errors,
                             "cursor"); /* forged, of another list, or of another installation's key */
        }
    }
}

static void read_key(struct request *request, struct field_errors *errors) {
    const char *key = exchange_header(request, IDEMPOTENCY_HEADER);
    if (key == NULL || !request->operation->takes_key) {
        return;
    }
    if (!idempotency_check_key(key)) {
        if (find_parameter(request, IDEMPOTENCY_HEADER) == NULL) { /* a declared one has been judged */
            refuse_parameter(errors, IDEMPOTENCY_HEADER);
        }
        return;
    }
    request->key = key;
}

/* false: 412 or 428 has been written. */
static bool read_if_match(struct request *request) {
    switch (conditional_if_match(request->arena, exchange_header(request, "If-Match"), &request->if_match)) {
    case IF_MATCH_NONE:
        if (request->operation->if_match_required) {
            problem_reply_named(request, "if_match_required");
            return false;
        }
        return true;
    case IF_MATCH_NEVER:
        problem_reply_named(request, "version_mismatch");
        return false;
    default:
        return true;
    }
}

bool plan_validate(struct request *request) {
    struct field_errors *errors = arena_alloc(request->arena, sizeof *errors);
    if (errors == NULL || (request->parameters = read_parameters(request, errors)) == NULL) {
        problem_reply_named(request, "internal_error");
        return false;
    }
    if (request->tree != NULL) {
        validate_body(request->arena, request->operation->body, request->tree, errors);
    }
    read_page(request, errors);
    read_key(request, errors);
    if (errors->count > 0) {
        problem_reply_errors(request, errors);
        return false;
    }
    return read_if_match(request);
}

/* ── binds ── */

static bool copy_text(struct request *request, const char *text, const char **out) {
    *out = text == NULL ? NULL : arena_string(request->arena, text);
    return text == NULL || *out != NULL;
}

static bool bind_as_of(struct request *request, const char **out) {
    const struct value *as_of = request->operation == NULL ? NULL : find_parameter(request, "as_of");
    char today[CLOCK_DATE_SIZE];
    if (as_of != NULL) {
        *out = as_of->text;
        return true;
    }
    clock_write_today(today);
    return copy_text(request, today, out);
}

static bool bind_step(const struct request *request, const char *name, const char **out) {
    for (const struct step_value *value = request->step_values; value != NULL; value = value->next) {
        if (strcmp(value->name, name) == 0) {
            *out = value->text;
            return true;
        }
    }
    return false;
}

static bool bind_body(struct request *request, const char **out) {
    struct value whole =
        sealing_value(request->loop->server->ring, request->arena, request->operation->body, request->tree);
    *out = whole.text;
    return whole.present || request->tree == NULL;
}

static bool bind_member(struct request *request, uint16_t index, const char **out) {
    const struct property *property = &request->operation->body->properties[index];
    const json_t *member = json_object_get(request->tree, property->name);
    struct value value = {NULL, 0, true};
    if (member != NULL) {
        value = sealing_value(request->loop->server->ring, request->arena, property->schema, member);
    }
    *out = value.text;
    return value.present;
}

static bool bind_blind(struct request *request, uint16_t index, const char **out) {
    const struct property *property = &request->operation->body->properties[index];
    const json_t *member = json_object_get(request->tree, property->name);
    *out = NULL;
    if (!json_is_string(member)) {
        return true;
    }
    *out = codec_blind(request->loop->server->ring, request->arena, property->schema->codec.blind,
                       json_string_value(member), json_string_length(member));
    return *out != NULL;
}

/* What an identity number says of its holder; NULL when none was sent. */
static bool bind_id_part(struct request *request, uint16_t index, enum bind_source part, const char **out) {
    const struct property *property = &request->operation->body->properties[index];
    const json_t *member = json_object_get(request->tree, property->name);
    struct id_number number;
    *out = NULL;
    if (!json_is_string(member) ||
        !id_number_read(json_string_value(member), json_string_length(member), &number)) {
        return true;
    }
    return copy_text(request, part == BIND_ID_SEX ? (number.male ? "male" : "female") : number.birth_date,
                     out);
}

static bool bind_parameter(const struct request *request, uint16_t index, const char **out) {
    *out = request->parameters[index].present ? request->parameters[index].text : NULL;
    return true;
}

static bool bind_limit(struct request *request, const char **out) {
    *out = arena_format(request->arena, "%u", request->limit + 1);
    return *out != NULL;
}

static bool bind_today(struct request *request, const char **out) {
    char today[CLOCK_DATE_SIZE];
    clock_write_today(today);
    return copy_text(request, today, out);
}

/* The getter of db/bind. */
static bool get_value(void *context, const struct bind *bind, const char **out) {
    struct request *request = context;
    *out = NULL;
    switch (bind->source) {
    case BIND_PARAMETER:
        return bind_parameter(request, bind->index, out);
    case BIND_BODY_MEMBER:
        return bind_member(request, bind->index, out);
    case BIND_BODY:
        return bind_body(request, out);
    case BIND_BLIND:
        return bind_blind(request, bind->index, out);
    case BIND_ID_BIRTH_DATE:
    case BIND_ID_SEX:
        return bind_id_part(request, bind->index, bind->source, out);
    case BIND_LIMIT:
        return bind_limit(request, out);
    case BIND_CURSOR:
        *out = request->cursor;
        return true;
    case BIND_AS_OF:
        return bind_as_of(request, out);
    case BIND_IF_MATCH:
        *out = request->if_match;
        return true;
    case BIND_TODAY:
        return bind_today(request, out);
    case BIND_PERSON:
        *out = request->principal.person_id;
        return true;
    case BIND_SESSION:
        *out = request->principal.session_id;
        return true;
    case BIND_REQUEST_ID:
        *out = request->id;
        return true;
    case BIND_IDEMPOTENCY_KEY:
        *out = request->key;
        return true;
    case BIND_STEP:
        return bind_step(request, bind->name, out);
    }
    return false;
}

/* ── the call ── */

static bool wants_preview(const struct request *request) {
    const struct value *preview = find_parameter(request, "preview");
    return preview != NULL && preview->text != NULL && strcmp(preview->text, "true") == 0;
}

bool plan_begin(struct request *request) {
    request->call = (struct call){.arena = request->arena, .lane = request->operation->lane};
    return principal_settings(request->arena, &request->principal, request->operation, request->id,
                              &request->call.settings);
}

bool plan_add(struct request *request, const struct statement *statement, bool keyed) {
    size_t part = request->call.part_count;
    request->parts[part < CALL_STATEMENTS_MAX ? part : 0] = statement;
    return bind_append(&request->call, statement, keyed, get_value, request);
}

/* M3: the claim goes in front; a preview claims nothing, since nothing of it stays. */
static bool claim(struct request *request) {
    request->call.preview = wants_preview(request);
    if (request->key == NULL || request->call.preview || request->principal.person_id == NULL ||
        controls_break("idempotency")) {
        return true;
    }
    request->call.claim.key = request->key;
    request->call.claim.operation = request->operation->id;
    request->call.claim.fingerprint = idempotency_fingerprint(
        request->arena, request->operation, request->path, request->query, &request->body.bytes);
    return request->call.claim.fingerprint != NULL;
}

bool plan_build(struct request *request) {
    const struct operation *operation = request->operation;
    if (!claim(request)) {
        return false;
    }
    bool keyed = request->call.claim.key != NULL;
    for (uint16_t i = 0; i < operation->statement_count; i++) {
        if (!plan_add(request, operation->statements[i], keyed && i == 0)) {
            return false;
        }
    }
    return operation->statement_count > 0;
}
