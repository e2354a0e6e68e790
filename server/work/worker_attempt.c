/* One attempt: the requester's settings, the work, its end in the same transaction; and the signs of life. */
#include "work/worker_attempt.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include "auth/principal_read.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/text.h"
#include "db/engine.h"
#include "db/sqlstate.h"
#include "json/json_out.h"

#define TICK_MS 500u
#define NS_PER_MS UINT64_C(1000000)
#define ARENA_MOST ((size_t)64 << 20)
#define FAILURE_MOST 2048
#define CONTROL_MS 10000u /* longest statement of the first connection: each is one row's */

/* ── signs of life ── */

static bool wants_stop(const struct worker *worker) {
    struct pollfd file = {.fd = worker->stop, .events = POLLIN};
    return poll(&file, 1, 0) > 0;
}

bool attempt_open(struct worker *worker, struct session **session) {
    char error[SESSION_ERROR_SIZE];
    if (*session != NULL && session_alive(*session)) {
        return true;
    }
    session_close(*session);
    *session = session_open(worker->settings->conninfo, session == &worker->control ? CONTROL_MS : 0, error);
    if (*session == NULL) {
        log_event(LOG_LEVEL_WARNING, "worker_not_connected", log_text("reason", error));
    } else {
        session_heed(*session, worker->stop); /* a silent database does not keep the process from stopping */
    }
    return *session != NULL;
}

/* "go", "cancel" or "lost"; "" when the database did not answer. */
static void renew(struct worker *worker, char answer[8]) {
    char lease[12], done[24], total[24];
    snprintf(lease, sizeof lease, "%u", worker->settings->lease_seconds);
    snprintf(done, sizeof done, "%" PRId64, worker->done);
    snprintf(total, sizeof total, "%" PRId64, worker->total);
    const char *const values[] = {worker->id,
                                  worker->fence,
                                  lease,
                                  done,
                                  worker->total < 0 ? NULL : total,
                                  worker->phase[0] == '\0' ? NULL : worker->phase};
    answer[0] = '\0';
    if (attempt_open(worker, &worker->control) &&
        !session_value(
            worker->control,
            "select core.renew_job($1::uuid, $2::integer, $3::integer, $4::bigint, $5::bigint, $6::text)",
            values, 6, answer, 8)) {
        answer[0] = '\0';
    }
}

static uint64_t lease_ns(const struct worker *worker) {
    return worker->settings->lease_seconds * 1000 * NS_PER_MS;
}

bool attempt_tick(void *context) {
    struct worker *worker = context;
    char answer[8];
    if (worker->verdict != VERDICT_GO) {
        return false;
    }
    if (wants_stop(worker)) {
        worker->verdict = VERDICT_STOP;
        return false;
    }
    renew(worker, answer);
    uint64_t now_ns = clock_monotonic_ns();
    worker->next_tick_ns = now_ns + TICK_MS * NS_PER_MS;
    if (strcmp(answer, "go") == 0) {
        worker->lease_end_ns = now_ns + lease_ns(worker);
    } else if (strcmp(answer, "cancel") == 0) {
        worker->verdict = VERDICT_CANCEL;
    } else if (strcmp(answer, "lost") == 0 || now_ns >= worker->lease_end_ns) {
        worker->verdict = VERDICT_LOST; /* without an answer the lease may still be ours for a while */
    }
    return worker->verdict == VERDICT_GO;
}

static void set_progress(struct worker *worker, int64_t done, int64_t total, const char *phase) {
    worker->done = done < 0 ? 0 : done;
    worker->total = total;
    snprintf(worker->phase, sizeof worker->phase, "%s", phase);
}

bool worker_progress(struct worker_job *job, int64_t done, int64_t total, const char *phase) {
    struct worker *worker = job->worker;
    bool turned = strcmp(worker->phase, phase) != 0;
    set_progress(worker, done, total, phase);
    return turned || clock_monotonic_ns() >= worker->next_tick_ns ? attempt_tick(worker)
                                                                  : worker->verdict == VERDICT_GO;
}

