/* Sealer (M11): numbers and chains what has been committed, and carries checkpoints out of the database.
 *
 * Owns one thread and one blocking connection of the application's role. Any number of servers may run one:
 * the database lets one at a time seal. A batch is asked for every interval while there is work, up to every
 * second when idle; once a minute it also looks for other servers' checkpoints. New checkpoints are appended to
 * checkpoint_dir/checkpoints.jsonl (fsync) and logged.
 */
#ifndef LINLI_WORK_SEALER_H
#define LINLI_WORK_SEALER_H

#include <stdbool.h>
#include <stdint.h>

struct sealer;

struct sealer_settings {
    const char *conninfo;
    const char *checkpoint_dir; /* "" = log only */
    unsigned interval_ms;       /* between two batches while there is work */
    unsigned batch;             /* rows at once */
};

struct sealer_figures {
    uint64_t sealed;   /* rows numbered by this process */
    uint64_t failures; /* batches that failed */
    uint64_t idle_ms;  /* since the last successful batch, empty or not: alarm when it grows */
    uint64_t lag_ms;   /* age of the oldest row that waits for a running transaction */
    bool connected;
};

struct sealer *sealer_start(const struct sealer_settings *settings); /* NULL when no thread could be made */
void sealer_stop(struct sealer *sealer);
void sealer_figures(struct sealer *sealer, struct sealer_figures *figures);

#endif
