#include "db/migrate.h"

#include <stdio.h>
#include <string.h>
#include "core/clock.h"
#include "core/text.h"
#include "db/script.h"
#include "db/session.h"
#include "seal/digest.h"

#define ARENA_MOST ((size_t)64 * 1024 * 1024)
#define LOCK_KEY "4704129135013" /* one migration at a time in a database */
#define ROUTINES_NUMBER "0"      /* the row of core.migration that tells which routines are loaded */

struct migration_run {
    const struct migrate_settings *settings;
    struct migrate_result *result;
    struct arena *arena;
    struct session *session;
    struct script_list migrations, routines;
};

/* ── what the database has ── */

static bool has_table(struct session *session, bool *there) {
    char value[8] = "";
    bool good = session_value(session, "select to_regclass('core.migration') is not null", NULL, 0, value,
                              sizeof value);
    *there = value[0] == 't';
    return good;
}

/* number, file, checksum in hexadecimal; NULL with the session's error. */
static const struct call_result *applied_rows(struct session *session) {
    return session_query(session,
                         "select number, file, encode(checksum, 'hex') from core.migration where number > 0"
                         " order by number",
                         NULL, 0);
}

static const struct script *find_number(const struct script_list *list, int64_t number) {
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].number == number) {
            return &list->items[i];
        }
    }
    return NULL;
}

static int64_t row_number(const struct call_result *rows, size_t row) {
    struct cell cell = result_cell(rows, row, 0);
    int64_t number = 0;
    text_parse_integer(cell.text, cell.length, &number);
    return number;
}

static bool row_fits(const struct call_result *rows, size_t row, const struct script *script) {
    return script != NULL && strcmp(result_cell(rows, row, 2).text, script->checksum) == 0;
}

/* Every migration the database knows stands in the folder, unchanged. Those beyond `newest` may be missing.
 */
static bool applied_fit(const struct call_result *rows, const struct script_list *files, int64_t newest,
                        char message[1024]) {
    for (size_t i = 0; i < result_rows(rows); i++) {
        int64_t number = row_number(rows, i);
        const struct script *script = find_number(files, number);
        if (number > newest || row_fits(rows, i, script)) {
            continue;
        }
        snprintf(message, 1024, "%s %s", result_cell(rows, i, 1).text,
                 script == NULL ? "is in the database but not in the folder of migrations"
                                : "was changed after it had been applied; add a new migration instead");
        return false;
    }
    return true;
}

/* ── running ── */

static bool run_failed(struct migration_run *run, const char *what) {
    snprintf(run->result->message, sizeof run->result->message, "%s: %s", what, session_error(run->session));
    return false;
}

static bool script_failed(struct migration_run *run, const struct script *script) {
    size_t line = script_line(script->text, session_error_position(run->session));
    char where[160];
    if (line > 0) {
        snprintf(where, sizeof where, "%s:%zu", script->name, line);
    } else {
        snprintf(where, sizeof where, "%s", script->name);
    }
    return run_failed(run, where);
}

static bool begin(struct migration_run *run) {
    return session_run(run->session, "begin", NULL, 0) || run_failed(run, "begin");
}

static bool commit(struct migration_run *run) {
    return session_run(run->session, "commit", NULL, 0) || run_failed(run, "commit");
}

static bool remember(struct migration_run *run, const char *number, const char *name, const char *checksum) {
    const char *const values[] = {number, name, checksum};
    return session_run(
               run->session,
               "insert into core.migration (number, file, checksum)"
               " values ($1::bigint, $2::text, decode($3::text, 'hex'))"
               " on conflict (number) do update set file = excluded.file, checksum = excluded.checksum,"
               " applied_at = excluded.applied_at",
               values, 3) ||
           run_failed(run, name);
}

static void report(struct migration_run *run, enum migrate_event event, const char *file, uint64_t since_ns) {
    if (run->settings->progress != NULL) {
        double seconds = (double)(clock_monotonic_ns() - since_ns) / 1e9;
        run->settings->progress(run->settings->context, event, file, seconds);
    }
}

static bool apply_migration(struct migration_run *run, const struct script *script) {
    uint64_t start_ns = clock_monotonic_ns();
    char number[16];
    snprintf(number, sizeof number, "%u", script->number);
    if (!begin(run)) {
        return false;
    }
    if (!session_script(run->session, script->text)) {
        script_failed(run, script);
        session_run(run->session, "rollback", NULL, 0);
        return false;
    }
    if (!remember(run, number, script->name, script->checksum) || !commit(run)) {
        return false;
    }
    run->result->applied++;
    report(run, MIGRATE_APPLIED, script->name, start_ns);
    return true;
}

