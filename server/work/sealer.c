#include "work/sealer.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "core/alloc.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/text.h"
#include "db/session.h"
#include "work/checkpoint_file.h"

#define MILLISECOND UINT64_C(1000000)
#define IDLE_MOST_MS 1000u
#define RETRY_MS 1000u
#define STATEMENT_MS 60000u
#define LOOK_NS (60000 * MILLISECOND) /* how often checkpoints of other servers, and what has aged, are looked for */

struct sealer {
    struct sealer_settings settings;
    pthread_t thread;
    int stop; /* eventfd, readable once it shall stop */
    /* the thread's own */
    struct session *session;
    char known_day[11]; /* last checkpoint that has left the database */
    uint64_t next_look_ns;
    bool upkeep_pending; /* the last piece was not the last one */
    /* shared */
    pthread_mutex_t lock;
    struct sealer_figures figures;
    uint64_t last_batch_ns;
};

static bool wait_for_stop(const struct sealer *sealer, unsigned milliseconds) {
    struct pollfd file = {.fd = sealer->stop, .events = POLLIN};
    return poll(&file, 1, (int)milliseconds) > 0;
}

static int64_t cell_integer(struct cell cell) {
    int64_t value = 0;
    return cell.text != NULL && text_parse_integer(cell.text, cell.length, &value) ? value : 0;
}

/* ── figures ── */

static void count_batch(struct sealer *sealer, int64_t sealed, int64_t lag_ms) {
    pthread_mutex_lock(&sealer->lock);
    sealer->figures.sealed += (uint64_t)sealed;
    sealer->figures.lag_ms = (uint64_t)lag_ms;
    sealer->figures.connected = true;
    sealer->last_batch_ns = clock_monotonic_ns();
    pthread_mutex_unlock(&sealer->lock);
}

static void count_failure(struct sealer *sealer, const char *reason) {
    pthread_mutex_lock(&sealer->lock);
    bool first = sealer->figures.connected || sealer->figures.failures == 0;
    sealer->figures.failures++;
    sealer->figures.connected = false;
    pthread_mutex_unlock(&sealer->lock);
    if (first) {
        log_event(LOG_LEVEL_WARNING, "sealer_failed", log_text("reason", reason));
    }
}

void sealer_figures(struct sealer *sealer, struct sealer_figures *figures) {
    pthread_mutex_lock(&sealer->lock);
    *figures = sealer->figures;
    figures->idle_ms = (clock_monotonic_ns() - sealer->last_batch_ns) / MILLISECOND;
    pthread_mutex_unlock(&sealer->lock);
}

/* ── checkpoints ── */

static bool checkpoint_leave(struct sealer *sealer, const struct checkpoint *checkpoint) {
    const char *directory = sealer->settings.checkpoint_dir;
    if (directory[0] != '\0' && !checkpoint_file_append(directory, checkpoint)) {
        log_event(LOG_LEVEL_ERROR, "checkpoint_not_written", log_text("reason", strerror(errno)));
        return false;
    }
    log_event(LOG_LEVEL_INFO, "checkpoint", log_text("day", checkpoint->day),
              log_integer("seal_no", checkpoint->seal_no), log_text("hash", checkpoint->hash));
    snprintf(sealer->known_day, sizeof sealer->known_day, "%s", checkpoint->day);
    return true;
}

/* All that other servers made meanwhile, and those that an earlier process did not get to write. */
static bool checkpoints_leave(struct sealer *sealer) {
    const char *const known[] = {sealer->known_day[0] != '\0' ? sealer->known_day : NULL};
    const struct call_result *rows = session_query(
        sealer->session, "select day, seal_no, hash from core.checkpoints_after($1::date)", known, 1);
    bool good = rows != NULL;
    for (size_t i = 0; good && i < result_rows(rows); i++) {
        struct checkpoint checkpoint = {.seal_no = cell_integer(result_cell(rows, i, 1))};
        snprintf(checkpoint.day, sizeof checkpoint.day, "%s", result_cell(rows, i, 0).text);
        snprintf(checkpoint.hash, sizeof checkpoint.hash, "%s", result_cell(rows, i, 2).text);
        good = checkpoint_leave(sealer, &checkpoint);
    }
    result_release(rows);
    return good;
}

/* ── the work ── */

