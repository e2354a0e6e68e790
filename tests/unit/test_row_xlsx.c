/* Exported workbooks: read back through the archive's directory, a cell is what it was and never a formula.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include "json/row_xlsx.h"

#define SHEET "xl/worksheets/sheet1.xml"

static const struct column columns[] = {
    {.name = "name", .type = VALUE_STRING, .before = "{\"name\":", .title = {"名称", "Name"}},
    {.name = "_cursor", .type = VALUE_ARRAY, .reserved = COLUMN_CURSOR},
    {.name = "count", .type = VALUE_INTEGER, .before = ",\"count\":", .title = {"计数", "Count"}},
    {.name = "on", .type = VALUE_DATE, .before = ",\"on\":"},
    {.name = "at", .type = VALUE_TIMESTAMP, .before = ",\"at\":"},
    {.name = "open", .type = VALUE_BOOLEAN, .before = ",\"open\":", .title = {"开", "Open & shut"}},
};
static const struct reply_plan plan = {columns, 6, "}"};

static struct cell cell_of(const char *text) {
    return (struct cell){text, text == NULL ? 0 : strlen(text)};
}

static uint32_t number_at(const char *bytes, size_t length) {
    uint32_t value = 0;
    for (size_t i = length; i-- > 0;) {
        value = value << 8 | (unsigned char)bytes[i];
    }
    return value;
}

/* The data of a member as the directory at the end tells it, its sizes and checksum proved. */
static char *member(const struct buf *file, const char *name) {
    const char *end = file->data + file->length - 22;
    assert_int_equal(number_at(end, 4), 0x06054b50);
    const char *entry = file->data + number_at(end + 16, 4);
    for (uint32_t left = number_at(end + 10, 2); left > 0; left--) {
        assert_int_equal(number_at(entry, 4), 0x02014b50);
        size_t length = number_at(entry + 28, 2), plain = number_at(entry + 24, 4);
        if (length == strlen(name) && memcmp(entry + 46, name, length) == 0) {
            char *text = calloc(1, plain + 1);
            const char *local = file->data + number_at(entry + 42, 4);
            z_stream stream = {.next_in = (Bytef *)(uintptr_t)(local + 30 + number_at(local + 26, 2)),
                               .avail_in = number_at(entry + 20, 4),
                               .next_out = (Bytef *)text,
                               .avail_out = (unsigned)plain};
            assert_non_null(text);
            assert_int_equal(inflateInit2(&stream, -MAX_WBITS), Z_OK);
            assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
            assert_int_equal(stream.avail_out, 0);
            inflateEnd(&stream);
            assert_int_equal(crc32_z(crc32(0, NULL, 0), (Bytef *)text, plain), number_at(entry + 16, 4));
            return text;
        }
        entry += 46 + length;
    }
    fail_msg("no member %s", name);
    return NULL;
}

static void expect_row(const struct cell cells[6], const char *row) {
    struct row_xlsx *xlsx = row_xlsx_create();
    struct buf out;
    buf_init(&out, 1u << 20);
    row_xlsx_heading(xlsx, &out, &plan, LANGUAGE_EN);
    row_xlsx_write(xlsx, &out, &plan, cells);
    row_xlsx_end(xlsx, &out);
    assert_false(row_xlsx_failed(xlsx) || buf_failed(&out));
    char *sheet = member(&out, SHEET);
    const char *found = strstr(sheet, "</row>");
    assert_non_null(found);
    found += strlen("</row>");
    char wanted[2048];
    snprintf(wanted, sizeof wanted, "<row>%s</row></sheetData></worksheet>", row);
    assert_string_equal(found, wanted);
    free(sheet);
    row_xlsx_destroy(xlsx);
    buf_free(&out);
}

#define TEXT(words) "<c t=\"inlineStr\" s=\"0\"><is><t xml:space=\"preserve\">" words "</t></is></c>"
#define EMPTY "<c/><c/><c/><c/>"

