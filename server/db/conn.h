/* One non-blocking, pipelined connection to PostgreSQL, and the groups in flight on it.
 *
 * Owned by a lane, used by its loop's thread alone. Owns the PGconn, the ring of groups in flight and the
 * table of statements that are prepared on it. Always true: every group in the ring has been queued together
 * with its sync; results arrive in the ring's order; a call leaves the ring exactly once, with its outcome,
 * onto the finished list. Nothing here blocks: a lost connection is closed at once and tried again with
 * back-off, for ever.
 */
#ifndef LINLI_DB_CONN_H
#define LINLI_DB_CONN_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>
#include "core/arena.h"
#include "db/call.h"

/* settings, claim, parts, abandon */
#define CONN_STATEMENTS_MAX (CALL_STATEMENTS_MAX + 3)

/* Our own SQLSTATE: the rows came but could not be kept; what they tell of may have been committed. */
#define CALL_NO_MEMORY "LI530"

enum conn_state { CONN_DOWN, CONN_CONNECTING, CONN_UP };
enum prepared_state { PREPARED_NO, PREPARED_SENT, PREPARED_YES };

/* Calls with their outcome, waiting for `done`. */
struct call_list {
    struct call *head, *tail;
};

struct group {
    struct call *call;                   /* NULL: a group that only prepares */
    uint32_t slots[CONN_STATEMENTS_MAX]; /* what a preparing group prepares */
    uint8_t statement_count, received;   /* how many it has, and how many have been answered */
    uint8_t failed_at;                   /* the statement that failed, when `failed` */
    bool result_seen;                    /* libpq ends each statement's results with one NULL */
    bool failed, aborted;                /* by an error of its own; by one of a group before it */
    bool synced;                         /* its sync follows it; else it shares that of a later group */
    bool replication_warned;             /* a cancelled synchronous commit: the outcome is unknown */
};

struct conn_settings {
    const char *conninfo;
    enum lane_kind lane;
    const char *options; /* of the session, as libpq's options */
    unsigned depth;      /* calls in flight */
    uint64_t timeout_ns; /* longest statement */
    void (*watch)(void *loop, int fd, uint32_t events, void *token);
    void *loop;
    struct call_list *finished;
    struct call_list *again; /* calls that a neighbour's error aborted: nothing of them has happened */
};

struct conn {
    struct conn_settings settings;
    PGconn *pg; /* NULL when down */
    enum conn_state state;
    int watched_fd; /* −1: none */
    uint32_t watched_events;
    uint64_t next_attempt_ns, attempt_deadline_ns, back_off_ns;
    uint64_t progress_ns; /* when something was last sent to the idle connection, or received */
    uint64_t heard_ns;    /* when the database last said something here; 0 never */
    struct group *groups; /* ring */
    unsigned capacity, first, count, calls;
    unsigned current;  /* whose results come next, counted from the first */
    uint8_t *prepared; /* enum prepared_state by engine_slot */
    bool retiring;     /* its plans are outdated: takes no more calls, reconnects when idle */
    char prepare_state[6];
};

/* Ring and table come from the arena. false: no memory. */
bool conn_init(struct conn *conn, struct arena *arena, const struct conn_settings *settings);
/* Every call in flight is finished (CALL_UNKNOWN unless it had failed already). */
void conn_close(struct conn *conn, uint64_t now_ns);
/* The same for a connection that failed, with a word in the log about it. */
void conn_lost(struct conn *conn, const char *reason, uint64_t now_ns);
/* How many more calls it would take now. */
unsigned conn_room(const struct conn *conn);
/* Queues the calls' groups and one sync behind them; more than one call only on sessions that cannot write,
 * since an error rolls back all that share a sync. On failure the calls are finished here too, CALL_UNSENT or
 * CALL_UNKNOWN. */
void conn_send(struct conn *conn, struct call *const *calls, unsigned count, uint64_t now_ns);
void conn_ready(struct conn *conn, uint64_t now_ns);
/* Connects when due, gives up late attempts, closes a connection whose first group is overdue. Returns when
 * it wants to be called again, in ns from now. */
uint64_t conn_tick(struct conn *conn, uint64_t now_ns);

/* db/conn_open.c */
void conn_open(struct conn *conn, uint64_t now_ns);
void conn_open_continue(struct conn *conn, uint64_t now_ns);
void conn_watch(struct conn *conn, uint32_t events);
/* Closes the socket and forgets what was prepared there; the ring is the caller's. */
void conn_drop(struct conn *conn, uint64_t now_ns);
/* The session's options of a lane, in the arena. NULL: no memory. */
const char *conn_options(struct arena *arena, enum lane_kind lane, unsigned timeout_ms,
                         unsigned lock_timeout_ms);

/* db/call.c */
struct call_item {
    const struct statement_variant *variant;
    const char *const *values;
};
/* What a call sends, in order. */
uint8_t call_items(const struct call *call, struct call_item items[CONN_STATEMENTS_MAX],
                   const char *settings[8], const char *claim[3]);
/* Takes the result of statement `index` of the call; the arena owns it from here. false: it was an error. */
bool call_take(struct call *call, uint8_t index, PGresult *result);
void call_finish(struct call *call, enum call_outcome outcome, const char *state, struct call_list *finished);
void call_list_add(struct call_list *list, struct call *call);

#endif
