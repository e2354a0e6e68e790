#include "http/static.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/arena.h"
#include "http/negotiate.h"
#include "seal/digest.h"

#define FILES_MAX 4096u
#define BYTES_MAX ((size_t)128 * 1024 * 1024)
#define DEPTH_MAX 8u
#define PATH_MAX_BYTES 512u

struct site {
    struct arena *arena;
    struct asset *assets; /* sorted by path once loaded */
    size_t count, bytes;
    char *error;
};

struct media {
    const char *suffix, *type;
};

static const struct media media[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".map", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".webp", "image/webp"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".woff", "font/woff"},
    {".ttf", "font/ttf"},
    {".txt", "text/plain; charset=utf-8"},
    {".wasm", "application/wasm"},
};

static bool ends_with(struct text name, const char *suffix) {
    size_t length = strlen(suffix);
    return name.length > length && memcmp(name.bytes + name.length - length, suffix, length) == 0;
}

static const char *type_of(struct text path) {
    for (size_t i = 0; i < sizeof media / sizeof media[0]; i++) {
        if (ends_with(path, media[i].suffix)) {
            return media[i].type;
        }
    }
    return "application/octet-stream";
}

/* Vite puts what carries a hash in its name into assets/. */
static bool is_hashed(struct text path) {
    return text_starts_with(path, "/assets/");
}

static bool fail(struct site *site, const char *path, const char *why) {
    snprintf(site->error, SITE_ERROR_SIZE, "The site's file %.150s cannot be served: %.60s.", path, why);
    return false;
}

static bool read_all(int file, char *bytes, size_t size) {
    size_t done = 0;
    while (done < size) {
        ssize_t got = read(file, bytes + done, size - done);
        if (got <= 0) {
            return false;
        }
        done += (size_t)got;
    }
    return true;
}

static bool read_file(struct site *site, int folder, const char *name, const char *path,
                      struct text *content) {
    int file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    struct stat facts;
    if (file < 0 || fstat(file, &facts) != 0) {
        if (file >= 0) {
            close(file);
        }
        return fail(site, path, "it cannot be read");
    }
    size_t size = (size_t)facts.st_size;
    site->bytes += size;
    char *bytes = site->bytes > BYTES_MAX ? NULL : arena_alloc(site->arena, size + 1);
    bool whole = bytes != NULL && read_all(file, bytes, size);
    close(file);
    *content = (struct text){bytes, size};
    return whole || fail(site, path, bytes == NULL ? "the site is too large" : "it cannot be read");
}

static struct asset *find_or_add(struct site *site, struct text path) {
    for (size_t i = 0; i < site->count; i++) {
        if (text_is(path, site->assets[i].path)) {
            return &site->assets[i];
        }
    }
    const char *copy = site->count == FILES_MAX ? NULL : arena_copy(site->arena, path.bytes, path.length);
    if (copy == NULL) {
        return NULL;
    }
    struct asset *asset = &site->assets[site->count++];
    *asset = (struct asset){.path = copy, .type = type_of(path), .immutable = is_hashed(path)};
    return asset;
}

static void tag(struct asset *asset) {
    unsigned char digest[DIGEST_SIZE];
    char hex[17];
    struct text plain = asset->forms[ASSET_PLAIN];
    digest_bytes(digest, plain.bytes, plain.length);
    text_write_hex(hex, digest, 8);
    snprintf(asset->etag, sizeof asset->etag, "W/\"%s\"", hex);
}

static bool add_file(struct site *site, int folder, const char *name, const char *path) {
    struct text content, key = text_of(path);
    enum asset_form form = ends_with(key, ".br")   ? ASSET_BROTLI
                           : ends_with(key, ".gz") ? ASSET_GZIP
                                                   : ASSET_PLAIN;
    key.length -= form == ASSET_PLAIN ? 0 : 3;
    struct asset *asset = find_or_add(site, key);
    if (asset == NULL) {
        return fail(site, path, "there are too many files");
    }
    if (!read_file(site, folder, name, path, &content)) {
        return false;
    }
    asset->forms[form] = content;
    if (form == ASSET_PLAIN) {
        tag(asset);
    }
    return true;
}

static bool add_folder(struct site *site, int folder, const char *path, unsigned depth);

