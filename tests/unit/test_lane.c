/* Lanes against a real PostgreSQL: thousands of pipelined calls, errors inside groups, killed backends,
 * restarts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include "cluster.h"
#include "core/clock.h"
#include "db/lane.h"
#include "db/session.h"

#define MILLISECOND UINT64_C(1000000)
#define WRITE_TIMEOUT_MS 10000
#define SLOW_TIMEOUT_MS 1000

/* ── statements; the test uses the slots of the fixture's own, which it never sends ── */

enum { DOUBLE, SETTING, DIVIDE, INSERT, SLEEP, MISSING, DEFER, SHAPE, BACKEND, STATEMENTS };

static const struct statement_variant statements[STATEMENTS] = {
    [DOUBLE] = {.id = DOUBLE, .text = "select $1::bigint * 2 as doubled, repeat('x', 500)", .bind_count = 1},
    [SETTING] = {.id = SETTING,
                 .text = "select current_setting('app.person', true), current_setting('app.op', true)"},
    [DIVIDE] = {.id = DIVIDE, .text = "select 1 / $1::bigint", .bind_count = 1},
    [INSERT] = {.id = INSERT,
                .text = "insert into public.thing(n) values ($1::bigint) returning n",
                .bind_count = 1},
    [SLEEP] = {.id = SLEEP, .text = "select pg_sleep($1::float8)", .bind_count = 1},
    [MISSING] = {.id = MISSING, .text = "select * from public.nothing"},
    [DEFER] = {.id = DEFER,
               .text = "insert into public.late(n) values ($1::bigint) returning n",
               .bind_count = 1},
    [SHAPE] = {.id = SHAPE, .text = "select * from public.shape"},
    [BACKEND] = {.id = BACKEND, .text = "select pg_backend_pid()"},
};

static const char schema[] =
    "create schema core;"
    "create table public.thing(n bigint constraint thing_once unique);"
    "create table public.late(n bigint constraint late_once unique deferrable initially deferred);"
    "create table public.shape(a bigint); insert into public.shape values (1);"
    "create table core.claim(key text primary key);"
    "create function core.claim_idempotency(text, text, bytea) returns void language plpgsql as $$ begin"
    " insert into core.claim values ($1) on conflict do nothing;"
    " if not found then raise exception 'replay' using errcode = 'LI200', detail = 'stored'; end if; end $$;"
    "create function core.abandon() returns void language plpgsql as $$ begin set constraints all immediate;"
    " raise exception 'abandoned' using errcode = 'LI204'; end $$;";

/* ── a small loop ── */

static struct lanes *lanes;
static int epoll_fd;
static unsigned finished;

static void watch(void *loop, int fd, uint32_t events, void *token) {
    (void)loop;
    struct epoll_event event = {.events = events, .data.ptr = token};
    if (events == 0) {
        epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, NULL); /* libpq may have closed it already */
    } else if (epoll_ctl(epoll_fd, EPOLL_CTL_MOD, fd, &event) != 0) {
        assert_int_equal(errno, ENOENT);
        assert_int_equal(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event), 0);
    }
}

static void turn(int most_ms) {
    struct epoll_event events[16];
    int wait = lanes_tick(lanes, clock_monotonic_ns());
    int count = epoll_wait(epoll_fd, events, 16, wait < most_ms ? wait : most_ms);
    for (int i = 0; i < count; i++) {
        lanes_ready(lanes, events[i].data.ptr, events[i].events);
    }
}

static void wait_finished(unsigned target, unsigned milliseconds) {
    uint64_t end = clock_monotonic_ns() + milliseconds * MILLISECOND;
    while (finished < target && clock_monotonic_ns() < end) {
        turn(50);
    }
    assert_int_equal(finished, target);
}

static void wait_up(void) {
    uint64_t end = clock_monotonic_ns() + 10000 * MILLISECOND;
    while (!lanes_up(lanes) && clock_monotonic_ns() < end) {
        turn(50);
    }
    assert_true(lanes_up(lanes));
}

