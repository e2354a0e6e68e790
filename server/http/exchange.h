/* The inside of a request: for this room only. See request.h for its life and its order.
 *
 * A request belongs to one loop and is touched by that loop's thread alone, except its cpu job while work/cpu
 * has it. It is born with the request line and taken back by its loop when libmicrohttpd says that the
 * exchange is over, or, if the database still works for it then, when that has answered.
 */
#ifndef LINLI_HTTP_EXCHANGE_H
#define LINLI_HTTP_EXCHANGE_H

#include <microhttpd.h>

#include "auth/password.h"
#include "auth/token.h"
#include "core/text.h"
#include "core/uuid.h"
#include "http/guard.h"
#include "http/loop.h"
#include "http/request.h"
#include "http/route.h"
#include "http/static.h"
#include "http/validate.h"
#include "work/cpu.h"

struct connection;

struct header {
    const char *name, *value;
    struct header *next;
};

/* What goes back. Filled by reply.c or problem.c, sent by reply_send. */
struct reply {
    bool ready, close;
    unsigned status;
    const char *type;        /* media type; NULL: no body */
    struct buf body;         /* handed to libmicrohttpd when sent */
    struct text lasting;     /* instead of body: bytes that live as long as the process */
    const char *csp, *cache; /* NULL: those of the API */
    struct header *headers;
};

struct body {
    struct buf bytes;
    uint64_t seen, limit;
    bool over; /* more than the limit came: the rest is thrown away */
};

/* A body that is taken chunk by chunk: one chunk in memory, and the client is not read while it is kept. */
enum upload_stage { UPLOAD_NONE, UPLOAD_OPENING, UPLOAD_READING, UPLOAD_KEEPING, UPLOAD_ENDED };

struct upload {
    enum upload_stage stage;
    char *chunk; /* REQUEST_CHUNK bytes */
    size_t filled;
    bool last; /* the body is here; what is being kept is its end */
};

/* A reply that is made piece by piece. */
struct stream {
    const struct streamer *streamer; /* NULL: an ordinary reply */
    uint64_t length, sent;           /* length UINT64_MAX: not known */
    struct buf piece;
    size_t taken; /* of the piece */
    bool asking, ended, broken, told;
};

/* A list that is walked page by page (M8). */
enum reply_format { FORMAT_JSON, FORMAT_CSV, FORMAT_JSONL, FORMAT_XLSX };

struct row_xlsx;

struct walk {
    const char *id;    /* of core.export */
    struct buf cursor; /* where the next page begins; empty: as the request says */
    uint64_t rows;
    struct row_xlsx *xlsx; /* NULL in the other formats; the request's arena releases it */
    bool more;
    bool recalling, recalled; /* the call asks who it is, not for a page; that has been answered */
};

struct step_value {
    const char *name, *text;
    struct step_value *next;
};

/* A password check or another calculation on its way through work/cpu, with copies of what it needs, and the
 * message that it is done. */
struct request_job {
    struct cpu_job job;
    struct loop *loop;
    struct message message;
    const char *hash; /* NULL: unknown user */
    const char *plain;
    size_t length;
    bool right;
    char made[PASSWORD_HASH_SIZE]; /* of a new password; empty: it could not be made */
    void (*calculate)(void *data);
    void *data;
};

enum verb { VERB_GET, VERB_HEAD, VERB_POST, VERB_PUT, VERB_PATCH, VERB_DELETE, VERB_OPTIONS, VERB_OTHER };

struct request {
    struct loop *loop;
    struct connection *connection;
    struct MHD_Connection *mhd;
    struct arena *arena;
    struct request *next; /* the loop's list of spare ones */
    char id[UUID_SIZE];
    uint64_t begun_ns;

    /* the wire */
    struct text target, path, query;
    enum verb verb;
    enum language language;
    enum guard_verdict verdict;
    uint64_t expected; /* Content-Length, UINT64_MAX when chunked */
    /* first call seen · a streamed body waits for its steps · whole body here · parked · exchange ended */
    bool taken, at_headers, received, suspended, over;
    unsigned waiting; /* 1 while the database or work/cpu has it */
    struct body body;
    struct upload upload;
    struct stream stream;
    enum reply_format format;
    struct walk walk;
    struct arena *side; /* of one chunk or piece; NULL until needed */
    void *state;        /* of a domain's steps */

    /* what it turned out to be */
    const struct problem *early; /* known before the body was read; answered after it */
    struct route_match match;
    const struct operation *operation;
    bool signed_in;
    struct token_claims claims;
    struct principal principal;
    uint64_t generation; /* of the principal cache when the load began */

