/* Exported rows: what a spreadsheet would calculate is text, and what needs quotes has them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "json/row_csv.h"

static const struct column columns[] = {
    {.name = "name", .type = VALUE_STRING, .before = "{\"name\":", .title = {"名称", "Name"}},
    {.name = "_cursor", .type = VALUE_ARRAY, .reserved = COLUMN_CURSOR},
    {.name = "count", .type = VALUE_INTEGER, .before = ",\"count\":", .title = {"计数", "Count"}},
    {.name = "at", .type = VALUE_TIMESTAMP, .before = ",\"at\":"},
    {.name = "open", .type = VALUE_BOOLEAN, .before = ",\"open\":", .title = {"=开", "Open, or not"}},
};
static const struct reply_plan plan = {columns, 5, "}"};

static void expect(const char *name, const char *row) {
    const struct cell cells[] = {{name, name == NULL ? 0 : strlen(name)},
                                 {"[1]", 3},
                                 {"-5", 2},
                                 {"2026-11-24 07:00:00.12+00", 25},
                                 {"t", 1}};
    struct buf out;
    buf_init(&out, 4096);
    row_csv_write(&out, &plan, cells);
    assert_false(buf_failed(&out));
    assert_string_equal(out.data, row);
    buf_free(&out);
}

static void test_rows(void **state) {
    (void)state;
    expect("a", "a,-5,2026-11-24T07:00:00.12Z,true\r\n");
    expect(NULL, ",-5,2026-11-24T07:00:00.12Z,true\r\n");
    expect("a,\"b\"\nc", "\"a,\"\"b\"\"\nc\",-5,2026-11-24T07:00:00.12Z,true\r\n");
    expect(" a", "\" a\",-5,2026-11-24T07:00:00.12Z,true\r\n");
}

static void test_formulas(void **state) {
    static const char *const starts[] = {"=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"};
    (void)state;
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        char name[32], row[96];
        snprintf(name, sizeof name, "%s1\"", starts[i]);
        snprintf(row, sizeof row, "\"'%s1\"\"\",-5,2026-11-24T07:00:00.12Z,true\r\n", starts[i]);
        expect(name, row);
    }
}

static void test_heading(void **state) {
    struct buf out;
    (void)state;
    buf_init(&out, 4096);
    row_csv_heading(&out, &plan, LANGUAGE_ZH);
    assert_string_equal(out.data, "\xEF\xBB\xBF名称,计数,at,\"'=开\"\r\n");
    buf_clear(&out);
    row_csv_heading(&out, &plan, LANGUAGE_EN);
    assert_string_equal(out.data, "\xEF\xBB\xBFName,Count,at,\"Open, or not\"\r\n");
    buf_free(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_formulas),
        cmocka_unit_test(test_heading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
