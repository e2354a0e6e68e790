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

static enum MHD_Result answer_or_park(struct request *request) {
    if (request->reply.ready) {
        return reply_send(request);
    }
    request->suspended = true;
    MHD_suspend_connection(request->mhd);
    return MHD_YES;
}

/* A streamed body is not read before its steps have admitted it. One that they refuse is read and thrown
 * away, so that the answer arrives, unless nobody would wait for that. */
static enum MHD_Result before_body(struct request *request) {
    request->at_headers = request->upload.stage == UPLOAD_OPENING && !request->reply.ready;
    if (request->at_headers) {
        return answer_or_park(request);
    }
    if (request->reply.ready && request_is_hopeless(request)) {
        request->reply.close = true;
        return reply_send(request);
    }
    return MHD_YES;
}

static enum MHD_Result take_bytes(struct request *request, const char *bytes, size_t *size) {
    size_t taken;
    bool good = body_receive(request, bytes, *size, &taken);
    *size -= taken;
    if (good && request->upload.stage == UPLOAD_KEEPING) {
        request->suspended = true; /* until the chunk is kept */
        MHD_suspend_connection(request->mhd);
    }
    return good ? MHD_YES : MHD_NO;
}

static void take_end(struct request *request) {
    request->received = true;
    connection_await(request->connection, AWAIT_REPLY, 0);
    if (request->upload.stage == UPLOAD_NONE) {
        request_run(request);
    } else {
        body_end(request);
    }
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
        if (request->reply.ready) {
            return reply_send(request);
        }
        if (request->early == NULL && body_is_streamed(request)) {
            request->upload.stage = UPLOAD_OPENING;
            request_run(request);
        }
        return before_body(request);
    }
    if (request->at_headers) {
        return before_body(request);
    }
    if (*size > 0) {
        return take_bytes(request, bytes, size);
    }
    if (!request->received) {
        take_end(request);
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
    request_leave(request);
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