static bool carry_checkpoints(struct sealer *sealer, bool new_checkpoint, bool due) {
    return (!due && !new_checkpoint) || checkpoints_leave(sealer);
}

/* Whatever was sealed may have aged what is kept ready to be read. */
static bool upkeep(struct sealer *sealer, bool due) {
    char more[2] = "";
    if (!due && !sealer->upkeep_pending) {
        return true;
    }
    bool good = session_value(sealer->session, "select core.run_upkeep()", NULL, 0, more, sizeof more);
    sealer->upkeep_pending = good && more[0] == 't';
    return good;
}

static bool looking_is_due(struct sealer *sealer) {
    uint64_t now_ns = clock_monotonic_ns();
    if (now_ns < sealer->next_look_ns) {
        return false;
    }
    sealer->next_look_ns = now_ns + LOOK_NS;
    return true;
}

/* Sets *sealed and *pending. false: the batch failed. */
static bool seal_batch(struct sealer *sealer, int64_t *sealed, bool *pending) {
    char most[16];
    snprintf(most, sizeof most, "%u", sealer->settings.batch);
    const char *const values[] = {most};
    const struct call_result *rows = session_query(
        sealer->session,
        "select sealed, pending, lag_ms, checkpoint_day is not null from core.seal_batch($1::integer)",
        values, 1);
    if (rows == NULL) {
        return false;
    }
    *sealed = cell_integer(result_cell(rows, 0, 0));
    *pending = result_cell(rows, 0, 1).text[0] == 't';
    bool new_checkpoint = result_cell(rows, 0, 3).text[0] == 't';
    count_batch(sealer, *sealed, cell_integer(result_cell(rows, 0, 2)));
    result_release(rows);
    bool due = looking_is_due(sealer);
    return carry_checkpoints(sealer, new_checkpoint, due) && upkeep(sealer, due || *sealed > 0);
}

/* Until the connection fails or the process stops; an interval that finds nothing grows by half. */
static void seal_on(struct sealer *sealer) {
    unsigned pause = sealer->settings.interval_ms;
    bool stop = false;
    while (!stop) {
        int64_t sealed = 0;
        bool pending = false;
        if (!seal_batch(sealer, &sealed, &pending)) {
            if (wait_for_stop(sealer, 0)) {
                return;
            }
            count_failure(sealer, session_error(sealer->session));
            return;
        }
        pause = sealed > 0 ? sealer->settings.interval_ms : pause + pause / 2 + 1;
        pause = pause < IDLE_MOST_MS ? pause : IDLE_MOST_MS;
        stop = wait_for_stop(sealer, pending || sealer->upkeep_pending ? 0 : pause);
    }
}

static void *sealer_thread(void *argument) {
    struct sealer *sealer = argument;
    while (!wait_for_stop(sealer, 0)) {
        char error[SESSION_ERROR_SIZE];
        sealer->session = session_open(sealer->settings.conninfo, STATEMENT_MS, error);
        if (sealer->session != NULL) {
            sealer->next_look_ns = 0;
            session_heed(sealer->session, sealer->stop);
            seal_on(sealer);
        } else {
            count_failure(sealer, error);
        }
        session_close(sealer->session);
        wait_for_stop(sealer, RETRY_MS);
    }
    return NULL;
}

struct sealer *sealer_start(const struct sealer_settings *settings) {
    struct sealer *sealer = alloc_zeroed(1, sizeof *sealer);
    if (sealer == NULL) {
        return NULL;
    }
    struct checkpoint last = {.day = ""};
    if (settings->checkpoint_dir[0] != '\0') {
        checkpoint_file_last(settings->checkpoint_dir, &last);
    }
    snprintf(sealer->known_day, sizeof sealer->known_day, "%s", last.day);
    sealer->settings = *settings;
    sealer->last_batch_ns = clock_monotonic_ns();
    sealer->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_init(&sealer->lock, NULL);
    if (sealer->stop < 0 || pthread_create(&sealer->thread, NULL, sealer_thread, sealer) != 0) {
        alloc_release(sealer);
        return NULL;
    }
    return sealer;
}

void sealer_stop(struct sealer *sealer) {
    eventfd_write(sealer->stop, 1);
    pthread_join(sealer->thread, NULL);
    close(sealer->stop);
    pthread_mutex_destroy(&sealer->lock);
    alloc_release(sealer);
}
