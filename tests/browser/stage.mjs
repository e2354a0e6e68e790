// A server and a browser for all tests of a file.
import { after, before } from 'node:test';
import { openBrowser } from '../lib/browser.mjs';
import { startServer } from '../lib/server.mjs';

export function stage() {
    const at = {};
    const ends = [];
    before(async () => {
        at.server = await startServer();
        ends.push(() => at.server.stop());
        at.browser = await openBrowser({ after: (end) => ends.push(end) });
    });
    after(async () => {
        for (const end of ends.reverse()) await end();
    });
    return at;
}
