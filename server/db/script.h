/* SQL scripts on disk: which there are, in what order, what they hold.
 *
 * Owns nothing; lists and texts live in the caller's arena. Names are ours: NNNN_words.sql for migrations,
 * words.sql for routines and demo scripts; anything else in those folders is left alone.
 */
#ifndef LINLI_DB_SCRIPT_H
#define LINLI_DB_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include "core/arena.h"

#define SCRIPT_CHECKSUM_SIZE 65 /* SHA-256 in hexadecimal, and the NUL */

struct script {
    unsigned number;  /* of a migration; 0 otherwise */
    const char *name; /* "0001_core.sql", "routines/core.sql" */
    const char *text;
    char checksum[SCRIPT_CHECKSUM_SIZE];
};

struct script_list {
    struct script *items;
    size_t count;
};

/* Migrations of `directory` by number, with their texts. false with a sentence: unreadable, or a number
 * twice. */
bool script_list_migrations(struct arena *arena, const char *directory, struct script_list *list,
                            char error[512]);
/* directory/routines in the order of the domains, unknown ones after them by name. */
bool script_list_routines(struct arena *arena, const char *directory, struct script_list *list,
                          char error[512]);
/* Every .sql of directory/folder by name. */
bool script_list_folder(struct arena *arena, const char *directory, const char *folder,
                        struct script_list *list, char error[512]);
/* The line, from 1, of the character at `position` (from 1; 0 gives 0). */
size_t script_line(const char *text, size_t position);

#endif
