/* Validation of bodies and parameters against the contract's schemas: every error at once, table-driven.
 *
 * Errors live in the caller's struct, their texts in the arena or as long as the process. Body errors carry
 * an RFC 6901 pointer ("" is the whole body), parameter errors the parameter's name. Lengths are counted in
 * code points; an integer is written without fraction and exponent (1.0 is refused); unknown members are
 * always refused.
 */
#ifndef LINLI_HTTP_VALIDATE_H
#define LINLI_HTTP_VALIDATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/contract.h"

#define FIELD_ERRORS_MAX 50

enum field_code {
    FIELD_REQUIRED,
    FIELD_UNKNOWN,
    FIELD_REPEATED,
    FIELD_TYPE,
    FIELD_NULL,
    FIELD_TOO_SHORT,
    FIELD_TOO_LONG,
    FIELD_PATTERN,
    FIELD_CHOICE,
    FIELD_MINIMUM,
    FIELD_MAXIMUM,
    FIELD_FORMAT,
    FIELD_TOO_FEW,
    FIELD_TOO_MANY,
    FIELD_DUPLICATE,
    FIELD_INVALID,
    FIELD_CODE_COUNT
};

struct field_error {
    const char *pointer;   /* NULL for a parameter */
    const char *parameter; /* NULL for the body */
    enum field_code code;
    const struct schema *schema; /* whose rule was broken; NULL when there is none */
};

struct field_errors {
    struct field_error items[FIELD_ERRORS_MAX];
    size_t count; /* errors beyond the cap are not kept */
};

struct value; /* http/request.h */

/* Compiles the contract's patterns: once, before any thread. false: *wrong is the pattern that cannot be
 * compiled. */
bool validate_setup(const char **wrong);
void validate_teardown(void);

/* Appends errors; true when the body had none. */
bool validate_body(struct arena *arena, const struct schema *schema, json_t *body,
                   struct field_errors *errors);
/* values: one for each of operation->parameters, absent ones with present == false; those with a preset are
 * filled here. Appends errors; true when there were none. */
bool validate_parameters(const struct operation *operation, struct value *values,
                         struct field_errors *errors);
/* One more error, e.g. of a parser or for a pointer that SQL named. */
void validate_refuse(struct field_errors *errors, struct field_error error);

/* "too_long": static text. */
const char *validate_code(enum field_code code);
/* `[{"pointer": …, "code": …, "message": …}, …]`, the messages for the person who typed it. */
void field_errors_write(struct buf *out, const struct field_errors *errors, enum language language);

#endif
