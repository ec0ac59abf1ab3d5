// Runs `npm ci` where node_modules does not hold what package-lock.json asks for, and otherwise does nothing, fast.
// Free of dependencies: it runs before there are any.
import {spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';

const root = new URL('../', import.meta.url);

/** The packages that a lock file lists, by their place in the tree; none where there is no such file. */
function lockedPackages(file) {
  try {
    return JSON.parse(readFileSync(new URL(file, root), 'utf8')).packages;
  } catch (error) {
    if (error.code === 'ENOENT') return {};
    throw error;
  }
}

/** Whether all packages are there in their versions. Optional ones may be for another platform. */
function isInstalled() {
  const installed = lockedPackages('node_modules/.package-lock.json');
  return Object.entries(lockedPackages('package-lock.json')).every(
    ([path, {version, optional}]) =>
      path === '' || optional || (path in installed && installed[path].version === version),
  );
}

export function ensureInstalled() {
  if (isInstalled()) return;
  console.log('Installing the dependencies …');
  const npm = process.env.npm_execpath;
  const args = ['ci', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];
  const {status, error} = npm?.endsWith('.js')
    ? spawnSync(process.execPath, [npm, ...args], {cwd: fileURLToPath(root), stdio: 'inherit'})
    : spawnSync('npm', args, {cwd: fileURLToPath(root), stdio: 'inherit', shell: process.platform === 'win32'});
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) ensureInstalled();
