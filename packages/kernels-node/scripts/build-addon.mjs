// Gives this repository a tfjs-node: the package from npm without its install script, its addon by build-tfjs-node. Does
// nothing, fast, where both are there.
//
// The result lies in `.tfjs-node/`, outside of the workspace's lock file: `createRequire` of that folder finds it. It holds
// no other package of TensorFlow.js, so that Node finds those of the workspace and there is one tfjs-core.
import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

const TFJS_NODE = '4.22.0';

const home = fileURLToPath(new URL('../../../.tfjs-node', import.meta.url));
const scope = join(home, 'node_modules/@tensorflow');
const manifest = join(scope, 'tfjs-node/package.json');
const run = (command, ...args) => execFileSync(command, args, {cwd: home, stdio: 'inherit'});

if (!existsSync(manifest) || JSON.parse(readFileSync(manifest, 'utf8')).version !== TFJS_NODE) {
  rmSync(home, {recursive: true, force: true});
  mkdirSync(home);
  writeFileSync(join(home, 'package.json'), '{"private": true}\n');
  const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];
  run('npm', 'install', '--ignore-scripts', '--no-package-lock', ...quiet, `@tensorflow/tfjs-node@${TFJS_NODE}`);
}
for (const name of readdirSync(scope)) {
  if (name !== 'tfjs-node') rmSync(join(scope, name), {recursive: true});
}
run(process.execPath, fileURLToPath(new URL('../bin/build-tfjs-node.mjs', import.meta.url)));
