/* The only door to malloc. Requests use an arena; growing text a buf; what lives as long as a connection or
 * the process (tables, caches, queues) may come from here. The tests replace alloc.c to fail the n-th
 * allocation. */
#ifndef LINLI_CORE_ALLOC_H
#define LINLI_CORE_ALLOC_H

#include <stddef.h>

void *alloc_bytes(size_t size);                /* not cleared; NULL when the system is out of memory */
void *alloc_zeroed(size_t count, size_t size); /* NULL also when count × size overflows */
void *alloc_grow(void *bytes, size_t size);    /* as realloc: NULL leaves the old bytes valid */
void alloc_release(void *bytes);               /* NULL is fine */

#endif
