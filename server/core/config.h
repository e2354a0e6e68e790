/* Configuration: defaults < configuration file < environment.
 *
 * One table (config_keys.h) says all that can be set. Values are read once at start by config_load, before
 * any thread, and never change afterwards; texts live as long as the process. A secret key may also come from
 * a file whose path is in LINLI_<NAME>_FILE. Values of secret keys are never printed.
 */
#ifndef LINLI_CORE_CONFIG_H
#define LINLI_CORE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/buf.h"
#include "core/config_keys.h"

#define CONFIG_IDENTIFIER(id, name, type, preset, least, most, secret, en, zh) CONFIG_##id,
enum config_id { CONFIG_KEYS(CONFIG_IDENTIFIER) CONFIG_COUNT };
#undef CONFIG_IDENTIFIER

enum config_type { CONFIG_TYPE_TEXT, CONFIG_TYPE_INTEGER, CONFIG_TYPE_FLAG };

struct config_key {
    const char *name;
    enum config_type type;
    const char *preset;
    int64_t least, most; /* of integers; bytes of texts */
    bool secret;
    const char *help[2]; /* English, Chinese */
};

#define CONFIG_ERROR_SIZE 320

/* file: path of `key = value` lines (# comments), or NULL. false: `error` holds one sentence for the
 * administrator. */
bool config_load(const char *file, char error[CONFIG_ERROR_SIZE]);
/* Sets one key as if it came last (command-line options). */
bool config_set(enum config_id id, const char *value, char error[CONFIG_ERROR_SIZE]);

/* Asking for the wrong type is our own mistake: asserted. Before config_load they give the defaults. */
const char *config_text(enum config_id id);
int64_t config_integer(enum config_id id);
bool config_flag(enum config_id id);

const struct config_key *config_describe(enum config_id id);
const char *config_origin(enum config_id id); /* "default", "file", "environment", "option" */
bool config_find(const char *name, enum config_id *id);

void config_write_help(struct buf *out);     /* for `linli config --help` */
void config_write_markdown(struct buf *out); /* the README's table */

#endif
