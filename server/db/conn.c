#include "db/conn.h"

#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include "core/log.h"
#include "db/engine.h"

#define MILLISECOND UINT64_C(1000000)
#define SECOND (1000 * MILLISECOND)
#define WATCHDOG_GRACE_NS (5 * SECOND)

bool conn_init(struct conn *conn, struct arena *arena, const struct conn_settings *settings) {
    memset(conn, 0, sizeof *conn);
    conn->settings = *settings;
    conn->watched_fd = -1;
    conn->capacity = 2 * settings->depth; /* each call may bring a preparing group */
    conn->groups = arena_alloc(arena, conn->capacity * sizeof *conn->groups);
    conn->prepared = arena_alloc(arena, engine_slot_count());
    return conn->groups != NULL && conn->prepared != NULL;
}

unsigned conn_room(const struct conn *conn) {
    return conn->state == CONN_UP && !conn->retiring ? conn->settings.depth - conn->calls : 0;
}

/* ── the ring ── */

static struct group *ring_push(struct conn *conn, struct call *call, uint8_t statements, uint64_t now_ns) {
    if (conn->count == 0) {
        conn->progress_ns = now_ns;
    }
    struct group *group = &conn->groups[(conn->first + conn->count++) % conn->capacity];
    *group = (struct group){.call = call, .statement_count = statements};
    conn->calls += call != NULL;
    return group;
}

static struct group *ring_pop(struct conn *conn) {
    struct group *group = &conn->groups[conn->first];
    conn->first = (conn->first + 1) % conn->capacity;
    conn->count--;
    conn->calls -= group->call != NULL;
    return group;
}

static struct group *ring_current(const struct conn *conn) {
    return &conn->groups[(conn->first + conn->current) % conn->capacity];
}

/* ── losing it ── */

/* A group that had failed was rolled back whatever came after; of all others nobody can say. */
static void finish_lost(struct conn *conn) {
    conn->current = 0;
    while (conn->count > 0) {
        struct group *group = ring_pop(conn);
        if (group->call != NULL && group->failed) {
            call_finish(group->call, CALL_REFUSED, NULL, conn->settings.finished);
        } else if (group->call != NULL) {
            call_finish(group->call, CALL_UNKNOWN, "08006", conn->settings.finished);
        }
    }
}

void conn_lost(struct conn *conn, const char *reason, uint64_t now_ns) {
    log_event(LOG_LEVEL_WARNING, "database_connection_lost", log_text("reason", reason),
              log_integer("lane", conn->settings.lane), log_integer("in_flight", conn->calls));
    conn_drop(conn, now_ns);
    finish_lost(conn);
}

void conn_close(struct conn *conn, uint64_t now_ns) {
    if (conn->pg != NULL) {
        conn_drop(conn, now_ns);
    }
    finish_lost(conn);
}

/* ── sending ── */

static void statement_name(char name[16], uint32_t slot) {
    snprintf(name, 16, "s%u", slot);
}

/* Prepares what this connection has not yet, in a group of its own: an error there must not take a call's
 * place in the transaction, and what was prepared stays prepared when the call behind it fails. */
static bool send_prepares(struct conn *conn, const struct call_item *items, uint8_t count, uint64_t now_ns) {
    struct group *group = NULL;
    for (uint8_t i = 0; i < count; i++) {
        uint32_t slot = engine_slot(items[i].variant);
        if (conn->prepared[slot] != PREPARED_NO) {
            continue;
        }
        char name[16];
        statement_name(name, slot);
        if (PQsendPrepare(conn->pg, name, items[i].variant->text, 0, NULL) != 1) {
            return false;
        }
        if (group == NULL) {
            group = ring_push(conn, NULL, 0, now_ns);
            group->synced = true;
        }
        group->slots[group->statement_count++] = slot;
        conn->prepared[slot] = PREPARED_SENT;
    }
    return group == NULL || PQpipelineSync(conn->pg) == 1;
}

static bool send_items(struct conn *conn, const struct call_item *items, uint8_t count) {
    for (uint8_t i = 0; i < count; i++) {
        char name[16];
        statement_name(name, engine_slot(items[i].variant));
        if (PQsendQueryPrepared(conn->pg, name, items[i].variant->bind_count, items[i].values, NULL, NULL,
                                0) != 1) {
            return false;
        }
    }
    return true;
}

