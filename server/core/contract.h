/* The contract as const tables: what openapi.yaml, the domains' .yaml and .sql say, made into data by server/generate.
 *
 * Owns nothing. Every table is const, lives as long as the process and is shared by all threads. The generator emits
 * one definition of each `contract_*` symbol below; interpreters (http/route, http/validate, db/bind, json/row_json)
 * read them and contain no knowledge of a domain.
 */
#ifndef LINLI_CORE_CONTRACT_H
#define LINLI_CORE_CONTRACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ── values ───────────────────────────────────────────────────────────────────────────────────────────────── */

enum value_type { VALUE_STRING, VALUE_UUID, VALUE_DATE, VALUE_TIMESTAMP, VALUE_INTEGER, VALUE_NUMBER, VALUE_BOOLEAN, VALUE_OBJECT, VALUE_ARRAY };

/* Strings that are more than their letters: see http/validate. */
enum text_format { TEXT_FORMAT_NONE, TEXT_FORMAT_EMAIL, TEXT_FORMAT_CN_ID_NUMBER };

enum mask_kind { MASK_NONE, MASK_PHONE, MASK_NAME, MASK_ID_NUMBER };

/* M6: what happens to a field between the wire and the database. */
struct codec {
    const char *sealed;    /* additional authenticated data of the sealed column, NULL = stored plain */
    const char *blind;     /* name of the extra bind that carries the blind index, NULL = none */
    enum mask_kind masked; /* replies only */
};

/* ── schemas of requests ──────────────────────────────────────────────────────────────────────────────────── */

struct schema;

struct property {
    const char *name;
    const struct schema *schema;
    bool required;
};

struct schema {
    const char *name; /* for messages to developers; NULL when inline */
    enum value_type type;
    bool nullable;
    /* strings: lengths in Unicode code points; `pattern` is a POSIX extended expression, anchored */
    uint32_t min_length, max_length;
    const char *pattern;
    size_t pattern_index; /* index into the table of compiled patterns; meaningless when pattern is NULL */
    enum text_format format;
    const char *const *choices; /* enum or const, NULL-terminated; NULL = free */
    /* integers */
    int64_t minimum, maximum;
    /* arrays */
    const struct schema *items;
    uint32_t min_items, max_items;
    bool unique_items;
    /* objects: sorted by name; unknown members are always refused */
    const struct property *properties;
    size_t property_count;
    struct codec codec;
};

/* ── parameters ───────────────────────────────────────────────────────────────────────────────────────────── */

enum parameter_in { IN_PATH, IN_QUERY, IN_HEADER };

struct parameter {
    const char *name; /* as on the wire: case_id, as_of, If-Match */
    enum parameter_in in;
    bool required;
    const struct schema *schema;
    const char *preset; /* default as text, NULL = none */
};

/* ── statements ───────────────────────────────────────────────────────────────────────────────────────────── */

enum bind_source {
    BIND_PARAMETER,   /* operation->parameters[index] */
    BIND_BODY_MEMBER, /* operation->body->properties[index] */
    BIND_BODY,        /* whole body as JSON text */
    BIND_BLIND,       /* blind index of body->properties[index] */
    BIND_ID_BIRTH_DATE, /* day of birth and sex that the identity number of body->properties[index] says */
    BIND_ID_SEX,
    BIND_LIMIT,       /* requested page size + 1 */
    BIND_CURSOR,      /* JSON array of the sort key, NULL when none */
    BIND_AS_OF,       /* parameter as_of, else today in Asia/Shanghai */
    BIND_IF_MATCH,    /* integer of the If-Match header, NULL when none */
    BIND_TODAY,
    BIND_PERSON,  /* principal.person_id */
    BIND_SESSION, /* principal.session_id */
    BIND_REQUEST_ID,
    BIND_IDEMPOTENCY_KEY, /* only in variants with `keyed` */
    BIND_STEP             /* steps give the value by name: see http/request.h */
};

struct bind {
    const char *name;
    enum bind_source source;
    uint16_t index;
    enum value_type type; /* for BIND_STEP and for the text sent */
};

/* M7: one text per combination of optional lines. Bit i of `mask` says that condition i holds. */
struct statement_variant {
    uint32_t mask;
    bool keyed;       /* wrapped by the idempotency keeper (M3) */
    uint32_t id;      /* dense over the whole program: index of the prepared-statement cache of a connection */
    const char *text; /* SQL with $1… */
    const struct bind *binds;
    uint16_t bind_count;
};

/* M7: a condition is the presence (not absent, not null) of a bindable value. */
struct condition {
    const char *name;
    enum bind_source source;
    uint16_t index;
};

/* One output column and where it goes. `before` is written before the value, e.g. `{"id":` or `,"unit":{"name":`;
 * after the last column comes `plan->after`, e.g. `}}`. Reserved columns have before == NULL. */
