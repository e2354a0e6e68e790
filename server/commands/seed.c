#include <stdio.h>
#include <string.h>
#include "auth/password.h"
#include "commands/command.h"
#include "core/clock.h"
#include "core/config.h"
#include "core/text.h"
#include "db/script.h"
#include "seal/codec.h"
#include "seal/digest.h"

#define ARENA_MOST ((size_t)256 * 1024 * 1024)
#define VALUES_MOST ((size_t)64 * 1024 * 1024)
#define DEMO_PASSWORD "linli-demo-2026" /* known to everyone: the demonstration holds nothing real */
#define MARK "-1" /* the row of core.migration that tells which demonstration is loaded */

static const struct command_usage usage = {
    .name = "seed",
    .arguments = "",
    .description = "Loads the demonstration city from migrations_dir/demo, all in one transaction; a second "
                   "time it changes\n"
                   "nothing. Refused unless `demo` is set (LINLI_DEMO=1): every person in it is invented, "
                   "and every login has\n"
                   "the same known password. Connects with owner_url.\n",
};

/* What the scripts find: seed_plain takes texts to be sealed between two scripts, seed_sealed gives them back
 * sealed by (kind, ordinal); seed_secret holds the hash of the password. Telephone numbers begin with 100,
 * which no subscriber has; identity numbers name a district that does not exist, and their check digit is
 * wrong. */
static const char prepare_script[] =
    "create temp table seed_plain (kind text not null, ordinal integer not null, aad text not null, blind "
    "text,"
    " plain text not null, primary key (kind, ordinal));"
    "create temp table seed_sealed (kind text not null, ordinal integer not null, sealed bytea not null, "
    "blind bytea,"
    " primary key (kind, ordinal));"
    "create temp table seed_secret (password_hash text not null);"
    "insert into seed_plain select 'phone', n, 'person.phone', 'phone_blind', '100' || lpad(n::text, 8, '0')"
    " from generate_series(1, 8000) n;"
    "insert into seed_plain select 'id_number', n, 'person.id_number', 'id_number_blind',"
    " '999999' || (1936 + n % 72) || lpad((1 + n % 12)::text, 2, '0') || lpad((1 + n % 28)::text, 2, '0')"
    " || lpad((n % 1000)::text, 3, '0') || 'Z' from generate_series(1, 8000) n;"
    "insert into seed_plain select 'address', n, 'person.address', null,"
    " '示例路' || (1 + n / 40) || '号' || (1 + n / 8 % 5) || '栋' || (1 + n % 8) || '0' || (1 + n % 4) || "
    "'室'"
    " from generate_series(1, 8000) n;";

struct seed_run {
    const struct command_line *line;
    struct session *session;
    struct keyring *keys;
    struct arena *arena;
    struct script_list scripts;
    uint64_t start_ns;
};

static int refused(struct seed_run *run, const char *what) {
    return command_fail(&usage, "%s: %s", what, session_error(run->session));
}

static void progress(void *context, const char *line) {
    struct seed_run *run = context;
    FILE *out = run->line->json ? stderr : stdout;
    fprintf(out, "%7.1f s  %s\n", (double)(clock_monotonic_ns() - run->start_ns) / 1e9, line);
    fflush(out);
}

/* ── sealing between the scripts ── */

struct sealed_lists {
    struct buf kinds, ordinals, sealed, blind; /* array literals */
};

static void list_add(struct buf *list, const char *text) {
    buf_char(list, list->length == 0 ? '{' : ',');
    buf_text(list, text);
}

static bool seal_row(struct seed_run *run, const struct call_result *rows, size_t row,
                     struct sealed_lists *lists) {
    struct cell plain = result_cell(rows, row, 4);
    const char *blind_name = result_cell(rows, row, 3).text;
    const char *sealed =
        codec_seal(run->keys, run->arena, result_cell(rows, row, 2).text, plain.text, plain.length);
    const char *blind =
        blind_name != NULL ? codec_blind(run->keys, run->arena, blind_name, plain.text, plain.length) : "\\x";
    if (sealed == NULL || blind == NULL) {
        return false;
    }
    list_add(&lists->kinds, result_cell(rows, row, 0).text);
    list_add(&lists->ordinals, result_cell(rows, row, 1).text);
    list_add(&lists->sealed,
             sealed + 2); /* hexadecimal alone: a backslash would have to be doubled in an array */
    list_add(&lists->blind, blind[2] != '\0' ? blind + 2 : "NULL");
    return true;
}

