import {check, cut, isObject, optional, show, text} from '@subset-tuning/checks';
import {type AdaptableModel, checkModel} from './adaptable-model.js';
import type {Adapter} from './adapter.js';
import {type AttachConfig, checkLora, type LoraConfig} from './adapter-config.js';
import {attach} from './attach.js';
import {checkFiles, type PeftFiles, readTensors} from './peft-files.js';
import {hasModule} from './whole-modules.js';

/** What {@link loadAdapter} can be told. */
export interface LoadAdapterOptions {
  /** As for `attach`. */
  name?: string;
}

const MAX_CONFIG_BYTES = 2 ** 20;

/** What says nothing here: names, versions, how PEFT finds modules, which are read off the tensors; and GPT-2's layout. */
const IGNORED = [
  ...['auto_mapping', 'base_model_name_or_path', 'inference_mode', 'peft_version', 'revision', 'task_type'],
  ...['target_modules', 'exclude_modules', 'layers_to_transform', 'layers_pattern', 'feedforward_modules'],
  ...[
    'fan_in_fan_out',
    'megatron_core',
    'qalora_group_size',
    'ensure_weight_tying',
    'runtime_config',
    'init_ia3_weights',
  ],
];

/**
 * Lays an adapter over a model that PEFT or `Adapter.save` has written: LoRA, DoRA, PiSSA or IA³.
 *
 * @param files `adapter_config.json` and `adapter_model.safetensors`, unchecked.
 * @throws where the files are not what they should be, ask for what is not computed here, or do not fit the model; nothing
 * has changed then.
 *
 * @example
 * ```ts no-run
 * import {readFile} from 'node:fs/promises';
 * import {loadAdapter} from '@subset-tuning/adapters';
 * import {loadModel} from '@subset-tuning/models';
 * import '@tensorflow/tfjs';
 *
 * const model = await loadModel('SmolLM2-135M-Instruct');
 * const adapter = await loadAdapter(model, {
 *   'adapter_config.json': await readFile('adapter/adapter_config.json'),
 *   'adapter_model.safetensors': await readFile('adapter/adapter_model.safetensors'),
 * });
 * adapter.merge();
 * ```
 */
export async function loadAdapter(
  model: AdaptableModel,
  files: PeftFiles,
  {name}: LoadAdapterOptions = {},
): Promise<Adapter> {
  checkModel('loadAdapter', model);
  checkFiles('loadAdapter', files);
  check('loadAdapter: name', name, optional(text));
  const config = readConfig(files);
  // PEFT names every layer that a classifier may end in.
  const modulesToSave = config.modulesToSave?.filter((whole) => hasModule(model, whole)) ?? [];
  const adapter = await attach(model, {...config, modulesToSave, ...(name !== undefined && {name})});
  try {
    adapter.load(files);
  } catch (error) {
    adapter.detach();
    throw error;
  }
  return adapter;
}

/** The configuration that an adapter's files are of. */
function readConfig(files: PeftFiles): AttachConfig {
  const config = new PeftConfig(files['adapter_config.json']);
  const {tensors, modules} = namesIn(files);
  config.ignore(IGNORED);
  const method = config.take('peft_type', ['LORA', 'IA3']);
  const saved = config.take('modules_to_save', undefined, null) ?? [];
  if (!Array.isArray(saved) || !saved.every((one) => text.is(one))) {
    config.fail('modules_to_save', saved, 'an array of names');
  }
  const common = {targets: modules(method === 'LORA' ? 'lora_A.weight' : 'ia3_l'), modulesToSave: saved as string[]};
  if (method === 'IA3') {
    config.end();
    const inner = (module: string) => tensors.get(`base_model.model.${module}.ia3_l`)?.[0] === 1;
    return {method: 'ia3', ...common, feedForward: common.targets.filter(inner)};
  }
  const init = config.take('init_lora_weights', [true, false, 'gaussian', 'pissa', 'eva', 'orthogonal'], true);
  const lora = {
    method: 'lora',
    ...common,
    rank: config.take('r', undefined, 8),
    alpha: config.take('lora_alpha', undefined, 8),
    dropout: config.take('lora_dropout', undefined, 0),
    rankStabilized: config.take('use_rslora', [true, false], false),
    dora: config.take('use_dora', [true, false], false),
    bias: config.take('bias', ['none', 'all', 'lora_only'], 'none'),
    // What A and B were at first does not matter, unless the rest of the weight depends on it.
    init: init === 'pissa' ? 'pissa' : 'kaiming',
  } as LoraConfig; // checked next
  config.end();
  checkLora('adapter_config.json', lora);
  return lora;
}

/** What an adapter's tensors are called. */
function namesIn(files: PeftFiles) {
  const tensors = new Map(Array.from(readTensors(files), ([name, {shape}]) => [name, shape]));
  const modules = (ending: string) =>
    Array.from(tensors.keys()).flatMap((name) =>
      name.startsWith('base_model.model.') && name.endsWith(`.${ending}`)
        ? [name.slice('base_model.model.'.length, -ending.length - 1)]
        : [],
    );
  return {tensors, modules};
}

/** An adapter_config.json, of which everything must be read or say nothing. */
class PeftConfig {
  readonly #fields: Map<string, unknown>;

  constructor(bytes: Uint8Array) {
    if (bytes.length > MAX_CONFIG_BYTES) {
      throw new Error(`adapter_config.json has ${bytes.length} bytes, expected at most ${MAX_CONFIG_BYTES}`);
    }
    const json: unknown = parse(bytes);
    if (!isObject(json)) throw new Error(`adapter_config.json is ${show(json)}, expected an object`);
    this.#fields = new Map(Object.entries(json));
  }

  /** A field, one of these values where they are given; `other` where it is missing or null. */
  take(name: string, values?: readonly unknown[], other?: unknown): unknown {
    const value = this.#fields.get(name) ?? other;
    this.#fields.delete(name);
    if (values && !values.includes(value)) this.fail(name, value, `one of ${values.join(', ')}`);
    return value;
  }

  ignore(names: readonly string[]): void {
    for (const name of names) this.#fields.delete(name);
  }

  /** Throws where a field is left that says something. */
  end(): void {
    for (const [name, value] of this.#fields) {
      const isNothing =
        value === null || value === false || (typeof value === 'object' && Object.keys(value).length === 0);
      if (!isNothing) this.fail(cut(name), value, 'nothing, for it is not computed here');
    }
  }

  fail(name: string, value: unknown, expected: string): never {
    throw new Error(`adapter_config.json: ${name} is ${show(value)}, expected ${expected}`);
  }
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', {fatal: true}).decode(bytes));
  } catch (cause) {
    throw new Error('adapter_config.json is no JSON in UTF-8, expected an object', {cause});
  }
}
