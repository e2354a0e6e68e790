/* Is a file what its media type says? By its first bytes; owns nothing. */
#ifndef LINLI_DOMAINS_WORK_SNIFF_H
#define LINLI_DOMAINS_WORK_SNIFF_H

#include <stdbool.h>
#include <stddef.h>

/* `bytes`: the beginning of the file, all of it or many. A type that nobody here knows is never right. */
bool sniff_is(const char *type, const char *bytes, size_t length);

#endif
