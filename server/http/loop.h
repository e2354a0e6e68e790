/* Loop: one thread that drives libmicrohttpd and the database's sockets together, by one epoll, without
 * locks.
 *
 * Owns its MHD daemon (with a duplicate of the listening socket), its lanes, caches, metrics, connections and
 * requests; nothing of it is shared. Other threads reach it only through its mailbox: an eventfd and a short
 * list under a mutex. Life: loop_create, loop_start, (loop_post…), loop_drain, loop_join, loop_destroy.
 */
#ifndef LINLI_HTTP_LOOP_H
#define LINLI_HTTP_LOOP_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "auth/principal_cache.h"
#include "auth/token_cache.h"
#include "core/uuid.h"
#include "db/lane.h"
#include "http/connection.h"
#include "http/metrics.h"
#include "http/server.h"
#include "http/static.h"

struct request;

enum message_kind { MESSAGE_CPU, MESSAGE_GRANTS, MESSAGE_LISTENING };

struct message {
    struct message *next;
    enum message_kind kind;
    struct request *request;   /* MESSAGE_CPU; the message is part of the request */
    char person_id[UUID_SIZE]; /* MESSAGE_GRANTS */
    bool listening;            /* MESSAGE_LISTENING */
};

struct mailbox {
    pthread_mutex_t mutex;
    int event; /* eventfd */
    struct message *first, **last;
};

struct loop {
    const struct server_settings *server;
    struct MHD_Daemon *daemon;
    int epoll, daemon_epoll;
    struct lanes *lanes;
    struct principal_cache *principals;
    struct token_cache *tokens;
    struct metrics *metrics;
    struct mailbox mailbox;
    struct connection *connections;
    unsigned connection_count;
    struct request *spare; /* requests to use again */
    unsigned spare_count, in_flight;
    unsigned streams; /* uploads and streamed replies under way */
    bool ending;      /* there are no lanes any more */
    bool resumed; /* some connection was resumed: libmicrohttpd has work */
    uint64_t next_sweep_ns;
    pthread_t thread;
    bool running;
    _Atomic bool draining;
    uint64_t drain_until_ns;
};

/* listen_fd stays the caller's. NULL: `error` holds a sentence. */
struct loop *loop_create(const struct server_settings *server, unsigned loops, char error[SERVER_ERROR_SIZE]);
bool loop_start(struct loop *loop);
/* From any thread. The grants or sessions of a person changed · the listener is there or lost. */
void loop_post_grants(struct loop *loop, const char *person_id);
void loop_post_listening(struct loop *loop, bool listening);
/* From work/cpu's thread: the request's job is done. */
void loop_post_cpu(struct loop *loop, struct message *message);
/* Stop accepting; the thread ends when nothing is under way, or after the time given. */
void loop_drain(struct loop *loop, unsigned seconds);
void loop_join(struct loop *loop);
/* After loop_join, and after work/cpu has stopped. */
void loop_destroy(struct loop *loop);

/* Requests (this loop's thread). */
struct request *loop_borrow(struct loop *loop); /* NULL: out of memory */
void loop_give_back(struct loop *loop, struct request *request);

#endif
