/* Connections: absolute deadlines for each, because libmicrohttpd's own time-out is reset by every byte.
 *
 * A struct connection lives from accept to close, in its loop's list. A deadline that has passed shuts the
 * socket down; libmicrohttpd then sees its end and tidies up.
 */
#ifndef LINLI_HTTP_CONNECTION_H
#define LINLI_HTTP_CONNECTION_H

#include <microhttpd.h>
#include <stdint.h>

#define CONNECTION_ADDRESS_SIZE 48

struct loop;

struct connection {
    struct connection *next, **link;
    int socket;
    uint64_t deadline_ns; /* of what is awaited now */
    uint64_t total_ns;    /* of the request under way; UINT64_MAX between requests */
    uint64_t stream_ns;   /* since when bytes flow */
    char address[CONNECTION_ADDRESS_SIZE];
};

enum connection_stage { AWAIT_HEADERS, AWAIT_BODY, AWAIT_REPLY, AWAIT_REQUEST };

/* libmicrohttpd's callback; cls is the loop. */
void connection_notify(void *cls, struct MHD_Connection *mhd, void **context,
                       enum MHD_ConnectionNotificationCode code);
struct connection *connection_of(struct MHD_Connection *mhd);
void connection_await(struct connection *connection, enum connection_stage stage, uint64_t now_ns);
/* An upload, a download, an export: no total, but a least rate. `bytes` so far; 0 begins. */
void connection_stream(struct connection *connection, uint64_t now_ns, uint64_t bytes);
/* Shuts down what is late. Returns the number of connections looked at. */
unsigned connection_sweep(struct loop *loop, uint64_t now_ns);

#endif
