#include "http/loop.h"

#include <assert.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/config.h"
#include "core/log.h"
#include "http/daemon.h"
#include "http/exchange.h"

#define SWEEP_NS UINT64_C(500000000)
#define SPARE_MAX 256u
#define EVENTS_MAX 128
#define ENOUGH_RUNS 8 /* of libmicrohttpd in one turn, before the database is heard again */

/* ── mailbox ── */

static void ring_bell(struct mailbox *mailbox) {
    const uint64_t one = 1;
    ssize_t written = write(mailbox->event, &one, sizeof one);
    (void)written; /* a full counter wakes the loop as well */
}

static void post(struct loop *loop, struct message *message) {
    struct mailbox *mailbox = &loop->mailbox;
    message->next = NULL;
    pthread_mutex_lock(&mailbox->mutex);
    *mailbox->last = message;
    mailbox->last = &message->next;
    pthread_mutex_unlock(&mailbox->mutex);
    ring_bell(mailbox);
}

static struct message *new_message(enum message_kind kind) {
    struct message *message = alloc_zeroed(1, sizeof *message);
    if (message == NULL) {
        abort(); /* a change of rights that cannot be told must not be lost */
    }
    message->kind = kind;
    return message;
}

void loop_post_grants(struct loop *loop, const char *person_id) {
    struct message *message = new_message(MESSAGE_GRANTS);
    snprintf(message->person_id, sizeof message->person_id, "%s", person_id);
    post(loop, message);
}

void loop_post_listening(struct loop *loop, bool listening) {
    struct message *message = new_message(MESSAGE_LISTENING);
    message->listening = listening;
    post(loop, message);
}

void loop_post_cpu(struct loop *loop, struct message *message) {
    message->kind = MESSAGE_CPU;
    post(loop, message);
}

static void take(struct loop *loop, struct message *message) {
    switch (message->kind) {
    case MESSAGE_CPU:
        message->request->waiting--;
        steps_run(message->request);
        request_proceed(message->request);
        return; /* the message was part of the request */
    case MESSAGE_GRANTS:
        principal_cache_drop(loop->principals, message->person_id);
        break;
    case MESSAGE_LISTENING:
        principal_cache_listening(loop->principals, message->listening);
        break;
    }
    alloc_release(message);
}

static void empty_mailbox(struct loop *loop) {
    uint64_t count;
    ssize_t got = read(loop->mailbox.event, &count, sizeof count);
    (void)got;
    pthread_mutex_lock(&loop->mailbox.mutex);
    struct message *message = loop->mailbox.first;
    loop->mailbox.first = NULL;
    loop->mailbox.last = &loop->mailbox.first;
    pthread_mutex_unlock(&loop->mailbox.mutex);
    while (message != NULL) {
        struct message *next = message->next;
        take(loop, message);
        message = next;
    }
}

/* ── requests ── */

struct request *loop_borrow(struct loop *loop) {
    struct request *request = loop->spare;
    if (request != NULL) {
        loop->spare = request->next;
        loop->spare_count--;
    } else {
        struct arena *arena = arena_create((size_t)config_integer(CONFIG_REQUEST_MEMORY));
        request = arena == NULL ? NULL : alloc_zeroed(1, sizeof *request);
        if (request == NULL) {
            if (arena != NULL) {
                arena_destroy(arena);
            }
            return NULL;
        }
        request->arena = arena;
    }
    loop->in_flight++;
    return request;
}

static void destroy_request(struct request *request) {
    arena_destroy(request->arena);
    alloc_release(request);
}

void loop_give_back(struct loop *loop, struct request *request) {
    struct arena *arena = request->arena;
    loop->in_flight--;
    buf_free(&request->body.bytes);
    buf_free(&request->reply.body);
    buf_free(&request->stream.piece);
    buf_free(&request->walk.cursor);
    if (request->upload.chunk != NULL) {
        loop->streams--;
        alloc_release(request->upload.chunk);
    }
    arena_destroy(request->side);
    arena_reset(arena);
    if (loop->spare_count == SPARE_MAX) {
        destroy_request(request);
        return;
    }
    *request = (struct request){.arena = arena, .next = loop->spare};
    loop->spare = request;
    loop->spare_count++;
}

/* ── the thread ── */

