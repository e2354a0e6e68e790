/* CSV: however it is cut into pieces the rows are the same, in whichever charset, and the limits hold. */
#include <string.h>
#include "core/buf.h"
#include "core/charset.h"
#include "core/text.h"
#include "fuzz.h"
#include "json/csv_in.h"

static const struct csv_in_limits limits = {5, 64};

static bool note(void *context, const struct csv_row *row) {
    struct buf *out = context;
    size_t bytes = 0;
    FUZZ_EXPECT(row->count >= 1 && row->count <= limits.cells);
    buf_format(out, "%llu!%d:", (unsigned long long)row->line, (int)row->fault);
    for (size_t i = 0; i < row->count; i++) {
        bytes += row->cells[i].length;
        buf_append(out, row->cells[i].bytes, row->cells[i].length);
        buf_char(out, '\0');
    }
    FUZZ_EXPECT(bytes <= limits.bytes);
    return true;
}

static bool feed(void *context, const char *utf8, size_t length) {
    return csv_in_feed(context, utf8, length);
}

static void read_file(const char *bytes, size_t length, size_t piece, struct buf *rows) {
    struct charset_guess guess = {.rest_length = 0};
    for (size_t at = 0; at < length; at += piece) {
        charset_guess_feed(&guess, bytes + at, length - at < piece ? length - at : piece);
    }
    enum charset_name name = charset_guess_end(&guess);
    FUZZ_EXPECT((name == CHARSET_UTF8) == text_check_utf8(bytes, length));
    struct charset *charset = charset_open(name);
    struct csv_in *csv = csv_in_create(limits, note, rows);
    FUZZ_EXPECT(charset && csv);
    for (size_t at = 0; at < length; at += piece) {
        charset_feed(charset, bytes + at, length - at < piece ? length - at : piece, feed, csv);
    }
    charset_end(charset, feed, csv);
    csv_in_end(csv);
    csv_in_destroy(csv);
    charset_close(charset);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct buf whole, pieces;
    size_t piece = size > 0 ? 1 + data[0] % 7u : 1;
    buf_init(&whole, 1 << 22);
    buf_init(&pieces, 1 << 22);
    read_file((const char *)data, size, size + 1, &whole);
    read_file((const char *)data, size, piece, &pieces);
    FUZZ_EXPECT(whole.length == pieces.length);
    FUZZ_EXPECT(whole.length == 0 || memcmp(whole.data, pieces.data, whole.length) == 0);
    buf_free(&whole);
    buf_free(&pieces);
    return 0;
}
