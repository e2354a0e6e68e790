// Reads TAP (cmocka, pgTAP): counts, and what stands around each failure.

// parseTap(text) → {passed, failed, skipped, planned, failures: [text]}; planned is null when the text announces no plan.
export function parseTap(text) {
    const counts = { passed: 0, failed: 0, skipped: 0, planned: null, failures: [] };
    let explaining = false;
    for (const line of text.split('\n')) {
        explaining = takeLine(counts, line, explaining);
    }
    return counts;
}

function takeLine(counts, line, explaining) {
    const plan = /^\s*1\.\.(\d+)/.exec(line);
    if (plan) {
        counts.planned = (counts.planned ?? 0) + Number(plan[1]);
        return false;
    }
    const result = /^\s*(not )?ok\b(.*)$/.exec(line);
    if (!result) {
        if (explaining && /^\s*#/.test(line)) counts.failures[counts.failures.length - 1] += `\n${line}`;
        return explaining;
    }
    if (/#\s*(skip|todo)/i.test(result[2])) counts.skipped += 1;
    else if (result[1]) {
        counts.failed += 1;
        counts.failures.push(line);
        return true;
    } else counts.passed += 1;
    return false;
}
