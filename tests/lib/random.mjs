// Choices that can be repeated: everything random in a test comes from one seed, which ./test prints.

export const seed = Number(process.env.LINLI_SEED ?? 1) >>> 0;

// rounds(n): n in ./test, more in ./test slow.
export function rounds(count) {
    return count * Math.max(1, Number(process.env.LINLI_ROUNDS ?? 1));
}

// Mulberry32: 32 bits of state, good enough to choose test values.
export class Random {
    #state;

    constructor(from = seed) {
        this.#state = from >>> 0;
    }

    next() {
        this.#state = (this.#state + 0x6d2b79f5) >>> 0;
        let mixed = this.#state;
        mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return (mixed ^ (mixed >>> 14)) >>> 0;
    }

    // An integer with least ≤ it ≤ most.
    integer(least, most) {
        return least + Math.floor((this.next() / 2 ** 32) * (most - least + 1));
    }

    pick(items) {
        return items[this.integer(0, items.length - 1)];
    }

    chance(probability) {
        return this.next() / 2 ** 32 < probability;
    }

    shuffle(items) {
        const mixed = [...items];
        for (let last = mixed.length - 1; last > 0; last -= 1) {
            const other = this.integer(0, last);
            [mixed[last], mixed[other]] = [mixed[other], mixed[last]];
        }
        return mixed;
    }

    bytes(count) {
        return Buffer.from(Array.from({ length: count }, () => this.next() & 0xff));
    }

    uuid() {
        const hex = this.bytes(16).toString('hex');
        return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
    }
}
