/* Files: taken and given in pieces of 64 KiB, each sealed with its place in its file, so that none can stand
 * in for another. */
#include <inttypes.h>

#include "core/text.h"
#include "domains/work/blobs.h"
#include "domains/work/sniff.h"
#include "domains/work/steps.h"
#include "seal/digest.h"

struct transfer {
    const char *id, *type;     /* the file's */
    uint64_t next, end, total; /* bytes: the next one, where the part ends, of the whole file */
};

const char *blob_aad(struct arena *arena, const char *blob_id, uint64_t number) {
    return arena_format(arena, "blob %s %" PRIu64, blob_id, number);
}

static struct transfer *new_transfer(struct request *request) {
    struct transfer *transfer = arena_alloc(request_arena(request), sizeof *transfer);
    if (transfer != NULL) {
        transfer->id = request_parameter(request, "blob_id").text;
        request_set_state(request, transfer);
    }
    return transfer;
}

static void set_number(struct request *request, const char *name, uint64_t number) {
    request_set(request, name, arena_format(request_side_arena(request), "%" PRIu64, number));
}

/* ── up ── */

/* The media type without its parameters. The types that are taken were judged by the contract. */
static const char *media_type(struct request *request) {
    struct text rest = text_of(request_header(request, "Content-Type")), type;
    text_split(&rest, ';', &type);
    type = text_trim(type);
    return arena_copy(request_arena(request), type.bytes, type.length);
}

/* `bytes 0-99/200`; its form has been judged. false: the numbers do not fit. */
static bool read_range(struct request *request, struct transfer *transfer, struct value range) {
    unsigned long long first = 0, last = 0, total = 0;
    uint64_t length = request_length(request);
    if (sscanf(range.text, "bytes %15llu-%15llu/%15llu", &first, &last, &total) != 3 || first > last ||
        last >= total || (length != UINT64_MAX && length != last - first + 1)) {
        return false;
    }
    transfer->next = first;
    transfer->end = last + 1;
    transfer->total = total;
    return true;
}

static enum step_result put_open(struct request *request) {
    struct transfer *transfer = new_transfer(request);
    struct value range = request_parameter(request, "Content-Range");
    if (transfer == NULL) {
        return request_problem(request, "internal_error", NULL);
    }
    transfer->end = transfer->total = request_length(request);
    if (!range.present && (transfer->total == UINT64_MAX || transfer->total == 0)) {
        return request_problem(request, "length_required", NULL);
    }
    if (range.present && !read_range(request, transfer, range)) {
        return request_problem(request, "range_differs", NULL);
    }
    transfer->type = media_type(request);
    request_set(request, "media_type", transfer->type);
    request_set(request, "first",
                range.present ? arena_format(request_arena(request), "%" PRIu64, transfer->next) : NULL);
    request_set(request, "total", arena_format(request_arena(request), "%" PRIu64, transfer->total));
    return request_add_statement(request, "putBlob/open") ? STEP_CALL : STEP_REPLY;
}

static enum step_result put_opened(struct request *request) {
    const struct transfer *transfer = request_state(request);
    const struct call_result *result = request_result(request, "putBlob/open");
    int64_t received = 0;
    struct cell cell = result_named(result, 0, "received");
    if (cell.text == NULL || !text_parse_integer(cell.text, cell.length, &received)) {
        return request_problem(request, "internal_error", NULL);
    }
    return (uint64_t)received == transfer->total ? STEP_NEXT : STEP_BODY; /* all is here already: no body */
}

static const char *piece_hash(struct request *request, const char *bytes, size_t length) {
    unsigned char digest[DIGEST_SIZE];
    char hex[2 * DIGEST_SIZE + 1];
    digest_bytes(digest, bytes, length);
    text_write_hex(hex, digest, sizeof digest);
    return arena_format(request_side_arena(request), "\\x%s", hex);
}

