/* Resident identity numbers (GB 11643): 17 digits and a check character; region, day of birth, order, check.
 *
 * Owns nothing. Regions are not looked up: numbers of districts long abolished stay good. The old form of 15
 * digits went out of use in 2013 and is refused.
 */
#ifndef LINLI_CORE_ID_NUMBER_H
#define LINLI_CORE_ID_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

#define ID_NUMBER_LENGTH 18

struct id_number {
    char birth_date[11]; /* 1978-03-05 */
    bool male;           /* odd orders are men's */
};

/* Blanks and dashes between the digits are no fault, nor is a small x. false: no identity number. */
bool id_number_read(const char *text, size_t length, struct id_number *number);
bool id_number_check(const char *text, size_t length);

#endif
