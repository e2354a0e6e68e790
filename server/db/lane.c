#include "db/lane.h"

#include <string.h>
#include "core/clock.h"
#include "db/conn.h"
#include "db/pulse.h"

#define MILLISECOND UINT64_C(1000000)
#define WAIT_WITHOUT_CONNECTION_NS (2500 * MILLISECOND) /* the answer must be there within 3 s */
#define LOCK_TIMEOUT_PRESET_MS 2000u
#define SHARE_PRESET 8u
#define SHARE_MOST 64u
#define TICK_MOST_NS (1000 * MILLISECOND)
#define MEMORY_MOST ((size_t)64 * 1024 * 1024)

struct lane {
    struct conn *conns;
    unsigned conn_count;
    struct call *head, *tail; /* waiting, oldest first */
    unsigned queued, queue_most;
    unsigned share;         /* calls that may share a sync */
    struct call_list again; /* to be sent once more, before all that wait */
    struct lane_figures figures;
};

struct lanes {
    struct arena *arena; /* everything here, this struct included */
    struct lane lane[LANE_COUNT];
    struct pulse pulse;
    struct call_list finished;
    bool delivering;
};

/* ── telling the callers ── */

static void count_outcome(struct lane_figures *figures, enum call_outcome outcome) {
    figures->calls++;
    figures->refused += outcome == CALL_REFUSED;
    figures->unsent += outcome == CALL_UNSENT;
    figures->unknown += outcome == CALL_UNKNOWN;
}

/* `done` may submit the request's next call, which may finish at once: one loop here instead of recursion. */
static void deliver(struct lanes *lanes) {
    if (lanes->delivering) {
        return;
    }
    lanes->delivering = true;
    while (lanes->finished.head != NULL) {
        struct call *call = lanes->finished.head;
        lanes->finished.head = call->next;
        if (lanes->finished.head == NULL) {
            lanes->finished.tail = NULL;
        }
        call->next = NULL;
        count_outcome(&lanes->lane[call->lane].figures, call->outcome);
        call->done(call); /* may free the call */
    }
    lanes->delivering = false;
}

/* ── queues ── */

static void queue_push(struct lane *lane, struct call *call) {
    call->next = NULL;
    if (lane->tail != NULL) {
        lane->tail->next = call;
    } else {
        lane->head = call;
    }
    lane->tail = call;
    lane->queued++;
}

static struct call *queue_pop(struct lane *lane) {
    struct call *call = lane->head;
    lane->head = call->next;
    if (lane->head == NULL) {
        lane->tail = NULL;
    }
    lane->queued--;
    return call;
}

/* The emptiest: behind a call that waits for a lock the others wait too. */
static struct conn *lane_pick(const struct lane *lane) {
    struct conn *best = NULL;
    for (unsigned i = 0; i < lane->conn_count; i++) {
        struct conn *conn = &lane->conns[i];
        if (conn_room(conn) > 0 && (best == NULL || conn->calls < best->calls)) {
            best = conn;
        }
    }
    return best;
}

static unsigned least(unsigned a, unsigned b) {
    return a < b ? a : b;
}

/* As many as may share a sync, but no more than leaves the other connections their part. */
static void lane_send(struct lane *lane, struct conn *conn, uint64_t now_ns) {
    struct call *calls[SHARE_MOST];
    unsigned part = (lane->queued + lane->conn_count - 1) / lane->conn_count;
    unsigned count = least(least(part, lane->share), conn_room(conn));
    for (unsigned i = 0; i < count; i++) {
        calls[i] = queue_pop(lane);
    }
    conn_send(conn, calls, count, now_ns);
}

static void queue_again(struct lane *lane) {
    if (lane->again.head == NULL) {
        return;
    }
    for (struct call *call = lane->again.head; call != NULL; call = call->next) {
        lane->queued++;
    }
    lane->again.tail->next = lane->head;
    lane->head = lane->again.head;
    lane->tail = lane->tail != NULL ? lane->tail : lane->again.tail;
    lane->again = (struct call_list){NULL, NULL};
}

static void lane_pump(struct lane *lane, uint64_t now_ns) {
    struct conn *conn;
    queue_again(lane);
    while (lane->head != NULL && (conn = lane_pick(lane)) != NULL) {
        lane_send(lane, conn, now_ns);
    }
}

static unsigned lane_connected(const struct lane *lane) {
    unsigned count = 0;
    for (unsigned i = 0; i < lane->conn_count; i++) {
        count += lane->conns[i].state == CONN_UP;
    }
    return count;
}

