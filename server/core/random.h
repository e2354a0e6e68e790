/* Random bytes of the kernel. Cannot fail: the process ends if the kernel has none, since no key may be
 * guessed. */
#ifndef LINLI_CORE_RANDOM_H
#define LINLI_CORE_RANDOM_H

#include <stddef.h>

void random_fill(void *out, size_t length);

#endif
