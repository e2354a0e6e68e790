#include <stdio.h>
#include "commands/command.h"
#include "core/config.h"
#include "db/migrate.h"

static const struct command_usage usage = {
    .name = "migrate",
    .arguments = "",
    .description =
        "Brings the database's schema up to date: new migrations in their order, then all routines. Nothing "
        "is\n"
        "ever undone; a migration that changed after it was applied is refused. Connects with owner_url.\n",
    .options = {{"check", NULL, "change nothing; exit 1 when the schema does not fit this server"}},
};

static void progress(void *context, enum migrate_event event, const char *file, double seconds) {
    const struct command_line *line = context;
    if (line->json) {
        return;
    }
    switch (event) {
    case MIGRATE_APPLIED:
        printf("applied  %-32s %6.2f s\n", file, seconds);
        break;
    case MIGRATE_ROUTINES:
        printf("routines loaded %25s %6.2f s\n", "", seconds);
        break;
    case MIGRATE_UNCHANGED:
        printf("no new migration\n");
        break;
    }
    fflush(stdout);
}

static int check(const struct command_line *line) {
    static const char *const names[] = {"current", "older", "incompatible", "unreachable"};
    char message[1024];
    enum migrate_state state =
        migrate_check(config_text(CONFIG_DATABASE_URL), config_text(CONFIG_MIGRATIONS_DIR), message);
    if (line->json) {
        struct buf out;
        buf_init(&out, 1 << 16);
        buf_char(&out, '{');
        command_json_text(&out, "state", names[state]);
        command_json_text(&out, "message", message);
        buf_text(&out, "}\n");
        command_print(&out, COMMAND_OK);
    } else if (state == MIGRATE_CURRENT) {
        printf("the schema is current\n");
    }
    return state == MIGRATE_CURRENT ? COMMAND_OK : command_fail(&usage, "%s", message);
}

static int report(const struct migrate_result *result, bool good) {
    struct buf out;
    buf_init(&out, 1 << 16);
    buf_char(&out, '{');
    command_json_flag(&out, "ok", good);
    command_json_integer(&out, "applied", (long long)result->applied);
    command_json_integer(&out, "routines", (long long)result->routines);
    command_json_text(&out, "message", result->message);
    buf_text(&out, "}\n");
    return command_print(&out, good ? COMMAND_OK : COMMAND_FAILED);
}

int command_migrate(int argc, char **argv) {
    struct command_line line;
    int code = command_parse(&usage, argc, argv, &line);
    if (code >= 0) {
        return code;
    }
    if (command_value(&usage, &line, "check") != NULL) {
        return check(&line);
    }
    if (config_text(CONFIG_OWNER_URL)[0] == '\0') {
        return command_misuse(&usage,
                              "owner_url is not set (LINLI_OWNER_URL): the connection text of linli_owner");
    }
    struct migrate_settings settings = {.conninfo = config_text(CONFIG_OWNER_URL),
                                        .directory = config_text(CONFIG_MIGRATIONS_DIR),
                                        .progress = progress,
                                        .context = &line};
    struct migrate_result result;
    bool good = migrate_run(&settings, &result);
    if (line.json) {
        return report(&result, good);
    }
    return good ? COMMAND_OK : command_fail(&usage, "%s", result.message);
}
