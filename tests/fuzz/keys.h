/* A keyring with known keys, so that an input means the same in every run. */
#ifndef LINLI_TESTS_FUZZ_KEYS_H
#define LINLI_TESTS_FUZZ_KEYS_H

#include <fcntl.h>
#include <unistd.h>
#include "fuzz.h"
#include "seal/codec.h"

static struct keyring *fuzz_keyring(void) {
    static const char *const names[] = {"data.current", "token.current", "blind"};
    char folder[] = "/tmp/linli-fuzz-keys-XXXXXX", path[64], key[32];
    const char *error = "";
    FUZZ_EXPECT(mkdtemp(folder));
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (char)i;
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
        FUZZ_EXPECT(fd >= 0 && write(fd, key, sizeof key) == (ssize_t)sizeof key);
        close(fd);
    }
    struct keyring *ring = keyring_open(folder, &error);
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
    FUZZ_EXPECT(ring);
    return ring;
}

#endif
