/* Listening for changed grants: every change is told, a lost connection at once, and the new one before it is
 * trusted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <time.h>
#include "cluster.h"
#include "db/listen.h"
#include "db/session.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t told = PTHREAD_COND_INITIALIZER;
static unsigned changes, losses, gains;
static char last_person[64];

static void changed(void *context, const char *person) {
    (void)context;
    pthread_mutex_lock(&lock);
    changes++;
    snprintf(last_person, sizeof last_person, "%s", person);
    pthread_cond_signal(&told);
    pthread_mutex_unlock(&lock);
}

static void state_changed(void *context, bool listening) {
    (void)context;
    pthread_mutex_lock(&lock);
    gains += listening;
    losses += !listening;
    pthread_cond_signal(&told);
    pthread_mutex_unlock(&lock);
}

static void wait_for(const unsigned *counter, unsigned target) {
    struct timespec end;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += 10;
    int status = 0;
    pthread_mutex_lock(&lock);
    while (*counter < target && status == 0) {
        status = pthread_cond_timedwait(&told, &lock, &end);
    }
    assert_int_equal(*counter, target);
    pthread_mutex_unlock(&lock);
}

static void execute(const char *text) {
    char error[SESSION_ERROR_SIZE];
    struct session *session = session_open(cluster_conninfo, 0, error);
    assert_non_null(session);
    assert_true(session_run(session, text, NULL, 0));
    session_close(session);
}

static void test_listening(void **state) {
    (void)state;
    struct listen_settings settings = {
        .conninfo = cluster_conninfo, .changed = changed, .state = state_changed};
    struct listen *listen = listen_start(&settings);
    assert_non_null(listen);
    wait_for(&gains, 1);
    for (unsigned i = 1; i <= 20; i++) {
        execute("select pg_notify('linli_grants', '01a20fe1-994b-705e-96ca-6422e245efb4')");
        wait_for(&changes, i);
    }
    assert_string_equal(last_person, "01a20fe1-994b-705e-96ca-6422e245efb4");
    execute("select pg_terminate_backend(pid) from pg_stat_activity"
            " where query = 'listen linli_grants' and pid <> pg_backend_pid()");
    wait_for(&losses, 1);
    wait_for(&gains, 2);
    execute("notify linli_grants, 'again'");
    wait_for(&changes, 21);
    assert_int_equal(cluster_stop("immediate"), 0);
    wait_for(&losses, 2);
    assert_int_equal(cluster_start(), 0);
    wait_for(&gains, 3);
    listen_stop(listen);
    assert_int_equal(losses, 3);
}

static int set_up(void **state) {
    (void)state;
    return cluster_create();
}

static int tear_down(void **state) {
    (void)state;
    cluster_remove();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_listening)};
    if (!cluster_available()) {
        print_message("1..0 # SKIP no PostgreSQL 15 on this machine\n");
        return 0;
    }
    return cmocka_run_group_tests_name("listen", tests, set_up, tear_down);
}