static bool apply_migrations(struct migration_run *run, const struct call_result *applied) {
    int64_t newest = result_rows(applied) > 0 ? row_number(applied, result_rows(applied) - 1) : 0;
    for (size_t i = 0; i < run->migrations.count; i++) {
        const struct script *script = &run->migrations.items[i];
        bool done = false;
        for (size_t row = 0; row < result_rows(applied); row++) {
            done |= row_number(applied, row) == script->number;
        }
        if (!done && script->number < newest) {
            snprintf(run->result->message, sizeof run->result->message,
                     "%s comes before what is already applied; give it the next number", script->name);
            return false;
        }
        if (!done && !apply_migration(run, script)) {
            return false;
        }
    }
    return true;
}

/* All checksums as one. */
static void routines_checksum(const struct script_list *routines, char out[SCRIPT_CHECKSUM_SIZE]) {
    struct text parts[2];
    unsigned char digest[DIGEST_SIZE] = {0};
    for (size_t i = 0; i < routines->count; i++) {
        parts[0] = (struct text){(const char *)digest, sizeof digest};
        parts[1] = text_of(routines->items[i].checksum);
        digest_parts(digest, parts, 2);
    }
    text_write_hex(out, digest, sizeof digest);
}

/* In one transaction, so that a server beside it never meets half of them. */
static bool load_routines(struct migration_run *run) {
    uint64_t start_ns = clock_monotonic_ns();
    char checksum[SCRIPT_CHECKSUM_SIZE];
    routines_checksum(&run->routines, checksum);
    if (!begin(run)) {
        return false;
    }
    for (size_t i = 0; i < run->routines.count; i++) {
        if (!session_script(run->session, run->routines.items[i].text)) {
            script_failed(run, &run->routines.items[i]);
            session_run(run->session, "rollback", NULL, 0);
            return false;
        }
    }
    if (!remember(run, ROUTINES_NUMBER, "routines", checksum) || !commit(run)) {
        return false;
    }
    run->result->routines = run->routines.count;
    report(run, MIGRATE_ROUTINES, "routines", start_ns);
    return true;
}

/* compatible_from is the business of migrations: one that breaks older servers raises it. */
static bool write_version(struct migration_run *run) {
    char newest[16];
    const struct script_list *list = &run->migrations;
    snprintf(newest, sizeof newest, "%u", list->count > 0 ? list->items[list->count - 1].number : 0);
    const char *const values[] = {newest};
    return session_run(
               run->session,
               "insert into core.schema_version (version, compatible_from) values ($1::bigint, $1::bigint)"
               " on conflict (only_row) do update set version = excluded.version"
               " where core.schema_version.version <> excluded.version",
               values, 1) ||
           run_failed(run, "core.schema_version");
}

static bool run_locked(struct migration_run *run) {
    bool there;
    if (!has_table(run->session, &there)) {
        return run_failed(run, "core.migration");
    }
    const struct call_result *applied = there ? applied_rows(run->session) : NULL;
    if (there && applied == NULL) {
        return run_failed(run, "core.migration");
    }
    bool good = applied_fit(applied, &run->migrations, INT64_MAX, run->result->message) &&
                apply_migrations(run, applied) && load_routines(run) && write_version(run);
    result_release(applied);
    if (good && run->result->applied == 0) {
        report(run, MIGRATE_UNCHANGED, "", clock_monotonic_ns());
    }
    return good;
}

/* Names in the scripts are looked up as psql would. */
static bool run_prepare(struct migration_run *run) {
    return (session_run(run->session, "set search_path = public", NULL, 0) &&
            session_run(run->session, "set lock_timeout = '30s'", NULL, 0) &&
            session_run(run->session, "select pg_advisory_lock(" LOCK_KEY ")", NULL, 0)) ||
           run_failed(run, "another migration is running");
}

static bool run_connected(struct migration_run *run) {
    if (session_server_version(run->session) < 150000) {
        snprintf(run->result->message, sizeof run->result->message, "PostgreSQL 15 or newer is needed");
        return false;
    }
    return run_prepare(run) && run_locked(run);
}

