#include "core/alloc.h"
#include <stdlib.h>

void *alloc_bytes(size_t size) {
    return malloc(size ? size : 1);
}

void *alloc_zeroed(size_t count, size_t size) {
    return calloc(count ? count : 1, size ? size : 1);
}

void *alloc_grow(void *bytes, size_t size) {
    return realloc(bytes, size ? size : 1);
}

void alloc_release(void *bytes) {
    free(bytes);
}
