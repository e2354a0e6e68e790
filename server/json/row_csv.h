/* Rows of text cells → CSV (RFC 4180) as spreadsheets read it: a mark of UTF-8 in front, CRLF, quotes where
 * needed.
 *
 * Text that a spreadsheet would take for a formula (it begins with = + - @, a tab or a line end, or their
 * full-width forms) gets an apostrophe in front; numbers are numbers. Reserved columns are left out. Codecs
 * are the caller's.
 */
#ifndef LINLI_JSON_ROW_CSV_H
#define LINLI_JSON_ROW_CSV_H

#include "core/buf.h"
#include "core/contract.h"
#include "json/row_json.h"

void row_csv_heading(struct buf *out, const struct reply_plan *plan, enum language language);
void row_csv_write(struct buf *out, const struct reply_plan *plan, const struct cell *cells);

#endif
