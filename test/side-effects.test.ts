import {execFile} from 'node:child_process';
import {mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import * as esbuild from 'esbuild';
import * as vite from 'vite';
import {afterAll, describe, expect, test} from 'vitest';

// Whether what `package.json` says of side effects is true: bundlers drop an import that is said to have none.

const root = fileURLToPath(new URL('..', import.meta.url));
// Inside the repository, so that packages are found.
const folder = mkdtempSync(join(root, 'test/.tmp-side-effects-'));
afterAll(() => rmSync(folder, {recursive: true}));

const packages = readdirSync(join(root, 'packages')).map((name): {name: string; sideEffects?: unknown} =>
  JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')),
);

/** Two bundlers that share no code. What is not ours stays an import. */
const bundlers: Record<string, (entry: string) => Promise<string>> = {
  async esbuild(entry) {
    const options = {bundle: true, format: 'esm', platform: 'node', write: false} as const;
    // That a bare import is ignored, because its package says so, is what is tested here.
    const logOverride = {'ignored-bare-import': 'silent'} as const;
    const {outputFiles} = await esbuild.build({
      ...{...options, entryPoints: [entry], external: ['@tensorflow/*', 'cli-progress'], logOverride},
    });
    return outputFiles[0].text;
  },
  async vite(entry) {
    const external = [/^node:/, /^@tensorflow\//, 'cli-progress'];
    const lib = {entry, formats: ['es' as const]};
    const built = await vite.build({
      ...{root: folder, configFile: false, logLevel: 'silent'},
      build: {write: false, minify: false, lib, rolldownOptions: {external}},
    });
    if (!Array.isArray(built)) throw new Error('expected one output');
    const [first] = built[0].output;
    return first.code;
  },
};

let modules = 0;
/** A module of this source. */
function write(source: string): string {
  const file = join(folder, `${modules++}.mjs`);
  writeFileSync(file, source);
  return file;
}

/** What a module prints when it runs in a process of its own. */
async function run(source: string): Promise<string> {
  const {stdout} = await promisify(execFile)(process.execPath, [write(source)]);
  return stdout.trim().split('\n').at(-1) ?? '';
}

test.concurrent.each(packages)(
  '$name changes what others see, and says so, or neither',
  async ({name, sideEffects}) => {
    const changed = await run(`
    import * as tf from '@tensorflow/tfjs';
    const backends = ['cpu', 'wasm', 'webgl', 'webgpu', 'tensorflow'];
    const look = () => JSON.stringify([
      Object.keys(tf.serialization.SerializationMap.getMap().classNameMap),
      Object.keys(tf.engine().registryFactory),
      backends.map((name) => tf.getKernelsForBackend(name).map(({kernelName}) => kernelName)),
      Reflect.ownKeys(globalThis).map(String),
    ]);
    const before = look();
    await import(${JSON.stringify(name)});
    console.log(look() !== before);
  `);
    expect(changed).toBe(String(sideEffects !== false));
  },
);

describe.each(Object.entries(bundlers))('%s', (_, bundle) => {
  test.each(packages)('keeps a bare import of $name where it does something', async ({name, sideEffects}) => {
    const code = await bundle(write(`import '${name}';`));
    if (sideEffects === false) expect(code.replace(/^\/\/.*$/gm, '').trim()).toBe('');
    else expect(code).toMatch(/registerClass\(DynamicSubsetOptimizer\)[\s\S]*registerClass\(ProjectedOptimizer\)/);
  });

  // A text of the one function, and one of what it does not need.
  test.each([
    ['@subset-tuning/tasks', 'exactMatch', 'ignorePunctuation', 'parseSentencePairs: text'],
    ['@subset-tuning/deltas', 'readDelta', 'delta file', 'applyDelta: model'],
    ['@subset-tuning/kernels', 'readSubset', 'mask chooses', 'topKMask: x'],
    ['@subset-tuning/safetensors', 'readSafetensors', '__metadata__', 'a tensor is called'],
    ['@subset-tuning/checks', 'show', 'an ArrayBuffer of', 'there is no option'],
    ['@subset-tuning/models', 'collate', 'collate: example', 'loadModel: folder'],
  ])('takes of %s for %s no more than that needs', async (name, imported, needed, unneeded) => {
    const code = await bundle(write(`import {${imported}} from '${name}'; console.log(${imported});`));
    expect(code).toContain(needed);
    expect(code).not.toContain(unneeded);
  });

  test('loads a saved model with its optimizer after a bare import of it', async () => {
    const fit = `model.fit(tf.ones([4, 3]), tf.zeros([4, 1]), {epochs: 1, verbose: 0})`;
    const saved = await run(
      await bundle(
        write(`
          import * as tf from '@tensorflow/tfjs';
          import {dynamicSubset, project, sgd} from '@subset-tuning/optimizer';
          const saved = [];
          for (const optimizer of [
            dynamicSubset(sgd({learningRate: 0.1}), {parameters: 2}),
            project(tf.train.rmsprop(0.01), {parameters: 2}),
          ]) {
            const model = tf.sequential({layers: [tf.layers.dense({units: 1, inputShape: [3]})]});
            model.compile({optimizer, loss: 'meanSquaredError'});
            await ${fit};
            const save = async (artifacts) => {
              const weightData = [...new Uint8Array(artifacts.weightData)];
              saved.push({...artifacts, weightData});
              return {modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts)};
            };
            await model.save(tf.io.withSaveHandler(save), {includeOptimizer: true});
          }
          console.log(JSON.stringify(saved));
        `),
      ),
    );
    const load = (imports: string) => `
      import * as tf from '@tensorflow/tfjs';
      ${imports}
      const lines = [];
      for (const {weightData, ...artifacts} of ${saved}) {
        const stored = {...artifacts, weightData: Uint8Array.from(weightData).buffer};
        const model = await tf.loadLayersModel(tf.io.fromMemory(stored));
        await ${fit};
        lines.push(model.optimizer.getClassName() + ', ' + model.optimizer.iterations + ' steps');
      }
      console.log(lines.join('; '));
    `;
    const loaded = await run(await bundle(write(load(`import '@subset-tuning/optimizer';`))));
    expect(loaded).toBe('DynamicSubset, 2 steps; ProjectedOptimizer, 2 steps');
    await expect(run(await bundle(write(load(''))))).rejects.toThrow('DynamicSubset. This may be due to');
  });
});
