/* Subcommands of `linli`: their table, their options, their exit codes.
 *
 * Owns nothing that outlives a command. A command parses with command_parse, which also answers --help, reads
 * the configuration (--config FILE, environment) and refuses what it does not know; it prints for a person,
 * or one JSON document with --json. No secret is ever taken from the command line.
 */
#ifndef LINLI_COMMANDS_COMMAND_H
#define LINLI_COMMANDS_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include "core/buf.h"
#include "db/session.h"

enum { COMMAND_OK = 0, COMMAND_FAILED = 1, COMMAND_USAGE = 2 };

struct command {
    const char *name, *summary;
    int (*run)(int argc, char **argv); /* argv[0] is the subcommand's name */
};

int command_serve(int argc, char **argv);
int command_migrate(int argc, char **argv);
int command_seed(int argc, char **argv);
int command_user(int argc, char **argv);
int command_key(int argc, char **argv);
int command_audit(int argc, char **argv);
int command_config(int argc, char **argv);
int command_doctor(int argc, char **argv);

#define COMMAND_OPTIONS_MAX 12
#define COMMAND_ARGUMENTS_MAX 8

struct command_option {
    const char *name;  /* without the dashes */
    const char *value; /* what its value is called in the help; NULL: a flag */
    const char *help;
};

struct command_usage {
    const char *name;        /* "user" */
    const char *arguments;   /* "add|list|password|disable|grant [NAME]"; "" when none */
    const char *description; /* whole lines */
    struct command_option options[COMMAND_OPTIONS_MAX]; /* up to the first without a name */
    size_t arguments_least, arguments_most;
};

struct command_line {
    const char *values[COMMAND_OPTIONS_MAX]; /* by option: its value, "" for a flag, NULL when not given */
    const char *arguments[COMMAND_ARGUMENTS_MAX];
    size_t argument_count;
    bool json;
};

/* −1: go on; else the exit code. --help, --json and --config FILE need not be listed. */
int command_parse(const struct command_usage *usage, int argc, char **argv, struct command_line *line);
/* Value of an option by name, NULL when not given. */
const char *command_value(const struct command_usage *usage, const struct command_line *line,
                          const char *option);

/* Prints "linli <name>: <sentence>" on standard error and returns COMMAND_FAILED. */
int command_fail(const struct command_usage *usage, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The same, with a hint at --help, and COMMAND_USAGE. */
int command_misuse(const struct command_usage *usage, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Writes what was collected to standard output and frees it. */
int command_print(struct buf *out, int exit_code);

/* Blocking session with owner_url, search path and all else as migrations have it. NULL after a printed
 * sentence. */
struct session *command_open_owner(const struct command_usage *usage);

/* JSON members: `,"name":` before the value, without the comma after an opening brace. */
void command_json_text(struct buf *out, const char *name, const char *value);
void command_json_integer(struct buf *out, const char *name, long long value);
void command_json_flag(struct buf *out, const char *name, bool value);
void command_json_name(struct buf *out, const char *name);

#endif
