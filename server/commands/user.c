#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "auth/password.h"
#include "commands/command.h"
#include "core/text.h"
#include "json/json_out.h"

static const struct command_usage usage = {
    .name = "user",
    .arguments = "add|password|disable|enable|grant|revoke|list [NAME]",
    .description =
        "  add NAME       a login: for --person, or for a new person with --display-name and --unit\n"
        "  password NAME  a new password; every session of the login ends\n"
        "  disable NAME   no more signing in, every session ends; enable NAME takes it back\n"
        "  grant NAME     --role at --unit, from today or --from, to --to; revoke NAME ends it at once\n"
        "  list           logins and their roles of today\n\n"
        "A password is generated and printed once, or read from standard input with --password-stdin; it is\n"
        "never taken from the command line. In an empty database `add --city NAME` founds the city first "
        "and\n"
        "makes the login its administrator. Connects with owner_url.\n",
    .options = {{"person", "ID", "add: a person who exists"},
                {"display-name", "TEXT", "add: the name of a new person"},
                {"unit", "ID", "add: home of the new person; grant, revoke: where the role reaches"},
                {"city", "NAME", "add: found the city, in an empty database only"},
                {"role", "ROLE", "grant, revoke: e.g. administrator"},
                {"from", "DATE", "grant: first day"},
                {"to", "DATE", "grant: last day"},
                {"password-stdin", NULL, "add, password: read the password's line from standard input"}},
    .arguments_least = 1,
    .arguments_most = 2,
};

struct user_run {
    const struct command_line *line;
    struct session *session;
    const char *name;
    char password[PASSWORD_MAX_LENGTH + 2];
    bool generated;
};

static const char *option(const struct user_run *run, const char *name) {
    return command_value(&usage, run->line, name);
}

static int refused(const struct user_run *run) {
    return command_fail(&usage, "%s", session_error(run->session));
}

/* ── passwords ── */

static int read_password(struct user_run *run) {
    size_t length = 0;
    ssize_t got = 1;
    while (length < sizeof run->password - 1 && got > 0) {
        got = read(STDIN_FILENO, run->password + length, 1);
        if (got <= 0 || run->password[length] == '\n') {
            break;
        }
        length++;
    }
    run->password[length] = '\0';
    if (length < PASSWORD_MIN_LENGTH || length > PASSWORD_MAX_LENGTH ||
        !text_check_utf8(run->password, length)) {
        return command_fail(&usage, "a password has %d to %d bytes of UTF-8", PASSWORD_MIN_LENGTH,
                            PASSWORD_MAX_LENGTH);
    }
    return -1;
}

/* −1 with the hash. */
static int make_hash(struct user_run *run, char hash[PASSWORD_HASH_SIZE]) {
    if (!password_setup()) {
        return command_fail(&usage, "libsodium cannot be used");
    }
    if (option(run, "password-stdin") != NULL) {
        int code = read_password(run);
        if (code >= 0) {
            return code;
        }
    } else {
        password_generate(run->password);
        run->generated = true;
    }
    return password_hash(hash, run->password, strlen(run->password)) == 0
               ? -1
               : command_fail(&usage, "out of memory while hashing");
}

/* ── answers ── */

static int answer(const struct user_run *run, const char *sentence) {
    if (!run->line->json) {
        printf("%s\n", sentence);
        if (run->generated) {
            printf("password: %s\n", run->password);
        }
        return COMMAND_OK;
    }
    struct buf out;
    buf_init(&out, 4096);
    buf_char(&out, '{');
    command_json_flag(&out, "ok", true);
    command_json_text(&out, "user_name", run->name);
    if (run->generated) {
        command_json_text(&out, "password", run->password);
    }
    buf_text(&out, "}\n");
    return command_print(&out, COMMAND_OK);
}

static bool begin(struct user_run *run) {
    const char *const values[] = {run->line->arguments[0]};
    return session_run(run->session, "begin", NULL, 0) &&
           session_run(run->session, "select set_config('app.op', 'linli user ' || $1, true)", values, 1);
}

static bool commit(struct user_run *run) {
    return session_run(run->session, "commit", NULL, 0);
}

/* ── add ── */

static int found_city(struct user_run *run, char unit[64]) {
    const char *const values[] = {option(run, "city")};
    char count[24];
    if (!session_value(run->session, "select count(*) from orgs.unit", NULL, 0, count, sizeof count)) {
        return refused(run);
    }
    if (strcmp(count, "0") != 0) {
        return command_fail(&usage, "there are units already; give --unit instead of --city");
    }
    return session_value(
               run->session,
               "select id from orgs.create_unit(jsonb_build_object('kind', 'city', 'name', $1::text))",
               values, 1, unit, 64)
               ? -1
               : refused(run);
}

static int make_person(struct user_run *run, const char *unit, char person[64]) {
    const char *const values[] = {option(run, "display-name"), unit};
    if (values[0] == NULL || unit == NULL || unit[0] == '\0') {
        return command_misuse(&usage, "add needs --person, or --display-name with --unit or --city");
    }
    return session_value(run->session, "select people.register(null, $1::text, $2::uuid, null)", values, 2,
                         person, 64)
               ? -1
               : refused(run);
}

static bool make_login(struct user_run *run, const char *person, const char *hash, const char *city) {
    const char *const login[] = {person, run->name, hash};
    const char *const right[] = {person, city};
    return session_run(run->session, "select access.create_login($1::uuid, $2::text, $3::text)", login, 3) &&
           (city[0] == '\0' ||
            session_run(run->session, "select access.add_grant($1::uuid, 'administrator', $2::uuid)", right,
                        2));
}