static bool add_entry(struct site *site, int folder, const char *name, const char *parent, unsigned depth) {
    char path[PATH_MAX_BYTES];
    struct stat facts;
    if (name[0] == '.') {
        return true; /* hidden files are nobody's page */
    }
    if (snprintf(path, sizeof path, "%s/%s", parent, name) >= (int)sizeof path ||
        fstatat(folder, name, &facts, AT_SYMLINK_NOFOLLOW) != 0) {
        return fail(site, name, "it cannot be read");
    }
    if (S_ISREG(facts.st_mode)) {
        return add_file(site, folder, name, path);
    }
    if (!S_ISDIR(facts.st_mode)) {
        return true; /* links and devices are never followed */
    }
    int inner = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (inner < 0 || depth == DEPTH_MAX) {
        if (inner >= 0) {
            close(inner);
        }
        return fail(site, path, "the folder cannot be read");
    }
    return add_folder(site, inner, path, depth + 1);
}

/* Takes the descriptor. */
static bool add_folder(struct site *site, int folder, const char *path, unsigned depth) {
    DIR *listing = fdopendir(folder);
    if (listing == NULL) {
        close(folder);
        return fail(site, path, "the folder cannot be read");
    }
    bool good = true;
    for (struct dirent *entry = readdir(listing); good && entry != NULL; entry = readdir(listing)) {
        good = add_entry(site, folder, entry->d_name, path, depth);
    }
    closedir(listing);
    return good;
}

static int by_path(const void *a, const void *b) {
    return strcmp(((const struct asset *)a)->path, ((const struct asset *)b)->path);
}

/* A compressed form without its plain one is a file of its own that nobody can ask for: drop it. */
static void finish(struct site *site) {
    size_t kept = 0;
    for (size_t i = 0; i < site->count; i++) {
        if (site->assets[i].forms[ASSET_PLAIN].bytes != NULL) {
            site->assets[kept++] = site->assets[i];
        }
    }
    site->count = kept;
    qsort(site->assets, site->count, sizeof site->assets[0], by_path);
}

struct site *site_load(const char *directory, char error[SITE_ERROR_SIZE]) {
    struct site *site = alloc_zeroed(1, sizeof *site);
    if (site == NULL || (site->arena = arena_create(BYTES_MAX + (16u << 20))) == NULL ||
        (site->assets = alloc_zeroed(FILES_MAX, sizeof site->assets[0])) == NULL) {
        snprintf(error, SITE_ERROR_SIZE, "There is no memory for the site.");
        site_release(site);
        return NULL;
    }
    site->error = error;
    int folder = directory[0] == '\0' ? -1 : open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0 && !add_folder(site, folder, "", 0)) {
        site_release(site);
        return NULL;
    }
    finish(site);
    return site;
}

void site_release(struct site *site) {
    if (site != NULL && site->arena != NULL) {
        arena_destroy(site->arena);
    }
    if (site != NULL) {
        alloc_release(site->assets);
    }
    alloc_release(site);
}

size_t site_count(const struct site *site) {
    return site->count;
}

static int compare(struct text path, const char *key) {
    size_t length = strlen(key);
    int order = memcmp(path.bytes, key, path.length < length ? path.length : length);
    return order != 0 ? order : (path.length > length) - (path.length < length);
}

static const struct asset *find_exact(const struct site *site, struct text path) {
    size_t low = 0, high = site->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare(path, site->assets[middle].path);
        if (order == 0) {
            return &site->assets[middle];
        }
        low = order > 0 ? middle + 1 : low;
        high = order > 0 ? high : middle;
    }
    return NULL;
}

const struct asset *site_find(const struct site *site, struct text path) {
    if (text_is(path, "/")) {
        return find_exact(site, text_of("/index.html"));
    }
    if (text_is(path, "/docs/")) {
        return find_exact(site, text_of("/docs/index.html"));
    }
    return find_exact(site, path);
}

enum asset_form site_form(const struct asset *asset, const char *accept_encoding) {
    if (asset->forms[ASSET_BROTLI].bytes != NULL && negotiate_coding(accept_encoding, "br")) {
        return ASSET_BROTLI;
    }
    if (asset->forms[ASSET_GZIP].bytes != NULL && negotiate_coding(accept_encoding, "gzip")) {
        return ASSET_GZIP;
    }
    return ASSET_PLAIN;
}