/* Every connection answers again: those that a test broke have been noticed and replaced. */
static void settle(void) {
    uint64_t end = clock_monotonic_ns() + 10000 * MILLISECOND;
    unsigned connected = 0;
    while (connected < 6 && clock_monotonic_ns() < end) {
        turn(20);
        connected = 0;
        for (enum lane_kind kind = 0; kind < LANE_COUNT; kind++) {
            struct lane_figures figures;
            lanes_figures(lanes, kind, &figures);
            connected += figures.connected;
        }
    }
    assert_int_equal(connected, 6);
}

static void count_done(struct call *call) {
    assert_null(call->next);
    finished++;
}

/* value NULL: none. Owned by its arena; release with drop(). */
static struct call *make(enum lane_kind lane, int statement, const char *value) {
    struct arena *arena = arena_create(1 << 20);
    struct call *call = arena_alloc(arena, sizeof *call);
    const char **values = arena_alloc(arena, sizeof *values);
    values[0] = value != NULL ? arena_string(arena, value) : NULL;
    call->arena = arena;
    call->lane = lane;
    call->settings.person = "somebody";
    call->settings.operation = "testOperation";
    call->parts[0] = (struct call_part){.variant = &statements[statement], .values = values};
    call->part_count = 1;
    call->done = count_done;
    return call;
}

static void add(struct call *call, int statement, const char *value) {
    const char **values = arena_alloc(call->arena, sizeof *values);
    values[0] = value != NULL ? arena_string(call->arena, value) : NULL;
    call->parts[call->part_count++] = (struct call_part){.variant = &statements[statement], .values = values};
}

static void drop(struct call *call) {
    arena_destroy(call->arena);
}

static void submit(struct call *call) {
    lanes_submit(lanes, call);
}

static enum call_outcome run(struct call *call) {
    unsigned before = finished;
    submit(call);
    wait_finished(before + 1, 15000);
    return call->outcome;
}

static const char *text(const struct call *call, size_t part, size_t column) {
    return result_cell(call->parts[part].result, 0, column).text;
}

static long long count_rows(const char *query) {
    char error[SESSION_ERROR_SIZE], value[32];
    struct session *session = session_open(cluster_conninfo, 0, error);
    assert_non_null(session);
    assert_true(session_value(session, query, NULL, 0, value, sizeof value));
    session_close(session);
    return strtoll(value, NULL, 10);
}

static void execute(const char *script) {
    char error[SESSION_ERROR_SIZE];
    struct session *session = session_open(cluster_conninfo, 0, error);
    assert_non_null(session);
    if (!session_script(session, script)) {
        fail_msg("%s", session_error(session));
    }
    session_close(session);
}

/* ── the tests ── */

static void test_thousands(void **state) {
    (void)state;
    enum { CALLS = 4000, WAVE = 400 };
    static struct call *calls[WAVE];
    for (unsigned wave = 0; wave < CALLS / WAVE; wave++) {
        unsigned before = finished;
        for (unsigned i = 0; i < WAVE; i++) {
            char number[16];
            snprintf(number, sizeof number, "%u", wave * WAVE + i);
            calls[i] = make(i % 5 == 0 ? LANE_WRITE : LANE_READ, DOUBLE, number);
            add(calls[i], SETTING, NULL);
            submit(calls[i]);
        }
        wait_finished(before + WAVE, 20000);
        for (unsigned i = 0; i < WAVE; i++) {
            assert_int_equal(calls[i]->outcome, CALL_DONE);
            assert_int_equal(strtoul(text(calls[i], 0, 0), NULL, 10), 2 * (wave * WAVE + i));
            assert_string_equal(text(calls[i], 1, 0), "somebody");
            assert_string_equal(text(calls[i], 1, 1), "testOperation");
            assert_string_equal(result_named(calls[i]->parts[0].result, 0, "doubled").text,
                                text(calls[i], 0, 0));
            drop(calls[i]);
        }
    }
}