static bool insert_sealed(struct seed_run *run, struct sealed_lists *lists) {
    buf_char(&lists->kinds, '}');
    buf_char(&lists->ordinals, '}');
    buf_char(&lists->sealed, '}');
    buf_char(&lists->blind, '}');
    const char *const values[] = {lists->kinds.data, lists->ordinals.data, lists->sealed.data,
                                  lists->blind.data};
    return !buf_failed(&lists->sealed) &&
           session_run(run->session,
                       "insert into seed_sealed select k, n, decode(s, 'hex'), decode(b, 'hex')"
                       " from unnest($1::text[], $2::integer[], $3::text[], $4::text[]) t(k, n, s, b)",
                       values, 4) &&
           session_run(run->session, "delete from seed_plain", NULL, 0);
}

static bool seal_pending(struct seed_run *run) {
    const struct call_result *rows = session_query(
        run->session, "select kind, ordinal, aad, blind, plain from seed_plain order by 1, 2", NULL, 0);
    struct sealed_lists lists;
    buf_init(&lists.kinds, VALUES_MOST);
    buf_init(&lists.ordinals, VALUES_MOST);
    buf_init(&lists.sealed, VALUES_MOST);
    buf_init(&lists.blind, VALUES_MOST);
    bool good = rows != NULL;
    for (size_t i = 0; good && i < result_rows(rows); i++) {
        good = seal_row(run, rows, i, &lists);
    }
    good = good && (result_rows(rows) == 0 || insert_sealed(run, &lists));
    result_release(rows);
    buf_free(&lists.kinds);
    buf_free(&lists.ordinals);
    buf_free(&lists.sealed);
    buf_free(&lists.blind);
    return good;
}

/* ── the scripts ── */

static int run_script(struct seed_run *run, const struct script *script) {
    if (!session_script(run->session, script->text)) {
        char where[160];
        size_t line = script_line(script->text, session_error_position(run->session));
        snprintf(where, sizeof where, line > 0 ? "%s:%zu" : "%s", script->name, line);
        return refused(run, where);
    }
    return seal_pending(run) ? -1 : refused(run, script->name);
}

static bool prepare(struct seed_run *run) {
    char hash[PASSWORD_HASH_SIZE];
    if (!password_setup() || password_hash(hash, DEMO_PASSWORD, strlen(DEMO_PASSWORD)) != 0) {
        return false;
    }
    const char *const values[] = {hash};
    return session_run(run->session, "select set_config('app.op', 'linli seed', true)", NULL, 0) &&
           session_run(run->session, "select set_config('client_min_messages', 'notice', true)", NULL, 0) &&
           session_script(run->session, prepare_script) &&
           session_run(run->session, "insert into seed_secret values ($1::text)", values, 1) &&
           seal_pending(run);
}

/* All checksums as one. */
static void scripts_checksum(const struct script_list *scripts, char out[SCRIPT_CHECKSUM_SIZE]) {
    unsigned char digest[DIGEST_SIZE] = {0};
    for (size_t i = 0; i < scripts->count; i++) {
        struct text parts[2] = {{(const char *)digest, sizeof digest}, text_of(scripts->items[i].checksum)};
        digest_parts(digest, parts, 2);
    }
    text_write_hex(out, digest, sizeof digest);
}

static bool mark(struct seed_run *run) {
    char checksum[SCRIPT_CHECKSUM_SIZE];
    scripts_checksum(&run->scripts, checksum);
    const char *const values[] = {checksum};
    return session_run(run->session,
                       "insert into core.migration (number, file, checksum) values (" MARK
                       ", 'demo', decode($1, 'hex'))",
                       values, 1);
}

