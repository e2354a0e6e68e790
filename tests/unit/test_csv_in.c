/* CSV as spreadsheets write it, whatever the pieces; what is wrong is said with its row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "core/buf.h"
#include "json/csv_in.h"

static struct buf seen;
static int rows_wanted;

/* Each row as line:cell|cell!fault; */
static bool note(void *context, const struct csv_row *row) {
    (void)context;
    buf_format(&seen, "%d:", (int)row->line);
    for (size_t i = 0; i < row->count; i++) {
        buf_text(&seen, i == 0 ? "" : "|");
        buf_append(&seen, row->cells[i].bytes, row->cells[i].length);
    }
    if (row->fault != CSV_FINE) {
        buf_format(&seen, "!%d", (int)row->fault);
    }
    buf_char(&seen, ';');
    return --rows_wanted != 0;
}

static const char *read_in_pieces(const char *bytes, size_t length, size_t piece,
                                  struct csv_in_limits limits) {
    struct csv_in *csv = csv_in_create(limits, note, NULL);
    assert_non_null(csv);
    buf_clear(&seen);
    for (size_t at = 0; at < length; at += piece) {
        csv_in_feed(csv, bytes + at, length - at < piece ? length - at : piece);
    }
    csv_in_end(csv);
    csv_in_destroy(csv);
    return seen.data == NULL ? "" : seen.data;
}

static void expect(const char *text, const char *rows) {
    for (size_t piece = 1; piece <= strlen(text) + 1; piece++) {
        rows_wanted = -1;
        assert_string_equal(read_in_pieces(text, strlen(text), piece, (struct csv_in_limits){4, 16}), rows);
    }
}

static void test_rows(void **state) {
    (void)state;
    expect("", "");
    expect("a,b,c", "1:a|b|c;");
    expect("a,b\nc,d\n", "1:a|b;2:c|d;");
    expect("a\r\nb\rc\n", "1:a;2:b;3:c;");
    expect("a,,\n,\n", "1:a||;2:|;");
    expect("\n\na\n\n", "3:a;");
    expect("\"\"\n", "1:;");
    expect("a,", "1:a|;");
}

static void test_quotes(void **state) {
    (void)state;
    expect("\"a,b\",\"c\"\"d\"\n", "1:a,b|c\"d;");
    expect("\"a\nb\",c\nd\n", "1:a\nb|c;3:d;");
    expect("\"a\r\nb\"\r\nc\r\n", "1:a\r\nb;3:c;");
    expect("a\"b,c\n", "1:a\"b|c;");
    expect("\"\",\"\"", "1:|;");
}

static void test_faults(void **state) {
    (void)state;
    expect("\"a\"b,c\nd\n", "1:ab|c!1;2:d;");
    expect("a\n\"b,c\nd", "1:a;2:b,c\nd!2;");
    expect("1,2,3,4,5\nx\n", "1:1|2|3|4!4;2:x;");
    expect("12345678901234567890\nx\n", "1:1234567890123456!3;2:x;");
}

static void test_enough(void **state) {
    (void)state;
    rows_wanted = 2;
    assert_string_equal(read_in_pieces("a\nb\nc\n", 6, 6, (struct csv_in_limits){4, 16}), "1:a;2:b;");
}

int main(void) {
    buf_init(&seen, 4096);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_quotes),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_enough),
    };
    int result = cmocka_run_group_tests(tests, NULL, NULL);
    buf_free(&seen);
    return result;
}
