/* What a call sends and what becomes of its results. */
#include "db/conn.h"

#include <string.h>
#include "core/clock.h"
#include "db/engine.h"

static const char *text_or_empty(const char *text) {
    return text != NULL ? text : "";
}

static void settings_values(const struct call_settings *settings, const char *values[CALL_SETTINGS]) {
    values[0] = text_or_empty(settings->person);
    values[1] = text_or_empty(settings->scope);
    values[2] = text_or_empty(settings->scope_lead);
    values[3] = text_or_empty(settings->paths);
    values[4] = text_or_empty(settings->lead);
    values[5] = text_or_empty(settings->files);
    values[6] = text_or_empty(settings->operation);
    values[7] = text_or_empty(settings->request_id);
    values[8] = text_or_empty(settings->agent);
}

uint8_t call_items(const struct call *call, struct call_item items[CONN_STATEMENTS_MAX],
                   const char *settings[CALL_SETTINGS], const char *claim[3]) {
    uint8_t count = 0;
    settings_values(&call->settings, settings);
    items[count++] = (struct call_item){&engine_settings, settings};
    if (call->claim.key != NULL) {
        claim[0] = call->claim.key;
        claim[1] = call->claim.operation;
        claim[2] = call->claim.fingerprint;
        items[count++] = (struct call_item){&engine_claim, claim};
    }
    for (size_t i = 0; i < call->part_count; i++) {
        items[count++] = (struct call_item){call->parts[i].variant, call->parts[i].values};
    }
    if (call->preview) {
        items[count++] = (struct call_item){&engine_abandon, NULL};
    }
    return count;
}

static void clear_result(void *result) {
    PQclear(result);
}

static const char *error_field(const struct call *call, const PGresult *result, int field) {
    const char *text = PQresultErrorField(result, field);
    return text != NULL ? arena_string(call->arena, text) : NULL;
}

static void take_error(struct call *call, PGresult *result) {
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    memcpy(call->error.state, state != NULL && strlen(state) == 5 ? state : "XX000", 6);
    call->error.message = error_field(call, result, PG_DIAG_MESSAGE_PRIMARY);
    call->error.detail = error_field(call, result, PG_DIAG_MESSAGE_DETAIL);
    call->error.constraint = error_field(call, result, PG_DIAG_CONSTRAINT_NAME);
    PQclear(result);
}

/* Statements before the parts: the settings and, with a key, the claim. */
static size_t parts_from(const struct call *call) {
    return call->claim.key != NULL ? 2 : 1;
}

bool call_take(struct call *call, uint8_t index, PGresult *result) {
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        take_error(call, result);
        return false;
    }
    size_t part = index - parts_from(call); /* wraps for what comes before the parts */
    if (part >= call->part_count) {
        PQclear(result);
        return true;
    }
    if (!arena_defer(call->arena, clear_result, result)) {
        memcpy(call->error.state, CALL_NO_MEMORY, 6);
        return false;
    }
    call->parts[part].result = (const struct call_result *)result;
    return true;
}

void call_finish(struct call *call, enum call_outcome outcome, const char *state,
                 struct call_list *finished) {
    call->outcome = outcome;
    if (state != NULL) {
        memcpy(call->error.state, state, 6);
    }
    if (outcome != CALL_DONE && outcome != CALL_PREVIEW) {
        for (size_t i = 0; i < call->part_count; i++) {
            call->parts[i].result = NULL;
        }
    }
    call->done_ns = clock_monotonic_ns();
    call_list_add(finished, call);
}

void call_list_add(struct call_list *list, struct call *call) {
    call->next = NULL;
    if (list->tail != NULL) {
        list->tail->next = call;
    } else {
        list->head = call;
    }
    list->tail = call;
}