/* core.progress() of a routine, shown with the next tick; and what core.run_daily could not do. */
static void hear_notice(void *context, const char *line) {
    long long done, total;
    char phase[WORKER_PHASE_SIZE];
    char state[6];
    if (sscanf(line, "job_progress %lld %lld %60[a-z_]", &done, &total, phase) == 3) {
        set_progress(context, done, total, phase);
    } else if (sscanf(line, "task_failed %60[a-z_.] %5[0-9A-Z]", phase, state) == 2) {
        log_event(LOG_LEVEL_ERROR, "task_failed", log_text("routine", phase), log_text("state", state));
    }
}

const struct call_result *worker_query(struct worker_job *job, const char *text, const char *const *values,
                                       size_t count) {
    struct worker *worker = job->worker;
    const struct session_watch watch = {
        .wake = worker->stop, .every_ms = TICK_MS, .tick = attempt_tick, .context = worker};
    return worker->verdict == VERDICT_GO ? session_query_watched(worker->work, text, values, count, &watch)
                                         : NULL;
}

enum worker_outcome worker_failed(const struct worker_job *job) {
    return job->worker->verdict == VERDICT_GO ? WORKER_SQL : WORKER_STOPPED;
}

/* ── who it is done for ── */

static const struct operation *find_operation(const char *id) {
    for (size_t i = 0; id != NULL && i < contract_operation_count; i++) {
        if (strcmp(contract_operations[i].id, id) == 0) {
            return &contract_operations[i];
        }
    }
    return NULL;
}

/* The requester's grants of today, as far as the operation that was asked for admits them. false: the session
 * refused, or `*problem` says why nothing can be done for them. */
static bool read_settings(struct worker *worker, struct call_settings *settings, const char **problem) {
    const struct operation *operation = find_operation(result_named(worker->claimed, 0, "operation").text);
    const char *const values[] = {worker->id};
    struct principal principal;
    const struct call_result *rows = session_query(
        worker->work,
        "select person_id, role, territory_path, leadership_path from core.job_principal($1::uuid)", values,
        1);
    bool asked = rows != NULL;
    bool known = asked && operation != NULL && principal_read(worker->arena, rows, worker->id, &principal) &&
                 principal_settings(worker->arena, &principal, operation, worker->id, settings);
    *problem = asked && !known ? "requester_gone" : NULL;
    result_release(rows);
    return known;
}

static bool apply_settings(struct worker *worker, const struct call_settings *settings) {
    const char *const values[] = {settings->person,    settings->scope,     settings->scope_lead,
                                  settings->paths,     settings->lead,      settings->files,
                                  settings->operation, settings->request_id, settings->agent};
    const char *const limits[] = {worker->seconds_most};
    return session_run(worker->work, engine_settings.text, values, CALL_SETTINGS) &&
           session_run(worker->work,
                       "select set_config('statement_timeout', $1 || 's', true), set_config('lock_timeout', "
                       "'30s', true)",
                       limits, 1);
}

/* ── the work ── */

static const struct worker_kind *find_kind(const struct worker *worker) {
    const struct worker_settings *settings = worker->settings;
    for (size_t i = 0; i < settings->kind_count; i++) {
        if (strcmp(settings->kinds[i].kind, worker->kind) == 0) {
            return &settings->kinds[i];
        }
    }
    return NULL;
}

static enum worker_outcome call_routine(struct worker_job *job, const char *text) {
    const char *const values[] = {job->id, job->worker->fence};
    const struct call_result *result = worker_query(job, text, values, 2);
    result_release(result);
    return result != NULL ? WORKER_DONE : worker_failed(job);
}

static enum worker_outcome call_function(struct worker_job *job, const struct worker_kind *kind) {
    enum worker_outcome outcome = kind->run(job);
    const char *const values[] = {job->id, job->worker->fence, job->result};
    if (outcome != WORKER_DONE) {
        return outcome;
    }
    return session_run(job->session, "select core.finish_job($1::uuid, $2::integer, $3::jsonb)", values, 3)
               ? WORKER_DONE
               : WORKER_SQL;
}

