// `node scripts/turbo.mjs TASK… [FLAG…]`: `turbo run`, after installing what is missing; quiet, and without telemetry.
import {spawnSync} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {ensureInstalled} from './ensure-installed.mjs';

ensureInstalled();
const turbo = fileURLToPath(new URL('../node_modules/turbo/bin/turbo', import.meta.url));
const {status, error} = spawnSync(
  process.execPath,
  [turbo, 'run', ...process.argv.slice(2), '--output-logs=errors-only'],
  {
    stdio: 'inherit',
    env: {...process.env, TURBO_TELEMETRY_DISABLED: '1', TURBO_TELEMETRY_MESSAGE_DISABLED: '1', DO_NOT_TRACK: '1'},
  },
);
if (error) throw error;
process.exit(status ?? 1);
