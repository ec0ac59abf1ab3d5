// npm itself, as the script's own process would be run by it. Free of dependencies: it runs before there are any.
import {spawnSync} from 'node:child_process';
import {fileURLToPath} from 'node:url';

/** Runs npm in the repository's root, and exits where it fails. */
export function npm(args, stdio = 'inherit') {
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  const script = process.env.npm_execpath;
  const {status, error, stdout, stderr} = script?.endsWith('.js')
    ? spawnSync(process.execPath, [script, ...args], {cwd, stdio})
    : spawnSync('npm', args, {cwd, stdio, shell: process.platform === 'win32'});
  if (error) throw error;
  if (status === 0) return;
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`);
  process.exit(status ?? 1);
}
