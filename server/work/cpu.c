#include "work/cpu.h"

#include <pthread.h>
#include "core/alloc.h"

struct cpu {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct cpu_job *head, *tail;
    size_t waiting, most;
    bool stopping;
};

/* NULL once it is stopping and nothing waits any more. */
static struct cpu_job *cpu_take(struct cpu *cpu) {
    pthread_mutex_lock(&cpu->lock);
    while (cpu->head == NULL && !cpu->stopping) {
        pthread_cond_wait(&cpu->wake, &cpu->lock);
    }
    struct cpu_job *job = cpu->head;
    if (job != NULL) {
        cpu->head = job->next;
        cpu->tail = cpu->head != NULL ? cpu->tail : NULL;
        cpu->waiting--;
    }
    pthread_mutex_unlock(&cpu->lock);
    return job;
}

static void *cpu_thread(void *argument) {
    struct cpu *cpu = argument;
    for (struct cpu_job *job; (job = cpu_take(cpu)) != NULL;) {
        job->run(job);
        job->finished(job); /* the job is its owner's again */
    }
    return NULL;
}

struct cpu *cpu_start(size_t queue_length) {
    struct cpu *cpu = alloc_zeroed(1, sizeof *cpu);
    if (cpu == NULL) {
        return NULL;
    }
    cpu->most = queue_length;
    pthread_mutex_init(&cpu->lock, NULL);
    pthread_cond_init(&cpu->wake, NULL);
    if (pthread_create(&cpu->thread, NULL, cpu_thread, cpu) != 0) {
        alloc_release(cpu);
        return NULL;
    }
    return cpu;
}

bool cpu_submit(struct cpu *cpu, struct cpu_job *job) {
    pthread_mutex_lock(&cpu->lock);
    bool taken = !cpu->stopping && cpu->waiting < cpu->most;
    if (taken) {
        job->next = NULL;
        if (cpu->tail != NULL) {
            cpu->tail->next = job;
        } else {
            cpu->head = job;
        }
        cpu->tail = job;
        cpu->waiting++;
        pthread_cond_signal(&cpu->wake);
    }
    pthread_mutex_unlock(&cpu->lock);
    return taken;
}

void cpu_stop(struct cpu *cpu) {
    pthread_mutex_lock(&cpu->lock);
    cpu->stopping = true;
    pthread_cond_signal(&cpu->wake);
    pthread_mutex_unlock(&cpu->lock);
    pthread_join(cpu->thread, NULL);
    pthread_cond_destroy(&cpu->wake);
    pthread_mutex_destroy(&cpu->lock);
    alloc_release(cpu);
}

size_t cpu_waiting(struct cpu *cpu) {
    pthread_mutex_lock(&cpu->lock);
    size_t waiting = cpu->waiting;
    pthread_mutex_unlock(&cpu->lock);
    return waiting;
}
