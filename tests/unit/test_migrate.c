/* Migrations against a real PostgreSQL: forward only, each file whole, changed and unknown files refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "cluster.h"
#include "db/migrate.h"
#include "db/session.h"

static char folder[96];
static char seen[16][64];
static size_t seen_count;

static void write_script(const char *name, const char *text) {
    char path[192];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void remove_script(const char *name) {
    char path[192];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(unlink(path), 0);
}

static const char first[] = "create schema core;\n"
                            "create table core.migration (number bigint primary key, file text not null,"
                            " checksum bytea not null, applied_at timestamptz not null default now());\n"
                            "create table core.schema_version (only_row boolean primary key default true,"
                            " version bigint not null, compatible_from bigint not null);\n"
                            "create table core.thing (n bigint);";

static void progress(void *context, enum migrate_event event, const char *file, double seconds) {
    (void)context;
    assert_true(seconds >= 0);
    snprintf(seen[seen_count++], sizeof seen[0], "%d %s", (int)event, file);
}

static bool run(struct migrate_result *result) {
    struct migrate_settings settings = {
        .conninfo = cluster_conninfo, .directory = folder, .progress = progress};
    seen_count = 0;
    return migrate_run(&settings, result);
}

static enum migrate_state check(void) {
    char message[1024];
    enum migrate_state state = migrate_check(cluster_conninfo, folder, message);
    assert_int_equal(message[0] == '\0', state == MIGRATE_CURRENT);
    return state;
}

static void query(const char *text, const char *expected) {
    char error[SESSION_ERROR_SIZE], value[64];
    struct session *session = session_open(cluster_conninfo, 0, error);
    assert_non_null(session);
    assert_true(session_value(session, text, NULL, 0, value, sizeof value));
    assert_string_equal(value, expected);
    session_close(session);
}

/* The cases build on each other, as releases do. */
static void test_first_run(void **state) {
    (void)state;
    struct migrate_result result;
    write_script("0001_core.sql", first);
    write_script("0002_more.sql", "insert into core.thing values (1);");
    write_script("notes.txt", "not a script");
    write_script("routines/orgs.sql", "create or replace function core.later() returns int language sql"
                                      " as 'select core.sooner() + 1';");
    write_script("routines/core.sql",
                 "create or replace function core.sooner() returns int language sql as 'select 1';");
    assert_int_equal(check(), MIGRATE_OLDER);
    assert_true(run(&result));
    assert_int_equal(result.applied, 2);
    assert_int_equal(result.routines, 2);
    assert_string_equal(seen[0], "0 0001_core.sql");
    assert_string_equal(seen[1], "0 0002_more.sql");
    assert_string_equal(seen[2], "1 routines");
    assert_int_equal(check(), MIGRATE_CURRENT);
    query("select core.later()", "2");
    query("select version || ' ' || compatible_from from core.schema_version", "2 2");
}

static void test_second_run_changes_nothing(void **state) {
    (void)state;
    struct migrate_result result;
    assert_true(run(&result));
    assert_int_equal(result.applied, 0);
    query("select count(*) from core.thing", "1");
}

static void test_failing_file_leaves_nothing(void **state) {
    (void)state;
    struct migrate_result result;
    write_script("0003_bad.sql", "insert into core.thing values (2);\n-- 注释\nselect 中 from core.thing;");
    assert_int_equal(check(), MIGRATE_OLDER);
    assert_false(run(&result));
    assert_non_null(strstr(result.message, "0003_bad.sql:3"));
    query("select count(*) from core.thing", "1");
    query("select count(*) from core.migration where number > 0", "2");
    remove_script("0003_bad.sql");
}

static void test_failing_routines_keep_the_old(void **state) {
    (void)state;
    struct migrate_result result;
    write_script("routines/people.sql", "drop function core.later(); select nonsense;");
    assert_false(run(&result));
    assert_non_null(strstr(result.message, "routines/people.sql:1"));
    query("select core.later()", "2");
    remove_script("routines/people.sql");
}

