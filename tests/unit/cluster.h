/* A PostgreSQL cluster of a test's own: socket only, in a folder of its own, gone at the end.
 *
 * initdb refuses root, so as root everything is done as the user postgres. A test whose machine has no
 * PostgreSQL 15 is skipped by its set-up function. */
#ifndef LINLI_TESTS_CLUSTER_H
#define LINLI_TESTS_CLUSTER_H

#include <assert.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define CLUSTER_BIN "/usr/lib/postgresql/15/bin/"

static char cluster_folder[64];
static char cluster_conninfo[160];

static inline bool cluster_available(void) {
    return access(CLUSTER_BIN "initdb", X_OK) == 0;
}

static inline void cluster_become_postgres(void) {
    struct passwd *user = geteuid() == 0 ? getpwnam("postgres") : NULL;
    if (user != NULL && (setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)) {
        _exit(126);
    }
}

/* Runs a program of PostgreSQL to its end; its output goes to the folder's log. */
static inline int cluster_run(const char *const arguments[]) {
    pid_t child = fork();
    if (child == 0) {
        cluster_become_postgres();
        char log[96];
        snprintf(log, sizeof log, "%s/programs.log", cluster_folder);
        int fd = open(log, O_CREAT | O_WRONLY | O_APPEND, 0600);
        dup2(fd, 1);
        dup2(fd, 2);
        if (chdir(cluster_folder) == 0) {
            execv(arguments[0], (char *const *)(size_t)arguments);
        }
        _exit(127);
    }
    int status = -1;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static inline int cluster_start(void) {
    char data[96], options[192], log[96];
    snprintf(data, sizeof data, "%s/data", cluster_folder);
    snprintf(log, sizeof log, "%s/server.log", cluster_folder);
    snprintf(options, sizeof options, "-c listen_addresses= -c unix_socket_directories=%s -c fsync=off",
             cluster_folder);
    const char *const start[] = {
        CLUSTER_BIN "pg_ctl", "-D", data, "-w", "-s", "-o", options, "-l", log, "start", NULL};
    return cluster_run(start);
}

static inline int cluster_stop(const char *mode) {
    char data[96];
    snprintf(data, sizeof data, "%s/data", cluster_folder);
    const char *const stop[] = {CLUSTER_BIN "pg_ctl", "-D", data, "-w", "-s", "-m", mode, "stop", NULL};
    return cluster_run(stop);
}

/* To the postmaster and all its children of this moment. */
static inline void cluster_signal(int number) {
    char path[96], line[4096] = "";
    snprintf(path, sizeof path, "%s/data/postmaster.pid", cluster_folder);
    FILE *file = fopen(path, "r");
    assert(file != NULL && fgets(line, sizeof line, file) != NULL);
    fclose(file);
    pid_t postmaster = (pid_t)strtol(line, NULL, 10);
    assert(postmaster > 1 && kill(postmaster, number) == 0);
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)postmaster, (int)postmaster);
    file = fopen(path, "r");
    assert(file != NULL);
    char *next = fgets(line, sizeof line, file);
    fclose(file);
    for (long pid; next != NULL && (pid = strtol(next, &next, 10)) > 1;) {
        kill((pid_t)pid, number);
    }
}

static inline int cluster_create(void) {
    strcpy(cluster_folder, "/tmp/linli-unit-XXXXXX");
    if (mkdtemp(cluster_folder) == NULL) {
        return -1;
    }
    struct passwd *user = geteuid() == 0 ? getpwnam("postgres") : NULL;
    if (user != NULL && chown(cluster_folder, user->pw_uid, user->pw_gid) != 0) {
        return -1;
    }
    char data[96];
    snprintf(data, sizeof data, "%s/data", cluster_folder);
    const char *const initdb[] = {CLUSTER_BIN "initdb", "-D", data,   "-U", "postgres", "--auth=trust", "-N",
                                  "--locale=C.UTF-8",   "-E", "UTF8", NULL};
    snprintf(cluster_conninfo, sizeof cluster_conninfo, "host=%s dbname=postgres user=postgres",
             cluster_folder);
    return cluster_run(initdb) == 0 ? cluster_start() : -1;
}

static inline void cluster_remove(void) {
    cluster_stop("immediate");
    const char *const remove[] = {"/bin/rm", "-rf", cluster_folder, NULL};
    cluster_run(remove);
    rmdir(cluster_folder);
}

#endif
