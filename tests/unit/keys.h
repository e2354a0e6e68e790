/* A key folder of its own for a test, and its removal. */
#ifndef LINLI_TESTS_UNIT_KEYS_H
#define LINLI_TESTS_UNIT_KEYS_H

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "seal/codec.h"

static char keys_dir[] = "/tmp/linli-test-keys-XXXXXX";

static int keys_make(void **state) {
    (void)state;
    return mkdtemp(keys_dir) ? 0 : -1;
}

static int keys_remove(void **state) {
    (void)state;
    DIR *folder = opendir(keys_dir);
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        unlinkat(dirfd(folder), entry->d_name, 0);
    if (folder)
        closedir(folder);
    return rmdir(keys_dir);
}

#endif
