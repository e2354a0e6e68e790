/* M8, the page walker: a list as CSV, XLSX or JSON lines, re-run by its cursor page by page, to a client that
 * may take its time. Nothing is held in between: no snapshot, no lock, one page in memory. Rights are looked
 * at anew for every page. */
#include <inttypes.h>

#include "core/clock.h"
#include "core/config.h"
#include "db/engine.h"
#include "http/exchange.h"
#include "http/loop.h"
#include "http/negotiate.h"
#include "json/row_csv.h"
#include "json/row_json.h"
#include "json/row_xlsx.h"

#define PAGE 200u
#define CURSOR_MOST 8192u
#define XLSX "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

static const struct {
    const char *accept, *sent, *suffix;
} formats[] = {
    [FORMAT_JSON] = {"application/json", "application/json", "json"},
    [FORMAT_CSV] = {"text/csv", "text/csv; charset=utf-8; header=present", "csv"},
    [FORMAT_JSONL] = {"application/jsonl", "application/jsonl", "jsonl"},
    [FORMAT_XLSX] = {XLSX, XLSX, "xlsx"},
};

bool walk_negotiate(struct request *request, const char *accept) {
    int best = 0;
    bool list = request->operation->reply == REPLY_LIST && request->operation->steps == NULL;
    for (size_t i = 0; i < (list ? sizeof formats / sizeof formats[0] : 1); i++) {
        int quality = negotiate_quality(accept, formats[i].accept);
        if (quality > best) {
            best = quality;
            request->format = (enum reply_format)i;
        }
    }
    return best > 0;
}

static const struct statement *list_of(const struct request *request) {
    return request->operation->statements[0];
}

/* ── a page ── */

static void write_row(struct request *request, struct buf *out, const struct cell *cells) {
    const struct reply_plan *plan = &list_of(request)->plan;
    if (request->format == FORMAT_CSV) {
        row_csv_write(out, plan, cells);
    } else if (request->format == FORMAT_XLSX) {
        row_xlsx_write(request->walk.xlsx, out, plan, cells);
    } else {
        row_json_write(out, plan, cells);
        buf_char(out, '\n');
    }
}

static void keep_cursor(struct request *request, const struct cell *cells) {
    const struct reply_plan *plan = &list_of(request)->plan;
    struct walk *walk = &request->walk;
    walk->more = false;
    for (uint16_t i = 0; i < plan->column_count; i++) {
        if (plan->columns[i].reserved == COLUMN_CURSOR && cells[i].text != NULL) {
            buf_clear(&walk->cursor);
            buf_append(&walk->cursor, cells[i].text, cells[i].length);
            walk->more = !buf_failed(&walk->cursor);
        }
    }
}

/* After its last row a workbook still needs its directory. */
static bool end_page(struct request *request, struct buf *out) {
    struct row_xlsx *xlsx = request->walk.xlsx;
    if (xlsx != NULL && !request->walk.more) {
        row_xlsx_end(xlsx, out);
    }
    return xlsx == NULL || !row_xlsx_failed(xlsx);
}

static bool take_page(struct request *request, struct buf *out) {
    const struct reply_plan *plan = &list_of(request)->plan;
    const struct call_result *result = request_part(request, 0);
    size_t rows = result_rows(result), shown = rows > PAGE ? PAGE : rows;
    struct arena *side = request_side_arena(request);
    struct cell *cells = arena_alloc(side, (plan->column_count + 1u) * sizeof *cells);
    request->walk.more = false;
    for (size_t row = 0; row < shown; row++) {
        if (cells == NULL || !reply_read_row(request, side, plan, result, row, cells)) {
            return false;
        }
        write_row(request, out, cells);
        if (row + 1 == shown && rows > shown) {
            keep_cursor(request, cells);
        }
    }
    request->walk.rows += shown;
    return end_page(request, out);
}

static bool take(struct request *request, struct buf *out) {
    if (request->walk.recalling) {
        request->walk.recalling = false;
        request->walk.recalled = true;
        return request_take_principal(request);
    }
    return take_page(request, out);
}

static bool ask_page(struct request *request) {
    request->cursor = request->walk.cursor.length > 0 ? request->walk.cursor.data : request->cursor;
    request->call.lane = request->operation->lane;
    return request_apply_principal(request, request_side_arena(request)) &&
           plan_add(request, list_of(request), false);
}

