/* A reply that is made piece by piece: the client's readiness asks for the next one, a call fetches it,
 * nothing is held in between. */
#include "core/clock.h"
#include "core/config.h"
#include "http/exchange.h"
#include "http/loop.h"

#define BLOCK_SIZE 32768u

static void took(struct call *call) {
    struct request *request = call->owner;
    struct stream *stream = &request->stream;
    request->waiting--;
    stream->asking = false;
    stream->taken = 0;
    buf_clear(&stream->piece);
    stream->broken = call->outcome != CALL_DONE || !stream->streamer->take(request, &stream->piece) ||
                     buf_failed(&stream->piece);
    request_proceed(request);
}

static void ask(struct request *request) {
    struct stream *stream = &request->stream;
    arena_reset(request_side_arena(request));
    request->call.arena = request->side;
    request->call.part_count = 0;
    switch (stream->streamer->ask(request)) {
    case STEP_CALL:
        stream->asking = true;
        request_submit_side(request, took);
        break;
    case STEP_REPLY:
        stream->ended = true;
        break;
    default:
        stream->broken = true;
    }
}

static bool is_empty(const struct stream *stream) {
    return stream->taken == stream->piece.length && !stream->ended && !stream->broken && !stream->asking;
}

/* libmicrohttpd wants bytes. Without any the connection sleeps until the call has ended. */
static ssize_t give(void *context, uint64_t position, char *out, size_t most) {
    struct request *request = context;
    struct stream *stream = &request->stream;
    (void)position;
    while (is_empty(stream)) {
        ask(request);
    }
    if (stream->asking) {
        request->suspended = true;
        MHD_suspend_connection(request->mhd);
        return 0;
    }
    size_t left = stream->piece.length - stream->taken;
    if (stream->broken || left == 0) {
        return stream->broken ? MHD_CONTENT_READER_END_WITH_ERROR : MHD_CONTENT_READER_END_OF_STREAM;
    }
    size_t given = left < most ? left : most;
    memcpy(out, stream->piece.data + stream->taken, given);
    stream->taken += given;
    stream->sent += given;
    connection_stream(request->connection, clock_monotonic_ns(), stream->sent);
    return (ssize_t)given;
}

struct MHD_Response *stream_response(struct request *request) {
    connection_stream(request->connection, clock_monotonic_ns(), 0);
    return MHD_create_response_from_callback(request->stream.length == UINT64_MAX ? MHD_SIZE_UNKNOWN
                                                                                  : request->stream.length,
                                             BLOCK_SIZE, give, request, NULL);
}

enum step_result request_reply_stream(struct request *request, unsigned status, const char *type,
                                      uint64_t length, const struct streamer *streamer) {
    reply_status(request, status);
    request->reply.type = type;
    request->stream = (struct stream){.streamer = streamer, .length = length};
    buf_init(&request->stream.piece, (size_t)config_integer(CONFIG_REPLY_LIMIT));
    request->loop->streams++;
    return STEP_REPLY;
}

static void told(struct call *call) {
    struct request *request = call->owner;
    request->waiting--;
    request_proceed(request);
}

void stream_over(struct request *request) {
    struct stream *stream = &request->stream;
    if (stream->streamer == NULL || stream->told) {
        return;
    }
    stream->told = true;
    request->loop->streams--;
    if (stream->streamer->over == NULL || request->loop->ending) {
        return;
    }
    arena_reset(request_side_arena(request));
    request->call.arena = request->side;
    request->call.part_count = 0;
    stream->streamer->over(request, !stream->broken && stream->ended);
    if (request->call.part_count > 0) {
        request_submit_side(request, told);
    }
}
