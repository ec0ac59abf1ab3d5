import {mkdirSync, readdirSync, writeFileSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import asc from 'assemblyscript/asc';

// Every file of assembly/ is one WebAssembly module (what modules share lies in a folder below it). It becomes
// src/generated/NAME.ts, which holds the module twice, in base64: for the backend's plain memory and for its shared
// memory, because a module that imports the one refuses the other.

const root = dirname(fileURLToPath(import.meta.url));
const common = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--importMemory', '--noExportMemory'];
const variants = {
  plain: common,
  // 65536 pages are 4 GiB, the most that the backend's own shared memory may declare.
  shared: [...common, '--enable', 'threads', '--sharedMemory', '--maximumMemory', '65536'],
};

const DATA_SECTION = 11;
const START_SECTION = 8;

/** The ids of a WebAssembly binary's sections: a byte of id, a LEB128 length, the content. */
function sections(binary) {
  const ids = [];
  for (let at = 8; at < binary.length; ) {
    ids.push(binary[at++]);
    let length = 0;
    for (let shift = 0, byte = 0x80; byte & 0x80; shift += 7) {
      byte = binary[at++];
      length |= (byte & 0x7f) << shift;
    }
    at += length;
  }
  return ids;
}

async function compile(file, options) {
  let binary;
  const {error, stderr} = await asc.main([file, '--baseDir', root, '--outFile', 'module.wasm', ...options], {
    writeFile: (_name, contents) => {
      binary = contents;
    },
  });
  if (error) throw new Error(`${file} does not compile: ${stderr.toString() || error.message}`);
  if (sections(binary).some((id) => id === DATA_SECTION || id === START_SECTION)) {
    throw new Error(`${file} has static data or a start function: it would overwrite the backend's memory`);
  }
  return binary;
}

const target = join(root, 'src', 'generated');
mkdirSync(target, {recursive: true});
const modules = readdirSync(join(root, 'assembly')).filter((name) => name.endsWith('.ts'));
for (const module of modules) {
  const lines = [`// Made from assembly/${module} by build-wasm.js.`];
  for (const [variant, options] of Object.entries(variants)) {
    const binary = await compile(`assembly/${module}`, options);
    lines.push(`export const ${variant}: string = '${Buffer.from(binary).toString('base64')}';`);
    console.log(`${basename(module, '.ts')} (${variant}): ${binary.length} bytes`);
  }
  writeFileSync(join(target, module), `${lines.join('\n')}\n`);
}
