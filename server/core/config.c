#include "core/config.h"
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/alloc.h"
#include "core/text.h"

#define CONFIG_FILE_MAX 65536u
#define CONFIG_ENVIRONMENT_SIZE 96

/* clang-format off */
#define CONFIG_ROW(id, name, type, preset, least, most, secret, en, zh) \
    {name, CONFIG_TYPE_##type, preset, least, most, secret, {en, zh}},
/* clang-format on */
static const struct config_key config_keys[CONFIG_COUNT] = {CONFIG_KEYS(CONFIG_ROW)};
#undef CONFIG_ROW

struct config_value {
    char *text; /* NULL: the preset */
    int64_t integer;
    const char *origin;
};

static struct config_value config_values[CONFIG_COUNT];

/* ── judging and storing a value ── */

static bool config_read_flag(struct text value, int64_t *flag) {
    static const char *const yes[] = {"true", "1", "yes", "on"}, *const no[] = {"false", "0", "no", "off"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        if (text_is_ignoring_case(value, yes[i]) || text_is_ignoring_case(value, no[i])) {
            *flag = text_is_ignoring_case(value, yes[i]);
            return true;
        }
    }
    return false;
}

static bool config_judge(const struct config_key *key, struct text value, int64_t *integer, char *error) {
    if (key->type == CONFIG_TYPE_FLAG) {
        if (config_read_flag(value, integer))
            return true;
        snprintf(error, CONFIG_ERROR_SIZE, "The setting %s must be true or false.", key->name);
        return false;
    }
    if (key->type == CONFIG_TYPE_INTEGER) {
        if (text_parse_integer(value.bytes, value.length, integer) && *integer >= key->least &&
            *integer <= key->most)
            return true;
        snprintf(error, CONFIG_ERROR_SIZE, "The setting %s must be a whole number from %lld to %lld.",
                 key->name, (long long)key->least, (long long)key->most);
        return false;
    }
    *integer = 0;
    if ((int64_t)value.length >= key->least && (int64_t)value.length <= key->most &&
        text_check_utf8(value.bytes, value.length) &&
        (!value.length || !memchr(value.bytes, '\0', value.length)))
        return true;
    snprintf(error, CONFIG_ERROR_SIZE, "The setting %s must be text of %lld to %lld bytes.", key->name,
             (long long)key->least, (long long)key->most);
    return false;
}

static bool config_store(enum config_id id, struct text value, const char *origin, char *error) {
    int64_t integer;
    if (!config_judge(&config_keys[id], value, &integer, error))
        return false;
    char *copy = alloc_bytes(value.length + 1);
    if (!copy) {
        snprintf(error, CONFIG_ERROR_SIZE, "There is not enough memory to read the configuration.");
        return false;
    }
    if (value.length)
        memcpy(copy, value.bytes, value.length);
    copy[value.length] = '\0';
    alloc_release(config_values[id].text);
    config_values[id] = (struct config_value){copy, integer, origin};
    return true;
}

bool config_set(enum config_id id, const char *value, char error[CONFIG_ERROR_SIZE]) {
    return config_store(id, text_of(value), "option", error);
}

/* ── the configuration file ── */

/* The whole file into memory of alloc_bytes. NULL with a sentence when it cannot be read. */
static char *config_read_file(const char *path, size_t *length, char *error) {
    FILE *file = fopen(path, "re");
    char *bytes = file ? alloc_bytes(CONFIG_FILE_MAX) : NULL;
    if (!bytes) {
        snprintf(error, CONFIG_ERROR_SIZE, "The file %.160s cannot be read: %s.", path,
                 file ? "out of memory" : strerror(errno));
        if (file)
            fclose(file);
        return NULL;
    }
    *length = fread(bytes, 1, CONFIG_FILE_MAX, file);
    bool broken = ferror(file) || *length == CONFIG_FILE_MAX;
    fclose(file);
    if (!broken)
        return bytes;
    snprintf(error, CONFIG_ERROR_SIZE, "The file %.160s cannot be read or is longer than 64 KiB.", path);
    alloc_release(bytes);
    return NULL;
}

static bool config_find_text(struct text name, enum config_id *id) {
    for (int i = 0; i < CONFIG_COUNT; i++)
        if (text_is(name, config_keys[i].name)) {
            *id = (enum config_id)i;
            return true;
        }
    return false;
}

bool config_find(const char *name, enum config_id *id) {
    return config_find_text(text_of(name), id);
}

static bool config_take_line(struct text line, const char *path, int number, char *error) {
    struct text name;
    enum config_id id;
    char reason[CONFIG_ERROR_SIZE];
    line = text_trim(line);
    if (!line.length || line.bytes[0] == '#')
        return true;
    text_split(&line, '=', &name);
    name = text_trim(name);
    if (!line.bytes) {
        snprintf(error, CONFIG_ERROR_SIZE, "%.120s, line %d: a line is written as key = value.", path,
                 number);
        return false;
    }
    if (!config_find_text(name, &id)) {
        snprintf(error, CONFIG_ERROR_SIZE, "%.120s, line %d: there is no setting called %.*s.", path, number,
                 (int)(name.length < 40 ? name.length : 40), name.bytes);
        return false;
    }
    if (config_store(id, text_trim(line), "file", reason))
        return true;
    snprintf(error, CONFIG_ERROR_SIZE, "%.120s, line %d: %.150s", path, number, reason);
    return false;
}

static bool config_load_file(const char *path, char *error) {
    size_t length;
    char *bytes = config_read_file(path, &length, error);
    if (!bytes)
        return false;
    struct text rest = {bytes, length}, line;
    bool fine = true;
    for (int number = 1; fine && text_split(&rest, '\n', &line); number++) {
        if (line.length && line.bytes[line.length - 1] == '\r')
            line.length--;
        fine = config_take_line(line, path, number, error);
    }
    alloc_release(bytes);
    return fine;
}

/* ── the environment ── */

static void config_name_variable(char out[CONFIG_ENVIRONMENT_SIZE], const struct config_key *key,
                                 const char *suffix) {
    snprintf(out, CONFIG_ENVIRONMENT_SIZE, "LINLI_%s%s", key->name, suffix);
    for (char *c = out; *c; c++)
        if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
}

/* A secret from the file that LINLI_<NAME>_FILE names; one newline at its end is not part of it. */
static bool config_load_secret(enum config_id id, const char *path, char *error) {
    size_t length;
    char *bytes = config_read_file(path, &length, error);
    if (!bytes)
        return false;
    if (length && bytes[length - 1] == '\n')
        length--;
    bool fine = config_store(id, (struct text){bytes, length}, "environment", error);
    alloc_release(bytes);
    return fine;
}

static bool config_load_variable(enum config_id id, char *error) {
    const struct config_key *key = &config_keys[id];
    char variable[CONFIG_ENVIRONMENT_SIZE];
    config_name_variable(variable, key, "");
    const char *value = getenv(variable);
    if (value)
        return config_store(id, text_of(value), "environment", error);
    if (!key->secret)
        return true;
    config_name_variable(variable, key, "_FILE");
    value = getenv(variable);
    return !value || config_load_secret(id, value, error);
}

bool config_load(const char *file, char error[CONFIG_ERROR_SIZE]) {
    if (file && !config_load_file(file, error))
        return false;
    for (int i = 0; i < CONFIG_COUNT; i++)
        if (!config_load_variable((enum config_id)i, error))
            return false;
    return true;
}

/* ── asking ── */

const struct config_key *config_describe(enum config_id id) {
    assert(id < CONFIG_COUNT);
    return &config_keys[id];
}

const char *config_origin(enum config_id id) {
    return config_values[id].origin ? config_values[id].origin : "default";
}

const char *config_text(enum config_id id) {
    assert(id < CONFIG_COUNT);
    return config_values[id].text ? config_values[id].text : config_keys[id].preset;
}

static int64_t config_number(enum config_id id) {
    if (config_values[id].text)
        return config_values[id].integer;
    int64_t preset = 0;
    char error[CONFIG_ERROR_SIZE];
    bool fine = config_judge(&config_keys[id], text_of(config_keys[id].preset), &preset, error);
    assert(fine);
    (void)fine;
    return preset;
}

int64_t config_integer(enum config_id id) {
    assert(id < CONFIG_COUNT && config_keys[id].type == CONFIG_TYPE_INTEGER);
    return config_number(id);
}

bool config_flag(enum config_id id) {
    assert(id < CONFIG_COUNT && config_keys[id].type == CONFIG_TYPE_FLAG);
    return config_number(id) != 0;
}

/* ── the table for people ── */

void config_write_help(struct buf *out) {
    buf_text(out,
             "Settings, each as LINLI_<NAME> in the environment or `name = value` in the file of --config.\n"
             "Secret ones may also come from the file that LINLI_<NAME>_FILE names.\n\n");
    for (int i = 0; i < CONFIG_COUNT; i++) {
        const struct config_key *key = &config_keys[i];
        buf_format(out, "  %-26s %s (default: %s)\n", key->name, key->help[0],
                   key->preset[0] ? key->preset : "empty");
    }
}

void config_write_markdown(struct buf *out) {
    static const char *const types[] = {"text", "integer", "flag"};
    char variable[CONFIG_ENVIRONMENT_SIZE];
    buf_text(out, "| setting | environment | type | default | meaning | 含义 |\n|---|---|---|---|---|---|\n");
    for (int i = 0; i < CONFIG_COUNT; i++) {
        const struct config_key *key = &config_keys[i];
        config_name_variable(variable, key, "");
        buf_format(out, "| `%s` | `%s` | %s%s | %s%s%s | %s | %s |\n", key->name, variable, types[key->type],
                   key->secret ? ", secret" : "", key->preset[0] ? "`" : "", key->preset,
                   key->preset[0] ? "`" : "", key->help[0], key->help[1]);
    }
}
