#include "db/listen.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "core/alloc.h"
#include "core/log.h"
#include "db/session.h"

#define BACK_OFF_FIRST_MS 50
#define BACK_OFF_MOST_MS 1000
#define PAYLOAD_SIZE 64

struct listen {
    struct listen_settings settings;
    pthread_t thread;
    int stop; /* eventfd, readable once it shall stop */
};

static bool wait_for_stop(const struct listen *listen, int milliseconds) {
    struct pollfd file = {.fd = listen->stop, .events = POLLIN};
    return poll(&file, 1, milliseconds) > 0;
}

/* Until the connection is lost (true) or the process stops (false). */
static bool listen_on(struct listen *listen, struct session *session) {
    const struct listen_settings *settings = &listen->settings;
    char person[PAYLOAD_SIZE];
    bool lost = false;
    settings->state(settings->context, true);
    while (session_wait_notify(session, listen->stop, person, sizeof person, &lost)) {
        settings->changed(settings->context, person);
    }
    settings->state(settings->context, false);
    return lost;
}

static void *listen_thread(void *argument) {
    struct listen *listen = argument;
    int back_off = BACK_OFF_FIRST_MS;
    while (!wait_for_stop(listen, 0)) {
        char error[SESSION_ERROR_SIZE];
        struct session *session = session_open(listen->settings.conninfo, 5000, error);
        if (session != NULL) {
            session_heed(session, listen->stop);
        }
        if (session != NULL && session_run(session, "listen linli_grants", NULL, 0)) {
            back_off = BACK_OFF_FIRST_MS;
            if (listen_on(listen, session)) {
                log_event(LOG_LEVEL_WARNING, "listener_lost");
            }
        }
        session_close(session);
        if (wait_for_stop(listen, back_off)) {
            break;
        }
        back_off = back_off * 2 < BACK_OFF_MOST_MS ? back_off * 2 : BACK_OFF_MOST_MS;
    }
    return NULL;
}

struct listen *listen_start(const struct listen_settings *settings) {
    struct listen *listen = alloc_zeroed(1, sizeof *listen);
    if (listen == NULL) {
        return NULL;
    }
    listen->settings = *settings;
    listen->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (listen->stop < 0 || pthread_create(&listen->thread, NULL, listen_thread, listen) != 0) {
        alloc_release(listen);
        return NULL;
    }
    return listen;
}

void listen_stop(struct listen *listen) {
    eventfd_write(listen->stop, 1);
    pthread_join(listen->thread, NULL);
    close(listen->stop);
    alloc_release(listen);
}
