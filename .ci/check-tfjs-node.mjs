// `node .ci/check-tfjs-node.mjs`: follows the README of kernels-node as one who installs it does, in an empty folder
// outside of the repository: packed tarballs, tfjs-node without its install script, the addon built by the command that
// the package carries, a step on the backend. Then what that command says where something is missing.
import assert from 'node:assert/strict';
import {execFileSync, spawnSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tfjs-node-'));
// npm tells its scripts where the repository is.
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD)/.test(name)));

/** Runs a line of the README and says how long it took. */
function run(line) {
  const start = performance.now();
  execFileSync('sh', ['-c', line], {cwd: folder, env, stdio: 'inherit'});
  console.log(`${line}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
}

/** What the command says where it refuses, run in a folder with these variables. */
function refusal(cwd, variables = {}) {
  const command = join(folder, 'node_modules/@subset-tuning/kernels-node/bin/build-tfjs-node.mjs');
  const {status, stderr} = spawnSync(process.execPath, [command], {cwd, env: {...env, ...variables}, encoding: 'utf8'});
  assert.equal(status, 1);
  return stderr;
}

try {
  execFileSync('npm', ['run', 'build', '--', '--filter=@subset-tuning/kernels-node'], {
    cwd: root,
    env,
    stdio: 'inherit',
  });
  const tarballs = new Map();
  for (const name of ['checks', 'kernels', 'kernels-node']) {
    const pack = ['pack', '--json', '--pack-destination', folder, '-w', `packages/${name}`];
    const [{filename}] = JSON.parse(execFileSync('npm', pack, {cwd: root, env, encoding: 'utf8'}));
    tarballs.set(`@subset-tuning/${name}`, `./${filename}`);
  }

  const readme = readFileSync(join(root, 'packages/kernels-node/README.md'), 'utf8');
  const blocks = (language) =>
    [...readme.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, text]) => text);
  // What is not published yet, and no line installs: what the others depend on.
  const overrides = Object.fromEntries([...tarballs].filter(([name]) => name === '@subset-tuning/checks'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({private: true, type: 'module', overrides}));
  const lines = blocks('sh')[0].trim().split('\n');
  assert.ok(lines.some((line) => line.startsWith('npx build-tfjs-node')));
  for (const line of lines) {
    run(
      line
        .replace(/@subset-tuning\/\S+/g, (name) => tarballs.get(name) ?? name)
        .replace('npm install', 'npm install --no-audit --no-fund'),
    );
  }
  const again = execFileSync('npx', ['build-tfjs-node'], {cwd: folder, env, encoding: 'utf8'});
  assert.match(again, /is there: @tensorflow\/tfjs-node 4\.22\.\d+, TensorFlow .*\n.*subset_tuning\.node is there/);
  assert.doesNotMatch(again, /Building/);

  const [example] = blocks('js');
  writeFileSync(join(folder, 'example.js'), example);
  const runExample = () => {
    const said = spawnSync(process.execPath, ['example.js'], {cwd: folder, env, encoding: 'utf8'});
    console.log(said.stdout);
    assert.equal(said.status, 0, said.stderr);
    assert.match(said.stdout, /fused\n.*\[1, 4, 3, 4, 4\]/s);
    assert.doesNotMatch(said.stderr, /register|no kernel/);
    return said.stderr;
  };
  assert.doesNotMatch(runExample(), /build-tfjs-node/);

  const tfjsNode = join(folder, 'node_modules/@tensorflow/tfjs-node');
  rmSync(join(tfjsNode, 'lib/napi-v8/subset_tuning.node'));
  assert.match(runExample(), /there is no .*subset_tuning\.node\. 'npx build-tfjs-node' builds it/);
  assert.deepEqual(
    readdirSync(tfjsNode).filter((name) => name.startsWith('building-')),
    [],
  );
  rmSync(join(tfjsNode, 'lib'), {recursive: true});
  const bare = refusal(folder, {PATH: join(folder, 'nothing')});
  assert.match(bare, /needs python3 with pip .*; g\+\+ /);
  const newer = encodeURIComponent("import util from 'node:util'; delete util.isNullOrUndefined");
  assert.match(refusal(folder, {NODE_OPTIONS: `--import=data:text/javascript,${newer}`}), /runs on Node 20 and 22/);
  const elsewhere = join(folder, 'elsewhere');
  mkdirSync(elsewhere);
  rmSync(tfjsNode, {recursive: true});
  assert.match(
    refusal(elsewhere),
    /neither @tensorflow\/tfjs-node nor .* is installed in .*elsewhere; first: npm install/,
  );
} finally {
  rmSync(folder, {recursive: true, force: true});
}