static void conn_flush(struct conn *conn, uint64_t now_ns) {
    int rest = PQflush(conn->pg);
    if (rest < 0) {
        conn_lost(conn, PQerrorMessage(conn->pg), now_ns);
        return;
    }
    conn_watch(conn, rest == 1 ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static bool send_call(struct conn *conn, struct call *call, uint64_t now_ns) {
    struct call_item items[CONN_STATEMENTS_MAX];
    const char *settings[8], *claim[3];
    uint8_t count = call_items(call, items, settings, claim);
    if (!send_items(conn, items, count)) {
        return false;
    }
    call->sent_ns = now_ns;
    ring_push(conn, call, count, now_ns);
    return true;
}

/* Before the first call: a preparing group has a sync, which must not come between calls that share one. */
static bool send_all_prepares(struct conn *conn, struct call *const *calls, unsigned count, uint64_t now_ns) {
    bool sent = true;
    for (unsigned i = 0; sent && i < count; i++) {
        struct call_item items[CONN_STATEMENTS_MAX];
        const char *settings[8], *claim[3];
        sent = send_prepares(conn, items, call_items(calls[i], items, settings, claim), now_ns);
    }
    return sent;
}

void conn_send(struct conn *conn, struct call *const *calls, unsigned count, uint64_t now_ns) {
    unsigned sent = 0;
    if (send_all_prepares(conn, calls, count, now_ns)) {
        while (sent < count && send_call(conn, calls[sent], now_ns)) {
            sent++;
        }
    }
    if (sent < count) {
        /* No sync was queued behind them, so the server cannot commit any of it. */
        for (unsigned i = sent; i < count; i++) {
            call_finish(calls[i], CALL_UNSENT, "08006", conn->settings.finished);
        }
        conn_lost(conn, PQerrorMessage(conn->pg), now_ns);
        return;
    }
    conn->groups[(conn->first + conn->count - 1) % conn->capacity].synced = true;
    if (PQpipelineSync(conn->pg) != 1) {
        conn_lost(conn, PQerrorMessage(conn->pg), now_ns);
        return;
    }
    conn_flush(conn, now_ns);
}

/* ── receiving ── */

static void finish_prepares(struct conn *conn, const struct group *group) {
    for (uint8_t i = 0; i < group->statement_count; i++) {
        bool prepared = !group->failed || i < group->failed_at;
        conn->prepared[group->slots[i]] = prepared ? PREPARED_YES : PREPARED_NO;
    }
}

/* Plans made before a migration, or a statement that is not there after all: only a new connection helps. */
static bool plans_are_outdated(const char state[6]) {
    return strcmp(state, "0A000") == 0 || strcmp(state, "26000") == 0;
}

static void finish_failed(struct conn *conn, struct group *group) {
    struct call *call = group->call;
    if (call->preview && strcmp(call->error.state, "LI204") == 0 &&
        group->failed_at + 1 == group->statement_count) {
        call_finish(call, CALL_PREVIEW, NULL, conn->settings.finished);
        return;
    }
    bool not_prepared = strcmp(call->error.state, "26000") == 0 && conn->prepare_state[0] != '\0';
    if (plans_are_outdated(call->error.state) && !not_prepared) {
        conn->retiring = true;
    }
    /* The statement could not be prepared: say why, not that it is missing. */
    call_finish(call, CALL_REFUSED, not_prepared ? conn->prepare_state : NULL, conn->settings.finished);
}

static void group_finish(struct conn *conn, struct group *group) {
    if (group->call == NULL) {
        finish_prepares(conn, group);
    } else if (group->failed && strcmp(group->call->error.state, CALL_NO_MEMORY) == 0) {
        call_finish(group->call, CALL_UNKNOWN, NULL, conn->settings.finished);
    } else if (group->failed) {
        finish_failed(conn, group);
    } else if (group->aborted) {
        call_list_add(conn->settings.again, group->call);
    } else if (group->replication_warned) {
        call_finish(group->call, CALL_UNKNOWN, "08006", conn->settings.finished);
    } else {
        call_finish(group->call, CALL_DONE, NULL, conn->settings.finished);
    }
}

/* What shares the sync is finished with it. A read that was answered before another one failed has been
 * answered. */
static void groups_synced(struct conn *conn) {
    struct group *group;
    do {
        group = ring_pop(conn);
        group_finish(conn, group);
    } while (!group->synced);
    conn->current = 0;
}

static void prepare_failed(struct conn *conn, const PGresult *result) {
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    memcpy(conn->prepare_state, state != NULL && strlen(state) == 5 ? state : "XX000", 6);
    log_event(LOG_LEVEL_ERROR, "statement_not_prepared", log_text("state", conn->prepare_state),
              log_text("message", PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY)));
}

/* false: an error. The result is taken or cleared. */
static bool take_result(struct conn *conn, struct group *group, PGresult *result) {
    if (group->call != NULL) {
        return call_take(group->call, group->received, result);
    }
    bool prepared = PQresultStatus(result) == PGRES_COMMAND_OK;
    if (!prepared) {
        prepare_failed(conn, result);
    }
    PQclear(result);
    return prepared;
}

/* An error beyond the last statement is one that only the sync brought: of a deferred constraint. */
static void group_take(struct conn *conn, struct group *group, PGresult *result) {
    if (group->failed || PQresultStatus(result) == PGRES_PIPELINE_ABORTED) {
        group->aborted = true;
        PQclear(result);
    } else if (!take_result(conn, group, result)) {
        group->failed = true;
        group->failed_at = group->received;
    }
    group->result_seen = true;
}

static bool is_fatal(const PGresult *result) {
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    return PQresultStatus(result) == PGRES_FATAL_ERROR &&
           (severity == NULL || strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0);
}

/* One step of the results' stream: statement, its NULL, …, sync. false: the stream has ended or makes no
 * sense; a killed backend gives NULL for ever and no sync. */
static bool conn_step(struct conn *conn, uint64_t now_ns) {
    struct group *group = ring_current(conn);
    PGresult *result = PQgetResult(conn->pg);
    conn->progress_ns = now_ns;
    conn->heard_ns = result != NULL ? now_ns : conn->heard_ns;
    if (result == NULL) {
        bool expected = group->result_seen;
        group->result_seen = false;
        group->received++;
        conn->current += group->received == group->statement_count && !group->synced;
        return expected && PQstatus(conn->pg) == CONNECTION_OK;
    }
    if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
        PQclear(result);
        groups_synced(conn);
        return true;
    }
    if (is_fatal(result)) {
        PQclear(result);
        return false;
    }
    group_take(conn, group, result);
    return true;
}

