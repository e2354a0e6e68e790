/* A ZIP archive written from front to back into a buffer that the caller empties as it likes: member after
 * member, deflated, sizes behind the data (a data descriptor), the directory at the end. Nothing of what was
 * written is kept but each member's name, sizes and checksum.
 *
 * Owns a deflate state (some 260 KiB) until zip_out_destroy. Names are the caller's and outlive it. At most
 * ZIP_MEMBERS members, each and the whole below 4 GiB; beyond that, or without memory, it is `failed`: later
 * calls do nothing, and the caller asks once at the end.
 */
#ifndef LINLI_JSON_ZIP_OUT_H
#define LINLI_JSON_ZIP_OUT_H

#include "core/buf.h"

#define ZIP_MEMBERS 8

struct zip_out;

struct zip_out *zip_out_create(void); /* NULL: out of memory */
void zip_out_destroy(void *zip);      /* of arena_defer's form */
void zip_out_open(struct zip_out *zip, struct buf *out, const char *name);
void zip_out_write(struct zip_out *zip, struct buf *out, const char *bytes, size_t length);
void zip_out_close(struct zip_out *zip, struct buf *out);
/* The directory. Nothing may be written afterwards. */
void zip_out_finish(struct zip_out *zip, struct buf *out);
bool zip_out_failed(const struct zip_out *zip);

#endif
