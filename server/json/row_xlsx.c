#include "json/row_xlsx.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "json/zip_out.h"

#define ROW_MOST (1u << 20) /* bytes of the XML of a row */
#define ROWS_MOST 1048576u  /* of a sheet, by the format */
#define LETTERS_MOST 32766u /* of a cell: one less than the format allows, in UTF-16 */
#define DIGITS_MOST 15u     /* of a number that a spreadsheet keeps exactly */
#define DAY_US INT64_C(86400000000)
#define SHANGHAI_US INT64_C(28800000000)
#define EPOCH_DAYS 25569 /* 1970-01-01 as spreadsheets count days */
#define FIRST_DAY 61     /* 1900-03-01: before it spreadsheets disagree by a day */

#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
#define MAIN "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define OFFICE "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define PACKAGE "http://schemas.openxmlformats.org/package/2006/"
#define SHEET_TYPE "application/vnd.openxmlformats-officedocument.spreadsheetml."

enum style { STYLE_TEXT, STYLE_HEADING, STYLE_DAY, STYLE_TIME, STYLE_NUMBER };

static const struct {
    const char *name, *content;
} parts[] = {
    {"[Content_Types].xml", HEAD
     "<Types xmlns=\"" PACKAGE "content-types\">"
     "<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>"
     "<Override PartName=\"/xl/workbook.xml\" ContentType=\"" SHEET_TYPE "sheet.main+xml\"/>"
     "<Override PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"" SHEET_TYPE "worksheet+xml\"/>"
     "<Override PartName=\"/xl/styles.xml\" ContentType=\"" SHEET_TYPE "styles+xml\"/></Types>"},
    {"_rels/.rels",
     HEAD "<Relationships xmlns=\"" PACKAGE "relationships\"><Relationship Id=\"r1\" Type=\"" OFFICE
          "/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"},
    {"xl/workbook.xml",
     HEAD "<workbook xmlns=\"" MAIN "\" xmlns:r=\"" OFFICE
          "\"><sheets><sheet name=\"Linli\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"},
    {"xl/_rels/workbook.xml.rels",
     HEAD "<Relationships xmlns=\"" PACKAGE "relationships\"><Relationship Id=\"r1\" Type=\"" OFFICE
          "/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"r2\" Type=\"" OFFICE
          "/styles\" Target=\"styles.xml\"/></Relationships>"},
    /* In the order of enum style. 49 is the built-in form of text. */
    {"xl/styles.xml",
     HEAD "<styleSheet xmlns=\"" MAIN
          "\"><numFmts count=\"2\"><numFmt numFmtId=\"164\" formatCode=\"yyyy\\-mm\\-dd\"/>"
          "<numFmt numFmtId=\"165\" formatCode=\"yyyy\\-mm\\-dd\\ hh:mm:ss\"/></numFmts>"
          "<fonts count=\"2\"><font><sz val=\"11\"/></font><font><b/><sz val=\"11\"/></font></fonts>"
          "<fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill><fill><patternFill "
          "patternType=\"gray125\"/></fill></fills>"
          "<borders count=\"1\"><border/></borders><cellStyleXfs count=\"1\"><xf/></cellStyleXfs><cellXfs "
          "count=\"5\">"
          "<xf numFmtId=\"49\" applyNumberFormat=\"1\"/><xf numFmtId=\"49\" fontId=\"1\" "
          "applyNumberFormat=\"1\" applyFont=\"1\"/>"
          "<xf numFmtId=\"164\" applyNumberFormat=\"1\"/><xf numFmtId=\"165\" applyNumberFormat=\"1\"/><xf "
          "numFmtId=\"0\"/>"
          "</cellXfs></styleSheet>"},
};

struct row_xlsx {
    struct zip_out *zip;
    struct buf row;
    uint32_t rows;
    bool failed;
};

struct row_xlsx *row_xlsx_create(void) {
    struct row_xlsx *xlsx = alloc_zeroed(1, sizeof *xlsx);
    if (xlsx == NULL) {
        return NULL;
    }
    xlsx->zip = zip_out_create();
    if (xlsx->zip == NULL) {
        alloc_release(xlsx);
        return NULL;
    }
    buf_init(&xlsx->row, ROW_MOST);
    return xlsx;
}

