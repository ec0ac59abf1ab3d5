import {readSafetensors, type StoredTensor, writeSafetensors} from '@subset-tuning/safetensors';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {randomCases} from '../../../test/scale.js';
import {
  errorOf,
  type GoldenModel,
  loadBase,
  readCase,
  readFilesOf,
  shake,
  valuesOf,
  weightsOf,
} from '../golden/adapter-fixture.js';
import {attach, loadAdapter, type PeftFiles} from './index.js';

// Files of PEFT, as they are and as somebody who means no good has changed them.

const CASES = ['lora', 'lora-rslora-bias', 'dora', 'ia3', 'lora-bert'];

const bases = new Map<string, GoldenModel>();
const files = new Map<string, PeftFiles>();
beforeAll(async () => {
  const loaded = new Map<string, GoldenModel>();
  for (const name of CASES) {
    const {golden} = await readCase(name);
    const base = loaded.get(golden.base) ?? (await loadBase(golden));
    loaded.set(golden.base, base);
    bases.set(name, base);
    files.set(name, await readFilesOf(name));
  }
});
afterAll(() => tf.disposeVariables());

function given<T>(map: ReadonlyMap<string, T>, name: string): T {
  const value = map.get(name);
  if (value === undefined) throw new Error(`no case ${name}`);
  return value;
}

type Json = Record<string, unknown>;
type Tensors = Map<string, StoredTensor>;

const encode = (json: unknown) => new TextEncoder().encode(JSON.stringify(json));

/** The files of a case with changes. */
function changed(name: string, config: (json: Json) => unknown, tensors = (all: Tensors) => all): PeftFiles {
  const {'adapter_config.json': json, 'adapter_model.safetensors': bytes} = given(files, name);
  return {
    'adapter_config.json': encode(config(JSON.parse(new TextDecoder().decode(json)))),
    'adapter_model.safetensors': writeSafetensors({
      tensors: tensors(new Map(readSafetensors(bytes).tensors)),
      metadata: new Map(),
    }),
  };
}

/** Loads and takes off again; the error, where there is one. All is then as it was. */
async function tryOut(name: string, some: PeftFiles): Promise<Error | undefined> {
  const {model} = given(bases, name);
  const {numTensors, numBytes} = tf.memory();
  let error: unknown;
  try {
    const adapter = await loadAdapter(model, some);
    adapter.detach();
  } catch (thrown) {
    error = thrown;
  }
  expect(tf.memory()).toMatchObject({numTensors, numBytes});
  expect([...model.weights.values()].every(({trainable}) => trainable)).toBe(true);
  expect(error === undefined || error instanceof Error).toBe(true);
  return error as Error | undefined; // as just checked
}

/** A tensor of zeros. */
const zeros = (shape: number[], dtype: 'F32' | 'F16' | 'BF16' | 'I64' = 'F32'): StoredTensor => ({
  ...{dtype, shape},
  data: new Uint8Array(shape.reduce((size, side) => size * side, {F32: 4, F16: 2, BF16: 2, I64: 8}[dtype])),
});

const PREFIX = 'base_model.model.';
const Q = 'model.layers.0.self_attn.q_proj';

