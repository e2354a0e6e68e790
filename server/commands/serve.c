#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include "auth/password.h"
#include "auth/token.h"
#include "commands/command.h"
#include "core/clock.h"
#include "core/config.h"
#include "core/log.h"
#include "db/listen.h"
#include "db/migrate.h"
#include "domains/work/kinds.h"
#include "http/server.h"
#include "http/static.h"
#include "http/validate.h"
#include "json/json_in.h"
#include "work/cpu.h"
#include "work/sealer.h"
#include "work/worker.h"

#define VERSION "1.0.0"
#define PATIENCE_MS 10000u /* for a database that is just starting */
#define PAUSE_NS 200000000L

static const struct command_usage usage = {
    .name = "serve",
    .arguments = "",
    .description =
        "Serves the site, the API and the documentation until SIGTERM or SIGINT; then it stops accepting,\n"
        "finishes what is under way (stop_seconds) and exits 0. `linli config --help` lists all settings.\n",
};

/* Everything that serves, in the order in which it was started. */
struct service {
    struct keyring *ring;
    struct site *site;
    struct cpu *cpu;
    struct sealer *sealer;
    struct workers *workers;
    struct listen *listener;
    struct server *server;
    int listening;
    struct server_settings settings;
};

/* ── checks ── */

static bool check_schema(char message[1024]) {
    enum migrate_state state = MIGRATE_UNREACHABLE;
    uint64_t until_ns = clock_monotonic_ns() + PATIENCE_MS * UINT64_C(1000000);
    for (;;) {
        state = migrate_check(config_text(CONFIG_DATABASE_URL), config_text(CONFIG_MIGRATIONS_DIR), message);
        if (state != MIGRATE_UNREACHABLE || clock_monotonic_ns() >= until_ns) {
            return state == MIGRATE_CURRENT;
        }
        nanosleep(&(struct timespec){0, PAUSE_NS}, NULL);
    }
}

/* Row-level security binds neither superusers nor, unless forced, owners: the serving role must be neither.
 */
static bool check_role(char message[1024]) {
    static const char question[] =
        "select case when r.rolsuper or r.rolbypassrls then 'bypasses row-level security'"
        " when exists (select from pg_catalog.pg_class c where c.relowner = r.oid) then 'owns tables' else "
        "'' end"
        " from pg_catalog.pg_roles r where r.rolname = current_user";
    char why[64] = "", error[SESSION_ERROR_SIZE];
    struct session *session = session_open(config_text(CONFIG_DATABASE_URL), 5000, error);
    bool asked = session != NULL && session_value(session, question, NULL, 0, why, sizeof why);
    session_close(session);
    if (!asked) {
        snprintf(message, 1024, "the serving role cannot be checked: %s", error);
    } else if (why[0] != '\0') {
        snprintf(message, 1024,
                 "the role of database_url %s; serve with linli_app, which may neither own nor bypass", why);
    }
    return asked && why[0] == '\0';
}

static bool check_all(char message[1024]) {
    enum log_level level;
    const char *pattern;
    if (!log_read_level(config_text(CONFIG_LOG_LEVEL), &level)) {
        snprintf(message, 1024, "log_level must be debug, info, warning or error");
        return false;
    }
    log_set_level(level);
    json_in_setup();
    if (!validate_setup(&pattern)) {
        snprintf(message, 1024, "the contract's pattern %s cannot be compiled", pattern);
        return false;
    }
    if (!password_setup()) {
        snprintf(message, 1024, "libsodium cannot be used");
        return false;
    }
    return check_schema(message) && check_role(message);
}

/* ── starting ── */

static bool open_files(struct service *service, char message[1024]) {
    const char *why = NULL;
    service->ring = keyring_open(config_text(CONFIG_KEY_DIR), &why);
    if (service->ring == NULL) {
        snprintf(message, 1024, "the keys cannot be used: %s", why);
        return false;
    }
    if (!token_setup(service->ring)) {
        snprintf(message, 1024, "tokens cannot be signed with the keys in key_dir");
        return false;
    }
    service->site = site_load(config_text(CONFIG_STATIC_DIR), message);
    if (service->site != NULL && site_count(service->site) == 0) {
        log_event(LOG_LEVEL_WARNING, "no_site", log_text("static_dir", config_text(CONFIG_STATIC_DIR)));
    }
    return service->site != NULL;
}

static void write_job_metrics(struct buf *out, struct workers *workers) {
    struct worker_figures figures;
    workers_figures(workers, &figures);
    server_metric(out, "linli_jobs_succeeded", "Jobs carried out by this process.", figures.succeeded);
    server_metric(out, "linli_jobs_failed", "Jobs that failed for good here.", figures.failed);
    server_metric(out, "linli_jobs_retried", "Attempts that will be made again.", figures.retried);
    server_metric(out, "linli_jobs_running", "Jobs under way here.", figures.running);
    server_metric(out, "linli_job_workers_connected", "Workers that reach the database.", figures.connected);
}

static void write_metrics(struct buf *out, void *context) {
    struct service *service = context;
    struct sealer_figures figures;
    sealer_figures(service->sealer, &figures);
    server_metric(out, "linli_sealer_sealed", "Rows numbered by this process.", figures.sealed);
    server_metric(out, "linli_sealer_failures", "Batches that failed.", figures.failures);
    server_metric(out, "linli_sealer_idle_milliseconds", "Since the last good batch.", figures.idle_ms);
    server_metric(out, "linli_sealer_lag_milliseconds", "Age of the oldest row that waits for its number.",
                  figures.lag_ms);
    write_job_metrics(out, service->workers);
    server_metric(out, "linli_hash_queue", "Password checks waiting.", cpu_waiting(service->cpu));
}