static void test_changed_routines_are_noticed(void **state) {
    (void)state;
    struct migrate_result result;
    write_script("routines/core.sql",
                 "create or replace function core.sooner() returns int language sql as 'select 5';");
    assert_int_equal(check(), MIGRATE_OLDER);
    assert_true(run(&result));
    assert_int_equal(check(), MIGRATE_CURRENT);
    query("select core.later()", "6");
}

static void test_changed_migration_is_refused(void **state) {
    (void)state;
    struct migrate_result result;
    write_script("0002_more.sql", "insert into core.thing values (1) ;");
    assert_false(run(&result));
    assert_non_null(strstr(result.message, "0002_more.sql was changed"));
    assert_int_equal(check(), MIGRATE_INCOMPATIBLE);
    write_script("0002_more.sql", "insert into core.thing values (1);");
    assert_int_equal(check(), MIGRATE_CURRENT);
}

static void test_late_number_is_refused(void **state) {
    (void)state;
    struct migrate_result result;
    write_script("0004_next.sql", "select 1;");
    assert_true(run(&result));
    write_script("0003_late.sql", "select 1;");
    assert_false(run(&result));
    assert_non_null(strstr(result.message, "0003_late.sql comes before"));
    remove_script("0003_late.sql");
}

static void test_two_files_of_one_number(void **state) {
    (void)state;
    struct migrate_result result;
    write_script("0004_again.sql", "select 1;");
    assert_false(run(&result));
    assert_non_null(strstr(result.message, "the same number"));
    remove_script("0004_again.sql");
}

/* A server of the day before: its folder ends with 2, the database is at 4. */
static void test_older_server(void **state) {
    (void)state;
    struct migrate_result result;
    remove_script("0004_next.sql");
    assert_int_equal(check(), MIGRATE_CURRENT);
    assert_false(run(&result));
    assert_non_null(strstr(result.message, "not in the folder"));
    char error[SESSION_ERROR_SIZE];
    struct session *session = session_open(cluster_conninfo, 0, error);
    assert_true(session_run(session, "update core.schema_version set compatible_from = 4", NULL, 0));
    session_close(session);
    assert_int_equal(check(), MIGRATE_INCOMPATIBLE);
}

static void test_unreachable(void **state) {
    (void)state;
    char message[1024];
    assert_int_equal(migrate_check("host=/nowhere dbname=none", folder, message), MIGRATE_UNREACHABLE);
    assert_true(message[0] != '\0');
}

static int set_up(void **state) {
    (void)state;
    if (cluster_create() != 0) {
        return -1;
    }
    char routines[128];
    strcpy(folder, "/tmp/linli-migrations-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(routines, sizeof routines, "%s/routines", folder);
    return mkdir(routines, 0700);
}

static int tear_down(void **state) {
    (void)state;
    const char *const remove[] = {"/bin/rm", "-rf", folder, NULL};
    pid_t child = fork();
    if (child == 0) {
        execv(remove[0], (char *const *)(size_t)remove);
        _exit(127);
    }
    waitpid(child, NULL, 0);
    cluster_remove();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_run),
        cmocka_unit_test(test_second_run_changes_nothing),
        cmocka_unit_test(test_failing_file_leaves_nothing),
        cmocka_unit_test(test_failing_routines_keep_the_old),
        cmocka_unit_test(test_changed_routines_are_noticed),
        cmocka_unit_test(test_changed_migration_is_refused),
        cmocka_unit_test(test_late_number_is_refused),
        cmocka_unit_test(test_two_files_of_one_number),
        cmocka_unit_test(test_older_server),
        cmocka_unit_test(test_unreachable),
    };
    if (!cluster_available()) {
        print_message("1..0 # SKIP no PostgreSQL 15 on this machine\n");
        return 0;
    }
    return cmocka_run_group_tests_name("migrate", tests, set_up, tear_down);
}
