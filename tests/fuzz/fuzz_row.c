/* Rows: stored replies are split without reading too far, and every cell is written as JSON that can be read.
 */
#include <string.h>
#include <jansson.h>
#include "core/arena.h"
#include "fuzz.h"
#include "json/row_json.h"

#define CELLS 4

static const struct column columns[CELLS] = {
    {"text", COLUMN_FIELD, VALUE_STRING, "{\"text\":", {0}, {0}},
    {"at", COLUMN_FIELD, VALUE_TIMESTAMP, ",\"at\":", {0}, {0}},
    {"flag", COLUMN_FIELD, VALUE_BOOLEAN, ",\"flag\":", {0}, {0}},
    {"_etag", COLUMN_ETAG, VALUE_INTEGER, NULL, {0}, {0}},
};
static const struct reply_plan plan = {columns, CELLS, "}"};

static void check_written(const struct cell *cells) {
    struct buf out;
    buf_init(&out, 1 << 22);
    row_json_write(&out, &plan, cells);
    FUZZ_EXPECT(!buf_failed(&out));
    json_t *tree = json_loadb(out.data, out.length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    FUZZ_EXPECT(tree && json_object_size(tree) == 3);
    json_decref(tree);
    buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *arena = arena_create(1 << 20);
    struct cell cells[CELLS];
    for (size_t count = 0; count <= CELLS; count++)
        if (row_json_split(arena, (const char *)data, size, cells, count) && count == CELLS)
            check_written(cells);
    struct cell all = {(const char *)data, size};
    check_written((const struct cell[]){all, all, all, all});
    arena_destroy(arena);
    return 0;
}
