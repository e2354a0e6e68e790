#include "work/worker.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "core/alloc.h"
#include "core/log.h"
#include "work/worker_attempt.h"

#define RETRY_MS 1000u

struct member {
    struct worker worker;
    struct workers *all;
    pthread_t thread;
    bool bulk, started;
};

struct workers {
    struct worker_settings settings;
    int stop;
    pthread_mutex_t lock;
    struct worker_figures figures;
    struct member members[];
};

static bool wait_for_stop(const struct workers *workers, unsigned milliseconds) {
    struct pollfd file = {.fd = workers->stop, .events = POLLIN};
    return poll(&file, 1, (int)milliseconds) > 0;
}

/* ── figures ── */

static void count(struct workers *workers, unsigned *figure, int by) {
    pthread_mutex_lock(&workers->lock);
    *figure = (unsigned)((int)*figure + by);
    pthread_mutex_unlock(&workers->lock);
}

static void count_end(struct workers *workers, enum attempt_end end) {
    pthread_mutex_lock(&workers->lock);
    workers->figures.succeeded += end == ATTEMPT_SUCCEEDED;
    workers->figures.failed += end == ATTEMPT_FAILED;
    workers->figures.retried += end == ATTEMPT_RETRIED;
    workers->figures.running--;
    pthread_mutex_unlock(&workers->lock);
}

void workers_figures(struct workers *workers, struct worker_figures *figures) {
    pthread_mutex_lock(&workers->lock);
    *figures = workers->figures;
    pthread_mutex_unlock(&workers->lock);
}

/* ── the thread ── */

/* NULL: the database refused. A result without a row: nothing waits. */
static const struct call_result *claim(struct member *member) {
    char lease[12];
    snprintf(lease, sizeof lease, "%u", member->all->settings.lease_seconds);
    const char *const values[] = {member->bulk ? "{quick,bulk}" : "{quick}", lease};
    return session_query(
        member->worker.control,
        "select job_id, kind, routine, with_arguments, fence, seconds_most, requested_by, operation,"
        " arguments from core.claim_job($1::text[], $2::integer)",
        values, 2);
}

/* One look for a job. false: the connection is not good. *found: there was one, look again at once. */
static bool look(struct member *member, bool *found) {
    struct worker *worker = &member->worker;
    worker->claimed = claim(member);
    if (worker->claimed == NULL) {
        log_event(LOG_LEVEL_WARNING, "worker_cannot_claim",
                  log_text("reason", session_error(worker->control)));
        return false;
    }
    *found = result_rows(worker->claimed) > 0;
    if (*found) {
        count(member->all, &member->all->figures.running, 1);
        count_end(member->all, attempt_run(worker));
    }
    result_release(worker->claimed);
    return worker->control != NULL;
}

static void look_on(struct member *member) {
    bool found = false;
    count(member->all, &member->all->figures.connected, 1);
    while (!wait_for_stop(member->all, found ? 0 : member->all->settings.poll_ms)) {
        if (!look(member, &found)) {
            break;
        }
    }
    count(member->all, &member->all->figures.connected, -1);
}

static void *run(void *context) {
    struct member *member = context;
    struct worker *worker = &member->worker;
    while (!wait_for_stop(member->all, 0)) {
        if (attempt_open(worker, &worker->control)) {
            look_on(member);
        }
        session_close(worker->control);
        session_close(worker->work);
        worker->control = worker->work = NULL;
        wait_for_stop(member->all, RETRY_MS);
    }
    return NULL;
}

/* ── starting and stopping ── */

static bool start_member(struct workers *workers, unsigned number) {
    struct member *member = &workers->members[number];
    member->all = workers;
    member->bulk = number > 0 || workers->settings.workers == 1;
    member->worker.settings = &workers->settings;
    member->worker.stop = workers->stop;
    member->started = pthread_create(&member->thread, NULL, run, member) == 0;
    return member->started;
}

struct workers *workers_start(const struct worker_settings *settings) {
    struct workers *workers = alloc_zeroed(1, sizeof *workers + settings->workers * sizeof(struct member));
    if (workers == NULL) {
        return NULL;
    }
    workers->settings = *settings;
    workers->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_init(&workers->lock, NULL);
    for (unsigned i = 0; i < settings->workers; i++) {
        if (workers->stop < 0 || !start_member(workers, i)) {
            workers_stop(workers);
            return NULL;
        }
    }
    return workers;
}

void workers_stop(struct workers *workers) {
    if (workers->stop >= 0) {
        eventfd_write(workers->stop, 1);
    }
    for (unsigned i = 0; i < workers->settings.workers; i++) {
        if (workers->members[i].started) {
            pthread_join(workers->members[i].thread, NULL);
        }
    }
    if (workers->stop >= 0) {
        close(workers->stop);
    }
    pthread_mutex_destroy(&workers->lock);
    alloc_release(workers);
}
