#include "core/clock.h"
#include <string.h>
#include <time.h>

#define SECOND_US INT64_C(1000000)
#define DAY_S INT64_C(86400)
#define SHANGHAI_S INT64_C(28800)
#define FIRST_S INT64_C(-62135596800) /* 0001-01-01T00:00:00Z */
#define LAST_S INT64_C(253402300799)  /* 9999-12-31T23:59:59Z */

struct clock_day {
    int64_t year;
    unsigned month, day;
};

uint64_t clock_monotonic_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int64_t clock_wall_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * SECOND_US + now.tv_nsec / 1000;
}

static int64_t clock_floor(int64_t value, int64_t by) {
    return value / by - (value % by < 0);
}

/* Days since 1970 in the proleptic Gregorian calendar, counted in years that begin in March, so that the leap
 * day is the last of its year. */
static int64_t clock_days(struct clock_day day) {
    int64_t year = day.year - (day.month <= 2);
    int64_t era = clock_floor(year, 400);
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * (int64_t)(day.month > 2 ? day.month - 3 : day.month + 9) + 2) / 5 + day.day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static struct clock_day clock_day_of(int64_t days) {
    days += 719468;
    int64_t era = clock_floor(days, 146097);
    int64_t of_era = days - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153;
    struct clock_day day = {year + era * 400, (unsigned)(month < 10 ? month + 3 : month - 9),
                            (unsigned)(of_year - (153 * month + 2) / 5 + 1)};
    day.year += day.month <= 2;
    return day;
}

/* The last `count` digits of the value; → what follows them. Every log line and every row with a time comes here. */
static char *clock_put_digits(char *out, int64_t value, unsigned count) {
    for (unsigned i = count; i > 0; i--, value /= 10)
        out[i - 1] = (char)('0' + value % 10);
    return out + count;
}

static char *clock_put_pair(char *out, char separator, int64_t value) {
    *out = separator;
    return clock_put_digits(out + 1, value, 2);
}

size_t clock_write_stamp(char out[CLOCK_STAMP_SIZE], int64_t wall_us, unsigned digits) {
    static const int64_t units[] = {1000000, 100000, 10000, 1000, 100, 10, 1};
    int64_t seconds = clock_floor(wall_us, SECOND_US);
    int64_t days = clock_floor(seconds, DAY_S);
    int64_t of_day = seconds - days * DAY_S;
    struct clock_day day = clock_day_of(days);
    char *end = clock_put_digits(out, day.year, 4);
    end = clock_put_pair(end, '-', day.month);
    end = clock_put_pair(end, '-', day.day);
    end = clock_put_pair(end, 'T', of_day / 3600);
    end = clock_put_pair(end, ':', of_day / 60 % 60);
    end = clock_put_pair(end, ':', of_day % 60);
    if (digits > 6)
        digits = 6;
    if (digits) {
        *end = '.';
        end = clock_put_digits(end + 1, (wall_us - seconds * SECOND_US) / units[digits], digits);
    }
    memcpy(end, "Z", 2);
    return (size_t)(end - out) + 1;
}

void clock_write_date(char out[CLOCK_DATE_SIZE], int64_t wall_us) {
    char stamp[CLOCK_STAMP_SIZE];
    clock_write_stamp(stamp, wall_us + SHANGHAI_S * SECOND_US, 0);
    memcpy(out, stamp, CLOCK_DATE_SIZE - 1);
    out[CLOCK_DATE_SIZE - 1] = '\0';
}

void clock_write_today(char out[CLOCK_DATE_SIZE]) {
    clock_write_date(out, clock_wall_us());
}

uint64_t clock_until_midnight_ms(int64_t wall_us) {
    int64_t day_us = DAY_S * SECOND_US;
    int64_t local = wall_us + SHANGHAI_S * SECOND_US;
    int64_t left = (clock_floor(local, day_us) + 1) * day_us - local;
    return (uint64_t)((left + 999) / 1000);
}