static uint64_t lane_patience(const struct lane *lane) {
    return lane_connected(lane) > 0 ? lane->conns[0].settings.timeout_ns : WAIT_WITHOUT_CONNECTION_NS;
}

static uint64_t lane_expire(struct lane *lane, struct call_list *finished, uint64_t now_ns) {
    uint64_t patience = lane_patience(lane);
    while (lane->head != NULL && now_ns >= lane->head->queued_ns + patience) {
        call_finish(queue_pop(lane), CALL_UNSENT, "08001", finished);
    }
    return lane->head != NULL ? lane->head->queued_ns + patience - now_ns : TICK_MOST_NS;
}

/* ── a silent database ── */

/* Since when a call on one of these waits without a word; *heard_ns: when anything was last heard there. */
static uint64_t lane_silence(const struct lane *lane, uint64_t *heard_ns) {
    uint64_t since_ns = UINT64_MAX;
    for (unsigned i = 0; i < lane->conn_count; i++) {
        const struct conn *conn = &lane->conns[i];
        if (conn->state == CONN_UP && conn->count > 0 && conn->progress_ns < since_ns) {
            since_ns = conn->progress_ns;
        }
        *heard_ns = conn->heard_ns > *heard_ns ? conn->heard_ns : *heard_ns;
    }
    return since_ns;
}

static void lane_give_up(struct lane *lane, struct call_list *finished, uint64_t now_ns) {
    for (unsigned i = 0; i < lane->conn_count; i++) {
        if (lane->conns[i].state == CONN_UP) {
            conn_lost(&lane->conns[i], "the database is silent", now_ns);
        }
    }
    queue_again(lane);
    while (lane->head != NULL) {
        call_finish(queue_pop(lane), CALL_UNSENT, "08001", finished);
    }
}

/* Returns when it wants to be called again, in ns from now. */
static uint64_t feel_pulse(struct lanes *lanes, uint64_t now_ns) {
    uint64_t heard_ns = 0, silent_ns = UINT64_MAX;
    for (enum lane_kind kind = 0; kind < LANE_COUNT; kind++) {
        uint64_t since_ns = lane_silence(&lanes->lane[kind], &heard_ns);
        silent_ns = since_ns < silent_ns ? since_ns : silent_ns;
    }
    if (pulse_tick(&lanes->pulse, silent_ns, heard_ns, now_ns)) {
        for (enum lane_kind kind = 0; kind < LANE_COUNT; kind++) {
            lane_give_up(&lanes->lane[kind], &lanes->finished, now_ns);
        }
    }
    uint64_t next_ns = pulse_next_ns(&lanes->pulse);
    return next_ns > now_ns ? next_ns - now_ns : TICK_MOST_NS;
}

/* ── the interface ── */

static unsigned statement_timeout_ms(const struct lane_settings *settings, enum lane_kind kind) {
    static const unsigned presets[LANE_COUNT] = {
        [LANE_READ] = 5000, [LANE_WRITE] = 10000, [LANE_SLOW] = 60000};
    return settings->timeout_ms[kind] != 0 ? settings->timeout_ms[kind] : presets[kind];
}

static bool lane_init(struct lanes *lanes, enum lane_kind kind, const struct lane_settings *settings) {
    struct lane *lane = &lanes->lane[kind];
    unsigned timeout_ms = statement_timeout_ms(settings, kind);
    unsigned lock_ms = settings->lock_timeout_ms != 0 ? settings->lock_timeout_ms : LOCK_TIMEOUT_PRESET_MS;
    const struct conn_settings conn = {
        .conninfo = arena_string(lanes->arena, settings->conninfo),
        .lane = kind,
        .options = conn_options(lanes->arena, kind, timeout_ms, lock_ms),
        .timeout_ns = timeout_ms * MILLISECOND,
        .depth = settings->depth[kind],
        .watch = settings->watch,
        .loop = settings->loop,
        .finished = &lanes->finished,
        .again = &lane->again,
    };
    lane->queue_most = settings->queue[kind];
    lane->share =
        kind == LANE_READ ? least(settings->share != 0 ? settings->share : SHARE_PRESET, SHARE_MOST) : 1;
    lane->conn_count = settings->connections[kind];
    lane->conns = arena_alloc(lanes->arena, lane->conn_count * sizeof *lane->conns);
    bool made = lane->conns != NULL && conn.conninfo != NULL && conn.options != NULL &&
                (kind != LANE_READ || pulse_init(&lanes->pulse, lanes->arena, &conn));
    for (unsigned i = 0; made && i < lane->conn_count; i++) {
        made = conn_init(&lane->conns[i], lanes->arena, &conn);
    }
    return made;
}

