/* Load over HTTP: keeps connections busy with requests out of a file and tells how long each took.
 *
 *   bench_load PORT CONNECTIONS SECONDS STATUS FILE [again]   each request once, or again from the start;
 * prints one line of JSON bench_load PORT CONNECTIONS hold   STATUS FILE            one request a connection,
 * then all stay open until stdin ends
 *
 * FILE: requests one after the other, each "LENGTH\n" and then LENGTH bytes. A reply needs Content-Length;
 * any status but STATUS, and any connection that the server closes, is an error and ends the run with exit
 * code 1.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define REPLY_MAX 262144u
#define HEADER_MAX 8192u
#define FINE 32u /* buckets of a power of two: a latency is known to 3 % */
#define BUCKETS (FINE * 40u)

struct request {
    const char *bytes;
    size_t length;
};

struct link {
    int fd;
    bool busy;
    uint64_t since;
    size_t head;      /* bytes of the reply's header so far */
    size_t body_left; /* once the header is whole */
    bool in_body;
    char header[HEADER_MAX + 1];
};

static struct {
    struct request *requests;
    size_t count, next;
    bool again;
    long status;
    uint64_t end;
    size_t busy, done, bytes;
    uint64_t longest, histogram[BUCKETS];
    int poll;
} load;

static void fail(const char *what) {
    fprintf(stderr, "bench_load: %s (%s)\n", what, strerror(errno));
    exit(1);
}

static uint64_t now_us(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (uint64_t)at.tv_sec * 1000000u + (uint64_t)at.tv_nsec / 1000u;
}

/* ── latencies ── */

static size_t bucket_of(uint64_t value) {
    unsigned shift = 0;
    while (value >> shift >= 2u * FINE) {
        shift++;
    }
    size_t bucket = (size_t)shift * FINE + (size_t)(value >> shift);
    return bucket < BUCKETS ? bucket : BUCKETS - 1u;
}

static uint64_t value_of(size_t bucket) {
    unsigned shift = bucket < 2u * FINE ? 0 : (unsigned)(bucket / FINE) - 1u;
    return (uint64_t)(bucket - shift * FINE) << shift;
}

static uint64_t percentile(double share) {
    uint64_t wanted = (uint64_t)((double)load.done * share), seen = 0;
    for (size_t i = 0; i < BUCKETS; i++) {
        seen += load.histogram[i];
        if (seen > wanted) {
            return value_of(i);
        }
    }
    return load.longest;
}

/* ── requests ── */

static char *read_file(const char *path, size_t *length) {
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
        fail(path);
    }
    long size = ftell(file);
    rewind(file);
    char *bytes = size < 0 ? NULL : malloc((size_t)size + 1u);
    if (bytes == NULL || fread(bytes, 1, (size_t)size, file) != (size_t)size) {
        fail(path);
    }
    fclose(file);
    bytes[size] = '\0';
    *length = (size_t)size;
    return bytes;
}

static void read_requests(const char *path) {
    size_t size, room = 0;
    char *at = read_file(path, &size), *end = at + size;
    while (at < end) {
        char *rest;
        size_t length = strtoul(at, &rest, 10);
        if (*rest != '\n' || length == 0 || length > (size_t)(end - rest - 1)) {
            errno = EINVAL;
            fail(path);
        }
        if (load.count == room) {
            room = room == 0 ? 1024 : 2 * room;
            load.requests = realloc(load.requests, room * sizeof *load.requests);
            if (load.requests == NULL) {
                fail(path);
            }
        }
        load.requests[load.count++] = (struct request){rest + 1, length};
        at = rest + 1 + length;
    }
}

/* False when there is nothing more to ask. */
static bool take_request(struct request *request) {
    if (load.next == load.count && load.again) {
        load.next = 0;
    }
    if (load.next == load.count) {
        return false;
    }
    *request = load.requests[load.next++];
    return true;
}

/* ── one connection ── */

/* Requests are far smaller than a socket's buffer: a short write would be our own mistake. */
static void ask(struct link *link) {
    struct request request;
    if (now_us() >= load.end || !take_request(&request)) {
        return;
    }
    link->since = now_us();
    link->head = link->body_left = 0;
    link->in_body = false;
    if (send(link->fd, request.bytes, request.length, MSG_NOSIGNAL) != (ssize_t)request.length) {
        fail("a request could not be sent");
    }
    link->busy = true;
    load.busy++;
}

static size_t content_length(const char *header) {
    const char *line = strcasestr(header, "\r\nContent-Length:");
    if (line == NULL) {
        fprintf(stderr, "%s\n", header);
        fail("a reply without Content-Length");
    }
    return strtoul(line + sizeof "\r\nContent-Length:" - 1u, NULL, 10);
}

static void check_status(const struct link *link, const char *more) {
    if (strtol(link->header + sizeof "HTTP/1.1 " - 1u, NULL, 10) != load.status) {
        fprintf(stderr, "%.*s%.600s\n", (int)link->head, link->header, more);
        errno = 0;
        fail("another status than expected");
    }
}