/* ── reading ── */

/* Exactly `count` digits. */
static bool clock_read_digits(const char *bytes, size_t count, unsigned *value) {
    *value = 0;
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] < '0' || bytes[i] > '9')
            return false;
        *value = *value * 10 + (unsigned)(bytes[i] - '0');
    }
    return true;
}

static unsigned clock_month_days(unsigned year, unsigned month) {
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap ? 1u : 0u);
}

static bool clock_read_day(const char *bytes, struct clock_day *day) {
    unsigned year;
    if (!clock_read_digits(bytes, 4, &year) || bytes[4] != '-' ||
        !clock_read_digits(bytes + 5, 2, &day->month) || bytes[7] != '-' ||
        !clock_read_digits(bytes + 8, 2, &day->day))
        return false;
    day->year = year;
    return year >= 1 && day->month >= 1 && day->month <= 12 && day->day >= 1 &&
           day->day <= clock_month_days(year, day->month);
}

bool clock_check_date(const char *bytes, size_t length) {
    struct clock_day day;
    return length == CLOCK_DATE_SIZE - 1 && clock_read_day(bytes, &day);
}

/* HH:MM:SS */
static bool clock_read_time(const char *bytes, int64_t *seconds) {
    unsigned hour, minute, second;
    if (!clock_read_digits(bytes, 2, &hour) || bytes[2] != ':' || !clock_read_digits(bytes + 3, 2, &minute) ||
        bytes[5] != ':' || !clock_read_digits(bytes + 6, 2, &second))
        return false;
    *seconds = (int64_t)hour * 3600 + minute * 60 + second;
    return hour <= 23 && minute <= 59 && second <= 59;
}

/* `.` and 1 to 9 digits; *used = 0 when there is none. */
static bool clock_read_fraction(const char *bytes, size_t length, int64_t *microseconds, size_t *used) {
    *microseconds = 0;
    *used = 0;
    if (!length || bytes[0] != '.')
        return true;
    int64_t unit = 100000;
    size_t i = 1;
    for (; i < length && bytes[i] >= '0' && bytes[i] <= '9'; i++, unit /= 10)
        *microseconds += (bytes[i] - '0') * unit;
    *used = i;
    return i > 1 && i <= 10;
}

/* Z or ±HH:MM up to the end. */
static bool clock_read_zone(const char *bytes, size_t length, int64_t *seconds) {
    *seconds = 0;
    if (length == 1)
        return bytes[0] == 'Z' || bytes[0] == 'z';
    unsigned hour, minute;
    if (length != 6 || (bytes[0] != '+' && bytes[0] != '-') || !clock_read_digits(bytes + 1, 2, &hour) ||
        bytes[3] != ':' || !clock_read_digits(bytes + 4, 2, &minute) || hour > 15 || minute > 59)
        return false;
    *seconds = (int64_t)hour * 3600 + minute * 60;
    if (bytes[0] == '-')
        *seconds = -*seconds;
    return true;
}

bool clock_read_stamp(const char *bytes, size_t length, int64_t *wall_us) {
    struct clock_day day;
    int64_t time, fraction, zone;
    size_t used;
    if (length < 20 || length > 35 || !clock_read_day(bytes, &day) ||
        (bytes[10] != 'T' && bytes[10] != 't') || !clock_read_time(bytes + 11, &time) ||
        !clock_read_fraction(bytes + 19, length - 19, &fraction, &used) ||
        !clock_read_zone(bytes + 19 + used, length - 19 - used, &zone))
        return false;
    int64_t seconds = clock_days(day) * DAY_S + time - zone;
    if (seconds < FIRST_S || seconds > LAST_S)
        return false;
    *wall_us = seconds * SECOND_US + fraction;
    return true;
}

bool clock_check_stamp(const char *bytes, size_t length) {
    int64_t ignored;
    return clock_read_stamp(bytes, length, &ignored);
}
