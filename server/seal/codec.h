/* M6 field codecs: sealing, blind index, masking, driven by the contract's struct codec.
 *
 * Keyring: read once at start from key_dir (files data.current, data.next, data.previous, blind, token.*; ≥
 * 32 random bytes each, mode 0600), never logged. Sealed form: 0x01 | key id (1 byte) | nonce (12) |
 * ciphertext | tag (16), AES-256-GCM, additional data = codec->sealed. In SQL text form bytea is `\x…`.
 */
#ifndef LINLI_SEAL_CODEC_H
#define LINLI_SEAL_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include "core/arena.h"
#include "core/contract.h"

struct keyring;

/* NULL with a sentence in *error (static or arena-free text) when a key is missing, short or readable by
 * others. */
struct keyring *keyring_open(const char *key_dir, const char **error);
void keyring_close(struct keyring *ring); /* wipes */
/* Creates missing keys (0600). Returns the number made, −1 on error. */
int keyring_create(const char *key_dir, const char **error);
/* Puts a new key of `family` ("data" or "token") beside the others as <family>.next, so that every server can
 * read it before one uses it. false when there is one already, or with a sentence. */
bool keyring_stage(const char *key_dir, const char *family, const char **error);
/* <family>.current becomes .previous, .next (made now when it is missing) becomes .current. At every moment
 * there is a current key. What .previous held before is gone: re-seal first what it sealed. */
bool keyring_rotate(const char *key_dir, const char *family, const char **error);
/* The signing keys for tokens, current first; up to 3. Each 32 bytes. */
size_t keyring_token_keys(const struct keyring *ring, const unsigned char *keys[3]);

/* plain text → `\x…` bytea text in the arena; NULL on failure. */
char *codec_seal(const struct keyring *ring, struct arena *arena, const char *aad, const char *plain,
                 size_t length);
/* `\x…` bytea text → plain; NULL when it cannot be opened (wrong key, changed bytes). */
char *codec_open(const struct keyring *ring, struct arena *arena, const char *aad, const char *hex,
                 size_t length, size_t *plain_length);
/* `\x…` of HMAC-SHA-256 over name + normalised value (digits for phones, upper case for ids). */
char *codec_blind(const struct keyring *ring, struct arena *arena, const char *name, const char *plain,
                  size_t length);
/* 138****5678 · 覃** · 4504***********12: UTF-8 in, UTF-8 out, arena memory. */
char *codec_mask(struct arena *arena, enum mask_kind kind, const char *plain, size_t length);

/* Opaque cursors: base64url(payload | 8 bytes of HMAC over operation id + payload). NULL when forged or too
 * long. */
char *codec_cursor_write(const struct keyring *ring, struct arena *arena, const char *operation,
                         const char *payload, size_t length);
char *codec_cursor_read(const struct keyring *ring, struct arena *arena, const char *operation,
                        const char *text);

#endif
