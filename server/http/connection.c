#include "http/connection.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/config.h"
#include "http/loop.h"

#define SECOND_NS UINT64_C(1000000000)

static uint64_t seconds(enum config_id id) {
    return (uint64_t)config_integer(id) * SECOND_NS;
}

static void write_address(const struct sockaddr *address, char out[CONNECTION_ADDRESS_SIZE]) {
    if (address != NULL && address->sa_family == AF_INET) {
        inet_ntop(AF_INET, &((const struct sockaddr_in *)address)->sin_addr, out, CONNECTION_ADDRESS_SIZE);
    } else if (address != NULL && address->sa_family == AF_INET6) {
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)address)->sin6_addr, out, CONNECTION_ADDRESS_SIZE);
    }
}

static void begin(struct loop *loop, struct MHD_Connection *mhd, void **context) {
    struct connection *connection = alloc_zeroed(1, sizeof *connection);
    *context = connection;
    if (connection == NULL) {
        return; /* its first request is refused */
    }
    connection->socket = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    write_address(MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr,
                  connection->address);
    connection->total_ns = UINT64_MAX;
    connection->deadline_ns = clock_monotonic_ns() + seconds(CONFIG_HEADER_SECONDS);
    connection->next = loop->connections;
    connection->link = &loop->connections;
    if (loop->connections != NULL) {
        loop->connections->link = &connection->next;
    }
    loop->connections = connection;
    loop->connection_count++;
}

static void end(struct loop *loop, void **context) {
    struct connection *connection = *context;
    *context = NULL;
    if (connection == NULL) {
        return;
    }
    *connection->link = connection->next;
    if (connection->next != NULL) {
        connection->next->link = connection->link;
    }
    loop->connection_count--;
    alloc_release(connection);
}

void connection_notify(void *cls, struct MHD_Connection *mhd, void **context,
                       enum MHD_ConnectionNotificationCode code) {
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        begin(cls, mhd, context);
    } else {
        end(cls, context);
    }
}

struct connection *connection_of(struct MHD_Connection *mhd) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info == NULL ? NULL : info->socket_context;
}

void connection_await(struct connection *connection, enum connection_stage stage, uint64_t now_ns) {
    switch (stage) {
    case AWAIT_HEADERS: /* the request line has come */
        connection->total_ns = now_ns + seconds(CONFIG_REQUEST_SECONDS);
        connection->deadline_ns = now_ns + seconds(CONFIG_HEADER_SECONDS);
        break;
    case AWAIT_BODY:
        connection->deadline_ns = now_ns + seconds(CONFIG_BODY_SECONDS);
        break;
    case AWAIT_REPLY:
        connection->deadline_ns = UINT64_MAX;
        break;
    case AWAIT_REQUEST:
        connection->total_ns = UINT64_MAX;
        connection->deadline_ns = now_ns + seconds(CONFIG_IDLE_SECONDS);
        break;
    }
}

void connection_stream(struct connection *connection, uint64_t now_ns, uint64_t bytes) {
    if (bytes == 0) {
        connection->stream_ns = now_ns;
        connection->total_ns = UINT64_MAX;
    }
    uint64_t least = (uint64_t)config_integer(CONFIG_STREAM_RATE);
    connection->deadline_ns = connection->stream_ns + seconds(CONFIG_BODY_SECONDS) +
                              bytes / least * SECOND_NS + bytes % least * SECOND_NS / least;
}

unsigned connection_sweep(struct loop *loop, uint64_t now_ns) {
    unsigned seen = 0;
    for (struct connection *connection = loop->connections; connection != NULL;
         connection = connection->next) {
        if (now_ns > connection->deadline_ns || now_ns > connection->total_ns) {
            shutdown(connection->socket, SHUT_RDWR);
        }
        seen++;
    }
    return seen;
}