static int add(struct user_run *run) {
    char hash[PASSWORD_HASH_SIZE], city[64] = "", person[64] = "";
    const char *known = option(run, "person");
    int code = make_hash(run, hash);
    if (code < 0 && !begin(run)) {
        code = refused(run);
    }
    if (code < 0 && option(run, "city") != NULL) {
        code = found_city(run, city);
    }
    if (code < 0 && known == NULL) {
        code = make_person(run, city[0] != '\0' ? city : option(run, "unit"), person);
    }
    if (code < 0 && (!make_login(run, known != NULL ? known : person, hash, city) || !commit(run))) {
        code = refused(run);
    }
    return code < 0 ? answer(run, "the login is there") : code;
}

/* ── the others ── */

/* A statement with one boolean: whether the login exists. */
static int change(struct user_run *run, const char *statement, const char *const *values, size_t count,
                  const char *sentence) {
    char found[8] = "";
    if (!begin(run) || !session_value(run->session, statement, values, count, found, sizeof found) ||
        !commit(run)) {
        return refused(run);
    }
    return found[0] == 't' ? answer(run, sentence) : command_fail(&usage, "there is no such login or right");
}

static int set_password(struct user_run *run) {
    char hash[PASSWORD_HASH_SIZE];
    int code = make_hash(run, hash);
    const char *const values[] = {run->name, hash};
    return code < 0 ? change(run, "select access.set_password($1::text, $2::text)", values, 2,
                             "the password was changed; all sessions have ended")
                    : code;
}

static int set_disabled(struct user_run *run, bool off) {
    const char *const values[] = {run->name, off ? "true" : "false"};
    return change(run, "select access.set_disabled($1::text, $2::boolean)", values, 2,
                  off ? "disabled; all sessions have ended" : "enabled");
}

static int give_right(struct user_run *run) {
    const char *const values[] = {run->name, option(run, "role"), option(run, "unit"), option(run, "from"),
                                  option(run, "to")};
    if (values[1] == NULL || values[2] == NULL) {
        return command_misuse(&usage, "grant needs --role and --unit");
    }
    return change(run,
                  "select count(access.add_grant(l.person_id, $2::text, $3::uuid, $4::date, $5::date)) > 0"
                  " from access.login l where l.user_name = lower($1::text)",
                  values, 5, "granted");
}

static int end_right(struct user_run *run) {
    const char *const values[] = {run->name, option(run, "role"), option(run, "unit")};
    if (values[1] == NULL || values[2] == NULL) {
        return command_misuse(&usage, "revoke needs --role and --unit");
    }
    return change(run,
                  "select count(access.end_grant(g.id)) > 0 from access.login l"
                  " join access.\"grant\" g on g.person_id = l.person_id and g.valid @> core.today()"
                  " where l.user_name = lower($1::text) and g.role = $2::text and g.unit_id = $3::uuid",
                  values, 3, "the right has ended");
}

static void list_row(struct buf *out, const struct call_result *rows, size_t row, bool json) {
    const char *name = result_cell(rows, row, 0).text, *roles = result_cell(rows, row, 3).text;
    bool disabled = result_cell(rows, row, 2).text[0] == 't';
    if (!json) {
        buf_format(out, "%-24s %-36s %-9s %s\n", name, result_cell(rows, row, 1).text,
                   disabled ? "disabled" : "", roles != NULL ? roles : "");
        return;
    }
    buf_text(out, row > 0 ? ",{" : "{");
    command_json_text(out, "user_name", name);
    command_json_text(out, "person_id", result_cell(rows, row, 1).text);
    command_json_flag(out, "disabled", disabled);
    command_json_text(out, "roles", roles != NULL ? roles : "");
    buf_char(out, '}');
}

static int list(struct user_run *run) {
    const struct call_result *rows =
        session_query(run->session,
                      "select l.user_name, l.person_id, l.disabled, (select string_agg(distinct g.role, ' ')"
                      " from access.\"grant\" g where g.person_id = l.person_id and g.valid @> core.today())"
                      " from access.login l order by l.user_name",
                      NULL, 0);
    if (rows == NULL) {
        return refused(run);
    }
    struct buf out;
    buf_init(&out, (size_t)64 << 20);
    buf_text(&out, run->line->json ? "{\"items\":[" : "");
    for (size_t i = 0; i < result_rows(rows); i++) {
        list_row(&out, rows, i, run->line->json);
    }
    buf_text(&out, run->line->json ? "]}\n" : "");
    result_release(rows);
    return command_print(&out, COMMAND_OK);
}

static int dispatch(struct user_run *run, const char *action) {
    if (strcmp(action, "list") == 0) {
        return list(run);
    }
    if (run->name == NULL) {
        return command_misuse(&usage, "%s needs the login's name", action);
    }
    if (strcmp(action, "add") == 0) {
        return add(run);
    }
    if (strcmp(action, "password") == 0) {
        return set_password(run);
    }
    if (strcmp(action, "disable") == 0 || strcmp(action, "enable") == 0) {
        return set_disabled(run, action[0] == 'd');
    }
    if (strcmp(action, "grant") == 0) {
        return give_right(run);
    }
    if (strcmp(action, "revoke") == 0) {
        return end_right(run);
    }
    return command_misuse(&usage, "there is no %s", action);
}

int command_user(int argc, char **argv) {
    struct command_line line;
    int code = command_parse(&usage, argc, argv, &line);
    if (code >= 0) {
        return code;
    }
    struct user_run run = {.line = &line, .name = line.argument_count > 1 ? line.arguments[1] : NULL};
    run.session = command_open_owner(&usage);
    if (run.session == NULL) {
        return COMMAND_FAILED;
    }
    code = dispatch(&run, line.arguments[0]);
    session_close(run.session);
    return code;
}
