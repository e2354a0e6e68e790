/* The body of a request: kept whole up to the operation's limit, or taken chunk by chunk (x-body-stream). */
#include "core/alloc.h"
#include "core/clock.h"
#include "core/config.h"
#include "http/exchange.h"
#include "http/loop.h"

#define DRAIN_FACTOR 8u /* a refused body is read up to so many times the limit, so that the answer arrives  \
                         */

/* ── whole ── */

static bool receive_whole(struct request *request, const char *bytes, size_t length) {
    struct body *body = &request->body;
    if (request->early == NULL && !body->over && body->seen > body->limit) {
        body->over = true;
        buf_free(&body->bytes);
    }
    if (request->early == NULL && !body->over) {
        buf_append(&body->bytes, bytes, length);
    } /* else it is read to its end, so that the client can read the answer, and not kept */
    return body->seen <= (uint64_t)config_integer(CONFIG_BODY_LIMIT) * DRAIN_FACTOR;
}

/* ── chunk by chunk ── */

bool body_is_streamed(const struct request *request) {
    return request->operation != NULL && request->operation->stream_types != NULL;
}

bool body_open(struct request *request) {
    request->upload.chunk = alloc_bytes(REQUEST_CHUNK);
    if (request->upload.chunk == NULL) {
        problem_reply_named(request, "internal_error");
        return false;
    }
    request->loop->streams++;
    request->upload.stage = UPLOAD_READING;
    connection_stream(request->connection, clock_monotonic_ns(), 0);
    return true;
}

static void go_on(struct request *request) {
    struct upload *upload = &request->upload;
    upload->filled = 0;
    upload->stage = upload->last ? UPLOAD_ENDED : UPLOAD_READING;
    if (upload->last && !request->reply.ready) {
        request->call.arena = request->arena;
        request->call.part_count = 0;
        steps_run(request);
    }
}

static void kept(struct call *call) {
    struct request *request = call->owner;
    request->waiting--;
    if (call->outcome != CALL_DONE) {
        problem_reply_call(request);
    }
    go_on(request);
    request_proceed(request);
}

static void keep(struct request *request) {
    struct upload *upload = &request->upload;
    arena_reset(request_side_arena(request));
    request->call.arena = request->side;
    request->call.part_count = 0;
    switch (request->operation->steps->chunk(request, upload->chunk, upload->filled)) {
    case STEP_CALL:
        upload->stage = UPLOAD_KEEPING;
        request_submit_side(request, kept);
        return;
    case STEP_NEXT:
        break;
    default:
        if (!request->reply.ready) {
            problem_reply_named(request, "internal_error");
        }
    }
    go_on(request);
}

static bool receive_chunked(struct request *request, const char *bytes, size_t length, size_t *taken) {
    struct upload *upload = &request->upload;
    if (!request->reply.ready && request->body.seen > request->body.limit) {
        problem_reply_named(request, "body_too_large");
    }
    if (request->reply.ready || upload->stage != UPLOAD_READING) {
        return request->body.seen <= request->body.limit + DRAIN_FACTOR * REQUEST_CHUNK;
    }
    size_t room = REQUEST_CHUNK - upload->filled;
    *taken = length < room ? length : room;
    memcpy(upload->chunk + upload->filled, bytes, *taken);
    upload->filled += *taken;
    if (upload->filled == REQUEST_CHUNK) {
        keep(request);
    }
    return true;
}

void body_end(struct request *request) {
    struct upload *upload = &request->upload;
    if (request->reply.ready) {
        return;
    }
    upload->last = true;
    if (upload->filled > 0) {
        keep(request);
    } else {
        go_on(request);
    }
}

/* ── both ── */

bool body_receive(struct request *request, const char *bytes, size_t length, size_t *taken) {
    bool streamed = body_is_streamed(request) && request->early == NULL;
    *taken = length;
    request->body.seen += length;
    bool good =
        streamed ? receive_chunked(request, bytes, length, taken) : receive_whole(request, bytes, length);
    request->body.seen -= length - *taken; /* what was not taken comes again */
    if (streamed && request->upload.stage == UPLOAD_READING) {
        connection_stream(request->connection, clock_monotonic_ns(), request->body.seen);
    }
    return good;
}
