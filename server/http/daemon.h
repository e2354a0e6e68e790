/* The settings and callbacks of libmicrohttpd for one loop. Owns nothing itself. */
#ifndef LINLI_HTTP_DAEMON_H
#define LINLI_HTTP_DAEMON_H

#include <microhttpd.h>

struct loop;

/* Takes the listening socket. NULL: it could not be started, and the socket is closed. */
struct MHD_Daemon *daemon_create(struct loop *loop, int listening, unsigned loops);

#endif