describe('an adapter_config.json', () => {
  it.each<[Json, string]>([
    [{r: 0}, 'r is 0, expected a whole number from 1 to 65536'],
    [{r: 2.5}, 'r is 2.5, expected a whole number from 1 to 65536'],
    [{r: '3'}, 'r is "3", expected a whole number from 1 to 65536'],
    [{r: 2 ** 40}, 'r is 1099511627776, expected a whole number from 1 to 65536'],
    [{lora_alpha: -1}, 'lora_alpha is -1, expected a number above 0'],
    [{lora_dropout: 1}, 'lora_dropout is 1, expected a number from 0 to below 1'],
    [{use_rslora: 'yes'}, 'use_rslora is "yes", expected one of true, false'],
    [{use_dora: 1}, 'use_dora is 1, expected one of true, false'],
    [{bias: 'some'}, 'bias is "some", expected one of none, all, lora_only'],
    [{peft_type: 'ADALORA'}, 'peft_type is "ADALORA", expected one of'],
    [{peft_type: undefined}, 'peft_type is undefined, expected one of'],
    [{init_lora_weights: 'loftq'}, 'init_lora_weights is "loftq", expected one of'],
    [{init_lora_weights: 'pissa_niter_16'}, 'init_lora_weights is "pissa_niter_16", expected one of'],
    [{modules_to_save: 'norm'}, 'modules_to_save is "norm", expected an array of names'],
    [{modules_to_save: [1]}, 'modules_to_save is [1], expected an array of names'],
    [{rank_pattern: {q_proj: 4}}, 'rank_pattern is {"q_proj":4}, expected nothing, for it is not computed here'],
    [{alpha_pattern: {q_proj: 4}}, 'alpha_pattern is {"q_proj":4}, expected nothing'],
    [{layer_replication: [[0, 2]]}, 'layer_replication is [[0,2]], expected nothing'],
    [{lora_bias: true}, 'lora_bias is true, expected nothing'],
    [{use_qalora: true}, 'use_qalora is true, expected nothing'],
    [{trainable_token_indices: [1]}, 'trainable_token_indices is [1], expected nothing'],
    [{target_parameters: ['w']}, 'target_parameters is ["w"], expected nothing'],
    [{alora_invocation_tokens: [5]}, 'alora_invocation_tokens is [5], expected nothing'],
    [{loftq_config: {bits: 4}}, 'loftq_config is {"bits":4}, expected nothing'],
    [{of_tomorrow: 'x'.repeat(1e5)}, `of_tomorrow is "${'x'.repeat(99)}…, expected nothing`],
    [{['x'.repeat(1e5)]: 1}, `${'x'.repeat(100)}… is 1, expected nothing`],
    [{ensure_weight_tying: 'no'}, 'ensure_weight_tying is "no", expected one of true, false'],
  ])('with %o is refused', async (change, message) => {
    const error = await tryOut(
      'lora',
      changed('lora', (json) => ({...json, ...change})),
    );
    expect(error?.message).toContain(`adapter_config.json: ${message}`);
  });

  it.each<Json>([
    {of_tomorrow: null, other: false, empty: {}, none: []},
    {target_modules: 'all-linear', exclude_modules: ['x'], layers_to_transform: [0], layers_pattern: 'layers'},
    {base_model_name_or_path: '../../etc/passwd', revision: 'main', peft_version: '99', task_type: 'QUESTION_ANS'},
    {modules_to_save: ['classifier', 'score']},
    {init_lora_weights: 'orthogonal', r: 3, lora_alpha: 6.5, lora_dropout: 0.5},
    {fan_in_fan_out: true, inference_mode: false},
    {init_lora_weights: 'eva', eva_config: {rho: 1, tau: 0.99}},
  ])('with %o, which changes nothing, is read', async (change) => {
    const error = await tryOut(
      'lora',
      changed('lora', (json) => ({...json, ...change})),
    );
    expect(error).toBeUndefined();
  });

  it.each<[string, Uint8Array, string]>([
    ['text', new TextEncoder().encode('r: 3'), 'adapter_config.json is no JSON in UTF-8, expected an object'],
    ['no UTF-8', Uint8Array.of(0x22, 0xff, 0x22), 'adapter_config.json is no JSON in UTF-8, expected an object'],
    ['an array', encode([]), 'adapter_config.json is [], expected an object'],
    ['null', encode(null), 'adapter_config.json is null, expected an object'],
    ['nothing', new Uint8Array(), 'adapter_config.json is no JSON in UTF-8, expected an object'],
    ['too long', new Uint8Array(2 ** 20 + 1), 'adapter_config.json has 1048577 bytes, expected at most 1048576'],
  ])('that is %s is refused', async (_, bytes, message) => {
    const error = await tryOut('lora', {...given(files, 'lora'), 'adapter_config.json': bytes});
    expect(error?.message).toBe(message);
  });
});

