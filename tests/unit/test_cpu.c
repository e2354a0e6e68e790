/* The hashing queue: in order, bounded, and nothing taken is lost when it stops. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include "work/cpu.h"

enum { JOBS = 50 };

struct job {
    struct cpu_job job;
    unsigned number;
};

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static unsigned ran[JOBS], ran_count, finished_count;

static void run(struct cpu_job *job) {
    pthread_mutex_lock(&gate);
    ran[ran_count++] = ((struct job *)job->owner)->number;
    pthread_mutex_unlock(&gate);
}

static void finish(struct cpu_job *job) {
    (void)job;
    finished_count++;
}

static void test_order_bound_and_stop(void **state) {
    (void)state;
    static struct job jobs[JOBS];
    struct cpu *cpu = cpu_start(JOBS - 10);
    assert_non_null(cpu);
    pthread_mutex_lock(&gate); /* the thread waits inside the first job */
    unsigned taken = 0;
    for (unsigned i = 0; i < JOBS; i++) {
        jobs[i] = (struct job){.job = {.run = run, .finished = finish, .owner = &jobs[i]}, .number = i};
        taken += cpu_submit(cpu, &jobs[i].job);
    }
    assert_in_range(taken, JOBS - 10, JOBS - 9); /* as many as may wait, and perhaps the one under way */
    assert_true(cpu_waiting(cpu) >= JOBS - 11);
    pthread_mutex_unlock(&gate);
    cpu_stop(cpu);
    assert_int_equal(ran_count, taken);
    assert_int_equal(finished_count, taken);
    for (unsigned i = 0; i < taken; i++) {
        assert_int_equal(ran[i], i);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_order_bound_and_stop)};
    return cmocka_run_group_tests_name("cpu", tests, NULL, NULL);
}