    /* parsed */
    json_t *tree;
    const struct value *parameters; /* one for each of operation->parameters */
    const char *cursor, *if_match, *key;
    uint32_t limit;

    /* on its way */
    struct call call;
    const struct statement *parts[CALL_STATEMENTS_MAX]; /* what each part of the call is */
    const struct call_result *done[CALL_STATEMENTS_MAX * 2];
    const struct statement *done_statements[CALL_STATEMENTS_MAX * 2];
    size_t done_count; /* results of earlier calls of a stepped operation */
    size_t step;
    struct step_value *step_values;
    struct request_job job;

    struct reply reply;
};

const char *exchange_header(const struct request *request, const char *name);

/* ── the order (request.c) ── */
void request_take(struct request *request, const char *method, const char *version); /* first handler call */
void request_run(struct request *request);     /* the whole body is here */
void request_proceed(struct request *request); /* after a reply became ready or a wait ended */
void request_leave(struct request *request);   /* over: back to the loop when nothing is under way any more */
bool request_is_hopeless(const struct request *request); /* a body that will not be read to its end */

/* The principal once more, for what goes on for long. recall: from the cache; else ask fills the call and
 * take reads its answer, false when the session has ended; apply: may they still, and the call's settings
 * anew. */
bool request_recall_principal(struct request *request);
bool request_ask_principal(struct request *request);
bool request_take_principal(struct request *request);
bool request_apply_principal(struct request *request, struct arena *arena);

/* ── authorize.c ── */
/* The token of the Authorization header, when the operation wants one. NULL: go on; else the problem. */
const struct problem *authorize_token(struct request *request);
/* Has the principal one of the operation's roles, anywhere? */
bool authorize_role(const struct operation *operation, const struct principal *principal);

/* ── plan.c ── */
const struct problem *plan_parse_body(struct request *request);
/* Parameters, body, cursor, key, If-Match: false when the reply (422, 412, 428) has been written. */
bool plan_validate(struct request *request);
/* Settings of the call: principal, operation, request. false: memory, 500. */
bool plan_begin(struct request *request);
/* Fills request->call from the operation's statements. false: memory, or a reply has been written. */
bool plan_build(struct request *request);
bool plan_add(struct request *request, const struct statement *statement, bool keyed);

/* ── reply.c, problem.c ── */
/* A row with its codecs applied; what they make lies in the arena. false: our failure. */
bool reply_read_row(struct request *request, struct arena *arena, const struct reply_plan *plan,
                    const struct call_result *result, size_t row, struct cell *cells);
void reply_rows(struct request *request);   /* from the call's results */
void reply_replay(struct request *request); /* from what LI200 carried */
void reply_status(struct request *request, unsigned status);
void reply_text(struct request *request, unsigned status, const char *type, const char *text);
void reply_lasting(struct request *request, unsigned status, const char *type, struct text bytes);
enum MHD_Result reply_send(struct request *request);
void problem_reply(struct request *request, const struct problem *problem);
void problem_reply_named(struct request *request, const char *name);
void problem_reply_pointer(struct request *request, const struct problem *problem, const char *pointer);
void problem_reply_errors(struct request *request, const struct field_errors *errors);
void problem_reply_call(struct request *request); /* from the outcome of the call */

/* ── body.c ── */
/* The next bytes of the body. false: more than anyone honest sends after it was refused. *taken: how many. */
bool body_receive(struct request *request, const char *bytes, size_t length, size_t *taken);
bool body_is_streamed(const struct request *request);
bool body_open(struct request *request); /* STEP_BODY. false: a refusal has been written */
/* The end of a streamed body: keeps the rest, then the next step. */
void body_end(struct request *request);

/* ── walk.c ── */
/* What of the list's formats, or JSON, Accept likes best. false: nothing of it. */
bool walk_negotiate(struct request *request, const char *accept);
void walk_start(struct request *request);

/* ── stream.c ── */
struct MHD_Response *stream_response(struct request *request);
/* The exchange is over; what the streamer still has to tell the database is sent. */
void stream_over(struct request *request);

/* ── steps.c ── */
void steps_run(struct request *request);
/* request.c: sends request->call; its memory is the side arena. */
void request_submit_side(struct request *request, void (*done)(struct call *call));
void steps_submit(struct request *request); /* request.c: sends request->call, then the next step */

/* ── endpoints.c: what is not the API ── */
void endpoints_answer(struct request *request);

#endif
