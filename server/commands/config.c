#include <stdio.h>
#include "commands/command.h"
#include "core/config.h"

static const struct command_usage usage = {
    .name = "config",
    .arguments = "",
    .description =
        "Shows the configuration in force: default < file < environment. Secrets are never shown.\n",
    .options = {{"markdown", NULL, "the table of all keys, as the README has it"},
                {"keys", NULL, "what can be set, with help"}},
};

static void value_text(char out[2080], enum config_id id) {
    const struct config_key *key = config_describe(id);
    if (key->type == CONFIG_TYPE_INTEGER) {
        snprintf(out, 2080, "%lld", (long long)config_integer(id));
    } else if (key->type == CONFIG_TYPE_FLAG) {
        snprintf(out, 2080, "%s", config_flag(id) ? "true" : "false");
    } else if (key->secret && config_text(id)[0] != '\0') {
        snprintf(out, 2080, "(set)");
    } else {
        snprintf(out, 2080, "%s", config_text(id));
    }
}

static int print_lines(void) {
    for (enum config_id id = 0; id < CONFIG_COUNT; id++) {
        char value[2080];
        value_text(value, id);
        printf("%-26s %-11s %s\n", config_describe(id)->name, config_origin(id), value);
    }
    return COMMAND_OK;
}

static int print_json(void) {
    struct buf out;
    buf_init(&out, 1 << 20);
    buf_char(&out, '{');
    for (enum config_id id = 0; id < CONFIG_COUNT; id++) {
        char value[2080];
        value_text(value, id);
        command_json_name(&out, config_describe(id)->name);
        buf_char(&out, '{');
        if (config_describe(id)->type == CONFIG_TYPE_TEXT) {
            command_json_text(&out, "value", value);
        } else {
            command_json_name(&out, "value");
            buf_text(&out, value);
        }
        command_json_text(&out, "origin", config_origin(id));
        buf_char(&out, '}');
    }
    buf_text(&out, "}\n");
    return command_print(&out, COMMAND_OK);
}

int command_config(int argc, char **argv) {
    struct command_line line;
    int code = command_parse(&usage, argc, argv, &line);
    if (code >= 0) {
        return code;
    }
    bool markdown = command_value(&usage, &line, "markdown") != NULL;
    if (markdown || command_value(&usage, &line, "keys") != NULL) {
        struct buf out;
        buf_init(&out, 1 << 20);
        if (markdown) {
            config_write_markdown(&out);
        } else {
            config_write_help(&out);
        }
        return command_print(&out, COMMAND_OK);
    }
    return line.json ? print_json() : print_lines();
}
