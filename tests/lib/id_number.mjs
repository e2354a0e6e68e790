// Resident identity numbers with the right check character (GB 11643). District 999999 does not exist: nobody has such a number.
const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

// idNumber('1978-03-05', 'female', 12): the order says the sex, odd for men; two hundred a day and sex.
export function idNumber(birthDate, sex, order = 0) {
    const place = String(2 * order + (sex === 'male' ? 1 : 0)).padStart(3, '0');
    const digits = `999999${birthDate.replaceAll('-', '')}${place}`;
    const sum = [...digits].reduce((total, digit, at) => total + Number(digit) * weights[at], 0);
    return digits + '10X98765432'[sum % 11];
}
