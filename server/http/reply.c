#include "core/config.h"
#include "http/conditional.h"
#include "http/exchange.h"
#include "http/loop.h"
#include "json/json_in.h"
#include "json/json_out.h"
#include "json/row_json.h"

#define API_CSP "default-src 'none'; frame-ancestors 'none'"
#define REPLAY_LIMITS ((struct json_in_limits){4, 4096})

/* ── cells: codecs and reserved columns ── */

/* M6: a sealed column is opened, then masked; a column that cannot be opened is our failure, never its
 * ciphertext. */
static bool apply_codec(struct request *request, struct arena *arena, const struct column *column,
                        struct cell *cell) {
    const struct codec *codec = &column->codec;
    if (cell->text == NULL) {
        return true;
    }
    if (codec->sealed != NULL) {
        size_t length = 0;
        cell->text =
            codec_open(request->loop->server->ring, arena, codec->sealed, cell->text, cell->length, &length);
        cell->length = length;
    }
    if (cell->text != NULL && codec->masked != MASK_NONE) {
        cell->text = codec_mask(arena, codec->masked, cell->text, cell->length);
        cell->length = cell->text == NULL ? 0 : strlen(cell->text);
    }
    return cell->text != NULL;
}

static bool apply_codecs(struct request *request, struct arena *arena, const struct reply_plan *plan,
                         struct cell *cells) {
    for (uint16_t i = 0; i < plan->column_count; i++) {
        if (!apply_codec(request, arena, &plan->columns[i], &cells[i])) {
            return false;
        }
    }
    return true;
}

static struct cell *new_cells(struct request *request, const struct reply_plan *plan) {
    return arena_alloc(request->arena, (plan->column_count + 1u) * sizeof(struct cell));
}

bool reply_read_row(struct request *request, struct arena *arena, const struct reply_plan *plan,
                    const struct call_result *result, size_t row, struct cell *cells) {
    result_row(result, row, cells, plan->column_count);
    return apply_codecs(request, arena, plan, cells);
}

static bool read_row(struct request *request, const struct reply_plan *plan, const struct call_result *result,
                     size_t row, struct cell *cells) {
    return reply_read_row(request, request->arena, plan, result, row, cells);
}

static struct cell reserved(const struct reply_plan *plan, const struct cell *cells,
                            enum reserved_column which) {
    for (uint16_t i = 0; i < plan->column_count; i++) {
        if (plan->columns[i].reserved == which) {
            return cells[i];
        }
    }
    return (struct cell){NULL, 0};
}

static void apply_reserved(struct request *request, const struct reply_plan *plan, const struct cell *cells) {
    struct cell status = reserved(plan, cells, COLUMN_STATUS),
                location = reserved(plan, cells, COLUMN_LOCATION), etag = reserved(plan, cells, COLUMN_ETAG);
    int64_t number;
    if (status.text != NULL && text_parse_integer(status.text, status.length, &number) && number >= 200 &&
        number < 300) {
        request->reply.status = (unsigned)number;
    }
    if (location.text != NULL) {
        request_add_header(request, "Location",
                           location.text[0] == '/' &&
                                   strncmp(location.text, contract_base_path, strlen(contract_base_path)) != 0
                               ? arena_format(request->arena, "%s%s", contract_base_path, location.text)
                               : arena_copy(request->arena, location.text, location.length));
    }
    if (etag.text != NULL) {
        request_add_header(request, "ETag", conditional_etag(request->arena, etag.text, etag.length));
    }
}

/* ── one row, with children ── */

static bool write_children(struct request *request) {
    struct buf *out = &request->reply.body;
    for (size_t part = 1; part < request->call.part_count; part++) {
        const struct statement *child = request->parts[part];
        const struct call_result *result = request->call.parts[part].result;
        struct cell *cells = new_cells(request, &child->plan);
        buf_char(out, ',');
        json_out_text(out, child->child);
        buf_text(out, ":[");
        for (size_t row = 0; row < result_rows(result); row++) {
            if (cells == NULL || !read_row(request, &child->plan, result, row, cells)) {
                return false;
            }
            buf_text(out, row == 0 ? "" : ",");
            row_json_write(out, &child->plan, cells);
        }
        buf_char(out, ']');
    }
    return true;
}

static bool not_modified(struct request *request, const struct reply_plan *plan, const struct cell *cells) {
    struct cell etag = reserved(plan, cells, COLUMN_ETAG);
    if (etag.text == NULL || request->operation->method != METHOD_GET) {
        return false;
    }
    const char *tag = conditional_etag(request->arena, etag.text, etag.length);
    return conditional_matches(exchange_header(request, "If-None-Match"), tag);
}

