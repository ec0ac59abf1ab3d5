#!/usr/bin/env node
// Builds the addon of the @tensorflow/tfjs-node or -gpu that is installed in the current folder, where it cannot be
// downloaded or npm runs no install scripts: TensorFlow's libraries and headers out of the Python wheel, Node's from
// node-api-headers, g++ on the package's own sources. Beside it, the library of our own ops from `native/`. Does nothing,
// fast, where both are there.
import {spawnSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import util from 'node:util';
import headers from 'node-api-headers';

const TENSORFLOW = '2.21.0';
/** The packages that can be built, and the wheel that each takes. */
const WHEELS = {'@tensorflow/tfjs-node': 'tensorflow-cpu', '@tensorflow/tfjs-node-gpu': 'tensorflow'};
const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];

/** A reason to stop that the user can do something about: its stack would say nothing more. */
class Refusal extends Error {}

function run(cwd, command, ...args) {
  const {status, signal, error} = spawnSync(command, args, {cwd, stdio: ['ignore', 'inherit', 'inherit']});
  if (error) throw error;
  if (status !== 0) throw new Refusal(`${command} ended with ${signal ?? `status ${status}`}; expected 0`);
}

const works = (command, ...args) => spawnSync(command, args, {stdio: 'ignore'}).status === 0;

function checkNeeds({pip}) {
  const {platform, arch} = process;
  const glibc = process.report.getReport().header.glibcVersionRuntime;
  const missing = [
    [platform === 'linux' && arch === 'x64' && glibc, `Linux on x64 with glibc (this is ${platform} on ${arch})`],
    [!pip || works('python3', '-m', 'pip', '--version'), 'python3 with pip (on Debian: apt-get install python3-pip)'],
    [works('g++', '--version'), 'g++ (on Debian: apt-get install g++)'],
  ].flatMap(([there, need]) => (there ? [] : [need]));
  if (missing.length > 0) throw new Refusal(`build-tfjs-node needs ${missing.join('; ')}`);
}

/** The folders of the packages that Node finds from here, by name. */
function findPackages() {
  const require = createRequire(join(process.cwd(), 'package.json'));
  const found = Object.keys(WHEELS).flatMap((name) => {
    try {
      return [[name, dirname(require.resolve(`${name}/package.json`))]];
    } catch {
      return [];
    }
  });
  if (found.length > 0) return found;
  throw new Refusal(
    `neither ${Object.keys(WHEELS).join(' nor ')} is installed in ${process.cwd()}; ` +
      'first: npm install --ignore-scripts @tensorflow/tfjs-node',
  );
}

/** Whether the addon finds its libraries, as Node would load it. */
const loads = (addon) => works(process.execPath, '-e', 'process.dlopen({exports: {}}, process.argv[1])', addon);

/** Takes the libraries and the headers of TensorFlow's C interface out of the wheel, into `deps`. */
function unpackTensorFlow(folder, wheel) {
  const from = ['--no-deps', '--only-binary=:all:', '--python-version=3.11', '--quiet', '--dest=wheel'];
  run(folder, 'python3', '-m', 'pip', '--disable-pip-version-check', 'download', ...from, `${wheel}==${TENSORFLOW}`);
  const unpack = `
import sys, zipfile
include = 'tensorflow/include/'
folders = ('tensorflow/c/', 'tensorflow/core/platform/', 'tsl/', 'xla/tsl/')
wanted = ('tensorflow/libtensorflow', *(include + folder for folder in folders))
with zipfile.ZipFile(sys.argv[1]) as wheel:
    wheel.extractall('wheel', [name for name in wheel.namelist() if name.startswith(wanted)])
`;
  run(folder, 'python3', '-c', unpack, join('wheel', readdirSync(join(folder, 'wheel'))[0]));
  mkdirSync(join(folder, 'deps/lib'), {recursive: true});
  renameSync(join(folder, 'wheel/tensorflow/include'), join(folder, 'deps/include'));
  for (const name of LIBRARIES) renameSync(join(folder, 'wheel/tensorflow', name), join(folder, 'deps/lib', name));
}

/** Makes an addon of C++ files, which finds TensorFlow's libraries where they lie beside it. */
function compile(folder, addon, sources, flags, deps, includes = []) {
  const lib = join(deps, 'lib');
  const libraries = readdirSync(lib).filter((name) => /^libtensorflow\w*\.so\.2$/.test(name));
  run(
    folder,
    'g++',
    ...['-std=c++17', '-fPIC', '-shared', '-DNAPI_VERSION=8', ...flags],
    ...[...includes, join(deps, 'include'), headers.include_dir].map((include) => `-I${include}`),
    ...sources,
    ...libraries.map((name) => join(lib, name)),
    ...['-Wl,-rpath,$ORIGIN/../../deps/lib', '-o', addon],
  );
}

