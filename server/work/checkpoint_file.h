/* The file that receives the audit chain's checkpoints: one JSON line each, in the order of days, never
 * rewritten.
 *
 * A checkpoint that stands here and differs from the database proves that the past was rewritten; so keep the
 * folder where the database's administrator cannot write.
 */
#ifndef LINLI_WORK_CHECKPOINT_FILE_H
#define LINLI_WORK_CHECKPOINT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHECKPOINT_FILE_NAME "checkpoints.jsonl"

struct checkpoint {
    char day[11];
    int64_t seal_no;
    char hash[65];
};

/* The last one of the file; day "" when there is none or no file. */
void checkpoint_file_last(const char *directory, struct checkpoint *last);
/* Appends and syncs to disk. false: not written, errno says why. */
bool checkpoint_file_append(const char *directory, const struct checkpoint *checkpoint);
/* One line of the file, as it was written. false: it is none. */
bool checkpoint_read(const char *line, struct checkpoint *checkpoint);

#endif
