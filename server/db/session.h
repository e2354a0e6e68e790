/* A blocking connection: for commands and for worker threads, never for a loop.
 *
 * Owns one connection, used by one thread at a time. Texts are constant with $1…; values are texts. A result
 * belongs to the caller until result_release. After an error session_error tells it in one line, for
 * administrators alone.
 */
#ifndef LINLI_DB_SESSION_H
#define LINLI_DB_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include "db/call.h"

struct session;

#define SESSION_ERROR_SIZE 512

/* timeout_ms: longest statement, 0 = none; a server that is silent beyond it is given up. NULL with a
 * sentence in `error`. Waits at most 5 s for the connection. */
struct session *session_open(const char *conninfo, unsigned timeout_ms, char error[SESSION_ERROR_SIZE]);
/* A query that the descriptor's becoming readable overtakes has two more seconds, then it fails. Only
 * session_query and what is made of it. After a query was given up the session is good for session_close
 * alone. */
void session_heed(struct session *session, int stop);
void session_close(struct session *session); /* NULL is fine */
/* NULL: refused, see session_error. */
const struct call_result *session_query(struct session *session, const char *text, const char *const *values,
                                        size_t count);
/* For what has no rows worth reading. */
bool session_run(struct session *session, const char *text, const char *const *values, size_t count);
/* One value of one row, copied; "" for NULL and for no row. false: refused or too long. */
bool session_value(struct session *session, const char *text, const char *const *values, size_t count,
                   char *out, size_t size);
/* Many statements as read from a script, in one implicit transaction. */
bool session_script(struct session *session, const char *script);
const char *session_error(const struct session *session); /* with SQLSTATE and, for scripts, the line */
const char *session_state(const struct session *session); /* SQLSTATE of the last error */
/* The last error in its parts, for db/sqlstate; valid until the next statement. */
const struct sql_error *session_sql_error(const struct session *session);
size_t
session_error_position(const struct session *session); /* in characters from 1, of a script; 0 unknown */
bool session_alive(const struct session *session);
int session_server_version(const struct session *session);
int session_library_version(void); /* libpq's own */
/* NOTICE and above, as one line. */
void session_on_notice(struct session *session, void (*notice)(void *context, const char *line),
                       void *context);

/* Asynchronous notifications: waits until one arrives, the descriptor `wake` is readable (false, *lost =
 * false), or the connection is lost (false, *lost = true). payload: at most size − 1 bytes of it. */
bool session_wait_notify(struct session *session, int wake, char *payload, size_t size, bool *lost);

/* For work that takes long: as session_query, and `tick` runs on this thread every so many milliseconds, and
 * when `wake` becomes readable, until the statement has ended. Once it answers false the statement is
 * cancelled, which shows as the error 57014. NOTICEs arrive while it runs. */
struct session_watch {
    int wake; /* descriptor; −1: none. After the first time it is not looked at any more. */
    unsigned every_ms;
    bool (*tick)(void *context);
    void *context;
};
const struct call_result *session_query_watched(struct session *session, const char *text,
                                                const char *const *values, size_t count,
                                                const struct session_watch *watch);

/* Checks a statement without running it. */
bool session_describe(struct session *session, const char *text, const struct call_result **columns);
const char *result_column(const struct call_result *result, size_t column);
void result_release(const struct call_result *result);

#endif