static bool write_row(struct request *request, const struct reply_plan *plan, struct cell *cells) {
    apply_reserved(request, plan, cells);
    if (not_modified(request, plan, cells)) {
        reply_status(request, 304);
        return true;
    }
    row_json_open(&request->reply.body, plan, cells);
    bool good = write_children(request);
    row_json_close(&request->reply.body, plan);
    request->reply.type = "application/json";
    return good;
}

static bool reply_row(struct request *request) {
    const struct reply_plan *plan = &request->parts[0]->plan;
    const struct call_result *result = request->call.parts[0].result;
    struct cell *cells = new_cells(request, plan);
    return cells != NULL && read_row(request, plan, result, 0, cells) && write_row(request, plan, cells);
}

/* ── lists ── */

static const char *next_cursor(struct request *request, const struct reply_plan *plan,
                               const struct cell *cells) {
    struct cell key = reserved(plan, cells, COLUMN_CURSOR);
    return key.text == NULL ? NULL
                            : codec_cursor_write(request->loop->server->ring, request->arena,
                                                 request->operation->id, key.text, key.length);
}

static bool is_cursor(struct text pair) {
    return text_starts_with(pair, "cursor=");
}

/* The same query with the next cursor. */
static void add_link(struct request *request, const char *cursor) {
    struct buf link;
    struct text rest = request->query, pair;
    buf_init(&link, 16384);
    buf_char(&link, '<');
    buf_append(&link, request->path.bytes, request->path.length);
    buf_char(&link, '?');
    while (rest.bytes != NULL && rest.length > 0 && text_split(&rest, '&', &pair)) {
        if (!is_cursor(pair)) {
            buf_append(&link, pair.bytes, pair.length);
            buf_char(&link, '&');
        }
    }
    buf_text(&link, "cursor=");
    buf_text(&link, cursor);
    buf_text(&link, ">; rel=\"next\"");
    if (!buf_failed(&link)) {
        request_add_header(request, "Link", arena_copy(request->arena, link.data, link.length));
    }
    buf_free(&link);
}

static bool reply_list(struct request *request) {
    const struct reply_plan *plan = &request->parts[0]->plan;
    const struct call_result *result = request->call.parts[0].result;
    struct buf *out = &request->reply.body;
    struct cell *cells = new_cells(request, plan);
    size_t rows = result_rows(result), shown = rows > request->limit ? request->limit : rows;
    const char *cursor = NULL;
    buf_text(out, "{\"items\":[");
    for (size_t row = 0; row < shown; row++) {
        if (cells == NULL || !read_row(request, plan, result, row, cells)) {
            return false;
        }
        buf_text(out, row == 0 ? "" : ",");
        row_json_write(out, plan, cells);
        cursor = row + 1 == shown && rows > shown ? next_cursor(request, plan, cells) : NULL;
    }
    buf_text(out, "],\"next_cursor\":");
    json_out_text(out, cursor);
    buf_char(out, '}');
    if (cursor != NULL) {
        add_link(request, cursor);
    }
    request->reply.type = "application/json";
    return true;
}

/* ── from the call ── */

static bool is_missing(const struct request *request) {
    return request->operation->reply != REPLY_LIST && result_rows(request->call.parts[0].result) == 0;
}

static bool write_reply(struct request *request) {
    switch (request->operation->reply) {
    case REPLY_ROW:
        return reply_row(request);
    case REPLY_LIST:
        return reply_list(request);
    case REPLY_NONE:
    case REPLY_STREAM: /* made by steps */
        return true;
    }
    return false;
}

static void begin(struct request *request) {
    buf_free(&request->reply.body);
    buf_init(&request->reply.body, (size_t)config_integer(CONFIG_REPLY_LIMIT));
    request->reply.status = request->operation->status;
    request->reply.ready = true;
}

static void finish(struct request *request, bool good) {
    if (!good || buf_failed(&request->reply.body) || arena_exhausted(request->arena)) {
        request->reply.headers = NULL;
        problem_reply_named(request, "internal_error");
    }
}

void reply_rows(struct request *request) {
    if (is_missing(request)) {
        problem_reply_named(request, "not_found");
        return;
    }
    begin(request);
    if (request->call.preview) {
        request->reply.status = 200; /* nothing was created */
    }
    finish(request, write_reply(request));
}

/* ── M3: a stored reply, through the same row writer ── */

static const char *replay_column(const json_t *columns, size_t index) {
    return json_string_value(json_array_get(columns, index));
}

