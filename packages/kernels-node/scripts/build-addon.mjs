// Builds tfjs-node for this repository where its prebuilt addon cannot be downloaded: the package from npm without its
// install script, TensorFlow from the Python wheel, the addon from the package's own sources. Linux on x64; needs
// npm, python3 with pip, g++ and Node's headers. Does nothing, fast, where all is there.
//
// The result lies in `.tfjs-node/`, outside of the workspace's lock file: `createRequire` of that folder finds it. It holds
// no other package of TensorFlow.js, so that Node finds those of the workspace and there is one tfjs-core.
import {spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join, relative} from 'node:path';
import {fileURLToPath} from 'node:url';

const TFJS_NODE = '4.22.0';
const TENSORFLOW = '2.21.0';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const home = join(root, '.tfjs-node');
const scope = join(home, 'node_modules/@tensorflow');
const tfjsNode = join(scope, 'tfjs-node');
const addon = join(tfjsNode, 'lib/napi-v8/tfjs_binding.node');

/** Which versions the addon was built from. */
const built = join(home, 'built.txt');
const versions = `tfjs-node ${TFJS_NODE}, TensorFlow ${TENSORFLOW}, Node ${process.versions.modules}\n`;

function run(command, ...args) {
  const {status, error} = spawnSync(command, args, {cwd: home, stdio: ['ignore', 'inherit', 'inherit']});
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args[0]} ended with status ${status}; expected 0`);
}

function isBuilt() {
  return existsSync(addon) && existsSync(built) && readFileSync(built, 'utf8') === versions;
}

function installPackage() {
  writeFileSync(join(home, 'package.json'), '{"private": true}\n');
  const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];
  run('npm', 'install', '--ignore-scripts', '--no-package-lock', ...quiet, `@tensorflow/tfjs-node@${TFJS_NODE}`);
  for (const name of readdirSync(scope)) {
    if (name !== 'tfjs-node') rmSync(join(scope, name), {recursive: true});
  }
}

/** Takes the libraries and the headers of TensorFlow's C interface out of the wheel. */
function unpackTensorFlow() {
  const from = ['--no-deps', '--only-binary=:all:', '--python-version=3.11', '--quiet', '--dest=wheel'];
  run('python3', '-m', 'pip', 'download', ...from, `tensorflow-cpu==${TENSORFLOW}`);
  const [wheel] = readdirSync(join(home, 'wheel'));
  const unpack = `
import sys, zipfile
include = 'tensorflow/include/'
folders = ('tensorflow/c/', 'tensorflow/core/platform/', 'tsl/', 'xla/tsl/')
wanted = ('tensorflow/libtensorflow', *(include + folder for folder in folders))
with zipfile.ZipFile(sys.argv[1]) as wheel:
    wheel.extractall(sys.argv[2], [name for name in wheel.namelist() if name.startswith(wanted)])
`;
  run('python3', '-c', unpack, join('wheel', wheel), 'wheel');
  const deps = join(tfjsNode, 'deps');
  mkdirSync(join(deps, 'lib'), {recursive: true});
  renameSync(join(home, 'wheel/tensorflow/include'), join(deps, 'include'));
  for (const name of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']) {
    renameSync(join(home, 'wheel/tensorflow', name), join(deps, 'lib', name));
  }
  rmSync(join(home, 'wheel'), {recursive: true});
}

function compileAddon() {
  const headers = join(dirname(process.execPath), '../include/node');
  if (!existsSync(join(headers, 'node_api.h'))) {
    throw new Error(`${headers} has no node_api.h; expected the headers that come with Node`);
  }
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(tfjsNode, 'binding', name));
  const lib = join(tfjsNode, 'deps/lib');
  mkdirSync(dirname(addon), {recursive: true});
  run(
    'g++',
    ...['-std=c++17', '-O2', '-fPIC', '-shared', '-w', '-DNAPI_VERSION=8'],
    ...[`-I${tfjsNode}`, `-I${join(tfjsNode, 'deps/include')}`, `-I${headers}`],
    ...sources,
    ...['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'].map((name) => join(lib, name)),
    ...['-Wl,-rpath,$ORIGIN/../../deps/lib', '-o', addon],
  );
  writeFileSync(built, versions);
}

if (process.platform !== 'linux' || process.arch !== 'x64') {
  throw new Error(`this is ${process.platform} on ${process.arch}; expected linux on x64`);
}
if (!isBuilt()) {
  console.log('Building tfjs-node …');
  rmSync(home, {recursive: true, force: true});
  mkdirSync(home);
  installPackage();
  unpackTensorFlow();
  compileAddon();
}
console.log(`${relative(root, addon)} is there: ${versions}`.trim());
