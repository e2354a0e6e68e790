#include <stdio.h>
#include <string.h>
#include "commands/command.h"
#include "core/config.h"
#include "seal/codec.h"

static const struct command_usage usage = {
    .name = "key",
    .arguments = "create|check|stage|rotate [data|token]",
    .description =
        "The keys in key_dir: `data` seals personal data, `token` signs access tokens, `blind` looks values "
        "up.\n\n"
        "  create         makes those that are missing, mode 0600\n"
        "  check          says whether the server can work with them\n"
        "  stage FAMILY   puts the next key beside the others: do it on every server, then restart them\n"
        "  rotate FAMILY  the next key becomes the current one, the current one the previous\n\n"
        "Without `blind` and the data keys nobody can read what they sealed: back them up, apart from the "
        "database.\n",
    .arguments_least = 1,
    .arguments_most = 2,
};

static int answer(const struct command_line *line, const char *action, long long made, const char *sentence) {
    if (!line->json) {
        printf("%s\n", sentence);
        return COMMAND_OK;
    }
    struct buf out;
    buf_init(&out, 4096);
    buf_char(&out, '{');
    command_json_flag(&out, "ok", true);
    command_json_text(&out, "action", action);
    command_json_integer(&out, "made", made);
    buf_text(&out, "}\n");
    return command_print(&out, COMMAND_OK);
}

static int create(const struct command_line *line, const char *directory) {
    const char *error = "";
    int made = keyring_create(directory, &error);
    if (made < 0) {
        return command_fail(&usage, "%s", error);
    }
    return answer(line, "create", made,
                  made > 0 ? "the missing keys were made" : "all keys were there already");
}

static int check(const struct command_line *line, const char *directory) {
    const char *error = "";
    struct keyring *ring = keyring_open(directory, &error);
    if (ring == NULL) {
        return command_fail(&usage, "%s", error);
    }
    keyring_close(ring);
    return answer(line, "check", 0, "the keys are in order");
}

static int change(const struct command_line *line, const char *directory, bool rotate) {
    const char *error = "", *family = line->arguments[1];
    if (line->argument_count < 2) {
        return command_misuse(&usage, "say which: data or token");
    }
    if (!(rotate ? keyring_rotate(directory, family, &error) : keyring_stage(directory, family, &error))) {
        return command_fail(&usage, "%s", error);
    }
    return answer(line, line->arguments[0], 1,
                  rotate ? "rotated; restart the servers"
                         : "the next key is in place; restart the servers, then rotate");
}

int command_key(int argc, char **argv) {
    struct command_line line;
    int code = command_parse(&usage, argc, argv, &line);
    if (code >= 0) {
        return code;
    }
    const char *action = line.arguments[0], *directory = config_text(CONFIG_KEY_DIR);
    if (strcmp(action, "create") == 0) {
        return create(&line, directory);
    }
    if (strcmp(action, "check") == 0) {
        return check(&line, directory);
    }
    if (strcmp(action, "stage") == 0 || strcmp(action, "rotate") == 0) {
        return change(&line, directory, action[0] == 'r');
    }
    return command_misuse(&usage, "there is no %s", action);
}
