/* Workers (M9): threads that carry out jobs from core.job, each with two blocking connections of the
 * application's role.
 *
 * On the first a worker takes jobs, shows their progress and writes down how they ended; on the second the
 * work itself is one transaction with the requester's settings, so that row-level security judges it, and its
 * last statement marks the job done. So progress is visible while nothing of the work is, and the work
 * happens once or not at all: a worker that died, or was believed dead, cannot commit, because
 * core.finish_job knows the fence. Jobs are leased by the database's clock; every tick renews the lease. A
 * stop cancels what runs and puts it back into the queue.
 *
 * A kind of job is a routine (core.job_kind.routine) or a C function of `kinds`. Owns its threads; settings
 * and kinds must live until workers_stop. Any number of servers may run workers on one database.
 */
#ifndef LINLI_WORK_WORKER_H
#define LINLI_WORK_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/arena.h"
#include "db/session.h"
#include "seal/codec.h"

struct worker;

/* What a C function of a kind gets; valid while it runs. */
struct worker_job {
    const char *id, *kind;
    const char *arguments;   /* JSON object */
    struct arena *arena;     /* of this attempt */
    struct session *session; /* the work's transaction, the requester's settings set; no begin, no commit */
    const struct keyring *ring;
    const char *result; /* the function's: JSON object for core.job_run.result, arena; NULL = none */
    struct worker *worker;
};

enum worker_outcome {
    WORKER_DONE,
    WORKER_SQL,     /* the session refused a statement: its error decides between failing and trying again */
    WORKER_STOPPED, /* worker_progress or worker_query said so */
    WORKER_MEMORY   /* the arena is exhausted */
};

struct worker_kind {
    const char *kind;
    enum worker_outcome (*run)(struct worker_job *job);
};

/* How far it is; total −1: not known. Cheap: written down with the next tick. false: end with WORKER_STOPPED.
 */
bool worker_progress(struct worker_job *job, int64_t done, int64_t total, const char *phase);
/* As session_query for what may take long: keeps the lease while it waits. NULL: end with worker_failed. */
const struct call_result *worker_query(struct worker_job *job, const char *text, const char *const *values,
                                       size_t count);
/* What a NULL of worker_query means: WORKER_STOPPED or WORKER_SQL. */
enum worker_outcome worker_failed(const struct worker_job *job);

struct worker_settings {
    const char *conninfo;
    const struct keyring *ring;
    unsigned workers; /* 0: none */
    unsigned poll_ms, lease_seconds;
    const struct worker_kind *kinds;
    size_t kind_count;
};

struct worker_figures {
    uint64_t succeeded, failed, retried; /* attempts of this process, by how they ended */
    unsigned running, connected;
};

struct workers;

struct workers *workers_start(const struct worker_settings *settings); /* NULL when no thread could be made */
void workers_stop(struct workers *workers);
void workers_figures(struct workers *workers, struct worker_figures *figures);

#endif