static void test_errors_keep_to_their_group(void **state) {
    (void)state;
    enum { CALLS = 300 };
    static struct call *calls[CALLS];
    unsigned before = finished;
    for (unsigned i = 0; i < CALLS; i++) {
        calls[i] = make(LANE_READ, DIVIDE, i % 3 == 0 ? "0" : "1");
        add(calls[i], DOUBLE, "21");
        submit(calls[i]);
    }
    wait_finished(before + CALLS, 20000);
    for (unsigned i = 0; i < CALLS; i++) {
        assert_int_equal(calls[i]->outcome, i % 3 == 0 ? CALL_REFUSED : CALL_DONE);
        if (i % 3 == 0) {
            assert_string_equal(calls[i]->error.state, "22012");
            assert_null(calls[i]->parts[0].result);
            assert_null(calls[i]->parts[1].result);
        } else {
            assert_string_equal(text(calls[i], 1, 0), "42");
        }
        drop(calls[i]);
    }
}

/* Reads of several people share a sync: nobody may ever see another one's settings, whatever the neighbours
 * do. */
static void test_settings_stay_with_their_call(void **state) {
    (void)state;
    enum { CALLS = 400 };
    static struct call *calls[CALLS];
    static char names[CALLS][16];
    unsigned before = finished;
    for (unsigned i = 0; i < CALLS; i++) {
        snprintf(names[i], sizeof names[i], "person %u", i);
        calls[i] = make(LANE_READ, i % 7 == 0 ? DIVIDE : DOUBLE, "0");
        calls[i]->settings.person = i % 5 == 0 ? NULL : names[i];
        add(calls[i], SETTING, NULL);
        submit(calls[i]);
    }
    wait_finished(before + CALLS, 20000);
    for (unsigned i = 0; i < CALLS; i++) {
        if (i % 7 == 0) {
            assert_int_equal(calls[i]->outcome, CALL_REFUSED);
        } else {
            assert_int_equal(calls[i]->outcome, CALL_DONE);
            assert_string_equal(text(calls[i], 1, 0), i % 5 == 0 ? "" : names[i]);
        }
        drop(calls[i]);
    }
}

static void test_all_or_nothing(void **state) {
    (void)state;
    struct call *call = make(LANE_WRITE, INSERT, "7");
    add(call, DIVIDE, "0");
    assert_int_equal(run(call), CALL_REFUSED);
    assert_int_equal(count_rows("select count(*) from public.thing"), 0);
    drop(call);
    call = make(LANE_WRITE, INSERT, "7");
    assert_int_equal(run(call), CALL_DONE);
    drop(call);
    call = make(LANE_WRITE, INSERT, "7");
    assert_int_equal(run(call), CALL_REFUSED);
    assert_string_equal(call->error.constraint, "thing_once");
    drop(call);
    call = make(LANE_READ, INSERT, "8");
    assert_int_equal(run(call), CALL_REFUSED);
    assert_string_equal(call->error.state, "25006");
    drop(call);
}

static void test_deferred_constraint(void **state) {
    (void)state;
    struct call *call = make(LANE_WRITE, DEFER, "1");
    add(call, DEFER, "1");
    assert_int_equal(run(call), CALL_REFUSED);
    assert_string_equal(call->error.state, "23505");
    assert_string_equal(call->error.constraint, "late_once");
    assert_null(call->parts[0].result);
    drop(call);
    call = make(LANE_WRITE, DEFER, "2");
    assert_int_equal(run(call), CALL_DONE);
    drop(call);
}