/* The stored columns may stand in another order than today's plan: each is found by its name. */
static bool place_cells(const struct reply_plan *plan, const json_t *columns, const struct cell *stored,
                        struct cell *cells) {
    for (uint16_t i = 0; i < plan->column_count; i++) {
        size_t at = 0, count = json_array_size(columns);
        while (at < count && strcmp(replay_column(columns, at), plan->columns[i].name) != 0) {
            at++;
        }
        if (at == count && plan->columns[i].reserved == COLUMN_FIELD) {
            return false;
        }
        cells[i] = at == count ? (struct cell){NULL, 0} : stored[at];
    }
    return true;
}

static bool all_texts(const json_t *columns) {
    for (size_t i = 0; i < json_array_size(columns); i++) {
        if (replay_column(columns, i) == NULL) {
            return false;
        }
    }
    return json_is_array(columns);
}

static bool write_replay(struct request *request, const struct reply_plan *plan) {
    const char *detail = request->call.error.detail;
    json_t *tree = NULL;
    size_t position;
    if (detail == NULL || json_in_parse(request->arena, detail, strlen(detail), REPLAY_LIMITS, &tree,
                                        &position) != JSON_IN_OK) {
        return false;
    }
    const json_t *columns = json_object_get(tree, "columns"), *row = json_object_get(tree, "row");
    size_t count = json_array_size(columns);
    struct cell *stored = arena_alloc(request->arena, (count + 1) * sizeof *stored);
    struct cell *cells = new_cells(request, plan);
    if (!all_texts(columns) || !json_is_string(row) || stored == NULL || cells == NULL ||
        !row_json_split(request->arena, json_string_value(row), json_string_length(row), stored, count) ||
        !place_cells(plan, columns, stored, cells) || !apply_codecs(request, request->arena, plan, cells)) {
        return false;
    }
    request->call.part_count = 1; /* a write has no children */
    return request->operation->reply == REPLY_NONE || write_row(request, plan, cells);
}

void reply_replay(struct request *request) {
    begin(request);
    request_add_header(request, "Idempotency-Replayed", "true");
    finish(request, write_replay(request, &request->parts[0]->plan));
}

/* ── other replies ── */

void reply_status(struct request *request, unsigned status) {
    buf_free(&request->reply.body);
    request->reply.type = NULL;
    request->reply.status = status;
    request->reply.ready = true;
}

void reply_text(struct request *request, unsigned status, const char *type, const char *text) {
    reply_status(request, status);
    buf_init(&request->reply.body, (size_t)config_integer(CONFIG_REPLY_LIMIT));
    buf_text(&request->reply.body, text);
    request->reply.type = type;
}

void reply_lasting(struct request *request, unsigned status, const char *type, struct text bytes) {
    reply_status(request, status);
    request->reply.type = type;
    request->reply.lasting = bytes;
}

/* ── to libmicrohttpd ── */

static struct MHD_Response *make_response(struct request *request) {
    struct reply *reply = &request->reply;
    if (request->stream.streamer != NULL) {
        return stream_response(request);
    }
    if (reply->lasting.bytes != NULL) {
        return MHD_create_response_from_buffer(reply->lasting.length, (void *)(uintptr_t)reply->lasting.bytes,
                                               MHD_RESPMEM_PERSISTENT);
    }
    size_t length = 0;
    char *bytes = reply->type == NULL ? NULL : buf_steal(&reply->body, &length);
    if (bytes == NULL) {
        return MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    }
    struct MHD_Response *response =
        MHD_create_response_from_buffer_with_free_callback(length, bytes, buf_release);
    if (response == NULL) {
        buf_release(bytes);
    }
    return response;
}

static void add_headers(const struct request *request, struct MHD_Response *response) {
    const struct reply *reply = &request->reply;
    MHD_add_response_header(response, "X-Request-Id", request->id);
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(response, "Referrer-Policy", "no-referrer");
    MHD_add_response_header(response, "Content-Security-Policy", reply->csp == NULL ? API_CSP : reply->csp);
    MHD_add_response_header(response, "Cache-Control", reply->cache == NULL ? "no-store" : reply->cache);
    if (config_flag(CONFIG_COOKIE_SECURE)) {
        MHD_add_response_header(response, "Strict-Transport-Security", "max-age=31536000");
    }
    if (reply->type != NULL) {
        MHD_add_response_header(response, "Content-Type", reply->type);
    }
    for (const struct header *header = reply->headers; header != NULL; header = header->next) {
        MHD_add_response_header(response, header->name, header->value);
    }
    if (reply->close) {
        MHD_add_response_header(response, "Connection", "close");
    }
}

enum MHD_Result reply_send(struct request *request) {
    struct MHD_Response *response = make_response(request);
    if (response == NULL) {
        return MHD_NO;
    }
    add_headers(request, response);
    enum MHD_Result result = MHD_queue_response(request->mhd, request->reply.status, response);
    MHD_destroy_response(response);
    return result;
}