function compileAddon(folder, tfjsNode, addon) {
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(tfjsNode, 'binding', name));
  compile(folder, addon, sources, ['-O2', '-w'], join(folder, 'deps'), [tfjsNode]);
}

/** What rounds otherwise than the contract of the kernels has it is off; a root need not say what went wrong. */
const NATIVE_FLAGS = [
  ...['-O3', '-ffp-contract=off', '-fno-math-errno', '-fno-trapping-math', '-pthread', '-fvisibility=hidden'],
  // Without a header that the wheel's C interface includes and does not need.
  '-DIS_SLIM_BUILD',
];

/** The library of our own ops, beside the addon. */
function buildNative(tfjsNode, addon, versions) {
  const native = join(dirname(addon), 'subset_tuning.node');
  const stamp = join(dirname(addon), 'subset_tuning.txt');
  const home = fileURLToPath(new URL('../native', import.meta.url));
  const files = readdirSync(home).map((name) => join(home, name));
  const hash = createHash('sha256').update(NATIVE_FLAGS.join());
  for (const file of files) hash.update(readFileSync(file));
  const wanted = `${versions.trim()}, ${hash.digest('hex')}\n`;
  if (existsSync(native) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) {
    console.log(`${native} is there`);
    return;
  }
  console.log('Building the kernels of subset tuning …');
  checkNeeds({pip: false});
  const folder = join(tfjsNode, `building-${process.pid}`);
  const built = join(folder, 'lib/built/subset_tuning.node');
  try {
    mkdirSync(dirname(built), {recursive: true});
    const sources = files.filter((file) => file.endsWith('.cc'));
    // By its final path, for the library finds TensorFlow's by where it lies.
    symlinkSync(join(tfjsNode, 'deps'), join(folder, 'deps'));
    compile(folder, built, sources, NATIVE_FLAGS, join(tfjsNode, 'deps'));
    if (!loads(built)) throw new Error(`${built} does not load; expected a library that does`);
    rmSync(stamp, {force: true});
    renameSync(built, native);
    writeFileSync(stamp, wanted);
    console.log(`${native} is there`);
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}

/** Removes what builds have left that were killed. */
function removeLeftovers(tfjsNode) {
  for (const name of readdirSync(tfjsNode)) {
    const [, pid] = /^building-(\d+)$/.exec(name) ?? [];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) rmSync(join(tfjsNode, name), {recursive: true});
  }
}

function build(name, tfjsNode) {
  const manifest = join(tfjsNode, 'package.json');
  // Where the package itself looks for its addon.
  const addon = createRequire(manifest)('@mapbox/node-pre-gyp').find(manifest);
  const stamp = join(dirname(addon), 'built.txt');
  const versions = `${name} ${JSON.parse(readFileSync(manifest, 'utf8')).version}, TensorFlow ${TENSORFLOW}\n`;
  const ofOthers = !existsSync(stamp);
  if (existsSync(addon) && (ofOthers || readFileSync(stamp, 'utf8') === versions) && loads(addon)) {
    console.log(`${addon} is there${ofOthers ? '' : `: ${versions.trim()}`}`);
    removeLeftovers(tfjsNode);
    buildNative(tfjsNode, addon, ofOthers ? `${name}, its own addon` : versions);
    return;
  }
  console.log(`Building the addon of ${versions.trim()} …`);
  checkNeeds({pip: true});
  removeLeftovers(tfjsNode);
  const folder = join(tfjsNode, `building-${process.pid}`);
  // In folders that lie as the package's own do, so that the addon finds its libraries in both.
  const built = join(folder, 'lib/built/tfjs_binding.node');
  try {
    mkdirSync(dirname(built), {recursive: true});
    unpackTensorFlow(folder, WHEELS[name]);
    compileAddon(folder, tfjsNode, built);
    if (!loads(built)) throw new Error(`${built} does not load; expected an addon that does`);
    rmSync(addon, {force: true});
    rmSync(join(tfjsNode, 'deps'), {recursive: true, force: true});
    renameSync(join(folder, 'deps'), join(tfjsNode, 'deps'));
    mkdirSync(dirname(addon), {recursive: true});
    writeFileSync(stamp, versions);
    renameSync(built, addon); // the last thing: without it nothing is there
    console.log(`${addon} is there: ${versions.trim()}`);
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
  buildNative(tfjsNode, addon, versions);
}

// An interrupt ends what was started, and then the build cleans up.
process.on('SIGINT', () => {});
try {
  if (process.argv.length > 2) throw new Refusal('build-tfjs-node takes no arguments: it builds in the current folder');
  if (!('isNullOrUndefined' in util)) {
    throw new Refusal(
      `this is Node ${process.version}; tfjs-node 4.22 runs on Node 20 and 22: it calls util.isNullOrUndefined, which Node 23 removed`,
    );
  }
  for (const [name, folder] of findPackages()) build(name, folder);
} catch (error) {
  console.error(error instanceof Refusal ? error.message : error);
  process.exitCode = 1;
}
