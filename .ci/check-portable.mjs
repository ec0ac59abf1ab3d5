// `node .ci/check-portable.mjs`: packs the folder that runs benchmarks and conformance on another machine, and runs it as
// there: outside of the repository, without Node or anything else on the path, on the software renderer.
import assert from 'node:assert/strict';
import {execFileSync, spawnSync} from 'node:child_process';
import {mkdtempSync, readdirSync, readFileSync, rmSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), 'portable-'));
const folder = join(temporary, 'moved');
const driver = process.env.VK_ICD_FILENAMES ?? '/usr/lib/chromium/vk_swiftshader_icd.json';

/** Runs a command of the folder. */
function run(...args) {
  const env = {PATH: '/nonexistent', VK_ICD_FILENAMES: driver};
  const {error, status, stdout, stderr} = spawnSync(join(folder, 'run'), args, {cwd: '/', env, encoding: 'utf8'});
  if (error) throw error;
  console.log(`run ${args.join(' ')}: status ${status}\n${stdout}${stderr}`);
  return {status, stdout, stderr};
}

function pack(...args) {
  return spawnSync('npm', ['run', '--silent', 'portable', '--', ...args], {cwd: root, encoding: 'utf8'});
}

try {
  const packed = join(temporary, 'packed');
  const archive = join(temporary, 'packed.tar.xz');
  const {status, stdout, stderr} = pack('--out', packed, '--archive', archive);
  assert.equal(status, 0, stderr);
  assert.doesNotMatch(stdout + stderr, /warning|INEFFECTIVE/i);
  console.log(stdout);
  assert.ok(statSync(archive).size <= 60 * 2 ** 20);

  const again = pack('--out', packed);
  assert.equal(again.status, 1);
  assert.match(again.stderr, /is there already; expected a name for a new folder/);

  // As it arrives: from the archive, under another name.
  rmSync(packed, {recursive: true});
  execFileSync('tar', ['--extract', '--file', archive, '--directory', temporary]);
  execFileSync('mv', [packed, folder]);

  const step = ['bench', 'step', '--backend', 'webgpu', '--n', '1e5', '--density', '1e-2'];
  for (const command of [step, ['conformance', 'webgpu']]) {
    const refused = run(...command);
    assert.equal(refused.status, 1);
    assert.match(refused.stdout, /^webgpu by Dawn on .*SwiftShader driver/);
    // A driver may have said something of its own before.
    assert.match(refused.stderr, /^that is a software renderer and no GPU; --software/m);
  }
  const unknown = run('measure');
  assert.equal(unknown.status, 1);
  assert.match(unknown.stderr, /^the command is 'measure'; expected bench or conformance/);

  const rows = join(temporary, 'rows.json');
  assert.equal(run(...step, '--software', '--turns', '1', '--without', 'composed', '--json', rows).status, 0);
  const measured = JSON.parse(readFileSync(rows, 'utf8'));
  assert.deepEqual(
    measured.map(({other, selection = ''}) => `${other.name} ${selection}`),
    ['tf.train.adam ', 'copy hit', 'copy miss'],
  );
  for (const {n, path, device, ratio} of measured) {
    assert.equal(n, 1e5);
    assert.equal(path, 'fused');
    assert.match(device, /\(software\)$/);
    assert.ok(ratio > 0);
  }

  const result = join(temporary, 'conformance.json');
  const suite = run('conformance', 'webgpu', '--software', '--random', '100', '--seconds', '45', '--json', result);
  assert.equal(suite.status, 0);
  const {passed, failed, passedHundredsOfRandomCases} = JSON.parse(readFileSync(result, 'utf8'));
  assert.equal(failed, 0);
  assert.ok(passed >= 20);
  console.log(`conformance: ${passed} passed, ${passedHundredsOfRandomCases} of them a hundred random cases each`);

  assert.equal(run('conformance', 'cpu', '--random', '0', '--only', 'ties').status, 0);
  const none = run('conformance', 'webgpu', '--software', '--only', '[');
  assert.equal(none.status, 1);
  assert.match(none.stderr, /conformance cpu\|wasm\|webgpu \[options\]/);
  assert.deepEqual(readdirSync(temporary).sort(), ['conformance.json', 'moved', 'packed.tar.xz', 'rows.json']);
} finally {
  rmSync(temporary, {recursive: true, force: true});
}
