/* Listening for changed grants: one thread a process with a blocking connection of its own.
 *
 * Owns its thread and connection. Callbacks run on that thread and must only hand over (post to a loop's
 * mailbox). `state(false)` comes as soon as the connection is lost, before anything else is tried, and
 * `state(true)` only once LISTEN is in force, so that whoever caches between the two misses no change.
 */
#ifndef LINLI_DB_LISTEN_H
#define LINLI_DB_LISTEN_H

#include <stdbool.h>

struct listen;

struct listen_settings {
    const char *conninfo;                                  /* lives as long as the listener */
    void (*changed)(void *context, const char *person_id); /* a person's grants or sessions changed */
    void (*state)(void *context, bool listening);
    void *context;
};

/* NULL when no thread could be made. */
struct listen *listen_start(const struct listen_settings *settings);
void listen_stop(
    struct listen *listen); /* joins the thread: at most as long as one connection attempt, 5 s */

#endif
