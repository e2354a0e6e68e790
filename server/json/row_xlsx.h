/* Rows of text cells → XLSX (ECMA-376), streamed: one sheet, headings bold and frozen, numbers as numbers,
 * days and times as such (times in Shanghai's), all other text inline, so that no text can be a formula and
 * ids and telephones stay text.
 *
 * Owns a ZIP writer and one buffer for the row being written, until row_xlsx_destroy; the memory does not
 * grow with the rows. Plan and cells as in json/row_json.h; reserved columns are left out. A sheet holds 1
 * 048 576 rows: beyond that it has `failed`.
 */
#ifndef LINLI_JSON_ROW_XLSX_H
#define LINLI_JSON_ROW_XLSX_H

#include "core/buf.h"
#include "core/contract.h"
#include "json/row_json.h"

struct row_xlsx;

struct row_xlsx *row_xlsx_create(void); /* NULL: out of memory */
void row_xlsx_destroy(void *xlsx);      /* of arena_defer's form */
void row_xlsx_heading(struct row_xlsx *xlsx, struct buf *out, const struct reply_plan *plan,
                      enum language language);
void row_xlsx_write(struct row_xlsx *xlsx, struct buf *out, const struct reply_plan *plan,
                    const struct cell *cells);
void row_xlsx_end(struct row_xlsx *xlsx, struct buf *out);
bool row_xlsx_failed(const struct row_xlsx *xlsx);

#endif
