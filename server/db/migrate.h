/* Migrations: numbered files forward only, routines reloaded whole, under one advisory lock.
 *
 * Owns nothing beyond a call. Every file is one transaction; its SHA-256 is kept in core.migration, and a
 * file that changed after it landed is refused, as is a database that knows files which this folder does not.
 */
#ifndef LINLI_DB_MIGRATE_H
#define LINLI_DB_MIGRATE_H

#include <stdbool.h>
#include <stddef.h>

enum migrate_state { MIGRATE_CURRENT, MIGRATE_OLDER, MIGRATE_INCOMPATIBLE, MIGRATE_UNREACHABLE };

enum migrate_event { MIGRATE_APPLIED, MIGRATE_ROUTINES, MIGRATE_UNCHANGED };

struct migrate_settings {
    const char *conninfo;  /* of the owner */
    const char *directory; /* migrations/ */
    void (*progress)(void *context, enum migrate_event event, const char *file, double seconds);
    void *context;
};

struct migrate_result {
    size_t applied, routines;
    char message[1024]; /* one sentence when migrate_run failed, with file and line where known */
};

/* false: nothing of the failing file is left; files before it stay applied. */
bool migrate_run(const struct migrate_settings *settings, struct migrate_result *result);
/* What `serve` asks before it listens, as the application's role: does the schema fit the files of
 * `directory`? A database ahead of this server fits when its core.schema_version says so. `message`: one
 * sentence, "" when current. */
enum migrate_state migrate_check(const char *conninfo, const char *directory, char message[1024]);

#endif
