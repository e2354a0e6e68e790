/* Clock: instants in microseconds since 1970 UTC, durations in monotonic nanoseconds, days in Asia/Shanghai.
 *
 * China has had one zone and no summer time since 1991, so Shanghai is UTC+8 here. Instants are those of the
 * years 1 to 9999. Business decisions take their time from the database (core.app_now()), never from here.
 */
#ifndef LINLI_CORE_CLOCK_H
#define LINLI_CORE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLOCK_STAMP_SIZE 32 /* 2026-11-24T07:00:00.123456Z and its NUL fit */
#define CLOCK_DATE_SIZE 11  /* 2026-11-24 and its NUL */

uint64_t clock_monotonic_ns(void);
int64_t clock_wall_us(void);

/* RFC 3339 UTC with the given number of fraction digits (0 to 6, cut, not rounded). Returns the length. */
size_t clock_write_stamp(char out[CLOCK_STAMP_SIZE], int64_t wall_us, unsigned digits);
/* The day in Shanghai at that instant. */
void clock_write_date(char out[CLOCK_DATE_SIZE], int64_t wall_us);
void clock_write_today(char out[CLOCK_DATE_SIZE]);
uint64_t clock_until_midnight_ms(int64_t wall_us); /* to the next midnight in Shanghai, at least 1 */

/* `YYYY-MM-DD`, a day that exists, years 0001 to 9999. */
bool clock_check_date(const char *bytes, size_t length);
/* RFC 3339 with T and a zone, up to 9 fraction digits (beyond 6 cut); no leap seconds: nothing stores them.
 */
bool clock_read_stamp(const char *bytes, size_t length, int64_t *wall_us);
bool clock_check_stamp(const char *bytes, size_t length);

#endif