/* So that the chain can be verified at once, and the server's sealer starts with little to do. */
static bool settle(struct seed_run *run, const char *statement) {
    char pending[8];
    do {
        if (!session_value(run->session, statement, NULL, 0, pending, sizeof pending)) {
            return false;
        }
    } while (pending[0] == 't');
    return true;
}

static bool settle_all(struct seed_run *run) {
    return settle(run, "select pending from core.seal_batch(20000)") &&
           settle(run, "select core.run_upkeep()");
}

static int load(struct seed_run *run) {
    if (!session_run(run->session, "begin", NULL, 0) || !prepare(run)) {
        return refused(run, "the values cannot be prepared");
    }
    for (size_t i = 0; i < run->scripts.count; i++) {
        int code = run_script(run, &run->scripts.items[i]);
        if (code >= 0) {
            return code;
        }
    }
    if (!mark(run) || !session_run(run->session, "commit", NULL, 0)) {
        return refused(run, "the city cannot be kept");
    }
    progress(run, "sealing the audit chain");
    return session_run(run->session, "set client_min_messages = error", NULL, 0) &&
                   session_run(run->session, "analyze", NULL, 0) && settle_all(run)
               ? -1
               : refused(run, "the chain cannot be sealed, or what is kept ready cannot be made");
}

/* ── the command ── */

static int answer(const struct seed_run *run, bool loaded) {
    double seconds = (double)(clock_monotonic_ns() - run->start_ns) / 1e9;
    if (!run->line->json) {
        printf(loaded ? "the demonstration city is loaded (%.1f s)\n"
                      : "the demonstration city is there already\n",
               seconds);
        return COMMAND_OK;
    }
    struct buf out;
    buf_init(&out, 4096);
    buf_char(&out, '{');
    command_json_flag(&out, "ok", true);
    command_json_flag(&out, "loaded", loaded);
    command_json_integer(&out, "milliseconds", (long long)(seconds * 1000));
    buf_text(&out, "}\n");
    return command_print(&out, COMMAND_OK);
}

static int seed_with_keys(struct seed_run *run) {
    char there[8] = "";
    if (!session_value(run->session, "select exists (select from core.migration where number = " MARK ")",
                       NULL, 0, there, sizeof there)) {
        return refused(run, "run linli migrate first");
    }
    if (there[0] == 't') {
        return answer(run, false);
    }
    char units[8] = "";
    if (!session_value(run->session, "select exists (select from orgs.unit)", NULL, 0, units, sizeof units)) {
        return refused(run, "run linli migrate first");
    }
    if (units[0] == 't') {
        return command_fail(&usage,
                            "the database holds a city of its own; the demonstration needs an empty one");
    }
    int code = load(run);
    return code < 0 ? answer(run, true) : code;
}

static int seed(struct seed_run *run) {
    char error[512];
    const char *key_error = "";
    if (!script_list_folder(run->arena, config_text(CONFIG_MIGRATIONS_DIR), "demo", &run->scripts, error)) {
        return command_fail(&usage, "%s", error);
    }
    run->keys = keyring_open(config_text(CONFIG_KEY_DIR), &key_error);
    if (run->keys == NULL) {
        return command_fail(&usage, "%s", key_error);
    }
    run->session = command_open_owner(&usage);
    int code = COMMAND_FAILED;
    if (run->session != NULL) {
        session_on_notice(run->session, progress, run);
        code = seed_with_keys(run);
    }
    session_close(run->session);
    keyring_close(run->keys);
    return code;
}

int command_seed(int argc, char **argv) {
    struct command_line line;
    int code = command_parse(&usage, argc, argv, &line);
    if (code >= 0) {
        return code;
    }
    if (!config_flag(CONFIG_DEMO)) {
        return command_fail(&usage, "refused: this is no demonstration (set LINLI_DEMO=1)");
    }
    struct seed_run run = {
        .line = &line, .arena = arena_create(ARENA_MOST), .start_ns = clock_monotonic_ns()};
    if (run.arena == NULL) {
        return command_fail(&usage, "out of memory");
    }
    code = seed(&run);
    arena_destroy(run.arena);
    return code;
}
