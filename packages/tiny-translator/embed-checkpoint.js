import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';

// Embeds the files of checkpoint/ in a module, src/generated/files.ts, in base64: that way every bundler, worker and
// runtime finds them, with nothing to configure, copy or fetch.

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const lines = [
  '// Made from checkpoint/ by embed-checkpoint.js.',
  'export const files: Readonly<Record<string, string>> = {',
];
for (const name of ['config.json', 'tokenizer.json', 'model.safetensors']) {
  lines.push(`  '${name}': '${readFileSync(here(`checkpoint/${name}`)).toString('base64')}',`);
}
mkdirSync(here('src/generated'), {recursive: true});
writeFileSync(here('src/generated/files.ts'), `${lines.join('\n')}\n};\n`);
