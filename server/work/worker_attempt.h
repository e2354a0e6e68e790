/* One attempt at one job, for the two files of the workers only. */
#ifndef LINLI_WORK_WORKER_ATTEMPT_H
#define LINLI_WORK_WORKER_ATTEMPT_H

#include "core/uuid.h"
#include "work/worker.h"

#define WORKER_PHASE_SIZE 61
#define WORKER_KIND_SIZE 61

enum worker_verdict { VERDICT_GO, VERDICT_CANCEL, VERDICT_LOST, VERDICT_STOP };

struct worker {
    const struct worker_settings *settings;
    int stop;                       /* eventfd, readable once it shall stop */
    struct session *control, *work; /* NULL: not open */
    /* the job at hand */
    char id[UUID_SIZE], kind[WORKER_KIND_SIZE], fence[12], seconds_most[12];
    const struct call_result *claimed;
    struct arena *arena;
    int64_t done, total; /* total −1: not known */
    char phase[WORKER_PHASE_SIZE];
    enum worker_verdict verdict;
    uint64_t next_tick_ns, lease_end_ns;
};

enum attempt_end { ATTEMPT_SUCCEEDED, ATTEMPT_FAILED, ATTEMPT_RETRIED, ATTEMPT_GIVEN_UP };

/* Carries out what `claimed` says and writes down how it ended. control is open; work is opened when needed
 * and closed when it is not good any more. */
enum attempt_end attempt_run(struct worker *worker);
/* Is the work to go on? Renews the lease. */
bool attempt_tick(void *worker);
bool attempt_open(struct worker *worker, struct session **session);

#endif
