#include "core/arena.h"
#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include "core/alloc.h"

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_SANITIZED 1
#endif
#endif

#ifdef ARENA_SANITIZED
#include <sanitizer/asan_interface.h>
#define ARENA_GAP 16 /* poisoned bytes after every piece: an overrun by one is found */
#define arena_close_bytes(bytes, length) ASAN_POISON_MEMORY_REGION((bytes), (length))
#define arena_open_bytes(bytes, length) ASAN_UNPOISON_MEMORY_REGION((bytes), (length))
#else
#define ARENA_GAP 0
#define arena_close_bytes(bytes, length) ((void)(bytes), (void)(length))
#define arena_open_bytes(bytes, length) ((void)(bytes), (void)(length))
#endif

#define ARENA_ALIGNMENT 16u
#define ARENA_FIRST_BLOCK 4096u

struct arena_block {
    struct arena_block *older;
    size_t size, used; /* of bytes[] */
    _Alignas(ARENA_ALIGNMENT) char bytes[];
};

struct arena_cleaning {
    struct arena_cleaning *earlier;
    void (*clean_up)(void *);
    void *what;
};

struct arena {
    struct arena_block *newest;
    struct arena_cleaning *latest;
    size_t cap, held; /* held: bytes of all blocks */
    size_t used;      /* bytes given out */
    bool exhausted;
};

static struct arena_block *arena_add_block(struct arena *arena, size_t size) {
    struct arena_block *block = alloc_bytes(sizeof *block + size);
    if (!block)
        return NULL;
    block->older = arena->newest;
    block->size = size;
    block->used = 0;
    arena_close_bytes(block->bytes, size);
    arena->newest = block;
    arena->held += size;
    return block;
}

struct arena *arena_create(size_t cap) {
    struct arena *arena = alloc_zeroed(1, sizeof *arena);
    if (!arena)
        return NULL;
    arena->cap = cap;
    if (!arena_add_block(arena, cap < ARENA_FIRST_BLOCK ? cap : ARENA_FIRST_BLOCK)) {
        alloc_release(arena);
        return NULL;
    }
    return arena;
}

static void arena_clean(struct arena *arena) {
    /* A clean-up may register another one; the list is taken off piece by piece. */
    while (arena->latest) {
        struct arena_cleaning *cleaning = arena->latest;
        arena->latest = cleaning->earlier;
        cleaning->clean_up(cleaning->what);
    }
}

static void arena_drop_block(struct arena *arena) {
    struct arena_block *block = arena->newest;
    arena->newest = block->older;
    arena->held -= block->size;
    arena_open_bytes(block->bytes, block->size);
    alloc_release(block);
}

void arena_destroy(struct arena *arena) {
    if (!arena)
        return;
    arena_clean(arena);
    while (arena->newest)
        arena_drop_block(arena);
    alloc_release(arena);
}

void arena_reset(struct arena *arena) {
    arena_clean(arena);
    while (arena->newest->older)
        arena_drop_block(arena);
    arena_close_bytes(arena->newest->bytes, arena->newest->size);
    arena->newest->used = 0;
    arena->used = 0;
    arena->exhausted = false;
}

/* Doubles, but never past the cap. */
static size_t arena_next_size(const struct arena *arena, size_t needed) {
    size_t left = arena->cap - arena->held;
    size_t wanted = arena->newest->size * 2;
    if (wanted < needed)
        wanted = needed;
    return wanted > left ? left : wanted;
}

static void *arena_refuse(struct arena *arena) {
    arena->exhausted = true;
    return NULL;
}

void *arena_alloc(struct arena *arena, size_t size) {
    if (size > SIZE_MAX - ARENA_ALIGNMENT - ARENA_GAP)
        return arena_refuse(arena);
    size_t needed = ((size ? size : 1) + ARENA_GAP + ARENA_ALIGNMENT - 1) & ~(size_t)(ARENA_ALIGNMENT - 1);
    struct arena_block *block = arena->newest;
    if (block->size - block->used < needed) {
        if (needed > arena->cap - arena->held)
            return arena_refuse(arena);
        block = arena_add_block(arena, arena_next_size(arena, needed));
        if (!block)
            return arena_refuse(arena);
    }
    char *piece = block->bytes + block->used;
    block->used += needed;
    arena->used += needed;
    arena_open_bytes(piece, size);
    return memset(piece, 0, size);
}

char *arena_copy(struct arena *arena, const char *bytes, size_t length) {
    char *copy = length < SIZE_MAX ? arena_alloc(arena, length + 1) : arena_refuse(arena);
    if (copy && length)
        memcpy(copy, bytes, length);
    return copy;
}

char *arena_string(struct arena *arena, const char *text) {
    return arena_copy(arena, text, strlen(text));
}

char *arena_format(struct arena *arena, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    assert(length >= 0);
    char *text = arena_alloc(arena, (size_t)length + 1);
    if (!text)
        return NULL;
    va_start(arguments, format);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return text;
}

bool arena_defer(struct arena *arena, void (*clean_up)(void *), void *what) {
    struct arena_cleaning *cleaning = arena_alloc(arena, sizeof *cleaning);
    if (!cleaning) {
        clean_up(what);
        return false;
    }
    *cleaning = (struct arena_cleaning){arena->latest, clean_up, what};
    arena->latest = cleaning;
    return true;
}

size_t arena_used(const struct arena *arena) {
    return arena->used;
}

bool arena_exhausted(const struct arena *arena) {
    return arena->exhausted;
}
