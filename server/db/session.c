#include "db/session.h"

#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include "core/alloc.h"
#include "core/clock.h"
#include "core/text.h"

#define CONNECT_SECONDS "5"
#define FIELD_SIZE 160
#define MILLISECOND UINT64_C(1000000)
#define GRACE_MS 5000u      /* beyond the statement's time-out, which is the server's affair */
#define STOP_GRACE_MS 2000u /* for what is under way when the process shall stop */

struct session {
    PGconn *pg;
    char error[SESSION_ERROR_SIZE];
    char state[6];
    char message[FIELD_SIZE], detail[FIELD_SIZE], constraint[FIELD_SIZE];
    struct sql_error sql_error;
    size_t position;
    unsigned timeout_ms;
    int stop; /* readable: give up; −1: never */
    void (*notice)(void *context, const char *line);
    void *notice_context;
};

/* libpq's messages end in a line feed and may have several lines. */
static void copy_line(char *out, size_t size, const char *text) {
    size_t length = 0;
    for (; text[length] != '\0' && length + 1 < size; length++) {
        out[length] = text[length] == '\n' ? ' ' : text[length];
    }
    while (length > 0 && out[length - 1] == ' ') {
        length--;
    }
    out[length] = '\0';
}

static void notice_receive(void *context, const PGresult *result) {
    struct session *session = context;
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (session->notice != NULL && message != NULL) {
        char line[SESSION_ERROR_SIZE];
        copy_line(line, sizeof line, message);
        session->notice(session->notice_context, line);
    }
}

static PGconn *connect_blocking(const char *conninfo, unsigned timeout_ms) {
    char options[192];
    snprintf(options, sizeof options,
             "-c search_path=pg_catalog -c timezone=UTC -c datestyle=ISO -c bytea_output=hex -c jit=off"
             " -c statement_timeout=%u",
             timeout_ms);
    const char *const keywords[] = {"dbname",  "application_name", "client_encoding",
                                    "options", "connect_timeout",  NULL};
    const char *const values[] = {conninfo, "linli", "UTF8", options, CONNECT_SECONDS, NULL};
    return PQconnectdbParams(keywords, values, 1);
}

struct session *session_open(const char *conninfo, unsigned timeout_ms, char error[SESSION_ERROR_SIZE]) {
    struct session *session = alloc_zeroed(1, sizeof *session);
    if (session == NULL) {
        snprintf(error, SESSION_ERROR_SIZE, "out of memory");
        return NULL;
    }
    session->pg = connect_blocking(conninfo, timeout_ms);
    if (PQstatus(session->pg) != CONNECTION_OK) {
        copy_line(error, SESSION_ERROR_SIZE,
                  session->pg != NULL ? PQerrorMessage(session->pg) : "out of memory");
        session_close(session);
        return NULL;
    }
    PQsetNoticeReceiver(session->pg, notice_receive, session);
    session->timeout_ms = timeout_ms;
    session->stop = -1;
    return session;
}

void session_heed(struct session *session, int stop) {
    session->stop = stop;
}

void session_close(struct session *session) {
    if (session != NULL) {
        PQfinish(session->pg);
        alloc_release(session);
    }
}

static const char *keep_field(char out[FIELD_SIZE], const PGresult *result, int field) {
    const char *text = PQresultErrorField(result, field);
    snprintf(out, FIELD_SIZE, "%s", text != NULL ? text : "");
    return text != NULL ? out : NULL;
}

static void remember_parts(struct session *session, const PGresult *result) {
    struct sql_error *error = &session->sql_error;
    memcpy(error->state, session->state, sizeof error->state);
    error->message = keep_field(session->message, result, PG_DIAG_MESSAGE_PRIMARY);
    error->detail = keep_field(session->detail, result, PG_DIAG_MESSAGE_DETAIL);
    error->constraint = keep_field(session->constraint, result, PG_DIAG_CONSTRAINT_NAME);
}

static void remember_error(struct session *session, const PGresult *result) {
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
    const char *where = PQresultErrorField(result, PG_DIAG_CONTEXT);
    const char *position = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
    char text[SESSION_ERROR_SIZE];
    snprintf(session->state, sizeof session->state, "%s", state != NULL ? state : "08006");
    remember_parts(session, result);
    snprintf(text, sizeof text, "%s%s%s%s%s (%s)", message != NULL ? message : PQerrorMessage(session->pg),
             detail != NULL ? "; " : "", detail != NULL ? detail : "", where != NULL ? "; in " : "",
             where != NULL ? where : "", session->state);
    copy_line(session->error, sizeof session->error, text);
    int64_t at = 0;
    session->position =
        position != NULL && text_parse_integer(position, strlen(position), &at) && at > 0 ? (size_t)at : 0;
}