static void test_preview(void **state) {
    (void)state;
    struct call *call = make(LANE_WRITE, INSERT, "100");
    call->preview = true;
    assert_int_equal(run(call), CALL_PREVIEW);
    assert_string_equal(text(call, 0, 0), "100");
    assert_int_equal(count_rows("select count(*) from public.thing where n = 100"), 0);
    drop(call);
    call = make(LANE_WRITE, DEFER, "2");
    call->preview = true;
    assert_int_equal(run(call), CALL_REFUSED);
    assert_string_equal(call->error.state, "23505");
    drop(call);
}

static void test_claim(void **state) {
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct call *call = make(LANE_WRITE, DOUBLE, "1");
        call->claim.key = "k1";
        call->claim.operation = "testOperation";
        call->claim.fingerprint = "\\x00ff";
        assert_int_equal(run(call), i == 0 ? CALL_DONE : CALL_REFUSED);
        assert_string_equal(i == 0 ? text(call, 0, 0) : call->error.state, i == 0 ? "2" : "LI200");
        drop(call);
    }
}

static void test_statement_that_cannot_be_prepared(void **state) {
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct call *bad = make(LANE_READ, MISSING, NULL);
        struct call *good = make(LANE_READ, DOUBLE, "4");
        unsigned before = finished;
        submit(bad);
        submit(good);
        wait_finished(before + 2, 5000);
        assert_int_equal(bad->outcome, CALL_REFUSED);
        assert_string_equal(bad->error.state, "42P01");
        assert_int_equal(good->outcome, CALL_DONE);
        drop(bad);
        drop(good);
    }
}

static void test_outdated_plan(void **state) {
    (void)state;
    struct call *call = make(LANE_SLOW, SHAPE, NULL);
    assert_int_equal(run(call), CALL_DONE);
    drop(call);
    execute("alter table public.shape add column b text");
    call = make(LANE_SLOW, SHAPE, NULL);
    assert_int_equal(run(call), CALL_REFUSED);
    assert_string_equal(call->error.state, "0A000");
    drop(call);
    settle();
    call = make(LANE_SLOW, SHAPE, NULL);
    assert_int_equal(run(call), CALL_DONE);
    assert_int_equal(result_columns(call->parts[0].result), 2);
    drop(call);
}

static void test_statement_timeout(void **state) {
    (void)state;
    struct call *call = make(LANE_READ, SLEEP, "30");
    assert_int_equal(run(call), CALL_REFUSED);
    assert_string_equal(call->error.state, "57014");
    drop(call);
}

static const char kill_all[] = "select count(pg_terminate_backend(pid)) from pg_stat_activity"
                               " where application_name = 'linli' and pid <> pg_backend_pid()";

static void test_killed_backends(void **state) {
    (void)state;
    enum { CALLS = 40 };
    struct call *calls[CALLS];
    for (unsigned round = 0; round < 5; round++) {
        unsigned before = finished;
        for (unsigned i = 0; i < CALLS; i++) {
            calls[i] = make(i % 2 == 0 ? LANE_READ : LANE_WRITE, SLEEP, "0.2");
            submit(calls[i]);
        }
        turn(20);
        assert_true(count_rows(kill_all) >= 6);
        wait_finished(before + CALLS, 15000);
        unsigned unknown = 0;
        for (unsigned i = 0; i < CALLS; i++) {
            assert_in_range(calls[i]->outcome, CALL_DONE, CALL_UNKNOWN);
            unknown += calls[i]->outcome == CALL_UNKNOWN;
            drop(calls[i]);
        }
        assert_true(unknown > 0);
        settle();
    }
    struct call *call = make(LANE_WRITE, DOUBLE, "8");
    assert_int_equal(run(call), CALL_DONE);
    drop(call);
}