/* Pieces are whole, but for the file's last one: what a part leaves over comes again with the next part. */
static enum step_result put_piece(struct request *request, const char *bytes, size_t length) {
    struct transfer *transfer = request_state(request);
    uint64_t number = transfer->next / REQUEST_CHUNK;
    if (transfer->next + length > transfer->end) {
        return request_problem(request, "range_differs", NULL);
    }
    if (transfer->next == 0 && !sniff_is(transfer->type, bytes, length)) {
        return request_problem(request, "blob_type_differs", NULL);
    }
    if (length < REQUEST_CHUNK && transfer->next + length < transfer->total) {
        return STEP_NEXT;
    }
    const char *sealed =
        request_seal(request, request_side_arena(request),
                     blob_aad(request_side_arena(request), transfer->id, number), bytes, length);
    if (sealed == NULL) {
        return request_problem(request, "internal_error", NULL);
    }
    request_set(request, "bytes", sealed);
    request_set(request, "hash", piece_hash(request, bytes, length));
    set_number(request, "number", number);
    set_number(request, "length", length);
    transfer->next += length;
    return request_add_statement(request, "putBlob/piece") ? STEP_CALL : STEP_REPLY;
}

static enum step_result put_close(struct request *request) {
    return request_add_statement(request, "putBlob/close") && request_add_statement(request, "putBlob/show")
               ? STEP_CALL
               : STEP_REPLY;
}

static enum step_result put_reply(struct request *request) {
    return request_reply_json(request, 200,
                              result_named(request_result(request, "putBlob/show"), 0, "body").text);
}

const struct steps steps_put_blob = {
    .name = "put_blob",
    .functions = (const step_function[]){put_open, put_opened, put_close, put_reply, NULL},
    .chunk = put_piece,
};

/* ── down ── */

static enum step_result ask_piece(struct request *request) {
    const struct transfer *transfer = request_state(request);
    if (transfer->next >= transfer->total) {
        return STEP_REPLY;
    }
    set_number(request, "number", transfer->next / REQUEST_CHUNK);
    return request_add_statement(request, "getBlobContent/piece") ? STEP_CALL : STEP_REPLY;
}

static bool take_piece(struct request *request, struct buf *out) {
    struct transfer *transfer = request_state(request);
    const char *aad = blob_aad(request_side_arena(request), transfer->id, transfer->next / REQUEST_CHUNK);
    struct cell sealed = result_cell(request_part(request, 0), 0, 0);
    size_t length = 0;
    const char *bytes =
        sealed.text == NULL ? NULL : request_open(request, request_side_arena(request), aad, sealed, &length);
    if (bytes != NULL) {
        buf_append(out, bytes, length);
        transfer->next += length;
    }
    return bytes != NULL && length > 0;
}

static const struct streamer pieces = {.ask = ask_piece, .take = take_piece};

/* RFC 6266 with RFC 8187: any name, in ASCII. */
static const char *disposition(struct request *request, struct cell name) {
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    struct buf out;
    buf_init(&out, 4096);
    buf_text(&out, "attachment; filename*=UTF-8''");
    for (size_t i = 0; i < name.length; i++) {
        bool safe = name.text[i] != '\0' && strchr(plain, name.text[i]) != NULL;
        buf_format(&out, safe ? "%c" : "%%%02X", (unsigned char)name.text[i]);
    }
    const char *text = buf_failed(&out) ? NULL : arena_copy(request_arena(request), out.data, out.length);
    buf_free(&out);
    return text;
}

static enum step_result content_open(struct request *request) {
    return request_add_statement(request, "getBlobContent/open") ? STEP_CALL : STEP_REPLY;
}

static enum step_result content_reply(struct request *request) {
    const struct call_result *result = request_result(request, "getBlobContent/open");
    struct transfer *transfer = new_transfer(request);
    struct cell size = result_named(result, 0, "size"), digest = result_named(result, 0, "digest");
    int64_t total = 0;
    if (size.text == NULL) {
        return request_problem(request, "not_found", NULL);
    }
    if (digest.text == NULL) {
        return request_problem(request, "blob_incomplete", NULL);
    }
    if (transfer == NULL || !text_parse_integer(size.text, size.length, &total)) {
        return request_problem(request, "internal_error", NULL);
    }
    transfer->total = (uint64_t)total;
    request_add_header(request, "ETag", arena_format(request_arena(request), "\"%s\"", digest.text));
    if (request_knows(request, digest.text)) {
        return request_reply_nothing(request, 304);
    }
    request_add_header(request, "Content-Disposition",
                       disposition(request, result_named(result, 0, "file_name")));
    return request_reply_stream(request, 200, result_named(result, 0, "media_type").text, transfer->total,
                                &pieces);
}

const struct steps steps_get_blob_content = {
    .name = "get_blob_content",
    .functions = (const step_function[]){content_open, content_reply, NULL},
};
