/* Lanes: pipelined, non-blocking libpq connections of one event loop, with bounds.
 *
 * One struct lanes per loop; no locks. read: few connections, deep pipelines, sessions that cannot write;
 * write: several, shallow; slow: one. The loop adds each connection's descriptor to its epoll through the
 * callback below, and calls lanes_tick before every wait: reads submitted in one turn leave with it, a few to
 * a sync (an error among them costs its neighbours another round, nothing else); writes leave at once, each
 * with a sync of its own. Lost connections reconnect with back-off and re-prepare; while none is up, queued
 * calls wait less than 3 s, then come back CALL_UNSENT (while one is up, as long as a statement of the lane
 * may take). A database that falls silent is asked by the pulse whether it lives (db/pulse.h); if not,
 * whatever is in flight ends CALL_UNKNOWN and whatever waits CALL_UNSENT, at once. lanes_submit never blocks;
 * `done` may run inside lanes_submit when the call cannot be queued.
 */
#ifndef LINLI_DB_LANE_H
#define LINLI_DB_LANE_H

#include "db/call.h"

struct lanes;

struct lane_settings {
    const char *conninfo;
    unsigned connections[LANE_COUNT];
    unsigned depth[LANE_COUNT];      /* groups in flight on one connection */
    unsigned queue[LANE_COUNT];      /* calls waiting for a lane */
    unsigned timeout_ms[LANE_COUNT]; /* longest statement; 0 = 5 s, 10 s, 60 s */
    unsigned lock_timeout_ms;        /* longest wait for a lock; 0 = 2 s */
    unsigned share;                  /* reads that may share one sync; 0 = 8 */
    /* The loop's epoll: called when the wanted events of a descriptor change. events 0 = remove; libpq may
     * have closed a lost connection's descriptor by then, so that removing fails, which is fine. */
    void (*watch)(void *loop, int fd, uint32_t events, void *token);
    void *loop;
};

struct lanes *lanes_create(const struct lane_settings *settings);
void lanes_destroy(struct lanes *lanes); /* every pending call ends CALL_UNSENT or CALL_UNKNOWN first */
void lanes_submit(struct lanes *lanes, struct call *call);
/* epoll said that the descriptor given to `watch` with this token is ready. */
void lanes_ready(struct lanes *lanes, void *token, uint32_t events);
/* Time-outs, reconnects. Returns milliseconds until it wants to be called again. */
int lanes_tick(struct lanes *lanes, uint64_t now_ns);
/* At least one connection of every lane is up. */
bool lanes_up(const struct lanes *lanes);

struct lane_figures {
    uint64_t calls, refused, unsent, unknown;
    unsigned connected, in_flight, queued;
};
void lanes_figures(const struct lanes *lanes, enum lane_kind lane, struct lane_figures *figures);

#endif
