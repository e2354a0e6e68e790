#include "commands/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "core/config.h"
#include "json/json_out.h"

/* ── help ── */

static void print_option(const char *name, const char *value, const char *help) {
    char left[48];
    snprintf(left, sizeof left, "--%s%s%s", name, value != NULL ? " " : "", value != NULL ? value : "");
    printf("  %-22s %s\n", left, help);
}

static int print_help(const struct command_usage *usage) {
    printf("linli %s%s%s\n\n%s\n", usage->name, usage->arguments[0] != '\0' ? " " : "", usage->arguments,
           usage->description);
    for (size_t i = 0; i < COMMAND_OPTIONS_MAX && usage->options[i].name != NULL; i++) {
        print_option(usage->options[i].name, usage->options[i].value, usage->options[i].help);
    }
    print_option("config", "FILE", "read this configuration file; the environment (LINLI_…) overrides it");
    print_option("json", NULL, "one JSON document on standard output");
    print_option("help", NULL, "this text");
    printf("\nExit codes: 0 all is well, 1 it failed or found something, 2 wrong usage.\n");
    return COMMAND_OK;
}

/* ── messages ── */

static void complain(const struct command_usage *usage, const char *format, va_list arguments) {
    fflush(stdout);
    fprintf(stderr, "linli %s: ", usage->name);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
}

int command_fail(const struct command_usage *usage, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    complain(usage, format, arguments);
    va_end(arguments);
    return COMMAND_FAILED;
}

int command_misuse(const struct command_usage *usage, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    complain(usage, format, arguments);
    va_end(arguments);
    fprintf(stderr, "linli %s --help says how.\n", usage->name);
    return COMMAND_USAGE;
}

int command_print(struct buf *out, int exit_code) {
    bool good =
        !buf_failed(out) && fwrite(out->data, 1, out->length, stdout) == out->length && fflush(stdout) == 0;
    buf_free(out);
    return good ? exit_code : COMMAND_FAILED;
}

/* ── parsing ── */

struct parser {
    const struct command_usage *usage;
    struct command_line *line;
    const char *config_file;
    bool help;
    int argc, at;
    char **argv;
};

static bool is_named(const char *argument, const char *name, const char **attached) {
    size_t length = strlen(name);
    if (strncmp(argument, "--", 2) != 0 || strncmp(argument + 2, name, length) != 0) {
        return false;
    }
    const char *rest = argument + 2 + length;
    *attached = *rest == '=' ? rest + 1 : NULL;
    return *rest == '\0' || *rest == '=';
}

/* The value after `=`, or the next argument. false: there is none. */
static bool take_value(struct parser *parser, const char *attached, const char **value) {
    if (attached == NULL && parser->at + 1 < parser->argc) {
        attached = parser->argv[++parser->at];
    }
    *value = attached;
    return attached != NULL;
}

static int take_common(struct parser *parser, const char *argument, bool *taken) {
    const char *attached = NULL;
    *taken = true;
    if (is_named(argument, "help", &attached) || strcmp(argument, "-h") == 0) {
        parser->help = true;
    } else if (is_named(argument, "json", &attached)) {
        parser->line->json = true;
    } else if (is_named(argument, "config", &attached)) {
        if (!take_value(parser, attached, &parser->config_file)) {
            return command_misuse(parser->usage, "--config needs a file");
        }
    } else {
        *taken = false;
    }
    return -1;
}

static int take_option(struct parser *parser, const char *argument) {
    const struct command_option *options = parser->usage->options;
    for (size_t i = 0; i < COMMAND_OPTIONS_MAX && options[i].name != NULL; i++) {
        const char *attached = NULL;
        if (!is_named(argument, options[i].name, &attached)) {
            continue;
        }
        if (options[i].value == NULL) {
            parser->line->values[i] = "";
            return attached == NULL ? -1
                                    : command_misuse(parser->usage, "--%s takes no value", options[i].name);
        }
        return take_value(parser, attached, &parser->line->values[i])
                   ? -1
                   : command_misuse(parser->usage, "--%s needs a value", options[i].name);
    }
    return command_misuse(parser->usage, "there is no option %s", argument);
}

static int take_argument(struct parser *parser, const char *argument) {
    struct command_line *line = parser->line;
    if (line->argument_count == parser->usage->arguments_most) {
        return command_misuse(parser->usage, "%s is one argument too many", argument);
    }
    line->arguments[line->argument_count++] = argument;
    return -1;
}

static int take(struct parser *parser) {
    const char *argument = parser->argv[parser->at];
    bool taken;
    int code = take_common(parser, argument, &taken);
    if (code >= 0 || taken) {
        return code;
    }
    return argument[0] == '-' && argument[1] != '\0' ? take_option(parser, argument)
                                                     : take_argument(parser, argument);
}

int command_parse(const struct command_usage *usage, int argc, char **argv, struct command_line *line) {
    *line = (struct command_line){.argument_count = 0};
    struct parser parser = {.usage = usage, .line = line, .argc = argc, .argv = argv};
    for (parser.at = 1; parser.at < argc; parser.at++) {
        int code = take(&parser);
        if (code >= 0) {
            return code;
        }
    }
    if (parser.help) {
        return print_help(usage);
    }
    if (line->argument_count < usage->arguments_least) {
        return command_misuse(usage, "it needs %s", usage->arguments);
    }
    char error[CONFIG_ERROR_SIZE];
    if (!config_load(parser.config_file, error)) {
        return command_misuse(usage, "%s", error);
    }
    return -1;
}

const char *command_value(const struct command_usage *usage, const struct command_line *line,
                          const char *option) {
    for (size_t i = 0; i < COMMAND_OPTIONS_MAX && usage->options[i].name != NULL; i++) {
        if (strcmp(usage->options[i].name, option) == 0) {
            return line->values[i];
        }
    }
    return NULL;
}

/* ── the owner's session ── */

struct session *command_open_owner(const struct command_usage *usage) {
    char error[SESSION_ERROR_SIZE];
    const char *url = config_text(CONFIG_OWNER_URL);
    if (url[0] == '\0') {
        command_fail(usage, "owner_url is not set (LINLI_OWNER_URL): the connection text of linli_owner");
        return NULL;
    }
    struct session *session = session_open(url, 0, error);
    if (session == NULL) {
        command_fail(usage, "%s", error);
    } else if (!session_run(session, "set search_path = public", NULL, 0)) {
        command_fail(usage, "%s", session_error(session));
        session_close(session);
        session = NULL;
    }
    return session;
}

/* ── JSON ── */

void command_json_name(struct buf *out, const char *name) {
    if (out->length > 0 && strchr("{[", out->data[out->length - 1]) == NULL) {
        buf_char(out, ',');
    }
    json_out_text(out, name);
    buf_char(out, ':');
}

void command_json_text(struct buf *out, const char *name, const char *value) {
    command_json_name(out, name);
    json_out_text(out, value);
}

void command_json_integer(struct buf *out, const char *name, long long value) {
    command_json_name(out, name);
    buf_integer(out, value);
}

void command_json_flag(struct buf *out, const char *name, bool value) {
    command_json_name(out, name);
    buf_text(out, value ? "true" : "false");
}
