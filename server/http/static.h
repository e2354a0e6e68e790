/* The site: every file of the built client, read into memory once at start and served by exact key.
 *
 * Owns all bytes, for the life of the process; read-only afterwards, shared by all loops. A request never
 * reaches the file system. `x.js.br` and `x.js.gz` are the precompressed forms of `x.js`, not files of their
 * own.
 */
#ifndef LINLI_HTTP_STATIC_H
#define LINLI_HTTP_STATIC_H

#include <stdbool.h>
#include <stddef.h>
#include "core/text.h"

#define SITE_ERROR_SIZE 256

enum asset_form { ASSET_PLAIN, ASSET_BROTLI, ASSET_GZIP, ASSET_FORMS };

struct asset {
    const char *path;               /* "/assets/index-3fa9.js" */
    const char *type;               /* media type with charset */
    bool immutable;                 /* the name holds a hash of the content */
    char etag[24];                  /* weak: the same for all forms */
    struct text forms[ASSET_FORMS]; /* bytes NULL: there is none */
};

struct site;

/* A missing folder is an empty site. NULL: `error` says what cannot be read, or that it is too much. */
struct site *site_load(const char *directory, char error[SITE_ERROR_SIZE]);
void site_release(struct site *site);
size_t site_count(const struct site *site);
/* `path`: decoded, with its leading slash. "/" is "/index.html", "/docs/" is "/docs/index.html". NULL: no
 * such file. */
const struct asset *site_find(const struct site *site, struct text path);
/* The best form for this Accept-Encoding. */
enum asset_form site_form(const struct asset *asset, const char *accept_encoding);

#endif