/* Within the transaction; the last statement of it marks the job done. */
static enum worker_outcome do_work(struct worker *worker, const char **problem) {
    bool is_clocks = result_named(worker->claimed, 0, "requested_by").text == NULL;
    struct call_settings settings = {"", "", "", "", "", "", worker->kind, worker->id, ""};
    struct worker_job job = {.id = worker->id,
                             .kind = worker->kind,
                             .arguments = result_named(worker->claimed, 0, "arguments").text,
                             .arena = worker->arena,
                             .session = worker->work,
                             .ring = worker->settings->ring,
                             .worker = worker};
    if ((!is_clocks && !read_settings(worker, &settings, problem)) || !apply_settings(worker, &settings)) {
        return WORKER_SQL;
    }
    if (is_clocks) {
        return call_routine(&job, "select core.run_scheduled($1::uuid, $2::integer)");
    }
    if (result_named(worker->claimed, 0, "routine").text != NULL) {
        return call_routine(&job, "select core.run_requested($1::uuid, $2::integer)");
    }
    const struct worker_kind *kind = find_kind(worker);
    if (kind == NULL) {
        *problem = "internal_error"; /* of a newer server: that one may know it */
        return WORKER_SQL;
    }
    return call_function(&job, kind);
}

static enum worker_outcome work_in_transaction(struct worker *worker, const char **problem) {
    if (!session_run(worker->work, "begin", NULL, 0)) {
        return WORKER_SQL;
    }
    enum worker_outcome outcome = do_work(worker, problem);
    if (outcome == WORKER_DONE && session_run(worker->work, "commit", NULL, 0)) {
        return WORKER_DONE;
    }
    return outcome == WORKER_DONE ? WORKER_SQL : outcome;
}

/* ── how it ended ── */

static char *write_failure(struct worker *worker, const struct problem *problem, const char *pointer) {
    struct buf out;
    buf_init(&out, FAILURE_MOST);
    buf_text(&out, "{\"problem\":");
    json_out_text(&out, problem->name);
    buf_text(&out, ",\"title_zh\":");
    json_out_text(&out, problem->title[LANGUAGE_ZH]);
    buf_text(&out, ",\"title_en\":");
    json_out_text(&out, problem->title[LANGUAGE_EN]);
    if (pointer != NULL) {
        buf_text(&out, ",\"pointer\":");
        json_out_text(&out, pointer);
    }
    buf_char(&out, '}');
    char *text = buf_failed(&out) ? NULL : arena_copy(worker->arena, out.data, out.length);
    buf_free(&out);
    return text;
}

/* The message only where it is about our own mistake: others may hold what people typed. */
static void log_failure(const struct worker *worker, const struct problem *problem) {
    const struct sql_error *error = session_sql_error(worker->work);
    bool ours = strcmp(problem->name, "internal_error") == 0;
    log_event(LOG_LEVEL_WARNING, "job_failed", log_text("kind", worker->kind), log_text("job", worker->id),
              log_text("problem", problem->name), log_text("state", error->state),
              log_text("constraint", error->constraint), log_text("message", ours ? error->message : NULL));
}

static bool is_transient(const struct problem *problem) {
    return strcmp(problem->name, "try_again") == 0 || strcmp(problem->name, "unavailable") == 0;
}

static enum attempt_end settle(struct worker *worker, const char *outcome, const char *failure) {
    const char *const values[] = {worker->id, worker->fence, outcome, failure};
    char reached[12] = "";
    if (!attempt_open(worker, &worker->control) ||
        !session_value(worker->control, "select core.settle_job($1::uuid, $2::integer, $3::text, $4::jsonb)",
                       values, 4, reached, sizeof reached)) {
        return ATTEMPT_GIVEN_UP; /* the lease will end by itself */
    }
    return strcmp(reached, "failed") == 0   ? ATTEMPT_FAILED
           : strcmp(reached, "queued") == 0 ? ATTEMPT_RETRIED
           : strcmp(reached, "retry") == 0  ? ATTEMPT_RETRIED
                                            : ATTEMPT_GIVEN_UP;
}

