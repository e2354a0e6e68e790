/* Making, staging and rotating key files. Every change is one link or rename, so that a crash leaves whole
 * keys. */
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/random.h"
#include "seal/keyring.h"

#define PATH_SIZE 1100

static bool keyring_path(char out[PATH_SIZE], const char *key_dir, const char *family, const char *generation,
                         const char **error) {
    int length = snprintf(out, PATH_SIZE, "%s/%s%s%s", key_dir, family, generation ? "." : "",
                          generation ? generation : "");
    return length < PATH_SIZE || keyring_fail(error, "The path of the key folder is too long.");
}

static bool keyring_fill(int fd) {
    unsigned char bytes[KEYRING_KEY_SIZE];
    random_fill(bytes, sizeof bytes);
    bool fine = write(fd, bytes, sizeof bytes) == (ssize_t)sizeof bytes && fsync(fd) == 0;
    OPENSSL_cleanse(bytes, sizeof bytes);
    return fine;
}

/* A new key under a name that does not exist yet: filled first, then linked, so that nobody reads half a key.
 */
static bool keyring_write_new(const char *path, const char **error) {
    char draft[PATH_SIZE + 16];
    snprintf(draft, sizeof draft, "%s.draft", path);
    unlink(draft);
    int fd = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return keyring_fail(error, "The key %s cannot be written: %s.", path, strerror(errno));
    bool fine = keyring_fill(fd);
    fine = close(fd) == 0 && fine;
    fine = fine && link(draft, path) == 0;
    int reason = errno;
    unlink(draft);
    return fine || keyring_fail(error, "The key %s cannot be written: %s.", path, strerror(reason));
}

static bool keyring_exists(const char *path) {
    return access(path, F_OK) == 0;
}

int keyring_create(const char *key_dir, const char **error) {
    static const char *const families[][2] = {{"data", "current"}, {"token", "current"}, {"blind", NULL}};
    char path[PATH_SIZE];
    int made = 0;
    if (mkdir(key_dir, 0700) != 0 && errno != EEXIST) {
        (void)keyring_fail(error, "The key folder %.1000s cannot be made: %s.", key_dir, strerror(errno));
        return -1;
    }
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        if (!keyring_path(path, key_dir, families[i][0], families[i][1], error))
            return -1;
        if (keyring_exists(path))
            continue;
        if (!keyring_write_new(path, error))
            return -1;
        made++;
    }
    return made;
}

static bool keyring_check_family(const char *family, const char **error) {
    return strcmp(family, "data") == 0 || strcmp(family, "token") == 0 ||
           keyring_fail(error, "Only the keys data and token have generations.");
}

bool keyring_stage(const char *key_dir, const char *family, const char **error) {
    char next[PATH_SIZE];
    if (!keyring_check_family(family, error) || !keyring_path(next, key_dir, family, "next", error))
        return false;
    if (keyring_exists(next))
        return keyring_fail(error, "There is a key %s already; rotate to it first.", next);
    return keyring_write_new(next, error);
}

bool keyring_rotate(const char *key_dir, const char *family, const char **error) {
    char current[PATH_SIZE], next[PATH_SIZE], previous[PATH_SIZE], draft[PATH_SIZE + 16];
    if (!keyring_check_family(family, error) || !keyring_path(current, key_dir, family, "current", error) ||
        !keyring_path(next, key_dir, family, "next", error) ||
        !keyring_path(previous, key_dir, family, "previous", error))
        return false;
    if (!keyring_exists(current))
        return keyring_fail(error, "There is no key %s; `linli key create` makes it.", current);
    if (!keyring_exists(next) && !keyring_write_new(next, error))
        return false;
    snprintf(draft, sizeof draft, "%s.draft", previous);
    unlink(draft);
    if (link(current, draft) == 0 && rename(draft, previous) == 0 && rename(next, current) == 0)
        return true;
    return keyring_fail(error, "The keys in %.1000s cannot be rotated: %s.", key_dir, strerror(errno));
}
