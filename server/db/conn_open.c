/* Opening and closing a connection without ever waiting for it. */
#include "db/conn.h"

#include <string.h>
#include <sys/epoll.h>
#include "core/log.h"
#include "db/engine.h"

#define MILLISECOND UINT64_C(1000000)
#define ATTEMPT_NS (5000 * MILLISECOND)
#define BACK_OFF_FIRST_NS (50 * MILLISECOND)
#define BACK_OFF_MOST_NS (2000 * MILLISECOND)
#define SERVER_VERSION_FLOOR 150000
#define SERVER_VERSION_ADVISED 150019

/* The extensions live in pg_catalog too, so that nothing put elsewhere can stand in for what a statement
 * means. */
const char *conn_options(struct arena *arena, enum lane_kind lane, unsigned timeout_ms,
                         unsigned lock_timeout_ms) {
    return arena_format(
        arena,
        "-c search_path=pg_catalog -c timezone=UTC -c datestyle=ISO -c bytea_output=hex -c jit=off"
        " -c statement_timeout=%u -c lock_timeout=%u -c default_transaction_read_only=%s",
        timeout_ms, lock_timeout_ms, lane == LANE_READ ? "on" : "off");
}

void conn_watch(struct conn *conn, uint32_t events) {
    int fd = conn->pg != NULL ? PQsocket(conn->pg) : -1;
    if (conn->watched_fd >= 0 && (conn->watched_fd != fd || events == 0)) {
        conn->settings.watch(conn->settings.loop, conn->watched_fd, 0, conn);
        conn->watched_fd = -1;
        conn->watched_events = 0;
    }
    if (fd >= 0 && events != 0 && events != conn->watched_events) {
        conn->settings.watch(conn->settings.loop, fd, events, conn);
        conn->watched_fd = fd;
        conn->watched_events = events;
    }
}

void conn_drop(struct conn *conn, uint64_t now_ns) {
    conn_watch(conn, 0);
    PQfinish(conn->pg);
    conn->pg = NULL;
    conn->state = CONN_DOWN;
    conn->retiring = false;
    conn->prepare_state[0] = '\0';
    memset(conn->prepared, PREPARED_NO, engine_slot_count());
    conn->next_attempt_ns = now_ns + conn->back_off_ns;
    conn->back_off_ns = conn->back_off_ns == 0 ? BACK_OFF_FIRST_NS : conn->back_off_ns * 2;
    if (conn->back_off_ns > BACK_OFF_MOST_NS) {
        conn->back_off_ns = BACK_OFF_MOST_NS;
    }
}

/* The server cancels a wait for its standby when it is told to stop: the commit is durable here but perhaps
 * not there, and the client hears no error, only this notice. The function's name is the one part that no
 * locale changes. */
static void notice_receive(void *context, const PGresult *notice) {
    struct conn *conn = context;
    const char *function = PQresultErrorField(notice, PG_DIAG_SOURCE_FUNCTION);
    if (function != NULL && strcmp(function, "SyncRepWaitForLSN") == 0 && conn->count > 0) {
        conn->groups[(conn->first + conn->current) % conn->capacity].replication_warned = true;
    }
}

/* The first failure of a row: while the database is away every connection tries every two seconds. */
static void log_failed_attempt(const struct conn *conn) {
    if (conn->back_off_ns > BACK_OFF_FIRST_NS) {
        return;
    }
    log_event(LOG_LEVEL_WARNING, "database_unreachable", log_text("reason", PQerrorMessage(conn->pg)),
              log_integer("lane", conn->settings.lane));
}

void conn_open(struct conn *conn, uint64_t now_ns) {
    const char *const keywords[] = {"dbname",  "application_name", "client_encoding",
                                    "options", "keepalives_idle",  NULL};
    const char *const values[] = {conn->settings.conninfo, "linli", "UTF8",
                                  conn->settings.options,  "10",    NULL};
    conn->pg = PQconnectStartParams(keywords, values, 1);
    if (conn->pg == NULL || PQstatus(conn->pg) == CONNECTION_BAD) {
        log_failed_attempt(conn);
        conn_drop(conn, now_ns);
        return;
    }
    PQsetNoticeReceiver(conn->pg, notice_receive, conn);
    conn->state = CONN_CONNECTING;
    conn->attempt_deadline_ns = now_ns + ATTEMPT_NS;
    conn_watch(conn, EPOLLOUT);
}

static bool server_fits(const struct conn *conn) {
    int version = PQserverVersion(conn->pg);
    const char *encoding = PQparameterStatus(conn->pg, "server_encoding");
    if (version < SERVER_VERSION_FLOOR || encoding == NULL || strcmp(encoding, "UTF8") != 0) {
        log_event(LOG_LEVEL_ERROR, "database_unfit", log_integer("server_version", version),
                  log_text("encoding", encoding != NULL ? encoding : ""));
        return false;
    }
    if (version < SERVER_VERSION_ADVISED) {
        log_event(LOG_LEVEL_WARNING, "database_outdated", log_integer("server_version", version));
    }
    return true;
}

static void open_done(struct conn *conn, uint64_t now_ns) {
    if (!server_fits(conn) || PQsetnonblocking(conn->pg, 1) != 0 || PQenterPipelineMode(conn->pg) != 1) {
        conn_drop(conn, now_ns);
        return;
    }
    if (conn->back_off_ns > 0) {
        log_event(LOG_LEVEL_INFO, "database_connected", log_integer("lane", conn->settings.lane));
    }
    conn->state = CONN_UP;
    conn->heard_ns = now_ns;
    conn->back_off_ns = 0;
    conn_watch(conn, EPOLLIN);
}

void conn_open_continue(struct conn *conn, uint64_t now_ns) {
    /* libpq may close this socket and open another inside the poll: let go of it first. */
    conn_watch(conn, 0);
    switch (PQconnectPoll(conn->pg)) {
    case PGRES_POLLING_READING:
        conn_watch(conn, EPOLLIN);
        break;
    case PGRES_POLLING_WRITING:
        conn_watch(conn, EPOLLOUT);
        break;
    case PGRES_POLLING_OK:
        open_done(conn, now_ns);
        break;
    default:
        log_failed_attempt(conn);
        conn_drop(conn, now_ns);
    }
}