static void watch(void *context, int fd, uint32_t events, void *token) {
    struct loop *loop = context;
    struct epoll_event event = {.events = events, .data.ptr = token};
    if (events == 0) {
        epoll_ctl(loop->epoll, EPOLL_CTL_DEL, fd, NULL);
    } else if (epoll_ctl(loop->epoll, EPOLL_CTL_MOD, fd, &event) != 0) {
        epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event);
    }
}

static void show_figures(struct loop *loop) {
    for (int lane = 0; lane < LANE_COUNT; lane++) {
        struct lane_figures figures;
        lanes_figures(loop->lanes, (enum lane_kind)lane, &figures);
        metrics_lane(loop->metrics, (enum lane_kind)lane, &figures);
    }
    struct token_cache_figures tokens = token_cache_figures(loop->tokens);
    struct principal_cache_figures principals = principal_cache_figures(loop->principals);
    metrics_set(&loop->metrics->token_hits, tokens.hits);
    metrics_set(&loop->metrics->token_misses, tokens.misses);
    metrics_set(&loop->metrics->principal_hits, principals.hits);
    metrics_set(&loop->metrics->principal_misses, principals.misses);
    metrics_set(&loop->metrics->principals, principals.kept);
    metrics_set(&loop->metrics->connections, loop->connection_count);
    metrics_set(&loop->metrics->in_flight, loop->in_flight);
}

static int sweep(struct loop *loop, uint64_t now_ns) {
    if (now_ns >= loop->next_sweep_ns) {
        connection_sweep(loop, now_ns);
        show_figures(loop);
        loop->next_sweep_ns = now_ns + SWEEP_NS;
    }
    return (int)((loop->next_sweep_ns - now_ns) / 1000000) + 1;
}

static int least(int a, int b) {
    return b < a ? b : a;
}

/* How long may epoll wait, in milliseconds? */
static int patience(struct loop *loop) {
    MHD_UNSIGNED_LONG_LONG daemon_ms;
    uint64_t now_ns = clock_monotonic_ns();
    int wait = least(sweep(loop, now_ns), lanes_tick(loop->lanes, now_ns));
    if (loop->resumed) {
        return 0;
    }
    if (MHD_get_timeout(loop->daemon, &daemon_ms) == MHD_YES && daemon_ms < 1000) {
        wait = least(wait, (int)daemon_ms);
    }
    return wait < 0 ? 0 : wait;
}

/* Handlers may answer from memory, and answering may let a pipelined request in: again, but not for ever. */
static void run_daemon(struct loop *loop) {
    MHD_UNSIGNED_LONG_LONG daemon_ms;
    for (unsigned runs = 0; runs < ENOUGH_RUNS; runs++) {
        loop->resumed = false;
        MHD_run(loop->daemon);
        if (!loop->resumed && !(MHD_get_timeout(loop->daemon, &daemon_ms) == MHD_YES && daemon_ms == 0)) {
            return;
        }
    }
}

static void turn(struct loop *loop) {
    struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(loop->epoll, events, EVENTS_MAX, patience(loop));
    for (int i = 0; i < count; i++) {
        if (events[i].data.ptr == &loop->mailbox) {
            empty_mailbox(loop);
        } else if (events[i].data.ptr != &loop->daemon) {
            lanes_ready(loop->lanes, events[i].data.ptr, events[i].events);
        }
    }
    run_daemon(loop);
}

static bool done_draining(struct loop *loop) {
    if (!atomic_load_explicit(&loop->draining, memory_order_acquire)) {
        return false;
    }
    int quiet = MHD_quiesce_daemon(loop->daemon); /* the first time it hands the listening socket back */
    if (quiet >= 0) {
        close(quiet);
    }
    return loop->in_flight == 0 || clock_monotonic_ns() >= loop->drain_until_ns;
}

static void *run(void *context) {
    struct loop *loop = context;
    log_hold();
    while (!done_draining(loop)) {
        turn(loop);
        log_flush();
    }
    return NULL;
}

bool loop_start(struct loop *loop) {
    loop->running = pthread_create(&loop->thread, NULL, run, loop) == 0;
    return loop->running;
}

void loop_drain(struct loop *loop, unsigned seconds) {
    loop->drain_until_ns = clock_monotonic_ns() + seconds * UINT64_C(1000000000);
    atomic_store_explicit(&loop->draining, true, memory_order_release);
    ring_bell(&loop->mailbox);
}

void loop_join(struct loop *loop) {
    if (loop->running) {
        pthread_join(loop->thread, NULL);
        loop->running = false;
    }
}

/* ── making and ending ── */

