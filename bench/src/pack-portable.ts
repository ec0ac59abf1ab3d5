import {spawnSync} from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import {createRequire} from 'node:module';
import {basename, dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import {gzipSync} from 'node:zlib';
import {build} from 'vite';
import {CommandError, runCommand} from './command.js';

const MIB = 2 ** 20;
const MOST = 60 * MIB;

const HELP = `npm run portable -- --out FOLDER [--archive FILE.tar.xz]

Packs Node, Dawn, the benchmarks and the conformance suite into a new folder that runs on another x86-64 Linux machine
without network, Node or npm; bench/README.md says what that needs. --archive packs it into a file, by tar, besides.`;

const {resolve: resolveModule} = createRequire(import.meta.url);
const dist = fileURLToPath(new URL('.', import.meta.url));

await runCommand(async () => {
  const {out, archive} = readArguments();
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new CommandError(`this is ${process.platform} on ${process.arch}; a folder for x86-64 Linux is packed there`);
  }
  if (existsSync(out)) throw new CommandError(`${out} is there already; expected a name for a new folder`);
  mkdirSync(dirname(out), {recursive: true});
  const half = mkdtempSync(`${out}-`);
  try {
    await pack(half);
    renameSync(half, out);
  } finally {
    rmSync(half, {recursive: true, force: true});
  }
  const size = archive === undefined ? compressedSize(out) : archivedSize(out, archive);
  console.log(`${archive ?? out} takes ${(size / MIB).toFixed(1)} MiB${archive ? '' : ' compressed by gzip'}`);
  if (size > MOST) throw new CommandError(`that is more than ${MOST / MIB} MiB`);
});

async function pack(folder: string): Promise<void> {
  chmodSync(folder, 0o755);
  const node = join(folder, 'node');
  copyFileSync(process.execPath, node);
  chmodSync(node, 0o755);
  const run = join(folder, 'run');
  copyFileSync(join(dist, '../portable-run.sh'), run);
  chmodSync(run, 0o755);
  await bundle(join(folder, 'lib'));
  copyFileSync(join(dist, '../pytorch_step.py'), join(folder, 'pytorch_step.py'));
  copyDawn(join(folder, 'node_modules/webgpu'));
  copyVulkanLoader(join(folder, 'vulkan'));
}

/** The benchmarks and all that they import, but for Dawn and what needs a browser. */
async function bundle(outDir: string): Promise<void> {
  await build({
    configFile: false,
    logLevel: 'warn',
    root: dist,
    // Node's entries and bundlers' are copies of tfjs-core that do not know each other.
    resolve: {mainFields: ['module', 'main']},
    ssr: {noExternal: true},
    build: {
      ssr: 'portable.js',
      outDir,
      emptyOutDir: true,
      target: 'node20',
      rolldownOptions: {
        external: ['webgpu', 'playwright', 'vite'],
        output: {
          // tfjs and Emscripten's code ask for what only CommonJS modules have.
          banner: [
            "import {createRequire as createRequireOfModule} from 'node:module';",
            'const require = createRequireOfModule(import.meta.url);',
            'const __filename = process.argv[1];',
            "const __dirname = require('node:path').dirname(__filename);",
          ].join('\n'),
        },
      },
    },
  });
  writeFileSync(join(outDir, 'package.json'), '{"type": "module"}\n');
  const wasm = dirname(resolveModule('@tensorflow/tfjs-backend-wasm'));
  for (const name of readdirSync(wasm)) if (name.endsWith('.wasm')) copyFileSync(join(wasm, name), join(outDir, name));
}

function copyDawn(to: string): void {
  const from = dirname(fileURLToPath(import.meta.resolve('webgpu')));
  for (const name of ['package.json', 'index.js', 'LICENSE.md', 'dist/linux-x64']) {
    cpSync(join(from, name), join(to, name), {recursive: true});
  }
}

/** Small, and not on every machine that has a driver. */
function copyVulkanLoader(to: string): void {
  const loader = '/usr/lib/x86_64-linux-gnu/libvulkan.so.1';
  if (!existsSync(loader)) {
    console.warn(`${loader} is not there: the folder will need the Vulkan loader of the machine that it runs on`);
    return;
  }
  mkdirSync(to);
  copyFileSync(loader, join(to, basename(loader)));
}

function compressedSize(folder: string): number {
  return readdirSync(folder, {recursive: true, withFileTypes: true})
    .filter((entry) => entry.isFile())
    .reduce((sum, {parentPath, name}) => sum + gzipSync(readFileSync(join(parentPath, name))).length, 0);
}

function archivedSize(folder: string, archive: string): number {
  mkdirSync(dirname(archive), {recursive: true});
  const args = ['--create', '--auto-compress', '--file', archive, '--directory', dirname(folder), basename(folder)];
  const {error, status} = spawnSync('tar', args, {stdio: 'inherit', env: {...process.env, XZ_OPT: '-T0'}});
  if (status !== 0) throw new CommandError(`'tar ${args.join(' ')}' failed: ${error?.message ?? `status ${status}`}`);
  return statSync(archive).size;
}

function readArguments(): {out: string; archive?: string} {
  try {
    const {out, archive} = parseArgs({options: {out: {type: 'string'}, archive: {type: 'string'}}}).values;
    if (out === undefined) throw new Error('--out is missing');
    return {out: resolve(out), ...(archive !== undefined && {archive: resolve(archive)})};
  } catch (error) {
    throw new CommandError(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
  }
}
