/* Server: the loops and the administration address, as one thing that commands/serve starts and stops.
 *
 * What the loops share is read-only (keys, site, tables) or atomic (limiters). Life: server_start,
 * (server_grants_changed, server_listening…), server_drain, server_stop.
 */
#ifndef LINLI_HTTP_SERVER_H
#define LINLI_HTTP_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include "core/buf.h"
#include "seal/codec.h"

#define SERVER_ERROR_SIZE 320
#define SERVER_LOOPS_MAX 4

struct site;
struct cpu;
struct limiter;

struct server_settings {
    const struct keyring *ring;
    const struct site *site;
    struct cpu *cpu;
    const char *version;
    int listen_fd; /* bound and listening; stays the caller's */
    /* Appends what other rooms know to the page of metrics; on the administration thread. */
    void (*more_metrics)(struct buf *out, void *context);
    void *context;
    struct limiter *by_address, *by_user; /* of logins; made by server_start */
};

struct server;

/* A socket bound to the configured address and port. −1: `error` holds a sentence (a taken port, no such
 * address). */
int server_listen(char error[SERVER_ERROR_SIZE]);
/* settings must live until server_stop. NULL: `error` holds a sentence. */
struct server *server_start(const struct server_settings *settings, char error[SERVER_ERROR_SIZE]);
unsigned server_loops(const struct server *server);
void server_grants_changed(struct server *server, const char *person_id);
void server_listening(struct server *server, bool listening);
/* Stops accepting and waits until nothing is under way, at most so long. */
void server_drain(struct server *server, unsigned seconds);
/* For more_metrics: one gauge with its help. */
void server_metric(struct buf *out, const char *name, const char *help, uint64_t value);
/* After server_drain and after work/cpu has stopped. */
void server_stop(struct server *server);

#endif
