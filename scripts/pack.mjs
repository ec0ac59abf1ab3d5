// `npm run pack -- --out FOLDER`: builds every package and writes its tarball to the folder, which is made where it is
// missing.
import {mkdirSync, readdirSync, readFileSync} from 'node:fs';
import {resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import {npm} from './npm.mjs';
import {turbo} from './turbo.mjs';

const {out} = parseArgs({options: {out: {type: 'string'}}}).values;
if (!out) throw new Error('--out is missing; expected npm run pack -- --out FOLDER');

// npm starts scripts in the root, wherever it was called.
const folder = resolve(process.env.INIT_CWD ?? '.', out);
mkdirSync(folder, {recursive: true});

const packages = fileURLToPath(new URL('../packages', import.meta.url));
const published = readdirSync(packages).filter(
  (name) => !JSON.parse(readFileSync(`${packages}/${name}/package.json`, 'utf8')).private,
);
turbo(['build', '--filter=./packages/*']);
const workspaces = published.map((name) => `--workspace=packages/${name}`);
npm(['pack', ...workspaces, `--pack-destination=${folder}`], 'pipe');
console.log(`${published.length} tarballs in ${folder}`);
