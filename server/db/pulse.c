#include "db/pulse.h"

#include <string.h>

#define MEMORY_MOST ((size_t)64 * 1024)
#define LATE_NS UINT64_C(2000000000) /* lanes are ticked once a second at least */

bool pulse_init(struct pulse *pulse, struct arena *arena, const struct conn_settings *settings) {
    struct conn_settings own = *settings;
    memset(pulse, 0, sizeof *pulse);
    own.depth = 1;
    own.finished = &pulse->finished;
    own.again = &pulse->again;
    pulse->arena = arena_create(MEMORY_MOST);
    return pulse->arena != NULL && conn_init(&pulse->conn, arena, &own);
}

/* What became of the question matters to nobody but `heard_ns`. */
static void forget_answer(struct pulse *pulse) {
    if (pulse->finished.head == NULL && pulse->again.head == NULL) {
        return;
    }
    pulse->finished = pulse->again = (struct call_list){NULL, NULL};
    arena_reset(pulse->arena);
}

void pulse_close(struct pulse *pulse, uint64_t now_ns) {
    conn_close(&pulse->conn, now_ns);
    if (pulse->arena != NULL) {
        arena_destroy(pulse->arena);
        pulse->arena = NULL;
    }
}

/* A call without parts: the settings of nobody, which every living session answers. */
static void send_question(struct pulse *pulse, uint64_t now_ns) {
    struct call *call = &pulse->call;
    *call = (struct call){.arena = pulse->arena, .lane = pulse->conn.settings.lane};
    conn_send(&pulse->conn, &call, 1, now_ns);
}

static void ask(struct pulse *pulse, uint64_t now_ns) {
    if (pulse->conn.state == CONN_UP && conn_room(&pulse->conn) > 0) {
        send_question(pulse, now_ns);
    }
    pulse->asked_ns = pulse->conn.state == CONN_DOWN ? 0 : now_ns;
}

static uint64_t later(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

/* A process that stood still has not listened: answers may lie in its sockets. */
static void excuse_lateness(struct pulse *pulse, uint64_t now_ns) {
    uint64_t since = now_ns - pulse->ticked_ns;
    if (pulse->asked_ns != 0 && since > LATE_NS) {
        pulse->asked_ns += since;
    }
    pulse->ticked_ns = now_ns;
}

static bool unanswered(struct pulse *pulse, uint64_t heard_ns) {
    if (pulse->due_ns == UINT64_MAX || heard_ns >= pulse->asked_ns || pulse->conn.state == CONN_DOWN) {
        pulse->asked_ns = 0;
    }
    return pulse->asked_ns != 0;
}

bool pulse_tick(struct pulse *pulse, uint64_t silent_ns, uint64_t heard_ns, uint64_t now_ns) {
    conn_tick(&pulse->conn, now_ns);
    forget_answer(pulse);
    excuse_lateness(pulse, now_ns);
    heard_ns = later(heard_ns, pulse->conn.heard_ns);
    pulse->due_ns = silent_ns != UINT64_MAX ? later(silent_ns, heard_ns) + PULSE_PATIENCE_NS : UINT64_MAX;
    if (!unanswered(pulse, heard_ns) && now_ns >= pulse->due_ns) {
        ask(pulse, now_ns);
    }
    if (pulse->asked_ns == 0 || now_ns < pulse->asked_ns + PULSE_ANSWER_NS) {
        return false;
    }
    pulse->asked_ns = 0;
    conn_lost(&pulse->conn, "the database is silent", now_ns);
    forget_answer(pulse);
    return true;
}

uint64_t pulse_next_ns(const struct pulse *pulse) {
    return pulse->asked_ns != 0 ? pulse->asked_ns + PULSE_ANSWER_NS : pulse->due_ns;
}