void row_xlsx_destroy(void *context) {
    struct row_xlsx *xlsx = context;
    if (xlsx != NULL) {
        zip_out_destroy(xlsx->zip);
        buf_free(&xlsx->row);
        alloc_release(xlsx);
    }
}

bool row_xlsx_failed(const struct row_xlsx *xlsx) {
    return xlsx->failed || zip_out_failed(xlsx->zip);
}

/* ── text ── */

/* `_x0041_` in a cell means the letter A: text that happens to look so is told apart. */
static bool looks_escaped(const char *text, size_t length) {
    return length >= 7 && text[1] == 'x' && text[6] == '_' && strspn(text + 2, "0123456789abcdefABCDEF") >= 4;
}

/* Not a character of XML: most control characters, U+FFFE and U+FFFF. */
static bool is_forbidden(const char *text, size_t length) {
    unsigned char first = (unsigned char)text[0];
    return (first < 0x20 && first != '\t' && first != '\n' && first != '\r') ||
           (length >= 3 && (memcmp(text, "\xEF\xBF\xBE", 3) == 0 || memcmp(text, "\xEF\xBF\xBF", 3) == 0));
}

static void write_letter(struct buf *out, const char *text, size_t length) {
    switch (text[0]) {
    case '&':
        buf_text(out, "&amp;");
        return;
    case '<':
        buf_text(out, "&lt;");
        return;
    case '>':
        buf_text(out, "&gt;");
        return;
    case '\r':
        buf_text(out, "&#13;");
        return;
    default:
        buf_append(out, text, length);
    }
}

static size_t letter_length(const char *text, size_t left) {
    unsigned char first = (unsigned char)text[0];
    size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    return length < left ? length : left;
}

/* Text of the database, so valid UTF-8. */
static void write_text(struct buf *out, enum style style, const char *text, size_t length) {
    size_t letters = 0;
    buf_format(out, "<c t=\"inlineStr\" s=\"%d\"><is><t xml:space=\"preserve\">", (int)style);
    for (size_t at = 0, step = 0; at < length; at += step) {
        step = letter_length(text + at, length - at);
        letters += step == 4 ? 2 : 1;
        if (letters > LETTERS_MOST) {
            buf_text(out, "…");
            break;
        }
        if (is_forbidden(text + at, step)) {
            buf_text(out, "\xEF\xBF\xBD");
        } else if (text[at] == '_' && looks_escaped(text + at, length - at)) {
            buf_text(out, "_x005F_");
        } else {
            write_letter(out, text + at, step);
        }
    }
    buf_text(out, "</t></is></c>");
}

/* ── days and times ── */

/* false: not a day that spreadsheets can count (infinity, long ago). */
static bool write_moment(struct buf *out, enum style style, int64_t us) {
    int64_t since = us + EPOCH_DAYS * DAY_US;
    if (since < FIRST_DAY * DAY_US) {
        return false;
    }
    int64_t fraction =
        since % DAY_US * 10000 / (DAY_US / 1000000); /* ten digits are more than a millisecond */
    buf_format(out, "<c s=\"%d\"><v>%" PRId64, (int)style, since / DAY_US);
    if (style == STYLE_TIME) {
        buf_format(out, ".%010" PRId64, fraction);
    }
    buf_text(out, "</v></c>");
    return true;
}

static bool write_day(struct buf *out, struct cell cell) {
    char stamp[CLOCK_STAMP_SIZE];
    int64_t us = 0;
    if (!clock_check_date(cell.text, cell.length)) {
        return false;
    }
    snprintf(stamp, sizeof stamp, "%.10sT00:00:00Z", cell.text);
    return clock_read_stamp(stamp, strlen(stamp), &us) && write_moment(out, STYLE_DAY, us);
}

/* Through the form of JSON: one place knows the database's. */
static bool write_time(struct buf *out, struct cell cell) {
    char stamp[ROW_STAMP_SIZE];
    int64_t us = 0;
    size_t length = row_json_stamp(stamp, cell);
    return length > 0 && clock_read_stamp(stamp, length, &us) &&
           write_moment(out, STYLE_TIME, us + SHANGHAI_US);
}