/* Whatever is left of the transaction goes, with its locks; a session that cannot say so goes too. */
static void clean_session(struct worker *worker) {
    if (!session_alive(worker->work) || !session_run(worker->work, "rollback", NULL, 0)) {
        session_close(worker->work);
        worker->work = NULL;
    }
}

static enum attempt_end settle_failure(struct worker *worker, enum worker_outcome outcome,
                                       const char *named) {
    const struct sql_error *error = session_sql_error(worker->work);
    const char *pointer = NULL;
    bool lost = named == NULL && outcome == WORKER_SQL && strcmp(error->state, "LI410") == 0;
    const struct problem *problem = named != NULL           ? contract_find_problem(named)
                                    : outcome == WORKER_SQL ? sqlstate_problem(error, CALL_REFUSED, &pointer)
                                                            : contract_find_problem("internal_error");
    if (!lost) {
        log_failure(worker, problem);
    }
    const char *failure = write_failure(worker, problem, pointer); /* before the error's texts go */
    clean_session(worker);
    return lost ? ATTEMPT_GIVEN_UP : settle(worker, is_transient(problem) ? "retry" : "failed", failure);
}

static enum attempt_end settle_attempt(struct worker *worker, enum worker_outcome outcome,
                                       const char *named) {
    if (worker->verdict == VERDICT_GO) {
        return settle_failure(worker, outcome, named);
    }
    clean_session(worker);
    return worker->verdict == VERDICT_CANCEL ? settle(worker, "cancelled", NULL)
           : worker->verdict == VERDICT_STOP ? settle(worker, "released", NULL)
                                             : ATTEMPT_GIVEN_UP; /* another worker has it */
}

static void copy_claim(struct worker *worker) {
    snprintf(worker->id, sizeof worker->id, "%s", result_named(worker->claimed, 0, "job_id").text);
    snprintf(worker->kind, sizeof worker->kind, "%s", result_named(worker->claimed, 0, "kind").text);
    snprintf(worker->fence, sizeof worker->fence, "%s", result_named(worker->claimed, 0, "fence").text);
    snprintf(worker->seconds_most, sizeof worker->seconds_most, "%s",
             result_named(worker->claimed, 0, "seconds_most").text);
    worker->done = 0;
    worker->total = -1;
    worker->phase[0] = '\0';
    worker->verdict = VERDICT_GO;
    worker->next_tick_ns = clock_monotonic_ns() + TICK_MS * NS_PER_MS;
    worker->lease_end_ns = clock_monotonic_ns() + lease_ns(worker);
}

static void log_success(const struct worker *worker, uint64_t since_ns) {
    bool is_clocks = result_named(worker->claimed, 0, "requested_by").text == NULL;
    log_event(is_clocks ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO, "job", log_text("kind", worker->kind),
              log_text("job", worker->id), log_duration("ms", clock_monotonic_ns() - since_ns));
}

enum attempt_end attempt_run(struct worker *worker) {
    const char *problem = NULL;
    uint64_t since_ns = clock_monotonic_ns();
    copy_claim(worker);
    worker->arena = arena_create(ARENA_MOST);
    if (worker->arena == NULL || !attempt_open(worker, &worker->work)) {
        arena_destroy(worker->arena);
        return settle(worker, "retry", NULL);
    }
    session_on_notice(worker->work, hear_notice, worker);
    enum worker_outcome outcome = work_in_transaction(worker, &problem);
    enum attempt_end end = ATTEMPT_SUCCEEDED;
    if (outcome == WORKER_DONE) {
        log_success(worker, since_ns);
    } else {
        end = settle_attempt(worker, outcome, problem);
    }
    arena_destroy(worker->arena);
    return end;
}
