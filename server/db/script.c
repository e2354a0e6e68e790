#include "db/script.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/text.h"
#include "seal/digest.h"

#define SCRIPTS_MAX 512
#define SCRIPT_BYTES_MAX ((off_t)8 * 1024 * 1024)
#define NUMBER_DIGITS 4

/* ── reading ── */

static char *read_descriptor(struct arena *arena, int fd) {
    struct stat status;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size > SCRIPT_BYTES_MAX) {
        return NULL;
    }
    size_t size = (size_t)status.st_size, done = 0;
    char *text = arena_alloc(arena, size + 1);
    while (text != NULL && done < size) {
        ssize_t got = read(fd, text + done, size - done);
        if (got <= 0) {
            return NULL;
        }
        done += (size_t)got;
    }
    return text;
}

static bool script_load(struct arena *arena, const char *directory, struct script *script, char error[512]) {
    const char *path = arena_format(arena, "%s/%s", directory, script->name);
    int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    char *text = fd >= 0 ? read_descriptor(arena, fd) : NULL;
    if (fd >= 0) {
        close(fd);
    }
    if (text == NULL || !text_check_utf8(text, strlen(text))) {
        snprintf(error, 512, "%s/%s cannot be read as UTF-8 text", directory, script->name);
        return false;
    }
    unsigned char digest[DIGEST_SIZE];
    digest_bytes(digest, text, strlen(text));
    text_write_hex(script->checksum, digest, sizeof digest);
    script->text = text;
    return true;
}

/* ── listing ── */

static bool is_script_name(const char *name) {
    size_t length = strlen(name);
    if (length < 5 || length > 100 || strcmp(name + length - 4, ".sql") != 0) {
        return false;
    }
    for (size_t i = 0; i < length - 4; i++) {
        if (!islower((unsigned char)name[i]) && !isdigit((unsigned char)name[i]) && name[i] != '_') {
            return false;
        }
    }
    return true;
}

/* 0: not a migration's name. */
static unsigned migration_number(const char *name) {
    unsigned number = 0;
    for (size_t i = 0; i < NUMBER_DIGITS; i++) {
        if (!isdigit((unsigned char)name[i])) {
            return 0;
        }
        number = number * 10 + (unsigned)(name[i] - '0');
    }
    return name[NUMBER_DIGITS] == '_' ? number : 0;
}

static bool list_add(struct arena *arena, struct script_list *list, const char *folder, const char *name) {
    if (list->count == SCRIPTS_MAX) {
        return false;
    }
    struct script *script = &list->items[list->count];
    script->number = folder[0] == '\0' ? migration_number(name) : 0;
    script->name = folder[0] == '\0' ? arena_string(arena, name) : arena_format(arena, "%s/%s", folder, name);
    list->count++;
    return script->name != NULL;
}

static bool list_read(struct arena *arena, DIR *opened, const char *folder, struct script_list *list) {
    bool good = true;
    for (struct dirent *entry; good && (entry = readdir(opened)) != NULL;) {
        if (is_script_name(entry->d_name) && (folder[0] != '\0' || migration_number(entry->d_name) != 0)) {
            good = list_add(arena, list, folder, entry->d_name);
        }
    }
    return good;
}

static int compare_names(const void *a, const void *b) {
    return strcmp(((const struct script *)a)->name, ((const struct script *)b)->name);
}

static bool list_open(struct arena *arena, const char *directory, const char *folder,
                      struct script_list *list, char error[512]) {
    *list = (struct script_list){.items = arena_alloc(arena, SCRIPTS_MAX * sizeof(struct script))};
    const char *path = arena_format(arena, "%s/%s", directory, folder);
    DIR *opened = path != NULL ? opendir(path) : NULL;
    if (opened == NULL || list->items == NULL) {
        snprintf(error, 512, "the folder %s/%s cannot be read: %s", directory, folder, strerror(errno));
        return false;
    }
    bool good = list_read(arena, opened, folder, list);
    closedir(opened);
    if (!good) {
        snprintf(error, 512, "the folder %s/%s holds more than %d scripts", directory, folder, SCRIPTS_MAX);
        return false;
    }
    qsort(list->items, list->count, sizeof list->items[0], compare_names);
    return true;
}

static bool list_load(struct arena *arena, const char *directory, struct script_list *list, char error[512]) {
    for (size_t i = 0; i < list->count; i++) {
        if (!script_load(arena, directory, &list->items[i], error)) {
            return false;
        }
    }
    return true;
}

static bool numbers_differ(const struct script_list *list, char error[512]) {
    for (size_t i = 1; i < list->count; i++) {
        if (list->items[i].number == list->items[i - 1].number) {
            snprintf(error, 512, "%s and %s have the same number", list->items[i - 1].name,
                     list->items[i].name);
            return false;
        }
    }
    return true;
}

bool script_list_migrations(struct arena *arena, const char *directory, struct script_list *list,
                            char error[512]) {
    return list_open(arena, directory, "", list, error) && numbers_differ(list, error) &&
           list_load(arena, directory, list, error);
}

bool script_list_folder(struct arena *arena, const char *directory, const char *folder,
                        struct script_list *list, char error[512]) {
    return list_open(arena, directory, folder, list, error) && list_load(arena, directory, list, error);
}

/* A routine may use those of the domains before it; views for replies are dropped and made anew in this
 * order. A long domain goes on in `<domain>_<resource>.sql`, after `<domain>.sql`. */
static size_t routine_rank(const char *name) {
    static const char *const order[] = {"core",   "orgs",   "people",       "access",
                                        "groups", "points", "volunteering", "mediation"};
    const char *base = name + strlen("routines/");
    size_t length = strcspn(base, "_.");
    size_t rank = 0;
    while (rank < sizeof order / sizeof order[0] &&
           (strlen(order[rank]) != length || strncmp(order[rank], base, length) != 0)) {
        rank++;
    }
    return rank;
}

static int compare_routines(const void *a, const void *b) {
    size_t rank_a = routine_rank(((const struct script *)a)->name);
    size_t rank_b = routine_rank(((const struct script *)b)->name);
    return rank_a != rank_b ? (rank_a > rank_b) - (rank_a < rank_b) : compare_names(a, b);
}

bool script_list_routines(struct arena *arena, const char *directory, struct script_list *list,
                          char error[512]) {
    if (!script_list_folder(arena, directory, "routines", list, error)) {
        return false;
    }
    qsort(list->items, list->count, sizeof list->items[0], compare_routines);
    return true;
}

size_t script_line(const char *text, size_t position) {
    size_t line = position > 0 ? 1 : 0;
    for (size_t character = 1; *text != '\0' && character < position; text++) {
        line += *text == '\n';
        character += ((unsigned char)text[1] & 0xC0) != 0x80; /* the next byte starts a character */
    }
    return line;
}