struct lanes *lanes_create(const struct lane_settings *settings) {
    struct arena *arena = arena_create(MEMORY_MOST);
    struct lanes *lanes = arena != NULL ? arena_alloc(arena, sizeof *lanes) : NULL;
    bool made = lanes != NULL;
    if (made) {
        lanes->arena = arena;
    }
    for (enum lane_kind kind = 0; made && kind < LANE_COUNT; kind++) {
        made = lane_init(lanes, kind, settings);
    }
    if (!made && lanes != NULL) {
        pulse_close(&lanes->pulse, 0);
    }
    if (!made && arena != NULL) {
        arena_destroy(arena);
    }
    return made ? lanes : NULL;
}

void lanes_destroy(struct lanes *lanes) {
    uint64_t now_ns = clock_monotonic_ns();
    for (enum lane_kind kind = 0; kind < LANE_COUNT; kind++) {
        struct lane *lane = &lanes->lane[kind];
        lane->queue_most = 0;
        queue_again(lane);
        while (lane->head != NULL) {
            call_finish(queue_pop(lane), CALL_UNSENT, "08001", &lanes->finished);
        }
        for (unsigned i = 0; i < lane->conn_count; i++) {
            conn_close(&lane->conns[i], now_ns);
        }
    }
    pulse_close(&lanes->pulse, now_ns);
    deliver(lanes);
    arena_destroy(lanes->arena);
}

static void call_reset(struct call *call, uint64_t now_ns) {
    call->queued_ns = now_ns;
    call->sent_ns = 0;
    call->error = (struct sql_error){.state = ""};
    for (size_t i = 0; i < call->part_count; i++) {
        call->parts[i].result = NULL;
    }
}

void lanes_submit(struct lanes *lanes, struct call *call) {
    struct lane *lane = &lanes->lane[call->lane];
    uint64_t now_ns = clock_monotonic_ns();
    call_reset(call, now_ns);
    struct conn *conn = lane->share == 1 && lane->head == NULL ? lane_pick(lane) : NULL;
    if (conn != NULL) {
        conn_send(conn, &call, 1, now_ns);
    } else if (lane->queued < lane->queue_most) {
        queue_push(lane, call);
    } else {
        call_finish(call, CALL_UNSENT, "53300", &lanes->finished);
    }
    deliver(lanes);
}

void lanes_ready(struct lanes *lanes, void *token, uint32_t events) {
    struct conn *conn = token;
    uint64_t now_ns = clock_monotonic_ns();
    (void)events; /* libpq finds out by itself what the socket has */
    conn_ready(conn, now_ns);
    lane_pump(&lanes->lane[conn->settings.lane], now_ns);
    deliver(lanes);
}

int lanes_tick(struct lanes *lanes, uint64_t now_ns) {
    uint64_t wait = feel_pulse(lanes, now_ns);
    wait = wait < TICK_MOST_NS ? wait : TICK_MOST_NS;
    for (enum lane_kind kind = 0; kind < LANE_COUNT; kind++) {
        struct lane *lane = &lanes->lane[kind];
        for (unsigned i = 0; i < lane->conn_count; i++) {
            uint64_t conn_wait = conn_tick(&lane->conns[i], now_ns);
            wait = conn_wait < wait ? conn_wait : wait;
        }
        lane_pump(lane, now_ns);
        uint64_t queue_wait = lane_expire(lane, &lanes->finished, now_ns);
        wait = queue_wait < wait ? queue_wait : wait;
    }
    deliver(lanes);
    return (int)((wait + MILLISECOND - 1) / MILLISECOND);
}

bool lanes_up(const struct lanes *lanes) {
    for (enum lane_kind kind = 0; kind < LANE_COUNT; kind++) {
        if (lane_connected(&lanes->lane[kind]) == 0) {
            return false;
        }
    }
    return true;
}

void lanes_figures(const struct lanes *lanes, enum lane_kind kind, struct lane_figures *figures) {
    const struct lane *lane = &lanes->lane[kind];
    *figures = lane->figures;
    figures->connected = lane_connected(lane);
    figures->queued = lane->queued;
    figures->in_flight = 0;
    for (unsigned i = 0; i < lane->conn_count; i++) {
        figures->in_flight += lane->conns[i].calls;
    }
}