static void test_full_queue(void **state) {
    (void)state;
    enum { CALLS = 30 };
    struct call *calls[CALLS];
    unsigned before = finished, unsent = 0;
    for (unsigned i = 0; i < CALLS; i++) {
        calls[i] = make(LANE_SLOW, SLEEP, "0.01");
        submit(calls[i]);
    }
    assert_int_equal(finished, before + CALLS - 1 - 20); /* one in flight, twenty wait */
    wait_finished(before + CALLS, 10000);
    for (unsigned i = 0; i < CALLS; i++) {
        unsent += calls[i]->outcome == CALL_UNSENT;
        drop(calls[i]);
    }
    assert_int_equal(unsent, CALLS - 1 - 20);
}

/* One backend alone stands still: the database lives, so its statement has the time of every statement. The
 * slow lane has a single connection, so that the one that is stopped is the one that is asked. */
static void test_stopped_backend(void **state) {
    (void)state;
    struct call *asked = make(LANE_SLOW, BACKEND, NULL);
    assert_int_equal(run(asked), CALL_DONE);
    pid_t backend = (pid_t)strtol(text(asked, 0, 0), NULL, 10);
    assert_int_equal(kill(backend, SIGSTOP), 0);
    struct call *call = make(LANE_SLOW, DOUBLE, "1");
    unsigned before = finished;
    uint64_t start = clock_monotonic_ns();
    submit(call);
    wait_finished(before + 1, 60000);
    kill(backend, SIGCONT);
    assert_int_equal(call->outcome, CALL_UNKNOWN);
    assert_true((clock_monotonic_ns() - start) / MILLISECOND >= SLOW_TIMEOUT_MS);
    drop(asked);
    drop(call);
    settle();
}

/* Silent for longer than a lost database would be allowed to, but alive. */
static void test_long_statement_is_not_cut(void **state) {
    (void)state;
    struct call *call = make(LANE_WRITE, SLEEP, "3.5");
    assert_int_equal(run(call), CALL_DONE);
    drop(call);
}

/* Everything stands still: nothing that waits is kept for the time of a statement, neither what was sent nor
 * what is queued behind it. */
static void test_frozen_database(void **state) {
    (void)state;
    enum { CALLS = 60 }; /* the write lane takes twelve at once */
    struct call *calls[CALLS];
    unsigned before = finished, unknown = 0, unsent = 0;
    cluster_signal(SIGSTOP);
    for (unsigned i = 0; i < CALLS; i++) {
        calls[i] = make(i % 6 == 0 ? LANE_READ : LANE_WRITE, DOUBLE, "1");
        submit(calls[i]);
    }
    wait_finished(before + CALLS, WRITE_TIMEOUT_MS - 1);
    for (unsigned i = 0; i < CALLS; i++) {
        unknown += calls[i]->outcome == CALL_UNKNOWN;
        unsent += calls[i]->outcome == CALL_UNSENT;
        drop(calls[i]);
    }
    assert_true(unknown > 0 && unsent > 0);
    assert_int_equal(unknown + unsent, CALLS);
    assert_false(lanes_up(lanes));
    struct call *late = make(LANE_READ, DOUBLE, "1");
    assert_int_equal(run(late), CALL_UNSENT);
    drop(late);
    cluster_signal(SIGCONT);
    settle();
    struct call *call = make(LANE_WRITE, DOUBLE, "8");
    assert_int_equal(run(call), CALL_DONE);
    drop(call);
}

static void test_database_away(void **state) {
    (void)state;
    struct call *waiting = make(LANE_WRITE, SLEEP, "5");
    unsigned before = finished;
    submit(waiting);
    turn(20);
    assert_int_equal(cluster_stop("immediate"), 0);
    wait_finished(before + 1, 3000);
    assert_int_equal(waiting->outcome, CALL_UNKNOWN);
    drop(waiting);
    for (unsigned i = 0; i < 3; i++) {
        struct call *call = make(LANE_READ, DOUBLE, "1");
        uint64_t start = clock_monotonic_ns();
        assert_true(run(call) == CALL_UNSENT || call->outcome == CALL_UNKNOWN);
        assert_true((clock_monotonic_ns() - start) / MILLISECOND < 3200);
        drop(call);
    }
    assert_int_equal(cluster_start(), 0);
    wait_up();
    struct call *call = make(LANE_READ, DOUBLE, "5");
    assert_int_equal(run(call), CALL_DONE);
    drop(call);
    settle();
}