static enum step_result ask(struct request *request) {
    if (!request->walk.more) {
        return STEP_REPLY;
    }
    bool known = request->walk.recalled || request_recall_principal(request);
    request->walk.recalled = false;
    if (!known) {
        request->walk.recalling = true; /* first who it is today, then the page */
        return request_ask_principal(request) ? STEP_CALL : STEP_NEXT;
    }
    return ask_page(request) ? STEP_CALL : STEP_NEXT;
}

static void add_engine_call(struct request *request, const struct statement_variant *variant,
                            const char *const *values) {
    request->call.lane = LANE_WRITE;
    request->call.parts[0] = (struct call_part){.variant = variant, .values = values};
    request->call.part_count = 1;
}

static void over(struct request *request, bool whole) {
    struct arena *side = request_side_arena(request);
    const char **values = arena_alloc(side, 3 * sizeof *values);
    if (values != NULL && request->walk.id != NULL) {
        request->call.settings = (struct call_settings){
            request->claims.person_id, "",          "",  "", "", "",
            request->operation->id,    request->id, NULL}; /* the beginning has said who acts */
        values[0] = request->walk.id;
        values[1] = arena_format(side, "%" PRIu64, request->walk.rows);
        values[2] = whole ? "true" : "false";
        add_engine_call(request, &engine_end_export, values);
    }
}

static const struct streamer pages = {.ask = ask, .take = take, .over = over};

/* ── the beginning: the record that it begins, then the first page, whose refusal is still a problem ── */

static bool write_heading(struct request *request, struct buf *out) {
    const struct reply_plan *plan = &list_of(request)->plan;
    if (request->format == FORMAT_CSV) {
        row_csv_heading(out, plan, request->language);
    } else if (request->format == FORMAT_XLSX) {
        request->walk.xlsx = row_xlsx_create();
        if (request->walk.xlsx == NULL ||
            !arena_defer(request->arena, row_xlsx_destroy, request->walk.xlsx)) {
            return false;
        }
        row_xlsx_heading(request->walk.xlsx, out, plan, request->language);
    }
    return true;
}

static void begin_stream(struct request *request) {
    char day[CLOCK_DATE_SIZE];
    clock_write_today(day);
    request_add_header(request, "Content-Disposition",
                       arena_format(request->arena, "attachment; filename=\"%s-%s.%s\"",
                                    request->operation->id, day, formats[request->format].suffix));
    request_reply_stream(request, 200, formats[request->format].sent, UINT64_MAX, &pages);
    struct buf *piece = &request->stream.piece;
    if (!write_heading(request, piece) || !take_page(request, piece) || buf_failed(piece)) {
        request->stream.broken = true;
    }
}

static void first_page(struct call *call) {
    struct request *request = call->owner;
    request->waiting--;
    if (call->outcome == CALL_DONE) {
        begin_stream(request);
    } else {
        problem_reply_call(request);
    }
    request_proceed(request);
}

static void begun(struct call *call) {
    struct request *request = call->owner;
    struct cell id =
        call->outcome == CALL_DONE ? result_cell(request_part(request, 0), 0, 0) : (struct cell){NULL, 0};
    request->waiting--;
    if (id.text == NULL) {
        problem_reply_call(request);
        request_proceed(request);
        return;
    }
    request->walk.id = arena_copy(request->arena, id.text, id.length);
    arena_reset(request_side_arena(request));
    request->call.arena = request->side;
    request->call.part_count = 0;
    if (ask_page(request)) {
        request_submit_side(request, first_page);
    } else {
        problem_reply_named(request, "internal_error");
        request_proceed(request);
    }
}

void walk_start(struct request *request) {
    if (request->loop->streams >= (unsigned)config_integer(CONFIG_STREAM_LIMIT)) {
        problem_reply_named(request, "busy");
        return;
    }
    struct arena *side = request_side_arena(request);
    const char **values = arena_alloc(side, 3 * sizeof *values);
    if (values == NULL) {
        problem_reply_named(request, "internal_error");
        return;
    }
    buf_init(&request->walk.cursor, CURSOR_MOST);
    request->limit = PAGE;
    values[0] = request->operation->id;
    values[1] = formats[request->format].accept;
    values[2] = arena_copy(side, request->query.bytes, request->query.length);
    add_engine_call(request, &engine_begin_export, values);
    request_submit_side(request, begun);
}
