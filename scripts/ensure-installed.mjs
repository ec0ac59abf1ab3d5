// Runs `npm ci` where node_modules does not hold what package-lock.json asks for, and otherwise does nothing, fast.
// Free of dependencies: it runs before there are any.
import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {npm} from './npm.mjs';

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
  npm(['ci', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error']);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) ensureInstalled();
