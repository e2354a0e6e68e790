/* From a row of the file to a row of the temporary table: headings, forms, sealing; for the import's files
 * only.
 *
 * A struct import_lines lives in the attempt's arena and owns two growing batches, handed to the database
 * when full. `scratch` holds what a batch needs and is emptied with it.
 */
#ifndef LINLI_DOMAINS_WORK_IMPORT_LINE_H
#define LINLI_DOMAINS_WORK_IMPORT_LINE_H

#include "core/buf.h"
#include "json/csv_in.h"
#include "work/worker.h"

#define IMPORT_SLOTS 16
#define IMPORT_CELLS 64          /* of a row of the file */
#define IMPORT_ROW_BYTES 65536u  /* of a row of the file */
#define IMPORT_LINES_MOST 500000 /* of a file */

enum import_form { FORM_TEXT, FORM_DATE, FORM_NUMBER, FORM_PHONE, FORM_ID_NUMBER };

struct import_column {
    const char *name, *title_zh, *title_en;
    bool required, seen;
    enum import_form form;
    size_t length_most;
    const char *sealed, *blind;                    /* NULL: not */
    size_t slot, blind_slot, birth_slot, sex_slot; /* from 1; 0: none */
};

struct import_lines {
    struct worker_job *job;
    bool seals; /* the dry run needs no sealed values, only what they are found by */
    struct import_column *columns;
    size_t column_count;
    struct import_column *of_cell[IMPORT_CELLS]; /* by the heading; NULL: no such column */
    size_t heading_cells;
    bool headed;
    int64_t lines, waiting;
    struct arena *scratch;
    struct buf batch[IMPORT_SLOTS + 1]; /* array literals: lines, slots */
    struct buf faults[3];               /* lines, columns, codes */
    enum worker_outcome outcome;        /* anything but WORKER_DONE: reading has ended */
};

bool import_lines_begin(struct import_lines *lines);
void import_lines_end(struct import_lines *lines);
/* The callback of csv_in; context is the import_lines. */
bool import_take_row(void *context, const struct csv_row *row);
void import_blame(struct import_lines *lines, uint64_t line, const char *column, const char *code);
/* Hands over what waits. false: `outcome` says why not. */
bool import_flush(struct import_lines *lines);

#endif