static struct lanes *open_lanes(struct loop *loop) {
    const struct lane_settings settings = {
        .conninfo = config_text(CONFIG_DATABASE_URL),
        .connections = {(unsigned)config_integer(CONFIG_READ_CONNECTIONS),
                        (unsigned)config_integer(CONFIG_WRITE_CONNECTIONS),
                        (unsigned)config_integer(CONFIG_SLOW_CONNECTIONS)},
        .depth = {(unsigned)config_integer(CONFIG_READ_DEPTH), (unsigned)config_integer(CONFIG_WRITE_DEPTH),
                  (unsigned)config_integer(CONFIG_SLOW_DEPTH)},
        .queue = {(unsigned)config_integer(CONFIG_READ_QUEUE), (unsigned)config_integer(CONFIG_WRITE_QUEUE),
                  (unsigned)config_integer(CONFIG_SLOW_QUEUE)},
        .timeout_ms = {(unsigned)config_integer(CONFIG_READ_TIMEOUT_MS),
                       (unsigned)config_integer(CONFIG_WRITE_TIMEOUT_MS),
                       (unsigned)config_integer(CONFIG_SLOW_TIMEOUT_MS)},
        .lock_timeout_ms = (unsigned)config_integer(CONFIG_LOCK_TIMEOUT_MS),
        .watch = watch,
        .loop = loop,
    };
    return lanes_create(&settings);
}

static bool make_memory(struct loop *loop) {
    loop->metrics = metrics_create();
    loop->principals = principal_cache_create((size_t)config_integer(CONFIG_PRINCIPAL_CACHE));
    loop->tokens = token_cache_create((size_t)config_integer(CONFIG_TOKEN_CACHE));
    return loop->metrics != NULL && loop->principals != NULL && loop->tokens != NULL;
}

static bool make_descriptors(struct loop *loop) {
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    loop->mailbox.event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return loop->epoll >= 0 && loop->mailbox.event >= 0;
}

static bool make_daemon(struct loop *loop, unsigned loops) {
    int listening = fcntl(loop->server->listen_fd, F_DUPFD_CLOEXEC, 0);
    loop->daemon = listening < 0 ? NULL : daemon_create(loop, listening, loops);
    if (loop->daemon == NULL) {
        return false;
    }
    loop->daemon_epoll = MHD_get_daemon_info(loop->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    watch(loop, loop->daemon_epoll, EPOLLIN, &loop->daemon);
    watch(loop, loop->mailbox.event, EPOLLIN, &loop->mailbox);
    return true;
}

struct loop *loop_create(const struct server_settings *server, unsigned loops,
                         char error[SERVER_ERROR_SIZE]) {
    struct loop *loop = alloc_zeroed(1, sizeof *loop);
    if (loop == NULL) {
        snprintf(error, SERVER_ERROR_SIZE, "There is no memory for an event loop.");
        return NULL;
    }
    loop->server = server;
    loop->epoll = loop->mailbox.event = -1;
    loop->mailbox.last = &loop->mailbox.first;
    pthread_mutex_init(&loop->mailbox.mutex, NULL);
    if (!make_memory(loop) || !make_descriptors(loop) || (loop->lanes = open_lanes(loop)) == NULL ||
        !make_daemon(loop, loops)) {
        snprintf(error, SERVER_ERROR_SIZE,
                 "An event loop cannot be set up: memory or open files are exhausted.");
        loop_destroy(loop);
        return NULL;
    }
    return loop;
}

/* Ends every call, lets libmicrohttpd send what that answered, and closes the connections. */
static void end_requests(struct loop *loop) {
    empty_mailbox(loop);
    loop->ending = true;
    if (loop->lanes != NULL) {
        lanes_destroy(loop->lanes);
    }
    if (loop->daemon != NULL) {
        run_daemon(loop);
        MHD_stop_daemon(loop->daemon);
    }
    while (loop->spare != NULL) {
        struct request *request = loop->spare;
        loop->spare = request->next;
        destroy_request(request);
    }
}

void loop_destroy(struct loop *loop) {
    if (loop == NULL) {
        return;
    }
    end_requests(loop);
    principal_cache_destroy(loop->principals);
    token_cache_destroy(loop->tokens);
    metrics_destroy(loop->metrics);
    pthread_mutex_destroy(&loop->mailbox.mutex);
    if (loop->mailbox.event >= 0) {
        close(loop->mailbox.event);
    }
    if (loop->epoll >= 0) {
        close(loop->epoll);
    }
    alloc_release(loop);
}
