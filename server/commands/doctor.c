#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "commands/command.h"
#include "core/clock.h"
#include "core/config.h"
#include "core/contract.h"
#include "core/text.h"
#include "db/migrate.h"
#include "seal/codec.h"

#define CLOCK_DRIFT_MOST_US INT64_C(5000000)
#define SERVER_ADVISED 150019
#define LIBRARY_ADVISED 150015
#define OUTPUT_MOST ((size_t)4 * 1024 * 1024)

static const struct command_usage usage = {
    .name = "doctor",
    .arguments = "",
    .description =
        "Checks the installation as the server would meet it: connection, role, versions, extensions, "
        "schema,\n"
        "keys, clock, folders, and every statement of the contract against the columns it promises.\n",
};

enum verdict { GOOD, WARNING, BAD };

struct doctor {
    bool json;
    struct buf out;
    unsigned counts[3];
    struct session *session;
};

static void tell(struct doctor *doctor, enum verdict verdict, const char *check, const char *detail) {
    static const char *const names[] = {"good", "warning", "bad"};
    struct buf *out = &doctor->out;
    bool first = doctor->counts[GOOD] + doctor->counts[WARNING] + doctor->counts[BAD] == 0;
    doctor->counts[verdict]++;
    if (!doctor->json) {
        buf_format(out, "%-8s %-12s %s\n", names[verdict], check, detail);
        return;
    }
    buf_text(out, first ? "{" : ",{");
    command_json_text(out, "check", check);
    command_json_text(out, "verdict", names[verdict]);
    command_json_text(out, "detail", detail);
    buf_char(out, '}');
}

/* A query of one text: '' is good, anything else is told. */
static void ask(struct doctor *doctor, enum verdict otherwise, const char *check, const char *query,
                const char *good) {
    char value[1024];
    if (!session_value(doctor->session, query, NULL, 0, value, sizeof value)) {
        tell(doctor, BAD, check, session_error(doctor->session));
    } else if (value[0] != '\0') {
        tell(doctor, otherwise, check, value);
    } else {
        tell(doctor, GOOD, check, good);
    }
}

/* ── without the database ── */

static void check_keys(struct doctor *doctor) {
    const char *error = "";
    struct keyring *ring = keyring_open(config_text(CONFIG_KEY_DIR), &error);
    if (ring == NULL) {
        tell(doctor, BAD, "keys", error);
        return;
    }
    keyring_close(ring);
    tell(doctor, GOOD, "keys", "present, long enough, readable by nobody else");
}

static void check_folder(struct doctor *doctor, const char *check, const char *path, int mode) {
    char detail[1200];
    if (path[0] == '\0') {
        return;
    }
    bool there = access(path, mode) == 0;
    snprintf(detail, sizeof detail, "%s %s", path, there ? "is there" : "is missing or not accessible");
    tell(doctor, there ? GOOD : BAD, check, detail);
}

static void check_library(struct doctor *doctor) {
    char detail[64];
    int version = session_library_version();
    snprintf(detail, sizeof detail, "libpq %d.%d", version / 10000, version % 10000);
    tell(doctor, version >= LIBRARY_ADVISED ? GOOD : WARNING, "library", detail);
}

/* ── the database ── */

static void check_version(struct doctor *doctor) {
    char detail[96];
    int version = session_server_version(doctor->session);
    snprintf(detail, sizeof detail, "PostgreSQL %d.%d%s", version / 10000, version % 10000,
             version >= 150000 && version < SERVER_ADVISED ? "; 15.19 mends row-level security" : "");
    tell(doctor, version < 150000 ? BAD : version < SERVER_ADVISED ? WARNING : GOOD, "version", detail);
}

static void check_role(struct doctor *doctor) {
    ask(doctor, BAD, "role",
        "select case when r.rolsuper then 'the serving role is a superuser'"
        " when r.rolbypassrls then 'the serving role passes by row-level security'"
        " when pg_has_role(current_user, 'linli_owner', 'member') then 'the serving role belongs to "
        "linli_owner'"
        " when exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where c.relowner = r.oid and n.nspname !~ '^pg_') then 'the serving role owns tables'"
        " else '' end from pg_roles r where r.rolname = current_user",
        "owns nothing, passes nothing by");
    ask(doctor, BAD, "policies",
        "select coalesce(string_agg(c.oid::regclass::text, ' ' order by 1), '') from pg_class c"
        " where c.relrowsecurity and not c.relforcerowsecurity",
        "row-level security is forced wherever it is on");
}

static void check_server(struct doctor *doctor) {
    ask(doctor, BAD, "encoding",
        "select case when pg_encoding_to_char(encoding) <> 'UTF8' then 'the database is not in UTF8'"
        " when datctype in ('C', 'POSIX') then 'lc_ctype is ' || datctype || '; create it with "
        "--locale=C.UTF-8'"
        " else '' end from pg_database where datname = current_database()",
        "UTF8");
    ask(doctor, BAD, "extensions",
        "select coalesce(string_agg(e || ' is missing', ', '), '') from unnest(array['ltree', 'btree_gist']) "
        "e"
        " where e not in (select extname from pg_extension)",
        "ltree, btree_gist");
    ask(doctor, WARNING, "durability",
        "select coalesce(string_agg(name || ' is off', ', '), '') from pg_settings"
        " where name in ('fsync', 'full_page_writes', 'synchronous_commit') and setting = 'off'",
        "commits are durable");
    ask(doctor, config_flag(CONFIG_DEMO) ? WARNING : BAD, "business day",
        "select case when coalesce(current_setting('linli.clock_offset', true), '') in ('', '0') then ''"
        " else 'the clock of business is moved by ' || current_setting('linli.clock_offset') end",
        "not moved");
}

