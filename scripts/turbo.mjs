// `node scripts/turbo.mjs TASK… [FLAG…]`: `turbo run`, after installing what is missing; quiet, and without telemetry.
import {spawnSync} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {ensureInstalled} from './ensure-installed.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs tasks from the repository's root, and exits where one fails. What turbo prints goes to `stdout`. */
export function turbo(args, stdout = 'inherit') {
  ensureInstalled();
  const {status, error} = spawnSync(
    process.execPath,
    [`${root}/node_modules/turbo/bin/turbo`, 'run', ...args, '--output-logs=errors-only'],
    {
      cwd: root,
      stdio: ['inherit', stdout, 'inherit'],
      env: {...process.env, TURBO_TELEMETRY_DISABLED: '1', TURBO_TELEMETRY_MESSAGE_DISABLED: '1', DO_NOT_TRACK: '1'},
    },
  );
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) turbo(process.argv.slice(2));