static struct call *chain[50];
static unsigned chain_next;

static void chain_done(struct call *call) {
    assert_int_equal(call->outcome, CALL_DONE);
    finished++;
    if (chain_next < 50) {
        submit(chain[chain_next++]);
    }
}

static void test_submitting_from_done(void **state) {
    (void)state;
    unsigned before = finished;
    for (unsigned i = 0; i < 50; i++) {
        chain[i] = make(LANE_READ, DOUBLE, "3");
        chain[i]->done = chain_done;
    }
    chain_next = 1;
    submit(chain[0]);
    wait_finished(before + 50, 5000);
    for (unsigned i = 0; i < 50; i++) {
        drop(chain[i]);
    }
}

static void test_destroy_ends_every_call(void **state) {
    (void)state;
    enum { CALLS = 25 };
    struct call *calls[CALLS];
    unsigned before = finished;
    for (unsigned i = 0; i < CALLS; i++) {
        calls[i] = make(i < 10 ? LANE_WRITE : LANE_SLOW, SLEEP, "0.5");
        submit(calls[i]);
    }
    lanes_destroy(lanes);
    lanes = NULL;
    assert_int_equal(finished, before + CALLS);
    for (unsigned i = 0; i < CALLS; i++) {
        assert_true(calls[i]->outcome == CALL_UNKNOWN || calls[i]->outcome == CALL_UNSENT);
        drop(calls[i]);
    }
}

/* ── set-up ── */

static int set_up(void **state) {
    (void)state;
    assert_true(contract_variant_count >= STATEMENTS);
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (cluster_create() != 0) {
        return -1;
    }
    execute(schema);
    struct lane_settings settings = {
        .conninfo = cluster_conninfo,
        .connections = {[LANE_READ] = 2, [LANE_WRITE] = 3, [LANE_SLOW] = 1},
        .depth = {[LANE_READ] = 32, [LANE_WRITE] = 4, [LANE_SLOW] = 1},
        .queue = {[LANE_READ] = 2000, [LANE_WRITE] = 2000, [LANE_SLOW] = 20},
        .timeout_ms = {[LANE_READ] = 500, [LANE_WRITE] = WRITE_TIMEOUT_MS, [LANE_SLOW] = SLOW_TIMEOUT_MS},
        .watch = watch,
    };
    lanes = lanes_create(&settings);
    wait_up();
    settle();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    if (lanes != NULL) {
        lanes_destroy(lanes);
    }
    close(epoll_fd);
    cluster_remove();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_thousands),
        cmocka_unit_test(test_errors_keep_to_their_group),
        cmocka_unit_test(test_settings_stay_with_their_call),
        cmocka_unit_test(test_all_or_nothing),
        cmocka_unit_test(test_deferred_constraint),
        cmocka_unit_test(test_preview),
        cmocka_unit_test(test_claim),
        cmocka_unit_test(test_statement_that_cannot_be_prepared),
        cmocka_unit_test(test_outdated_plan),
        cmocka_unit_test(test_statement_timeout),
        cmocka_unit_test(test_killed_backends),
        cmocka_unit_test(test_full_queue),
        cmocka_unit_test(test_stopped_backend),
        cmocka_unit_test(test_long_statement_is_not_cut),
        cmocka_unit_test(test_frozen_database),
        cmocka_unit_test(test_submitting_from_done),
        cmocka_unit_test(test_database_away),
        cmocka_unit_test(test_destroy_ends_every_call),
    };
    if (!cluster_available()) {
        print_message("1..0 # SKIP no PostgreSQL 15 on this machine\n");
        return 0;
    }
    return cmocka_run_group_tests_name("lane", tests, set_up, tear_down);
}
