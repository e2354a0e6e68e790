/* What our code may not call. Force-included (-include) into every source of server/ by CMake.
 *
 * Poisoned words cannot be written at all, in code or in a header read later, so the C headers that declare
 * them come first. Functions that foreign headers declare later carry the attribute `error` instead: calling
 * them fails to compile, naming them (to hand `free` to arena_defer, say) does not; clang, which only builds
 * the fuzz targets, knows that attribute on first declarations alone. core/ itself is compiled with
 * LINLI_ROOM_CORE and may allocate. A file that runs whole SQL scripts from disk is compiled with
 * LINLI_RUNS_SCRIPTS.
 */
#ifndef LINLI_CORE_BANNED_H
#define LINLI_CORE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#ifdef __GNUC__
#pragma GCC poison strcpy strcat stpcpy sprintf vsprintf gets strtok strtok_r tmpnam tempnam mktemp
#pragma GCC poison atoi atol atoll atof
#pragma GCC poison localtime gmtime ctime asctime setenv putenv

#if !defined(LINLI_ROOM_CORE) && !defined(__clang__)
#define LINLI_BANNED(why) __attribute__((error(why)))
void *malloc(size_t) LINLI_BANNED("memory comes from an arena, a buf or core/alloc.h");
void *calloc(size_t, size_t) LINLI_BANNED("memory comes from an arena, a buf or core/alloc.h");
void *realloc(void *, size_t) LINLI_BANNED("memory comes from an arena, a buf or core/alloc.h");
void free(void *) LINLI_BANNED("release with the arena, buf_release or alloc_release");
char *strdup(const char *) LINLI_BANNED("copy with arena_string");
char *strndup(const char *, size_t) LINLI_BANNED("copy with arena_copy");
int rand(void) LINLI_BANNED("use core/random.h");
long random(void) LINLI_BANNED("use core/random.h");
int system(const char *) LINLI_BANNED("no shell");
FILE *popen(const char *, const char *) LINLI_BANNED("no shell");
#ifndef LINLI_RUNS_SCRIPTS
struct pg_conn;
struct pg_result;
struct pg_result *PQexec(struct pg_conn *, const char *) LINLI_BANNED("use PQexecParams with constant text");
#endif
#endif
#endif

#endif
