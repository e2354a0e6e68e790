#include "http/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <sys/socket.h>

#include "auth/limiter.h"
#include "core/alloc.h"
#include "core/config.h"
#include "http/loop.h"

struct server {
    struct server_settings settings;
    struct loop *loops[SERVER_LOOPS_MAX];
    unsigned count;
    struct MHD_Daemon *administration;
};

/* ── the listening socket ── */

static int complain(char error[SERVER_ERROR_SIZE], int code) {
    const char *bind_to = config_text(CONFIG_BIND);
    int port = (int)config_integer(CONFIG_PORT);
    if (code == EADDRINUSE) {
        snprintf(error, SERVER_ERROR_SIZE, "Port %d on %s is already in use; set LINLI_PORT to another one.",
                 port, bind_to);
    } else {
        snprintf(error, SERVER_ERROR_SIZE, "Port %d on %s cannot be opened: %s.", port, bind_to,
                 strerror(code));
    }
    return -1;
}

static struct addrinfo *resolve(void) {
    char port[8];
    struct addrinfo *found = NULL;
    const struct addrinfo hints = {.ai_family = AF_UNSPEC,
                                   .ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV};
    snprintf(port, sizeof port, "%d", (int)config_integer(CONFIG_PORT));
    return getaddrinfo(config_text(CONFIG_BIND), port, &hints, &found) == 0 ? found : NULL;
}

int server_listen(char error[SERVER_ERROR_SIZE]) {
    const int on = 1;
    struct addrinfo *address = resolve();
    if (address == NULL) {
        return complain(error, EADDRNOTAVAIL);
    }
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    bool good = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
                bind(fd, address->ai_addr, address->ai_addrlen) == 0 &&
                listen(fd, (int)config_integer(CONFIG_LISTEN_BACKLOG)) == 0;
    int code = errno;
    freeaddrinfo(address);
    if (good) {
        return fd;
    }
    if (fd >= 0) {
        close(fd);
    }
    return complain(error, code);
}

/* ── the administration address ── */

static void release_page(void *bytes) {
    buf_release(bytes);
}

static enum MHD_Result answer_page(struct server *server, struct MHD_Connection *mhd) {
    struct metrics *metrics[SERVER_LOOPS_MAX];
    struct buf page;
    size_t length;
    for (unsigned i = 0; i < server->count; i++) {
        metrics[i] = server->loops[i]->metrics;
    }
    buf_init(&page, 4u << 20);
    metrics_write(&page, metrics, server->count);
    if (server->settings.more_metrics != NULL) {
        server->settings.more_metrics(&page, server->settings.context);
    }
    char *bytes = buf_steal(&page, &length);
    struct MHD_Response *response =
        MHD_create_response_from_buffer_with_free_callback(length, bytes, release_page);
    if (response == NULL) {
        buf_release(bytes);
        return MHD_NO;
    }
    MHD_add_response_header(response, "Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    enum MHD_Result result = MHD_queue_response(mhd, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result answer_administration(void *cls, struct MHD_Connection *mhd, const char *url,
                                             const char *method, const char *version, const char *bytes,
                                             size_t *size, void **context) {
    static char seen;
    (void)version, (void)bytes;
    if (*context == NULL) {
        *context = &seen;
        return MHD_YES;
    }
    *size = 0;
    if (strcmp(url, "/metrics") == 0 && strcmp(method, "GET") == 0) {
        return answer_page(cls, mhd);
    }
    struct MHD_Response *response = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    enum MHD_Result result = MHD_queue_response(mhd, MHD_HTTP_NOT_FOUND, response);
    MHD_destroy_response(response);
    return result;
}

/* One thread of libmicrohttpd's own, on the loopback address only. */
static bool open_administration(struct server *server, char error[SERVER_ERROR_SIZE]) {
    const unsigned short port = (unsigned short)config_integer(CONFIG_ADMIN_PORT);
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (port == 0) {
        return true;
    }
    server->administration = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD, port, NULL, NULL, answer_administration, server, MHD_OPTION_SOCK_ADDR,
        &address, MHD_OPTION_CONNECTION_LIMIT, 16u, MHD_OPTION_CONNECTION_TIMEOUT, 10u, MHD_OPTION_END);
    if (server->administration == NULL) {
        snprintf(error, SERVER_ERROR_SIZE,
                 "The administration port %u cannot be opened; set LINLI_ADMIN_PORT.", port);
    }
    return server->administration != NULL;
}

/* ── all together ── */

static unsigned wanted_loops(void) {
    int64_t configured = config_integer(CONFIG_LOOPS);
    long cores = configured > 0 ? configured : sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 1 ? 1 : cores > SERVER_LOOPS_MAX ? SERVER_LOOPS_MAX : (unsigned)cores;
}

static bool start_loops(struct server *server, char error[SERVER_ERROR_SIZE]) {
    unsigned wanted = wanted_loops();
    for (; server->count < wanted; server->count++) {
        struct loop *loop = loop_create(&server->settings, wanted, error);
        if (loop == NULL) {
            return false;
        }
        server->loops[server->count] = loop;
    }
    for (unsigned i = 0; i < server->count; i++) {
        if (!loop_start(server->loops[i])) {
            snprintf(error, SERVER_ERROR_SIZE, "A thread for an event loop cannot be made.");
            return false;
        }
    }
    return true;
}

struct server *server_start(const struct server_settings *settings, char error[SERVER_ERROR_SIZE]) {
    struct server *server = alloc_zeroed(1, sizeof *server);
    if (server == NULL) {
        snprintf(error, SERVER_ERROR_SIZE, "There is no memory for the server.");
        return NULL;
    }
    server->settings = *settings;
    server->settings.by_address = limiter_create((unsigned)config_integer(CONFIG_LOGIN_PER_MINUTE_ADDRESS));
    server->settings.by_user = limiter_create((unsigned)config_integer(CONFIG_LOGIN_PER_MINUTE));
    if (server->settings.by_address == NULL || server->settings.by_user == NULL) {
        snprintf(error, SERVER_ERROR_SIZE, "There is no memory for the server.");
        server_stop(server);
        return NULL;
    }
    if (!start_loops(server, error) || !open_administration(server, error)) {
        server_drain(server, 0);
        server_stop(server);
        return NULL;
    }
    return server;
}

unsigned server_loops(const struct server *server) {
    return server->count;
}

void server_grants_changed(struct server *server, const char *person_id) {
    for (unsigned i = 0; i < server->count; i++) {
        loop_post_grants(server->loops[i], person_id);
    }
}

void server_listening(struct server *server, bool listening) {
    for (unsigned i = 0; i < server->count; i++) {
        loop_post_listening(server->loops[i], listening);
    }
}

void server_drain(struct server *server, unsigned seconds) {
    for (unsigned i = 0; i < server->count; i++) {
        loop_drain(server->loops[i], seconds);
    }
    for (unsigned i = 0; i < server->count; i++) {
        loop_join(server->loops[i]);
    }
}

void server_stop(struct server *server) {
    if (server->administration != NULL) {
        MHD_stop_daemon(server->administration);
    }
    for (unsigned i = 0; i < server->count; i++) {
        loop_destroy(server->loops[i]);
    }
    limiter_destroy(server->settings.by_address);
    limiter_destroy(server->settings.by_user);
    alloc_release(server);
}