static void expect_text(const char *text, const char *cell) {
    const struct cell cells[] = {cell_of(text), cell_of("[1]"), cell_of(NULL),
                                 cell_of(NULL), cell_of(NULL),  cell_of(NULL)};
    char row[1024];
    snprintf(row, sizeof row, "%s" EMPTY, cell);
    expect_row(cells, row);
}

static void test_values(void **state) {
    (void)state;
    const struct cell row[] = {
        cell_of("a"), cell_of("[1]"), cell_of("-5"), cell_of("2026-11-24"), cell_of("2026-11-24 16:00:00+00"),
        cell_of("t")};
    /* Midnight in Shanghai, and the day after. */
    expect_row(
        row,
        TEXT("a") "<c s=\"4\"><v>-5</v></c><c s=\"2\"><v>46350</v></c><c s=\"3\"><v>46351.0000000000</v></c>"
                  "<c t=\"b\" s=\"4\"><v>1</v></c>");
    const struct cell odd[] = {cell_of(NULL),
                               cell_of(NULL),
                               cell_of("1234567890123456"),
                               cell_of("infinity"),
                               cell_of("1899-01-01 00:00:00+00"),
                               cell_of("f")};
    expect_row(odd, "<c/>" TEXT("1234567890123456") TEXT("infinity")
                        TEXT("1899-01-01 00:00:00+00") "<c t=\"b\" s=\"4\"><v>0</v></c>");
}

static void test_text(void **state) {
    (void)state;
    expect_text("=1+2", TEXT("=1+2"));
    expect_text("0771", TEXT("0771"));
    expect_text("<a> & \"b\"", TEXT("&lt;a&gt; &amp; \"b\""));
    expect_text("a\r\n\tb\x01", TEXT("a&#13;\n\tb\xEF\xBF\xBD"));
    expect_text("_x0041_ _x41_", TEXT("_x005F_x0041_ _x41_"));
    expect_text("邻里🏠\xEF\xBF\xBF", TEXT("邻里🏠\xEF\xBF\xBD"));
}

static void test_heading(void **state) {
    (void)state;
    struct row_xlsx *xlsx = row_xlsx_create();
    struct buf out;
    buf_init(&out, 1u << 20);
    row_xlsx_heading(xlsx, &out, &plan, LANGUAGE_EN);
    row_xlsx_end(xlsx, &out);
    char *sheet = member(&out, SHEET);
    assert_non_null(strstr(sheet, "state=\"frozen\""));
    assert_non_null(strstr(sheet, "s=\"1\"><is><t xml:space=\"preserve\">Open &amp; shut</t>"));
    assert_null(strstr(sheet, "_cursor"));
    free(sheet);
    row_xlsx_destroy(xlsx);
    buf_free(&out);
}

/* What was made so far can be given away: the archive is right all the same, and a longer one needs no more
 * memory. */
static void test_pieces(void **state) {
    (void)state;
    struct row_xlsx *xlsx = row_xlsx_create();
    struct buf piece, whole;
    size_t most = 0;
    const struct cell row[] = {cell_of("孝坊社区"),   cell_of(NULL), cell_of("7"),
                               cell_of("2026-11-24"), cell_of(NULL), cell_of("t")};
    buf_init(&piece, 1u << 17);
    buf_init(&whole, 1u << 24);
    row_xlsx_heading(xlsx, &piece, &plan, LANGUAGE_ZH);
    for (int i = 0; i <= 50000; i++) {
        if (i == 50000) {
            row_xlsx_end(xlsx, &piece);
        } else {
            row_xlsx_write(xlsx, &piece, &plan, row);
        }
        most = piece.length > most ? piece.length : most;
        buf_append(&whole, piece.data, piece.length);
        buf_clear(&piece);
    }
    assert_false(row_xlsx_failed(xlsx) || buf_failed(&whole));
    assert_true(most < 65536);
    char *sheet = member(&whole, SHEET);
    size_t rows = 0;
    for (const char *at = sheet; (at = strstr(at, "<row>")) != NULL; at++) {
        rows++;
    }
    assert_int_equal(rows, 50001);
    free(sheet);
    row_xlsx_destroy(xlsx);
    buf_free(&piece);
    buf_free(&whole);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_heading),
        cmocka_unit_test(test_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