static bool run_open(struct migration_run *run) {
    char error[SESSION_ERROR_SIZE];
    const char *directory = run->settings->directory;
    if (!script_list_migrations(run->arena, directory, &run->migrations, error) ||
        !script_list_routines(run->arena, directory, &run->routines, error)) {
        snprintf(run->result->message, sizeof run->result->message, "%s", error);
        return false;
    }
    run->session = session_open(run->settings->conninfo, 0, error);
    if (run->session == NULL) {
        snprintf(run->result->message, sizeof run->result->message, "%s", error);
    }
    return run->session != NULL;
}

bool migrate_run(const struct migrate_settings *settings, struct migrate_result *result) {
    *result = (struct migrate_result){.message = ""};
    struct migration_run run = {.settings = settings, .result = result, .arena = arena_create(ARENA_MOST)};
    bool good = run.arena != NULL && run_open(&run) && run_connected(&run);
    session_close(run.session);
    if (run.arena != NULL) {
        arena_destroy(run.arena);
    }
    return good;
}

/* ── checking, for serve ── */

static enum migrate_state fail(enum migrate_state state, char message[1024], const char *text) {
    snprintf(message, 1024, "%s", text);
    return state;
}

static enum migrate_state check_routines(struct session *session, const char *directory, struct arena *arena,
                                         char message[1024]) {
    char error[512], ours[SCRIPT_CHECKSUM_SIZE], theirs[SCRIPT_CHECKSUM_SIZE] = "";
    struct script_list routines;
    if (!script_list_routines(arena, directory, &routines, error)) {
        return fail(MIGRATE_INCOMPATIBLE, message, error);
    }
    routines_checksum(&routines, ours);
    session_value(session,
                  "select encode(checksum, 'hex') from core.migration where number = " ROUTINES_NUMBER, NULL,
                  0, theirs, sizeof theirs);
    return strcmp(ours, theirs) == 0
               ? MIGRATE_CURRENT
               : fail(MIGRATE_OLDER, message,
                      "the database's routines are not those of this server; run linli migrate");
}

static enum migrate_state check_versions(struct session *session, int64_t ours, char message[1024]) {
    char version[24], compatible_from[24];
    int64_t theirs = 0, from = 0;
    bool read =
        session_value(session, "select version from core.schema_version", NULL, 0, version, sizeof version) &&
        session_value(session, "select compatible_from from core.schema_version", NULL, 0, compatible_from,
                      sizeof compatible_from) &&
        text_parse_integer(version, strlen(version), &theirs) &&
        text_parse_integer(compatible_from, strlen(compatible_from), &from);
    if (!read || theirs < ours) {
        return fail(MIGRATE_OLDER, message,
                    "the database's schema is older than this server; run linli migrate");
    }
    if (ours < from) {
        return fail(MIGRATE_INCOMPATIBLE, message,
                    "the database's schema needs a newer server than this one");
    }
    return MIGRATE_CURRENT;
}

static enum migrate_state check_connected(struct session *session, struct arena *arena, const char *directory,
                                          char message[1024]) {
    char error[512];
    struct script_list files;
    if (!script_list_migrations(arena, directory, &files, error) || files.count == 0) {
        return fail(MIGRATE_INCOMPATIBLE, message,
                    files.count == 0 ? "the folder of migrations is empty" : error);
    }
    int64_t newest = files.items[files.count - 1].number;
    const struct call_result *applied = applied_rows(session);
    if (applied == NULL) {
        return fail(MIGRATE_OLDER, message, "the database has no schema yet; run linli migrate");
    }
    bool fits = applied_fit(applied, &files, newest, message);
    bool same = result_rows(applied) > 0 && row_number(applied, result_rows(applied) - 1) == newest;
    result_release(applied);
    if (!fits) {
        return MIGRATE_INCOMPATIBLE;
    }
    enum migrate_state state = check_versions(session, newest, message);
    return state == MIGRATE_CURRENT && same ? check_routines(session, directory, arena, message) : state;
}

enum migrate_state migrate_check(const char *conninfo, const char *directory, char message[1024]) {
    char error[SESSION_ERROR_SIZE];
    message[0] = '\0';
    struct arena *arena = arena_create(ARENA_MOST);
    struct session *session = arena != NULL ? session_open(conninfo, 5000, error) : NULL;
    enum migrate_state state = session != NULL
                                   ? check_connected(session, arena, directory, message)
                                   : fail(MIGRATE_UNREACHABLE, message, arena != NULL ? error : "no memory");
    session_close(session);
    if (arena != NULL) {
        arena_destroy(arena);
    }
    return state;
}