static bool result_is_good(const PGresult *result) {
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY;
}

/* NULL when it is an error, which is then remembered. */
static const struct call_result *keep(struct session *session, PGresult *result) {
    if (!result_is_good(result)) {
        remember_error(session, result);
        PQclear(result);
        return NULL;
    }
    return (const struct call_result *)result;
}

static int milliseconds_until(uint64_t end_ns) {
    uint64_t now_ns = clock_monotonic_ns();
    uint64_t most_ns = INT32_MAX * MILLISECOND;
    uint64_t left_ns = end_ns > now_ns ? end_ns - now_ns : 0;
    return (int)((left_ns < most_ns ? left_ns : most_ns) / MILLISECOND);
}

static uint64_t earlier(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

/* Until libpq can say something without waiting. false: given up. */
static bool wait_for_result(const struct session *session, uint64_t end_ns) {
    int stop = session->stop;
    while (PQisBusy(session->pg)) {
        struct pollfd files[2] = {{.fd = PQsocket(session->pg), .events = POLLIN},
                                  {.fd = stop, .events = POLLIN}};
        if (poll(files, 2, milliseconds_until(end_ns)) == 0) {
            return false;
        }
        if (stop >= 0 && files[1].revents != 0) {
            end_ns = earlier(end_ns, clock_monotonic_ns() + STOP_GRACE_MS * MILLISECOND);
            stop = -1;
        }
        if (files[0].revents != 0 && PQconsumeInput(session->pg) != 1) {
            return true; /* libpq tells of the loss itself */
        }
    }
    return true;
}

static const struct call_result *give_up(struct session *session, PGresult *result) {
    PQclear(result);
    snprintf(session->state, sizeof session->state, "08006");
    remember_parts(session, NULL);
    snprintf(session->error, sizeof session->error, "the database is silent (08006)");
    return NULL;
}

const struct call_result *session_query(struct session *session, const char *text, const char *const *values,
                                        size_t count) {
    uint64_t end_ns = session->timeout_ms == 0
                          ? UINT64_MAX
                          : clock_monotonic_ns() + (session->timeout_ms + GRACE_MS) * MILLISECOND;
    PGresult *last = NULL, *next = NULL;
    bool sent = PQsendQueryParams(session->pg, text, (int)count, NULL, values, NULL, NULL, 0) == 1;
    do {
        if (next != NULL) {
            PQclear(last);
            last = next;
        }
        if (sent && !wait_for_result(session, end_ns)) {
            return give_up(session, last);
        }
    } while (sent && (next = PQgetResult(session->pg)) != NULL);
    return keep(session, last);
}

/* ── statements that take long ── */

static void cancel_statement(struct session *session) {
    char ignored[256];
    PGcancel *cancel = PQgetCancel(session->pg);
    if (cancel != NULL) {
        PQcancel(cancel, ignored, sizeof ignored); /* the statement's own error tells how it ended */
        PQfreeCancel(cancel);
    }
}

/* Waits for the socket, the wake or the next tick; true when it is time to tick. */
static bool await_event(struct session *session, const struct session_watch *watch, int *wake,
                        uint64_t *next_ns) {
    uint64_t now_ns = clock_monotonic_ns();
    int left_ms = *next_ns > now_ns ? (int)((*next_ns - now_ns) / MILLISECOND) + 1 : 0;
    struct pollfd files[2] = {{.fd = PQsocket(session->pg), .events = POLLIN},
                              {.fd = *wake, .events = POLLIN}}; /* a negative descriptor is passed over */
    poll(files, 2, left_ms);
    bool woken = *wake >= 0 && files[1].revents != 0;
    *wake = woken ? -1 : *wake;
    now_ns = clock_monotonic_ns();
    if (!woken && now_ns < *next_ns) {
        return false;
    }
    *next_ns = now_ns + watch->every_ms * MILLISECOND;
    return true;
}

/* Until all of the answer is here or the connection is lost. */
static void await_answer(struct session *session, const struct session_watch *watch) {
    uint64_t next_ns = clock_monotonic_ns() + watch->every_ms * MILLISECOND;
    int wake = watch->wake;
    bool going = true;
    while (PQisBusy(session->pg)) {
        if (await_event(session, watch, &wake, &next_ns) && going && !watch->tick(watch->context)) {
            cancel_statement(session);
            going = false;
        }
        if (PQconsumeInput(session->pg) != 1) { /* reads what is there, without waiting */
            return;
        }
    }
}

const struct call_result *session_query_watched(struct session *session, const char *text,
                                                const char *const *values, size_t count,
                                                const struct session_watch *watch) {
    if (PQsendQueryParams(session->pg, text, (int)count, NULL, values, NULL, NULL, 0) != 1) {
        remember_error(session, NULL);
        return NULL;
    }
    await_answer(session, watch);
    PGresult *last = NULL;
    for (PGresult *result; (result = PQgetResult(session->pg)) != NULL;) {
        PQclear(last);
        last = result;
    }
    return keep(session, last);
}

bool session_run(struct session *session, const char *text, const char *const *values, size_t count) {
    const struct call_result *result = session_query(session, text, values, count);
    result_release(result);
    return result != NULL;
}

bool session_value(struct session *session, const char *text, const char *const *values, size_t count,
                   char *out, size_t size) {
    const struct call_result *result = session_query(session, text, values, count);
    struct cell cell = result_cell(result, 0, 0);
    bool fits = result != NULL && cell.length < size;
    if (fits) {
        memcpy(out, cell.text != NULL ? cell.text : "", cell.length);
        out[cell.length] = '\0';
    }
    result_release(result);
    return fits;
}

bool session_script(struct session *session, const char *script) {
    bool good = PQsendQuery(session->pg, script) == 1;
    if (!good) {
        copy_line(session->error, sizeof session->error, PQerrorMessage(session->pg));
    }
    for (PGresult *result; (result = PQgetResult(session->pg)) != NULL;) {
        if (good && !result_is_good(result)) {
            remember_error(session, result);
            good = false;
        }
        PQclear(result);
        if (PQstatus(session->pg) != CONNECTION_OK) {
            return false;
        }
    }
    return good;
}

const char *session_error(const struct session *session) {
    return session->error;
}

const char *session_state(const struct session *session) {
    return session->state;
}

const struct sql_error *session_sql_error(const struct session *session) {
    return &session->sql_error;
}

size_t session_error_position(const struct session *session) {
    return session->position;
}

bool session_alive(const struct session *session) {
    return PQstatus(session->pg) == CONNECTION_OK;
}

int session_server_version(const struct session *session) {
    return PQserverVersion(session->pg);
}

int session_library_version(void) {
    return PQlibVersion();
}

void session_on_notice(struct session *session, void (*notice)(void *context, const char *line),
                       void *context) {
    session->notice = notice;
    session->notice_context = context;
}

static bool take_notify(struct session *session, char *payload, size_t size) {
    PGnotify *notify = PQnotifies(session->pg);
    if (notify == NULL) {
        return false;
    }
    snprintf(payload, size, "%s", notify->extra);
    PQfreemem(notify);
    return true;
}

bool session_wait_notify(struct session *session, int wake, char *payload, size_t size, bool *lost) {
    *lost = false;
    while (!take_notify(session, payload, size)) {
        struct pollfd files[2] = {{.fd = PQsocket(session->pg), .events = POLLIN},
                                  {.fd = wake, .events = POLLIN}};
        int ready = poll(files, 2, -1);
        if (ready > 0 && files[1].revents != 0) {
            return false;
        }
        if (ready > 0 && PQconsumeInput(session->pg) != 1) {
            *lost = true;
            return false;
        }
    }
    return true;
}

bool session_describe(struct session *session, const char *text, const struct call_result **columns) {
    const struct call_result *prepared = keep(session, PQprepare(session->pg, "", text, 0, NULL));
    result_release(prepared);
    *columns = prepared != NULL ? keep(session, PQdescribePrepared(session->pg, "")) : NULL;
    return *columns != NULL;
}

const char *result_column(const struct call_result *result, size_t column) {
    return PQfname((const PGresult *)result, (int)column);
}

void result_release(const struct call_result *result) {
    PQclear((PGresult *)(uintptr_t)result);
}