static void retire_when_idle(struct conn *conn, uint64_t now_ns) {
    if (conn->retiring && conn->count == 0) {
        conn_drop(conn, now_ns);
    }
}

void conn_ready(struct conn *conn, uint64_t now_ns) {
    if (conn->state == CONN_CONNECTING) {
        conn_open_continue(conn, now_ns);
        return;
    }
    if (conn->state != CONN_UP) {
        return;
    }
    bool alive = PQconsumeInput(conn->pg) == 1;
    bool sound = true;
    while (sound && conn->count > 0 && !PQisBusy(conn->pg)) {
        sound = conn_step(conn, now_ns);
    }
    if (!alive || !sound || PQstatus(conn->pg) != CONNECTION_OK) {
        conn_lost(conn, PQerrorMessage(conn->pg), now_ns);
        return;
    }
    conn_flush(conn, now_ns);
    if (conn->state == CONN_UP) {
        retire_when_idle(conn, now_ns);
    }
}

/* ── time ── */

static uint64_t until(uint64_t then, uint64_t now) {
    return then > now ? then - now : 0;
}

uint64_t conn_tick(struct conn *conn, uint64_t now_ns) {
    uint64_t patience = conn->settings.timeout_ns + WATCHDOG_GRACE_NS;
    if (conn->state == CONN_CONNECTING && now_ns >= conn->attempt_deadline_ns) {
        conn_lost(conn, "the attempt took too long", now_ns);
    }
    if (conn->state == CONN_UP && conn->count > 0 && now_ns >= conn->progress_ns + patience) {
        conn_lost(conn, "a group is overdue", now_ns);
    }
    if (conn->state == CONN_DOWN && now_ns >= conn->next_attempt_ns) {
        conn_open(conn, now_ns);
    }
    switch (conn->state) {
    case CONN_DOWN:
        return until(conn->next_attempt_ns, now_ns);
    case CONN_CONNECTING:
        return until(conn->attempt_deadline_ns, now_ns);
    default:
        return conn->count > 0 ? until(conn->progress_ns + patience, now_ns) : SECOND;
    }
}
