#include "json/zip_out.h"

#include <string.h>
#include <zlib.h>

#include "core/alloc.h"

#define VERSION 20u   /* deflate */
#define FLAGS 0x0808u /* sizes behind the data, names in UTF-8 */
#define DEFLATED 8u
#define NO_DAY 0x0021u /* 1980-01-01: the same rows make the same bytes */
#define CHUNK 4096u
#define MOST UINT64_C(0xFFFFFFFF)

struct member {
    const char *name;
    uint64_t offset, plain, packed;
    uint32_t crc;
};

struct zip_out {
    z_stream stream;
    struct member members[ZIP_MEMBERS];
    size_t count;
    uint64_t written;
    bool failed;
};

static void *take(void *context, unsigned count, unsigned size) {
    (void)context;
    return alloc_zeroed(count, size);
}

static void give_back(void *context, void *bytes) {
    (void)context;
    alloc_release(bytes);
}

struct zip_out *zip_out_create(void) {
    struct zip_out *zip = alloc_zeroed(1, sizeof *zip);
    if (zip == NULL) {
        return NULL;
    }
    zip->stream.zalloc = take;
    zip->stream.zfree = give_back;
    /* Raw deflate; speed before size, for it runs in the event loop. */
    if (deflateInit2(&zip->stream, Z_BEST_SPEED, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        alloc_release(zip);
        return NULL;
    }
    return zip;
}

void zip_out_destroy(void *context) {
    struct zip_out *zip = context;
    if (zip != NULL) {
        deflateEnd(&zip->stream);
        alloc_release(zip);
    }
}

bool zip_out_failed(const struct zip_out *zip) {
    return zip->failed;
}

static void put(struct zip_out *zip, struct buf *out, const void *bytes, size_t length) {
    buf_append(out, bytes, length);
    zip->written += length;
    zip->failed = zip->failed || zip->written > MOST;
}

/* Little-endian, as the format has it. */
static void put_number(struct zip_out *zip, struct buf *out, uint64_t value, unsigned bytes) {
    char little[4];
    for (unsigned i = 0; i < bytes; i++) {
        little[i] = (char)(unsigned char)(value >> (8 * i) & 0xFF);
    }
    put(zip, out, little, bytes);
}

/* What the header before the data and the directory say alike. */
static void put_common(struct zip_out *zip, struct buf *out, const struct member *member) {
    put_number(zip, out, VERSION, 2);
    put_number(zip, out, FLAGS, 2);
    put_number(zip, out, DEFLATED, 2);
    put_number(zip, out, 0, 2); /* midnight */
    put_number(zip, out, NO_DAY, 2);
    put_number(zip, out, member->crc, 4);
    put_number(zip, out, member->packed, 4);
    put_number(zip, out, member->plain, 4);
    put_number(zip, out, strlen(member->name), 2);
    put_number(zip, out, 0, 2); /* no extra field */
}

void zip_out_open(struct zip_out *zip, struct buf *out, const char *name) {
    if (zip->count == ZIP_MEMBERS || zip->failed) {
        zip->failed = true;
        return;
    }
    struct member *member = &zip->members[zip->count];
    *member = (struct member){.name = name, .offset = zip->written};
    put_number(zip, out, 0x04034b50, 4);
    put_common(zip, out, member);
    put(zip, out, name, strlen(name));
    member->crc = (uint32_t)crc32(0, NULL, 0);
    zip->failed = zip->failed || deflateReset(&zip->stream) != Z_OK;
}

static void deflate_all(struct zip_out *zip, struct buf *out, int flush) {
    unsigned char chunk[CHUNK];
    int state = Z_OK;
    do {
        zip->stream.next_out = chunk;
        zip->stream.avail_out = CHUNK;
        state = deflate(&zip->stream, flush);
        if (state == Z_STREAM_ERROR) {
            zip->failed = true;
            return;
        }
        put(zip, out, chunk, CHUNK - zip->stream.avail_out);
        zip->members[zip->count].packed += CHUNK - zip->stream.avail_out;
    } while (zip->stream.avail_out == 0);
}

void zip_out_write(struct zip_out *zip, struct buf *out, const char *bytes, size_t length) {
    if (zip->failed || length == 0) {
        return;
    }
    struct member *member = &zip->members[zip->count];
    member->crc = (uint32_t)crc32_z(member->crc, (const unsigned char *)bytes, length);
    member->plain += length;
    if (length > UINT32_MAX || member->plain > MOST) {
        zip->failed = true;
        return;
    }
    /* zlib reads through a pointer that is not const; it does not write there. */
    zip->stream.next_in = (z_const Bytef *)(uintptr_t)bytes;
    zip->stream.avail_in = (unsigned)length;
    deflate_all(zip, out, Z_NO_FLUSH);
}

void zip_out_close(struct zip_out *zip, struct buf *out) {
    if (zip->failed) {
        return;
    }
    struct member *member = &zip->members[zip->count];
    zip->stream.avail_in = 0;
    deflate_all(zip, out, Z_FINISH);
    put_number(zip, out, 0x08074b50, 4);
    put_number(zip, out, member->crc, 4);
    put_number(zip, out, member->packed, 4);
    put_number(zip, out, member->plain, 4);
    zip->count++;
}

static void put_entry(struct zip_out *zip, struct buf *out, const struct member *member) {
    put_number(zip, out, 0x02014b50, 4);
    put_number(zip, out, VERSION, 2);
    put_common(zip, out, member);
    put_number(zip, out, 0, 2); /* no comment */
    put_number(zip, out, 0, 2); /* first disk */
    put_number(zip, out, 0, 2);
    put_number(zip, out, 0, 4); /* no attributes */
    put_number(zip, out, member->offset, 4);
    put(zip, out, member->name, strlen(member->name));
}

void zip_out_finish(struct zip_out *zip, struct buf *out) {
    uint64_t begin = zip->written;
    for (size_t i = 0; i < zip->count && !zip->failed; i++) {
        put_entry(zip, out, &zip->members[i]);
    }
    uint64_t end = zip->written;
    put_number(zip, out, 0x06054b50, 4);
    put_number(zip, out, 0, 2);
    put_number(zip, out, 0, 2);
    put_number(zip, out, zip->count, 2);
    put_number(zip, out, zip->count, 2);
    put_number(zip, out, end - begin, 4);
    put_number(zip, out, begin, 4);
    put_number(zip, out, 0, 2);
}