static void on_grants(void *context, const char *person_id) {
    server_grants_changed(((struct service *)context)->server, person_id);
}

static void on_state(void *context, bool listening) {
    server_listening(((struct service *)context)->server, listening);
    log_event(listening ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING, "grants_listener",
              log_flag("listening", listening));
}

static const struct worker_kind kinds[] = {{"import_check", import_check}, {"import_apply", import_apply}};

static bool start_workers(struct service *service) {
    service->cpu = cpu_start((size_t)config_integer(CONFIG_HASH_QUEUE));
    service->sealer = sealer_start(&(struct sealer_settings){
        .conninfo = config_text(CONFIG_DATABASE_URL),
        .checkpoint_dir = config_text(CONFIG_CHECKPOINT_DIR),
        .interval_ms = (unsigned)config_integer(CONFIG_SEALER_INTERVAL_MS),
        .batch = (unsigned)config_integer(CONFIG_SEALER_BATCH),
    });
    service->workers = workers_start(&(struct worker_settings){
        .conninfo = config_text(CONFIG_DATABASE_URL),
        .ring = service->ring,
        .workers = (unsigned)config_integer(CONFIG_JOB_WORKERS),
        .poll_ms = (unsigned)config_integer(CONFIG_JOB_POLL_MS),
        .lease_seconds = (unsigned)config_integer(CONFIG_JOB_LEASE_SECONDS),
        .kinds = kinds,
        .kind_count = sizeof kinds / sizeof kinds[0],
    });
    return service->cpu != NULL && service->sealer != NULL && service->workers != NULL;
}

static bool start_server(struct service *service, char message[1024]) {
    service->settings = (struct server_settings){
        .ring = service->ring,
        .site = service->site,
        .cpu = service->cpu,
        .version = VERSION,
        .listen_fd = service->listening,
        .more_metrics = write_metrics,
        .context = service,
    };
    service->server = server_start(&service->settings, message);
    if (service->server == NULL) {
        return false;
    }
    service->listener = listen_start(&(struct listen_settings){.conninfo = config_text(CONFIG_DATABASE_URL),
                                                               .changed = on_grants,
                                                               .state = on_state,
                                                               .context = service});
    return service->listener != NULL;
}

static bool start(struct service *service, char message[1024]) {
    service->listening = server_listen(message); /* first: a taken port should be told at once */
    if (service->listening < 0 || !check_all(message) || !open_files(service, message)) {
        return false;
    }
    if (!start_workers(service)) {
        snprintf(message, 1024, "no thread can be made");
        return false;
    }
    return start_server(service, message);
}

/* ── stopping: what others hand work to goes last ── */

static void stop(struct service *service) {
    if (service->listener != NULL) {
        listen_stop(service->listener);
    }
    if (service->server != NULL) {
        server_drain(service->server, (unsigned)config_integer(CONFIG_STOP_SECONDS));
    }
    if (service->cpu != NULL) {
        cpu_stop(service->cpu);
    }
    if (service->server != NULL) {
        server_stop(service->server);
    }
    if (service->workers != NULL) {
        workers_stop(service->workers);
    }
    if (service->sealer != NULL) {
        sealer_stop(service->sealer);
    }
    if (service->listening >= 0) {
        close(service->listening);
    }
    site_release(service->site);
    if (service->ring != NULL) {
        keyring_close(service->ring);
    }
    validate_teardown();
}

/* ── the command ── */

static void block_signals(sigset_t *set) {
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT);
    pthread_sigmask(SIG_BLOCK, set, NULL); /* inherited by every thread; only this one waits for them */
    signal(SIGPIPE, SIG_IGN);
}

/* A login shell's soft limit is often 1024 descriptors, far below connection_limit; what the system allows is
 * ours to use. */
static void raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void announce(const struct command_line *line, const struct service *service) {
    const char *address = config_text(CONFIG_BIND);
    bool six = strchr(address, ':') != NULL;
    int port = (int)config_integer(CONFIG_PORT);
    if (line->json) {
        printf("{\"url\":\"http://%s%s%s:%d\",\"loops\":%u}\n", six ? "[" : "", address, six ? "]" : "", port,
               server_loops(service->server));
    } else {
        printf("listening on http://%s%s%s:%d\n", six ? "[" : "", address, six ? "]" : "", port);
    }
    fflush(stdout);
    log_event(LOG_LEVEL_INFO, "started", log_text("address", address), log_integer("port", port),
              log_text("version", VERSION));
}

int command_serve(int argc, char **argv) {
    struct command_line line;
    struct service service = {.listening = -1};
    char message[1024] = "";
    sigset_t signals;
    int signal_number = 0, code = command_parse(&usage, argc, argv, &line);
    if (code >= 0) {
        return code;
    }
    block_signals(&signals);
    raise_descriptor_limit();
    bool good = start(&service, message);
    if (good) {
        announce(&line, &service);
        sigwait(&signals, &signal_number);
        log_event(LOG_LEVEL_INFO, "stopping", log_integer("signal", signal_number));
    }
    stop(&service);
    return good ? COMMAND_OK : command_fail(&usage, "%s", message);
}
