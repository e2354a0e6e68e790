#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "core/arena.h"
#include "json/row_json.h"

#define CELL(t)                                                                                              \
    { t, sizeof(t) - 1 }

static void test_a_row_of_every_type(void **state) {
    (void)state;
    static const struct column columns[] = {
        {"id", COLUMN_FIELD, VALUE_UUID, "{\"id\":", {0}, {0}},
        {"_etag", COLUMN_ETAG, VALUE_INTEGER, NULL, {0}, {0}},
        {"unit.name", COLUMN_FIELD, VALUE_STRING, ",\"unit\":{\"name\":", {0}, {0}},
        {"unit.points", COLUMN_FIELD, VALUE_INTEGER, ",\"points\":", {0}, {0}},
        {"open", COLUMN_FIELD, VALUE_BOOLEAN, "},\"open\":", {0}, {0}},
        {"closed", COLUMN_FIELD, VALUE_BOOLEAN, ",\"closed\":", {0}, {0}},
        {"day", COLUMN_FIELD, VALUE_DATE, ",\"day\":", {0}, {0}},
        {"at", COLUMN_FIELD, VALUE_TIMESTAMP, ",\"at\":", {0}, {0}},
        {"tags", COLUMN_FIELD, VALUE_ARRAY, ",\"tags\":", {0}, {0}},
        {"extra", COLUMN_FIELD, VALUE_OBJECT, ",\"extra\":", {0}, {0}},
    };
    static const struct reply_plan plan = {columns, sizeof columns / sizeof *columns, "}"};
    const struct cell cells[] = {CELL("01936f2e-7a00-7abc-8def-0123456789ab"),
                                 CELL("7"),
                                 CELL("孝坊\"社区"),
                                 CELL("-12"),
                                 CELL("t"),
                                 CELL("f"),
                                 CELL("2026-11-24"),
                                 CELL("2026-11-24 07:00:00.123+00"),
                                 CELL("[1, 2]"),
                                 {NULL, 0}};
    struct buf out;
    buf_init(&out, 10000);
    row_json_write(&out, &plan, cells);
    assert_string_equal(
        out.data, "{\"id\":\"01936f2e-7a00-7abc-8def-0123456789ab\",\"unit\":{\"name\":\"孝坊\\\"社区\","
                  "\"points\":-12},\"open\":true,\"closed\":false,\"day\":\"2026-11-24\","
                  "\"at\":\"2026-11-24T07:00:00.123Z\",\"tags\":[1, 2],\"extra\":null}");
    buf_free(&out);
}

static void test_timestamps(void **state) {
    (void)state;
    static const struct {
        const char *postgres, *json;
    } cases[] = {
        {"2026-11-24 07:00:00+00", "\"2026-11-24T07:00:00Z\""},
        {"2026-11-24 07:00:00.5+00", "\"2026-11-24T07:00:00.5Z\""},
        {"2026-11-24 07:00:00.100000+00", "\"2026-11-24T07:00:00.100000Z\""},
        {"2026-11-24 07:00:00.123456+08", "\"2026-11-23T23:00:00.123456Z\""},
        {"2026-01-01 00:00:00+08", "\"2025-12-31T16:00:00Z\""},
        {"2026-11-24 07:00:00-03:30", "\"2026-11-24T10:30:00Z\""},
        {"infinity", "\"infinity\""},
        {"0044-03-15 12:00:00+00 BC", "\"0044-03-15 12:00:00+00 BC\""},
        {"2026-11-24 07:00:00", "\"2026-11-24 07:00:00\""},
        {"", "\"\""},
    };
    static const struct column column = {"at", COLUMN_FIELD, VALUE_TIMESTAMP, "", {0}, {0}};
    static const struct reply_plan plan = {&column, 1, ""};
    struct buf out;
    buf_init(&out, 1000);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cell cell = {cases[i].postgres, strlen(cases[i].postgres)};
        buf_clear(&out);
        row_json_write(&out, &plan, &cell);
        assert_string_equal(out.data, cases[i].json);
    }
    buf_free(&out);
}

static void check_cells(const char *composite, const char *const *expected, size_t count) {
    struct arena *arena = arena_create(1 << 16);
    struct cell cells[8];
    assert_true(row_json_split(arena, composite, strlen(composite), cells, count));
    for (size_t i = 0; i < count; i++) {
        if (!expected[i]) {
            assert_null(cells[i].text);
            continue;
        }
        assert_int_equal(cells[i].length, strlen(expected[i]));
        assert_string_equal(cells[i].text, expected[i]);
    }
    arena_destroy(arena);
}

static void test_composites(void **state) {
    (void)state;
    check_cells("(a,\"b \"\"c\"\"\",,d)", (const char *const[]){"a", "b \"c\"", NULL, "d"}, 4);
    check_cells("(\"\")", (const char *const[]){""}, 1);
    check_cells("()", (const char *const[]){NULL}, 1);
    check_cells("(,)", (const char *const[]){NULL, NULL}, 2);
    check_cells("(\"\\\\x0102\",\"a,b)\",岑)", (const char *const[]){"\\x0102", "a,b)", "岑"}, 3);
    check_cells("(\"{\"\"a\"\": \"\"x\\\\\"\"y\"\"}\")", (const char *const[]){"{\"a\": \"x\\\"y\"}"}, 1);
    check_cells("()", NULL, 0);
}

static void test_broken_composites(void **state) {
    (void)state;
    static const char *const broken[] = {"",       "(",      ")",       "a,b",     "(a,b",
                                         "a,b)",   "(a)",    "(a,b,c)", "(a,\"b)", "(a,\"b\\)",
                                         "(a,b))", "((a,b)", "(a,b\\)"};
    struct arena *arena = arena_create(1 << 16);
    struct cell cells[2];
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        assert_false(row_json_split(arena, broken[i], strlen(broken[i]), cells, 2));
    assert_false(row_json_split(arena, "(a)", 3, cells, 0));
    arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_row_of_every_type),
        cmocka_unit_test(test_timestamps),
        cmocka_unit_test(test_composites),
        cmocka_unit_test(test_broken_composites),
    };
    return cmocka_run_group_tests_name("row_json", tests, NULL, NULL);
}
