/* UUIDs: version 7, lower case, as text. Ids from clients may be of any version; only their form is judged.
 */
#ifndef LINLI_CORE_UUID_H
#define LINLI_CORE_UUID_H

#include <stdbool.h>
#include <stddef.h>

#define UUID_SIZE 37 /* with the NUL */

/* Sorts by time to about a quarter of a microsecond; 62 random bits. */
void uuid_generate(char out[UUID_SIZE]);
/* 8-4-4-4-12 hexadecimal digits of either case; no braces, no urn. */
bool uuid_check(const char *bytes, size_t length);
/* Lower case into out; false when it is no UUID. */
bool uuid_normalise(char out[UUID_SIZE], const char *bytes, size_t length);

#endif
