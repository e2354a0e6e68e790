// Medians, ranges, and the table that ./test bench prints.
const sorted = (values) => [...values].sort((a, b) => a - b);

export function median(values) {
    const all = sorted(values);
    const middle = all.length >> 1;
    return all.length % 2 === 1 ? all[middle] : (all[middle - 1] + all[middle]) / 2;
}

const digits = (value) => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));
export const spread = (values) => `${digits(median(values))} (${digits(Math.min(...values))}–${digits(Math.max(...values))})`;

// Ratios of the same round only: the machine's mood is in both.
export const ratios = (ours, theirs) => ours.map((value, round) => value / theirs[round]);

export class Table {
    rows = [];

    // bar: {least} or {most}, and goal: what the median is held against.
    add(work, { ours, theirs = '', values, unit = '×', bar, goal }) {
        const value = median(values);
        const meets = (limit) => (bar.least !== undefined ? value >= limit : value <= limit);
        const limit = bar.least ?? bar.most;
        const verdict = meets(goal) ? 'goal met' : meets(limit) ? 'bar met' : 'NOT MET';
        const sign = bar.least !== undefined ? '≥' : '≤';
        this.rows.push([work, ours, theirs, `${spread(values)} ${unit}`, `${sign} ${limit} / ${goal} ${unit}`, verdict]);
        return value;
    }

    lines() {
        const all = [['work', 'Linli', 'peer', 'result, median (range)', 'bar / goal', ''], ...this.rows];
        const widths = all[0].map((_, column) => Math.max(...all.map((row) => [...row[column]].length)));
        return all.map((row) => row.map((cell, column) => cell + ' '.repeat(widths[column] - [...cell].length)).join('  ').trimEnd());
    }
}