/* ── cells ── */

static bool is_number(struct cell cell) {
    size_t digits = 0;
    for (size_t i = 0; i < cell.length; i++) {
        char c = cell.text[i];
        if (c >= '0' && c <= '9') {
            digits++;
        } else if (!(c == '.' && i > 0) && !(c == '-' && i == 0)) {
            return false;
        }
    }
    return digits > 0 && digits <= DIGITS_MOST;
}

static bool write_value(struct buf *out, enum value_type type, struct cell cell) {
    switch (type) {
    case VALUE_INTEGER:
    case VALUE_NUMBER:
        if (!is_number(cell)) {
            return false;
        }
        buf_format(out, "<c s=\"%d\"><v>%.*s</v></c>", (int)STYLE_NUMBER, (int)cell.length, cell.text);
        return true;
    case VALUE_BOOLEAN:
        buf_format(out, "<c t=\"b\" s=\"%d\"><v>%d</v></c>", (int)STYLE_NUMBER,
                   cell.length > 0 && cell.text[0] == 't');
        return true;
    case VALUE_DATE:
        return write_day(out, cell);
    case VALUE_TIMESTAMP:
        return write_time(out, cell);
    default:
        return false;
    }
}

static void write_cell(struct buf *out, enum value_type type, struct cell cell) {
    if (cell.text == NULL) {
        buf_text(out, "<c/>");
    } else if (!write_value(out, type, cell)) {
        write_text(out, STYLE_TEXT, cell.text, cell.length);
    }
}

/* ── the sheet ── */

static void write_part(struct row_xlsx *xlsx, struct buf *out, const char *text) {
    zip_out_write(xlsx->zip, out, text, strlen(text));
}

static void send_row(struct row_xlsx *xlsx, struct buf *out) {
    xlsx->failed = xlsx->failed || buf_failed(&xlsx->row) || ++xlsx->rows > ROWS_MOST;
    if (!xlsx->failed) {
        zip_out_write(xlsx->zip, out, xlsx->row.data, xlsx->row.length);
    }
}

void row_xlsx_heading(struct row_xlsx *xlsx, struct buf *out, const struct reply_plan *plan,
                      enum language language) {
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        zip_out_open(xlsx->zip, out, parts[i].name);
        write_part(xlsx, out, parts[i].content);
        zip_out_close(xlsx->zip, out);
    }
    zip_out_open(xlsx->zip, out, "xl/worksheets/sheet1.xml");
    write_part(xlsx, out,
               HEAD "<worksheet xmlns=\"" MAIN
                    "\"><sheetViews><sheetView workbookViewId=\"0\"><pane ySplit=\"1\" topLeftCell=\"A2\""
                    " activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews>"
                    "<sheetFormatPr defaultColWidth=\"18\" defaultRowHeight=\"15\"/><sheetData>");
    buf_clear(&xlsx->row);
    buf_text(&xlsx->row, "<row>");
    for (uint16_t i = 0; i < plan->column_count; i++) {
        const struct column *column = &plan->columns[i];
        if (column->before != NULL) {
            const char *title = column_title(column, language);
            write_text(&xlsx->row, STYLE_HEADING, title, strlen(title));
        }
    }
    buf_text(&xlsx->row, "</row>");
    send_row(xlsx, out);
}

void row_xlsx_write(struct row_xlsx *xlsx, struct buf *out, const struct reply_plan *plan,
                    const struct cell *cells) {
    buf_clear(&xlsx->row);
    buf_text(&xlsx->row, "<row>");
    for (uint16_t i = 0; i < plan->column_count; i++) {
        if (plan->columns[i].before != NULL) {
            write_cell(&xlsx->row, plan->columns[i].type, cells[i]);
        }
    }
    buf_text(&xlsx->row, "</row>");
    send_row(xlsx, out);
}

void row_xlsx_end(struct row_xlsx *xlsx, struct buf *out) {
    write_part(xlsx, out, "</sheetData></worksheet>");
    zip_out_close(xlsx->zip, out);
    zip_out_finish(xlsx->zip, out);
}