enum reserved_column { COLUMN_FIELD, COLUMN_STATUS, COLUMN_LOCATION, COLUMN_ETAG, COLUMN_CURSOR };

struct column {
    const char *name; /* as SQL names it: "unit.name" */
    enum reserved_column reserved;
    enum value_type type; /* VALUE_OBJECT/VALUE_ARRAY: JSON text, verbatim */
    const char *before;
    struct codec codec;
    const char *title[2]; /* of lists: the heading of an export, by enum language; NULL elsewhere */
};

struct reply_plan {
    const struct column *columns;
    uint16_t column_count;
    const char *after;
};

struct statement {
    const char *name;  /* "listUnits", "getMediationCase/parties", "login/find" */
    const char *child; /* key of the reply under which the rows go; NULL for the main statement */
    const struct condition *conditions;
    uint8_t condition_count;
    const struct statement_variant *variants; /* every mask, unkeyed first; keyed ones only for keyed operations */
    uint16_t variant_count;
    struct reply_plan plan;
    const char *file; /* source, for error messages of `linli doctor` */
    uint32_t line;
};

/* ── operations ───────────────────────────────────────────────────────────────────────────────────────────── */

enum http_method { METHOD_GET, METHOD_POST, METHOD_PUT, METHOD_PATCH, METHOD_DELETE, METHOD_COUNT };
enum lane_kind { LANE_READ, LANE_WRITE, LANE_SLOW, LANE_COUNT };
enum reply_kind { REPLY_NONE, REPLY_ROW, REPLY_LIST, REPLY_STREAM };
enum gate { GATE_ANYONE, GATE_AUTHENTICATED, GATE_ROLES };

struct steps; /* http/request.h */

struct operation {
    const char *id;
    enum http_method method;
    const char *path; /* template without base: "/units/{unit_id}" */
    const struct parameter *parameters;
    uint16_t parameter_count;
    const struct schema *body; /* NULL: no body allowed */
    bool body_required;
    uint32_t body_limit;      /* bytes */
    const char *body_type;    /* media type, "application/json" */
    const char *const *stream_types; /* NULL-terminated: raw bytes, taken chunk by chunk; NULL: no such body */
    enum gate gate;
    uint32_t roles;           /* bit per role: who may (GATE_ROLES), or whose grants reach beyond one's own */
    enum lane_kind lane;
    bool takes_key;           /* honours Idempotency-Key */
    bool if_match_required;   /* 428 without If-Match */
    bool has_etag;
    uint16_t status;          /* of success */
    enum reply_kind reply;
    const struct statement *const *statements; /* main first, then children; steps: theirs in file order */
    uint16_t statement_count;
    const struct steps *steps; /* M1; NULL for plain operations */
};

extern const struct operation contract_operations[];
extern const size_t contract_operation_count;
extern const uint32_t contract_variant_count; /* prepared statements a connection may hold */
extern const char *const contract_patterns[]; /* compiled at start by http/validate */
extern const size_t contract_pattern_count;
extern const char contract_base_path[];       /* "/api/v1" */

/* The route tree: segments of the templates, literal children sorted, at most one parameter child. */
struct route_node {
    const char *segment;               /* literal, NULL for a parameter */
    const struct route_node *children; /* literals sorted by segment, parameter child last */
    uint16_t child_count;
    const struct operation *operations[METHOD_COUNT];
};
extern const struct route_node contract_routes;

/* ── roles ────────────────────────────────────────────────────────────────────────────────────────────────── */

struct role {
    const char *name;
    bool staff;      /* reaches units (app.paths); false: only what is one's own */
    bool leadership; /* reaches along the leadership ladder */
    bool files;      /* reaches confidential files (app.files) */
};
extern const struct role contract_roles[]; /* bit i of operation.roles = contract_roles[i] */
extern const size_t contract_role_count;

/* ── problems (RFC 9457) ──────────────────────────────────────────────────────────────────────────────────── */

struct problem {
    const char *name; /* type is "/docs/problems#<name>" */
    uint16_t status;
    const char *title[2]; /* indexed by enum language: zh, en */
    const char *help[2];  /* what the caller can do; "" when nothing */
};
enum language { LANGUAGE_ZH, LANGUAGE_EN };
extern const struct problem contract_problems[]; /* sorted by name */
extern const size_t contract_problem_count;

struct constraint_problem {
    const char *constraint;
    const char *problem;
};
extern const struct constraint_problem contract_constraints[]; /* sorted by constraint */
extern const size_t contract_constraint_count;

/* Never NULL for a name the code itself writes: the generator refuses unknown ones. */
const struct problem *contract_find_problem(const char *name);
/* NULL when no problem claims the constraint. */
const struct problem *contract_find_constraint(const char *constraint);

/* Embedded documents: the bundled contract and the page of problems. */
extern const unsigned char contract_openapi_json[];
extern const size_t contract_openapi_json_size;
extern const unsigned char contract_problems_html[];
extern const size_t contract_problems_html_size;

#endif