describe('an adapter_model.safetensors', () => {
  const withTensors = (change: Record<string, StoredTensor | undefined>, config: Json = {}) =>
    changed(
      'lora',
      (json) => ({...json, ...config}),
      (all) => {
        for (const [name, one] of Object.entries(change)) {
          if (one) all.set(name, one);
          else all.delete(name);
        }
        return all;
      },
    );

  it.each<[string, () => PeftFiles, string]>([
    [
      'of another rank than the file says',
      () => withTensors({}, {r: 65_536}),
      `adapter_model.safetensors: the shape of ${PREFIX}model.layers.0.mlp.down_proj.lora_A.weight is [3,24], expected [65536,24]`,
    ],
    [
      'of another width',
      () => withTensors({[`${PREFIX}${Q}.lora_B.weight`]: zeros([15, 3])}),
      `adapter_model.safetensors: the shape of ${PREFIX}${Q}.lora_B.weight is [15,3], expected [16,3]`,
    ],
    [
      'without a B',
      () => withTensors({[`${PREFIX}${Q}.lora_B.weight`]: undefined}),
      `adapter_model.safetensors: the shape of ${PREFIX}${Q}.lora_B.weight is undefined, expected [16,3]`,
    ],
    [
      'without the factors of a module that the configuration names',
      () => withTensors({[`${PREFIX}${Q}.lora_A.weight`]: undefined, [`${PREFIX}${Q}.lora_B.weight`]: undefined}),
      `adapter_model.safetensors has no tensor ${PREFIX}${Q}.lora_A.weight, expected all that target_modules names`,
    ],
    [
      'of a part of a name, which is of many modules',
      () => withTensors({[`${PREFIX}q_proj.lora_A.weight`]: zeros([3, 16])}),
      "adapter_model.safetensors has a tensor of q_proj, expected only those of the model's linear layers",
    ],
    [
      'of a module that there is none',
      () => withTensors({[`${PREFIX}${'x'.repeat(1e5)}.lora_A.weight`]: zeros([3, 16])}),
      `adapter_model.safetensors has a tensor of ${'x'.repeat(100)}…, expected only those of the model's linear layers`,
    ],
    [
      'of another prefix',
      () => withTensors({'model.norm.weight': zeros([16])}),
      'load: the file has a tensor model.norm.weight, expected only those of the adapter',
    ],
    [
      'of many dimensions',
      () => withTensors({[`${PREFIX}${Q}.lora_A.weight`]: zeros([...new Array(1e4).fill(1), 48])}),
      `adapter_model.safetensors: the shape of ${PREFIX}${Q}.lora_A.weight is [1,1,1,1,1,1,1,1,1,1,…], expected [3,16]`,
    ],
    [
      'of whole numbers',
      () => withTensors({[`${PREFIX}${Q}.lora_A.weight`]: zeros([3, 16], 'I64')}),
      `adapter_model.safetensors: the dtype of ${PREFIX}${Q}.lora_A.weight is "I64", expected one of F32, F16, BF16`,
    ],
    [
      'of no adapter',
      () =>
        changed(
          'lora',
          (json) => json,
          () => new Map(),
        ),
      `adapter_model.safetensors has no tensor ${PREFIX}*.lora_A.weight, expected at least one`,
    ],
    [
      'without what is trained whole',
      () => withTensors({}, {modules_to_save: ['norm']}),
      `load: the file has no tensor ${PREFIX}model.norm.weight, expected it`,
    ],
  ])('%s is refused', async (_, make, message) => {
    const error = await tryOut('lora', make());
    expect(error?.message).toBe(message);
  });

  it.each(['F16', 'BF16'] as const)('in %s is read', async (dtype) => {
    const {model, logits} = given(bases, 'lora');
    const plain = await valuesOf(logits());
    const halves = changed(
      'lora',
      (json) => json,
      (all) => new Map(Array.from(all, ([name, {shape}]) => [name, zeros([...shape], dtype)])),
    );
    const adapter = await loadAdapter(model, halves);
    expect(await valuesOf(logits())).toEqual(plain); // they are zeros
    adapter.detach();
  });
});

describe('whatever is changed in the files', () => {
  const values = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom<unknown>(
      0,
      1,
      3,
      8,
      65_536,
      65_537,
      1e308,
      -1,
      0.5,
      true,
      false,
      null,
      '',
      'all',
      'pissa',
      'gaussian',
    ),
  );
  const names = fc.constantFrom(
    ...['r', 'lora_alpha', 'lora_dropout', 'use_dora', 'use_rslora', 'bias', 'init_lora_weights', 'peft_type'],
    ...['modules_to_save', 'target_modules', 'rank_pattern', 'feedforward_modules', 'layers_to_transform', '__proto__'],
  );
  const changes = fc.dictionary(fc.oneof({arbitrary: names, weight: 5}, fc.string()), values, {minKeys: 1, maxKeys: 3});

  it('the configuration is read or refused by name, and nothing is left', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...CASES), changes, async (name, change) => {
        const error = await tryOut(
          name,
          changed(name, (json) => ({...json, ...change})),
        );
        if (!error) return;
        expect(error.message.length).toBeLessThan(1000);
        expect(error.message).toMatch(/^(adapter_config\.json|adapter_model\.safetensors|load: )/);
      }),
      {numRuns: randomCases(400)},
    );
  });

  it('the bytes are read or refused, and nothing is left', async () => {
    const edits = fc.array(
      fc.record({
        at: fc.double({min: 0, max: 0.9999999, noNaN: true}),
        byte: fc.nat({max: 255}),
        inHeader: fc.boolean(),
      }),
      {minLength: 1, maxLength: 4},
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...CASES),
        fc.constantFrom('adapter_config.json' as const, 'adapter_model.safetensors' as const),
        edits,
        fc.option(fc.double({min: 0, max: 1, noNaN: true})),
        async (name, file, edits, cutAt) => {
          const bytes = given(files, name)[file].slice();
          const header = Number(new DataView(bytes.buffer).getUint32(0, true)) + 8;
          for (const {at, byte, inHeader} of edits) {
            const length = inHeader && file !== 'adapter_config.json' ? header : bytes.length;
            bytes[Math.floor(at * length)] = byte;
          }
          const part = cutAt === null ? bytes : bytes.slice(0, Math.floor(cutAt * bytes.length));
          const error = await tryOut(name, {...given(files, name), [file]: part});
          if (error) expect(error.message.length).toBeLessThan(1000);
        },
      ),
      {numRuns: randomCases(400)},
    );
  });

  it('tensors that are dropped, doubled, renamed or reshaped are refused', async () => {
    const kinds = fc.constantFrom('drop', 'rename', 'double', 'grow', 'turn');
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...CASES), kinds, fc.nat(), async (name, kind, which) => {
        fc.pre(name !== 'ia3' || kind !== 'drop'); // its module is left as it is
        const some = changed(
          name,
          (json) => json,
          (all) => {
            const [key, tensor] = [...all][which % all.size];
            const {shape, data} = tensor;
            if (kind === 'drop' || kind === 'rename') all.delete(key);
            if (kind === 'rename' || kind === 'double') all.set(`${key}_`, tensor);
            if (kind === 'grow') {
              const bytes = new Uint8Array(data.length * 2);
              all.set(key, {...tensor, shape: [shape[0] * 2, ...shape.slice(1)], data: bytes});
            }
            if (kind === 'turn') all.set(key, {...tensor, shape: [1, ...shape]});
            return all;
          },
        );
        expect(await tryOut(name, some)).toBeInstanceOf(Error);
      }),
      {numRuns: randomCases(200)},
    );
  });
});

