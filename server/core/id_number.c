#include "core/id_number.h"

#include <string.h>

#include "core/clock.h"

/* ISO 7064, MOD 11-2: the weights of the 17 digits, and the check character of each remainder. */
static const int weights[ID_NUMBER_LENGTH - 1] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
static const char checks[] = "10X98765432";

/* The 18 characters alone; false when there are more, fewer or others. */
static bool strip(const char *text, size_t length, char out[ID_NUMBER_LENGTH]) {
    size_t count = 0;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (c == ' ' || c == '-') {
            continue;
        }
        bool digit = c >= '0' && c <= '9', last = count == ID_NUMBER_LENGTH - 1;
        if (count == ID_NUMBER_LENGTH || !(digit || (last && (c == 'X' || c == 'x')))) {
            return false;
        }
        out[count++] = c == 'x' ? 'X' : c;
    }
    return count == ID_NUMBER_LENGTH;
}

static char check_character(const char digits[ID_NUMBER_LENGTH]) {
    int sum = 0;
    for (size_t i = 0; i < ID_NUMBER_LENGTH - 1; i++) {
        sum += (digits[i] - '0') * weights[i];
    }
    return checks[sum % 11];
}

bool id_number_read(const char *text, size_t length, struct id_number *number) {
    char digits[ID_NUMBER_LENGTH];
    if (!strip(text, length, digits) || digits[0] == '0' ||
        digits[ID_NUMBER_LENGTH - 1] != check_character(digits)) {
        return false;
    }
    char *day = number->birth_date;
    memcpy(day, digits + 6, 4);
    day[4] = day[7] = '-';
    memcpy(day + 5, digits + 10, 2);
    memcpy(day + 8, digits + 12, 2);
    day[10] = '\0';
    number->male = (digits[16] - '0') % 2 == 1;
    return clock_check_date(day, 10);
}

bool id_number_check(const char *text, size_t length) {
    struct id_number number;
    return id_number_read(text, length, &number);
}
