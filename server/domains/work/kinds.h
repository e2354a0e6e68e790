/* Kinds of jobs that are C functions: of the work domain, for workers_start. */
#ifndef LINLI_DOMAINS_WORK_KINDS_H
#define LINLI_DOMAINS_WORK_KINDS_H

#include "work/worker.h"

enum worker_outcome import_check(struct worker_job *job);
enum worker_outcome import_apply(struct worker_job *job);

#endif
