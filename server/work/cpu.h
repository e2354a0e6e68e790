/* CPU queue: password hashing and the keys of ballots on one thread of its own, so that a login flood cannot
 * stop the city.
 *
 * Owns its thread; jobs belong to the submitter and must live until `finished`. Bounded: a full queue
 * refuses, and the caller answers 503. Jobs run in the order of submission.
 */
#ifndef LINLI_WORK_CPU_H
#define LINLI_WORK_CPU_H

#include <stdbool.h>
#include <stddef.h>

struct cpu;

struct cpu_job {
    void (*run)(struct cpu_job *job); /* on the queue's thread: calculates, touches only what the job owns */
    void (*finished)(
        struct cpu_job *job); /* on the queue's thread: hands the job back to its loop's mailbox */
    void *owner;
    struct cpu_job *next; /* the queue's */
};

struct cpu *cpu_start(size_t queue_length); /* NULL when no thread could be made */
/* false: full or stopping; neither run nor finished will be called. From any thread. */
bool cpu_submit(struct cpu *cpu, struct cpu_job *job);
/* Finishes the job under way and every queued one, then joins. */
void cpu_stop(struct cpu *cpu);
size_t cpu_waiting(struct cpu *cpu); /* for metrics */

#endif
