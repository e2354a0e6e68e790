/* Request: one HTTP exchange from its first header to its last byte, and the one fixed order it goes through.
 *
 * Owns an arena (capped); everything of the request lives there, except the reply's bytes. Order: guard →
 * route → limits → token → principal → body → validate → authorize → [steps | plan] → call → reply. Never
 * waits: each stage ends in the next, in a call to the database, in a job for work/cpu, or in the reply.
 */
#ifndef LINLI_HTTP_REQUEST_H
#define LINLI_HTTP_REQUEST_H

#include <jansson.h>
#include "auth/principal.h"
#include "core/arena.h"
#include "core/buf.h"
#include "core/contract.h"
#include "db/call.h"

struct loop;
struct MHD_Connection;

/* M1: what a step says comes next. */
enum step_result {
    STEP_NEXT, /* go on with the next step at once */
    STEP_CALL, /* request->call is filled: submit, then the next step */
    STEP_CPU,  /* request->job is filled: calculate on work/cpu, then the next step */
    STEP_BODY, /* x-body-stream: the body comes now, to `chunk`; then the next step */
    STEP_REPLY /* request_reply_* or request_problem was called */
};

struct request;
typedef enum step_result (*step_function)(struct request *request);

struct steps {
    const char *name;
    const step_function *functions; /* NULL-terminated */
    /* x-body-stream: the next bytes of the body, REQUEST_CHUNK of them but for the last time. STEP_NEXT:
     * nothing to do; STEP_CALL: request->call is filled with what keeps them; STEP_REPLY: refused. The bytes
     * and what lies in request_side_arena live until the call has ended. */
    enum step_result (*chunk)(struct request *request, const char *bytes, size_t length);
};

#define REQUEST_CHUNK ((size_t)65536)

/* A reply that is made piece by piece, each from one call, whenever the client has taken the piece before. No
 * snapshot and no lock is held in between. */
struct streamer {
    enum step_result (*ask)(
        struct request *request); /* STEP_CALL: fetch the next piece; STEP_REPLY: the end */
    bool (*take)(struct request *request,
                 struct buf *out); /* the piece from request_part; false: broken off */
    void (*over)(struct request *request,
                 bool whole); /* once, at the end; may fill a last call; NULL: nothing */
};

struct value {
    const char *text;
    size_t length;
    bool present;
}; /* present && text == NULL: JSON null */

/* For steps: the value bound to a `:name` of the step's statements. */
void request_set(struct request *request, const char *name, const char *text);
const char *request_step_value(const struct request *request,
                               const char *name); /* what was set; NULL when nothing */
/* Appends statement `name` ("login/find") of this operation to request->call. false: refused with 500. */
bool request_add_statement(struct request *request, const char *name);
const struct call_result *request_result(const struct request *request, const char *name);
/* Body member as text (strings raw, integers decimal, objects JSON). */
struct value request_member(const struct request *request, const char *name);
enum step_result request_problem(struct request *request, const char *problem, const char *pointer);
/* Reply with the row of a statement of this operation, or with a body made by the step. */
enum step_result request_reply_json(struct request *request, unsigned status, const char *json);
void request_add_header(struct request *request, const char *name, const char *value);
const char *request_cookie(const struct request *request, const char *name); /* arena; NULL when absent */
/* The client's address, from the proxy in front where trust_proxy says so. */
const char *request_address(const struct request *request);
/* false: a browser sent it from a page of another site. For what a cookie alone admits. */
bool request_is_same_origin(const struct request *request);
/* For STEP_CPU: check a password against its hash (NULL: unknown user, takes as long). Copies both. */
enum step_result request_check_password(struct request *request, const char *hash, const char *plain,
                                        size_t length);
bool request_password_right(const struct request *request);
/* For STEP_CPU: the hash of a new password, then request_new_hash (NULL: out of memory). */
enum step_result request_hash_password(struct request *request, const char *plain, size_t length);
const char *request_new_hash(const struct request *request);
/* `\x…` of the keyed digest `name` of a text, as x-blind makes it. NULL: memory. */
const char *request_blind(struct request *request, const char *name, const char *plain);
/* For STEP_CPU: calculate(data) on work/cpu. `data` lives in the request's arena, which nobody else touches
 * meanwhile. */
enum step_result request_calculate(struct request *request, void (*calculate)(void *data), void *data);
void *request_calculated(const struct request *request); /* the data of the last request_calculate */
/* `\x…` of plain bytes under a label, and back, in `arena`; NULL when it cannot be made or opened. */
char *request_seal(struct request *request, struct arena *arena, const char *label, const char *plain,
                   size_t length);
char *request_open(struct request *request, struct arena *arena, const char *label, struct cell sealed,
                   size_t *length);
/* Takes a token of the loop's limiters. 0: go on; else seconds to wait. */
unsigned request_limit_login(struct request *request, const char *user_name);
const char *request_version(const struct request *request); /* of the server */
enum step_result request_reply_nothing(struct request *request, unsigned status);
/* Emptied before each chunk and each piece. */
struct arena *request_side_arena(struct request *request);
/* What a request of several steps remembers; NULL until it is set. */
void *request_state(const struct request *request);
void request_set_state(struct request *request, void *state);
/* In `chunk` and `take`: the rows of the call's statement. */
const struct call_result *request_part(const struct request *request, size_t part);
/* Starts a streamed reply; length UINT64_MAX when it is not known. */
enum step_result request_reply_stream(struct request *request, unsigned status, const char *type,
                                      uint64_t length, const struct streamer *streamer);
const char *request_header(const struct request *request, const char *name);
uint64_t request_length(const struct request *request); /* Content-Length; UINT64_MAX when chunked */
struct value request_parameter(const struct request *request, const char *name);
/* Does If-None-Match name this version? */
bool request_knows(struct request *request, const char *etag);
struct arena *request_arena(struct request *request);
const struct principal *request_principal(const struct request *request);

#endif
