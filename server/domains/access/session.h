/* What logging in, a code and a refresh have in common: the two tokens of a login session. Owns nothing;
 * texts live in the request's arena. */
#ifndef LINLI_DOMAINS_ACCESS_SESSION_H
#define LINLI_DOMAINS_ACCESS_SESSION_H

#include "http/request.h"

const char *session_text(struct request *request, struct cell cell); /* NULL when NULL */
bool session_flag(struct cell cell);
long session_integer(struct cell cell); /* 0 when NULL */

/* A fresh secret: its hash for the statement's `:name`, itself kept under `refresh_secret` until the reply.
 * NULL: memory. */
const char *session_new_secret(struct request *request, const char *name);
/* Seconds that a login lasts without use: on an own device (member `own_device`) for months. */
long session_seconds(const struct request *request);
void session_set_lifetime(struct request *request); /* the same, for `:lifetime` */
/* secret NULL clears the cookie. */
void session_set_cookie(struct request *request, const char *secret, long seconds);
enum step_result session_reply(struct request *request, const char *person_id, const char *session_id);

#endif