static void check_clock(struct doctor *doctor) {
    char text[32], detail[96];
    int64_t theirs = 0;
    int64_t before = clock_wall_us();
    if (!session_value(doctor->session, "select (extract(epoch from clock_timestamp()) * 1000000)::bigint",
                       NULL, 0, text, sizeof text) ||
        !text_parse_integer(text, strlen(text), &theirs)) {
        tell(doctor, BAD, "clock", session_error(doctor->session));
        return;
    }
    int64_t ours = before + (clock_wall_us() - before) / 2;
    int64_t drift = ours > theirs ? ours - theirs : theirs - ours;
    snprintf(detail, sizeof detail, "%lld ms away from the database's", (long long)(drift / 1000));
    tell(doctor, drift <= CLOCK_DRIFT_MOST_US ? GOOD : BAD, "clock", detail);
}

static void check_schema(struct doctor *doctor) {
    char message[1024];
    enum migrate_state state =
        migrate_check(config_text(CONFIG_DATABASE_URL), config_text(CONFIG_MIGRATIONS_DIR), message);
    tell(doctor, state == MIGRATE_CURRENT ? GOOD : BAD, "schema",
         state == MIGRATE_CURRENT ? "current" : message);
}

/* ── statements ── */

/* NULL when the columns are those of the plan. Statements of steps have no plan: the step reads them by name.
 */
static const char *compare_columns(const struct statement *statement, const struct call_result *columns,
                                   char why[512]) {
    const struct reply_plan *plan = &statement->plan;
    if (plan->column_count == 0) {
        return NULL;
    }
    if (result_columns(columns) != plan->column_count) {
        snprintf(why, 512, "gives %zu columns instead of %u", result_columns(columns), plan->column_count);
        return why;
    }
    for (uint16_t i = 0; i < plan->column_count; i++) {
        if (strcmp(result_column(columns, i), plan->columns[i].name) != 0) {
            snprintf(why, 512, "gives column %s where %s is promised", result_column(columns, i),
                     plan->columns[i].name);
            return why;
        }
    }
    return NULL;
}

static bool check_variant(struct doctor *doctor, const struct statement *statement,
                          const struct statement_variant *variant) {
    const struct call_result *columns = NULL;
    char why[512], detail[900];
    const char *fault = session_describe(doctor->session, variant->text, &columns)
                            ? compare_columns(statement, columns, why)
                            : session_error(doctor->session);
    if (fault != NULL) {
        snprintf(detail, sizeof detail, "%s (%s:%u) %s", statement->name, statement->file, statement->line,
                 fault);
        tell(doctor, BAD, "statement", detail);
    }
    result_release(columns);
    return fault == NULL;
}

static void check_statements(struct doctor *doctor) {
    unsigned variants = 0, faults = 0;
    for (size_t i = 0; i < contract_operation_count; i++) {
        const struct operation *operation = &contract_operations[i];
        for (uint16_t s = 0; s < operation->statement_count; s++) {
            const struct statement *statement = operation->statements[s];
            for (uint16_t v = 0; v < statement->variant_count; v++) {
                variants++;
                faults += !check_variant(doctor, statement, &statement->variants[v]);
            }
        }
    }
    char detail[96];
    snprintf(detail, sizeof detail, "%u of %u agree with the contract", variants - faults, variants);
    tell(doctor, faults == 0 ? GOOD : BAD, "statements", detail);
}

/* ── the command ── */

static void check_database(struct doctor *doctor) {
    char error[SESSION_ERROR_SIZE];
    doctor->session = session_open(config_text(CONFIG_DATABASE_URL), 10000, error);
    if (doctor->session == NULL) {
        tell(doctor, BAD, "database", error);
        return;
    }
    tell(doctor, GOOD, "database", "answers");
    check_version(doctor);
    check_role(doctor);
    check_server(doctor);
    check_clock(doctor);
    check_schema(doctor);
    check_statements(doctor);
    session_close(doctor->session);
}

int command_doctor(int argc, char **argv) {
    struct command_line line;
    int code = command_parse(&usage, argc, argv, &line);
    if (code >= 0) {
        return code;
    }
    struct doctor doctor = {.json = line.json};
    buf_init(&doctor.out, OUTPUT_MOST);
    buf_text(&doctor.out, line.json ? "{\"checks\":[" : "");
    check_library(&doctor);
    check_keys(&doctor);
    check_folder(&doctor, "migrations", config_text(CONFIG_MIGRATIONS_DIR), R_OK | X_OK);
    check_folder(&doctor, "site", config_text(CONFIG_STATIC_DIR), R_OK | X_OK);
    check_folder(&doctor, "checkpoints", config_text(CONFIG_CHECKPOINT_DIR), W_OK | X_OK);
    check_database(&doctor);
    bool good = doctor.counts[BAD] == 0;
    if (line.json) {
        buf_char(&doctor.out, ']');
        command_json_flag(&doctor.out, "ok", good);
        buf_text(&doctor.out, "}\n");
    }
    return command_print(&doctor.out, good ? COMMAND_OK : COMMAND_FAILED);
}