/* Collects the header; → how many of these bytes were part of it. */
static size_t take_header(struct link *link, const char *bytes, size_t length) {
    size_t before = link->head, room = HEADER_MAX - before, taken = length < room ? length : room;
    memcpy(link->header + before, bytes, taken);
    link->header[before + taken] = '\0';
    char *end = strstr(link->header + (before < 3 ? 0 : before - 3), "\r\n\r\n");
    if (end == NULL) {
        link->head += taken;
        if (link->head == HEADER_MAX) {
            fail("a header that does not end");
        }
        return taken;
    }
    link->head = (size_t)(end - link->header) + 4u;
    link->header[link->head] = '\0';
    link->in_body = true;
    link->body_left = content_length(link->header);
    check_status(link, bytes + (link->head - before));
    return link->head - before;
}

static void finish(struct link *link) {
    uint64_t took = now_us() - link->since;
    load.histogram[bucket_of(took)]++;
    load.longest = took > load.longest ? took : load.longest;
    load.done++;
    load.busy--;
    link->busy = false;
}

static void take_bytes(struct link *link, const char *bytes, size_t length) {
    load.bytes += length;
    if (!link->in_body) {
        size_t used = take_header(link, bytes, length);
        bytes += used;
        length -= used;
    }
    if (!link->in_body) {
        return;
    }
    if (length > link->body_left) {
        fail("more bytes than Content-Length says");
    }
    link->body_left -= length;
    if (link->body_left == 0) {
        finish(link);
    }
}

static void receive(struct link *link) {
    static char bytes[REPLY_MAX];
    ssize_t got = recv(link->fd, bytes, sizeof bytes - 1u, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (got <= 0 || !link->busy) {
        fail("the server closed a connection, or spoke unasked");
    }
    bytes[got] = '\0';
    take_bytes(link, bytes, (size_t)got);
}

static void open_link(struct link *link, uint16_t port) {
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1;
    link->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (link->fd < 0 || connect(link->fd, (struct sockaddr *)&to, sizeof to) != 0) {
        fail("no connection");
    }
    setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = link};
    if (epoll_ctl(load.poll, EPOLL_CTL_ADD, link->fd, &event) != 0) {
        fail("epoll_ctl");
    }
}

/* ── the run ── */

static void serve_events(bool again) {
    struct epoll_event events[256];
    int count = epoll_wait(load.poll, events, 256, 1000);
    for (int i = 0; i < count; i++) {
        struct link *link = events[i].data.ptr;
        receive(link);
        if (again && !link->busy) {
            ask(link);
        }
    }
    if (count == 0 && load.busy > 0 && now_us() > load.end + 30000000u) {
        errno = ETIMEDOUT;
        fail("replies that do not come");
    }
}

static void run(struct link *links, size_t count, uint16_t port) {
    for (size_t i = 0; i < count; i++) {
        open_link(&links[i], port);
    }
    uint64_t begin = now_us(), length = load.end;
    load.end = begin + length;
    for (size_t i = 0; i < count; i++) {
        ask(&links[i]);
    }
    while (load.busy > 0) {
        serve_events(true);
    }
    double seconds = (double)(now_us() - begin) / 1e6;
    bool dry = now_us() < load.end;
    printf("{\"requests\": %zu, \"seconds\": %.3f, \"per_second\": %.1f, \"p50_ms\": %.3f, \"p99_ms\": %.3f, "
           "\"max_ms\": %.3f, "
           "\"bytes\": %zu, \"ran_dry\": %s}\n",
           load.done, seconds, (double)load.done / seconds, (double)percentile(0.50) / 1e3,
           (double)percentile(0.99) / 1e3, (double)load.longest / 1e3, load.bytes, dry ? "true" : "false");
}

/* A few at a time, so that the listening queue is not what is measured. */
static void hold(struct link *links, size_t count, uint16_t port) {
    load.end = now_us() + 600000000u;
    for (size_t i = 0; i < count; i++) {
        open_link(&links[i], port);
        ask(&links[i]);
        while (load.busy >= 64 || (i + 1 == count && load.busy > 0)) {
            serve_events(false);
        }
    }
    printf("{\"open\": %zu}\n", load.done);
    fflush(stdout);
    while (getchar() != EOF) {
    }
}

int main(int argc, char **argv) {
    if (argc < 6) {
        fprintf(stderr, "usage: bench_load PORT CONNECTIONS SECONDS|hold STATUS FILE [again]\n");
        return 2;
    }
    size_t count = strtoul(argv[2], NULL, 10);
    bool holding = strcmp(argv[3], "hold") == 0;
    struct rlimit files = {count + 64u, count + 64u};
    struct link *links = calloc(count, sizeof *links);
    load.poll = epoll_create1(EPOLL_CLOEXEC);
    load.status = strtol(argv[4], NULL, 10);
    load.again = argc > 6;
    if (links == NULL || load.poll < 0 || (count > 900 && setrlimit(RLIMIT_NOFILE, &files) != 0)) {
        fail("not so many connections");
    }
    read_requests(argv[5]);
    load.end = holding ? 0 : (uint64_t)(strtod(argv[3], NULL) * 1e6);
    if (holding) {
        hold(links, count, (uint16_t)atoi(argv[1]));
    } else {
        run(links, count, (uint16_t)atoi(argv[1]));
    }
    return 0;
}
