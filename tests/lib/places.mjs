// Where things are. ./test sets the environment; a test file that is run by hand needs it too.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const house = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const build = join(house, 'build');
export const migrations = process.env.LINLI_TEST_MIGRATIONS ?? join(house, 'migrations');
export const testFolder = process.env.LINLI_TEST_DIR;

export function needTestFolder() {
    if (!testFolder) throw new Error('run this through ./test: it starts PostgreSQL and makes the databases that tests copy');
    return testFolder;
}
