/* Runs a fuzz target without libFuzzer: every file of the given folders, each of its beginnings, and some
 * seeded changes of it. LINLI_ROUNDS says how many changes a file (default 200), LINLI_SEED where they begin
 * (default 1). */
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include "fuzz.h"

#define INPUT_MAX 65536u

static uint64_t random_state;
static unsigned long inputs, files;

static uint64_t next_random(void) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    return random_state ^= random_state << 17;
}

/* An exact copy on the heap: reading one byte too far is noticed. */
static void run(const uint8_t *bytes, size_t length) {
    uint8_t *copy = malloc(length ? length : 1);
    if (!copy)
        exit(2);
    if (length)
        memcpy(copy, bytes, length);
    LLVMFuzzerTestOneInput(copy, length);
    free(copy);
    inputs++;
}

static size_t change(uint8_t *bytes, size_t length) {
    static const char odd[] = "\0\xff\"\\{}[],:%&=/.0-9eE+\x80\xc0\n\r ";
    size_t at = length ? next_random() % length : 0;
    switch (next_random() % 5) {
    case 0:
        if (length)
            bytes[at] ^= (uint8_t)(1u << next_random() % 8);
        return length;
    case 1:
        if (length)
            bytes[at] = (uint8_t)odd[next_random() % (sizeof odd - 1)];
        return length;
    case 2: /* take a piece out */
        memmove(bytes + at, bytes + at + (length > at), length - at - (length > at));
        return length - (length > at);
    case 3: /* double what follows */
        if (length && 2 * length - at <= INPUT_MAX)
            memcpy(bytes + length, bytes + at, length - at);
        return length && 2 * length - at <= INPUT_MAX ? 2 * length - at : length;
    default: /* insert */
        if (length == INPUT_MAX)
            return length;
        memmove(bytes + at + 1, bytes + at, length - at);
        bytes[at] = (uint8_t)odd[next_random() % (sizeof odd - 1)];
        return length + 1;
    }
}

static void run_file(const char *path, unsigned long rounds) {
    static uint8_t original[INPUT_MAX], changed[INPUT_MAX];
    FILE *file = fopen(path, "rb");
    if (!file)
        exit(2);
    size_t length = fread(original, 1, sizeof original, file);
    fclose(file);
    files++;
    run(original, length);
    for (size_t cut = 0; cut < length && cut < 512; cut++)
        run(original, cut);
    for (unsigned long i = 0; i < rounds; i++) {
        size_t size = length;
        memcpy(changed, original, length);
        for (uint64_t count = 1 + next_random() % 4; count; count--)
            size = change(changed, size);
        run(changed, size);
    }
}

static int is_visible(const struct dirent *entry) {
    return entry->d_name[0] != '.';
}

/* In the order of the names, so that a seed means the same everywhere. */
static void run_folder(const char *folder, unsigned long rounds) {
    struct dirent **entries;
    int count = scandir(folder, &entries, is_visible, alphasort);
    for (int i = 0; i < count; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        run_file(path, rounds);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

static unsigned long number_of(const char *variable, unsigned long preset) {
    const char *text = getenv(variable);
    return text && *text ? strtoul(text, NULL, 10) : preset;
}

int main(int argc, char **argv) {
    unsigned long rounds = number_of("LINLI_ROUNDS", 200), seed = number_of("LINLI_SEED", 1);
    random_state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    for (int i = 1; i < argc; i++) {
        struct stat status;
        if (stat(argv[i], &status) != 0) {
            fprintf(stderr, "%s: cannot be read\n", argv[i]);
            return 2;
        }
        if (S_ISDIR(status.st_mode))
            run_folder(argv[i], rounds);
        else
            run_file(argv[i], rounds);
    }
    printf("%lu files, %lu inputs, %lu rounds a file, seed %lu\n", files, inputs, rounds, seed);
    return files ? 0 : 1;
}
