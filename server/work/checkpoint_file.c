#include "work/checkpoint_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "core/clock.h"
#include "core/text.h"

#define LINE_SIZE 256
#define PATH_SIZE 1200

static bool make_path(char path[PATH_SIZE], const char *directory) {
    int length = snprintf(path, PATH_SIZE, "%s/" CHECKPOINT_FILE_NAME, directory);
    return length > 0 && length < PATH_SIZE;
}

bool checkpoint_read(const char *line, struct checkpoint *checkpoint) {
    long long number = 0;
    int end = 0;
    unsigned char hash[32];
    int found = sscanf(line, "{\"day\":\"%10[0-9-]\",\"seal_no\":%lld,\"hash\":\"%64[0-9a-f]\"}%n",
                       checkpoint->day, &number, checkpoint->hash, &end);
    checkpoint->seal_no = number;
    return found == 3 && end > 0 && number >= 0 &&
           clock_check_date(checkpoint->day, strlen(checkpoint->day)) && strlen(checkpoint->hash) == 64 &&
           text_read_hex(hash, checkpoint->hash, 64);
}

void checkpoint_file_last(const char *directory, struct checkpoint *last) {
    char path[PATH_SIZE], line[LINE_SIZE];
    *last = (struct checkpoint){.day = ""};
    FILE *file = make_path(path, directory) ? fopen(path, "re") : NULL;
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        struct checkpoint read;
        if (checkpoint_read(line, &read)) {
            *last = read;
        }
    }
    if (file != NULL) {
        fclose(file);
    }
}

bool checkpoint_file_append(const char *directory, const struct checkpoint *checkpoint) {
    char path[PATH_SIZE], line[LINE_SIZE];
    int fd = make_path(path, directory) ? open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644) : -1;
    if (fd < 0) {
        return false;
    }
    int length = snprintf(line, sizeof line, "{\"day\":\"%s\",\"seal_no\":%lld,\"hash\":\"%s\"}\n",
                          checkpoint->day, (long long)checkpoint->seal_no, checkpoint->hash);
    bool written = write(fd, line, (size_t)length) == length && fsync(fd) == 0;
    return (close(fd) == 0) & written;
}
