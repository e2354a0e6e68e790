// Identity numbers with a right check character (GB 11643), of a district and days that stand for nobody.
const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

// idNumber('450481', '1990-03-05', 1): odd orders are men's.
export function idNumber(district, birthDate, order) {
    const digits = `${district}${birthDate.replaceAll('-', '')}${String(order).padStart(3, '0')}`;
    const sum = [...digits].reduce((total, digit, at) => total + Number(digit) * weights[at], 0);
    return digits + '10X98765432'[sum % 11];
}