describe('loadAdapter', () => {
  it('refuses what is no option of it', async () => {
    const {model} = given(bases, 'lora');
    const some = given(files, 'lora');
    const load = (options: unknown) => loadAdapter(model, some, options as object);
    await expect(load({nmae: 'b'})).rejects.toThrow(
      new Error('loadAdapter: there is no option "nmae" ("b"), expected name'),
    );
    await expect(load({name: 1})).rejects.toThrow(new Error('loadAdapter: name is 1, expected a string'));
    await expect(load(null)).rejects.toThrow('loadAdapter: the options are null, expected an object with name');
    await expect(loadAdapter(model, {} as PeftFiles)).rejects.toThrow(
      'loadAdapter: files: adapter_config.json is undefined, expected a Uint8Array',
    );
    await expect(loadAdapter({} as typeof model, some)).rejects.toThrow('loadAdapter: model: id is undefined');
  });

  it('lays two adapters from files over a model, by name', async () => {
    const {model, logits} = given(bases, 'lora');
    const [first, second] = [
      await loadAdapter(model, given(files, 'lora'), {name: 'first'}),
      await loadAdapter(model, given(files, 'dora'), {name: 'second'}),
    ];
    const ofSecond = await valuesOf(logits());
    first.activate();
    expect(errorOf(await valuesOf(logits()), ofSecond)).toBeGreaterThan(1e-3);
    second.activate();
    expect(await valuesOf(logits())).toEqual(ofSecond);
    first.detach();
    second.detach();
  });

  it('has embeddings that are tied to the output layer in both, and refuses an adapter that has untied them', async () => {
    const base = given(bases, 'lora');
    const before = await weightsOf(base);
    const adapter = await attach(base.model, {method: 'lora', rank: 2, modulesToSave: ['embed_tokens']});
    shake(adapter);
    const shaken = await valuesOf(base.logits());
    const saved = await adapter.save();
    adapter.detach();
    const json = JSON.parse(new TextDecoder().decode(saved['adapter_config.json']));
    expect(json).toMatchObject({modules_to_save: ['embed_tokens'], ensure_weight_tying: true});
    const again = await loadAdapter(base.model, saved);
    expect(await valuesOf(base.logits())).toEqual(shaken);
    again.detach();
    const other = writeSafetensors({
      tensors: new Map(readSafetensors(saved['adapter_model.safetensors']).tensors).set(
        `${PREFIX}lm_head.weight`,
        zeros([96, 16]),
      ),
      metadata: new Map(),
    });
    expect((await tryOut('lora', {...saved, 'adapter_model.safetensors': other}))?.message).toBe(
      `load: ${PREFIX}lm_head.weight differs from ${PREFIX}model.embed_tokens.weight, expected the same: ` +
        'the model has but one',
    );
    const untied = {...saved, 'adapter_config.json': encode({...json, ensure_weight_tying: false})};
    const error = await tryOut('lora', untied);
    expect(error?.message).toBe(
      'adapter_config.json: ensure_weight_tying is false, expected true: model.embed_tokens.weight is the output ' +
        "layer's weight, too, which PEFT leaves as it is",
    );
    expect(await weightsOf(base)).toEqual(before);
  });
});
