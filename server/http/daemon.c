#include "http/daemon.h"

#include "core/clock.h"
#include "core/config.h"
#include "core/log.h"
#include "http/exchange.h"
#include "http/loop.h"

#define LOGGED_LENGTH 200

/* The request line has come: the request is born. Returns what the handler gets as its context. */
static void *begin(void *cls, const char *target, struct MHD_Connection *mhd) {
    struct loop *loop = cls;
    struct connection *connection = connection_of(mhd);
    struct request *request = connection == NULL ? NULL : loop_borrow(loop);
    if (request == NULL) {
        return NULL;
    }
    request->loop = loop;
    request->connection = connection;
    request->mhd = mhd;
    request->begun_ns = clock_monotonic_ns();
    uuid_generate(request->id);
    request->verdict = guard_target(text_of(target), (size_t)config_integer(CONFIG_URL_LIMIT));
    if (request->verdict == GUARD_PASS) {
        request->target = text_of(arena_string(request->arena, target));
    }
    connection_await(connection, AWAIT_HEADERS, request->begun_ns);
    return request;
}

static void receive(struct request *request, const char *bytes, size_t length) {
    struct body *body = &request->body;
    body->seen += length;
    if (request->early != NULL || body->over) {
        return; /* read to its end, so that the client can read the answer; not kept */
    }
    if (body->seen > body->limit) {
        body->over = true;
        buf_free(&body->bytes);
        return;
    }
    buf_append(&body->bytes, bytes, length);
}

/* More than anyone honest sends after it was refused: hang up. */
static bool endless(const struct request *request) {
    return request->body.seen > (uint64_t)config_integer(CONFIG_BODY_LIMIT) * 8;
}

static enum MHD_Result answer_or_park(struct request *request) {
    if (request->reply.ready) {
        return reply_send(request);
    }
    request->suspended = true;
    MHD_suspend_connection(request->mhd);
    return MHD_YES;
}

static enum MHD_Result handle(void *cls, struct MHD_Connection *mhd, const char *url, const char *method,
                              const char *version, const char *bytes, size_t *size, void **context) {
    struct request *request = *context;
    (void)cls, (void)mhd, (void)url;
    if (request == NULL) {
        return MHD_NO;
    }
    if (!request->taken) {
        request->taken = true;
        connection_await(request->connection, AWAIT_BODY, clock_monotonic_ns());
        request_take(request, method, version);
        return request->reply.ready ? reply_send(request) : MHD_YES;
    }
    if (*size > 0) {
        receive(request, bytes, *size);
        *size = 0;
        return endless(request) ? MHD_NO : MHD_YES;
    }
    if (!request->received) {
        request->received = true;
        connection_await(request->connection, AWAIT_REPLY, 0);
        request_run(request);
    }
    return answer_or_park(request);
}

static void log_request(const struct request *request, uint64_t elapsed) {
    const char *operation = request->operation == NULL ? NULL : request->operation->id;
    log_event(LOG_LEVEL_INFO, "request", log_text("operation", operation),
              log_integer("status", (int64_t)request->reply.status), log_duration("ms", elapsed),
              log_text("rid", request->id));
}

static void end(void *cls, struct MHD_Connection *mhd, void **context, enum MHD_RequestTerminationCode code) {
    struct loop *loop = cls;
    struct request *request = *context;
    (void)mhd, (void)code;
    *context = NULL;
    if (request == NULL) {
        return;
    }
    uint64_t now_ns = clock_monotonic_ns();
    metrics_count(loop->metrics, request->operation, request->reply.status, now_ns - request->begun_ns);
    log_request(request, now_ns - request->begun_ns);
    connection_await(request->connection, AWAIT_REQUEST, now_ns);
    request->over = true;
    if (request->waiting == 0) {
        loop_give_back(loop, request);
    }
}

/* libmicrohttpd must not decode: %00 would cut the path, and the router decodes segment by segment. */
static size_t keep_escapes(void *cls, struct MHD_Connection *mhd, char *text) {
    (void)cls, (void)mhd;
    return strlen(text);
}

__attribute__((format(printf, 2, 0))) static void log_library(void *cls, const char *format,
                                                              va_list arguments) {
    char text[LOGGED_LENGTH];
    (void)cls;
    vsnprintf(text, sizeof text, format, arguments);
    log_event(LOG_LEVEL_DEBUG, "http_library", log_text("message", text));
}

struct MHD_Daemon *daemon_create(struct loop *loop, int listening, unsigned loops) {
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL, NULL, handle, loop,
        MHD_OPTION_EXTERNAL_LOGGER, log_library, NULL, MHD_OPTION_LISTEN_SOCKET, listening,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)(config_integer(CONFIG_CONNECTION_LIMIT) / loops),
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)config_integer(CONFIG_CONNECTION_MEMORY),
        MHD_OPTION_CONNECTION_MEMORY_INCREMENT, (size_t)4096, MHD_OPTION_CONNECTION_TIMEOUT, 0u,
        MHD_OPTION_STRICT_FOR_CLIENT, 0, /* its refusals are HTML; the guard is stricter */
        MHD_OPTION_URI_LOG_CALLBACK, begin, loop, MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL,
        MHD_OPTION_NOTIFY_COMPLETED, end, loop, MHD_OPTION_NOTIFY_CONNECTION, connection_notify, loop,
        MHD_OPTION_END);
    if (daemon == NULL) {
        close(listening);
    }
    return daemon;
}
