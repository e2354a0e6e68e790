// The other subcommands of the binary, on the database of a test's server.
import { connectionUrl, mainCluster } from './cluster.mjs';
import { build, house } from './places.mjs';
import { run } from './process.mjs';
import { join } from 'node:path';

// linli(server, arguments, {env, input}) → {code, stdout, stderr, json}; json is the parsed output when --json was asked for.
export async function linli(server, args, { env = {}, input = '' } = {}) {
    const cluster = server.cluster ?? mainCluster;
    const result = await run(server.binary ?? process.env.LINLI_BINARY ?? join(build, 'debug', 'linli'), args, {
        input,
        seconds: 120,
        env: {
            LINLI_DATABASE_URL: connectionUrl('linli_app', server.database, cluster),
            LINLI_OWNER_URL: connectionUrl('linli_owner', server.database, cluster),
            LINLI_KEY_DIR: process.env.LINLI_TEST_KEYS,
            LINLI_MIGRATIONS_DIR: join(house, 'migrations'),
            LINLI_STATIC_DIR: '',
            LINLI_DEMO: '1',
            ...env,
        },
    });
    if (args.includes('--json') && result.stdout.startsWith('{')) result.json = JSON.parse(result.stdout);
    return result;
}
