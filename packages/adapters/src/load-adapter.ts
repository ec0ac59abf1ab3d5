import {check, cut, isObject, optional, show, text} from '@subset-tuning/checks';
import {type AdaptableModel, checkModel} from './adaptable-model.js';
import type {Adapter} from './adapter.js';
import {
  type AttachConfig,
  type CommonConfig,
  checkLora,
  checkPrefix,
  checkPrompt,
  type LoraConfig,
  type PrefixConfig,
  type PromptConfig,
} from './adapter-config.js';
import {attach} from './attach.js';
import {checkFiles, type PeftFiles, readTensors} from './peft-files.js';
import {prefixSizes, promptWidth} from './prompt-tuning.js';
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
 * Lays an adapter over a model that PEFT or `Adapter.save` has written: LoRA, DoRA, PiSSA, IA³, a prompt or a
 * prefix.
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
  const config = readConfig(model, files);
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
function readConfig(model: AdaptableModel, files: PeftFiles): AttachConfig {
  const config = new PeftConfig(files['adapter_config.json']);
  const {tensors, modules} = namesIn(files);
  config.ignore(IGNORED);
  const method = config.take('peft_type', ['LORA', 'IA3', 'PROMPT_TUNING', 'PREFIX_TUNING']);
  const saved = config.take('modules_to_save', undefined, null) ?? [];
  if (!Array.isArray(saved) || !saved.every((one) => text.is(one))) {
    config.fail('modules_to_save', saved, 'an array of names');
  }
  const modulesToSave = saved as string[]; // each is a text
  if (method === 'PROMPT_TUNING') return readPrompt(model, config, tensors, {modulesToSave});
  if (method === 'PREFIX_TUNING') return readPrefix(model, config, tensors, {modulesToSave});
  const common = {targets: modules(method === 'LORA' ? 'lora_A.weight' : 'ia3_l'), modulesToSave};
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

/** Shapes by name. */
type Shapes = ReadonlyMap<string, readonly number[]>;

function readPrompt(model: AdaptableModel, config: PeftConfig, tensors: Shapes, common: CommonConfig): PromptConfig {
  // How it began, and what does not change it.
  config.ignore(['prompt_tuning_init', 'prompt_tuning_init_text', 'tokenizer_name_or_path', 'tokenizer_kwargs']);
  config.ignore(['num_attention_heads', 'num_layers']);
  const width = promptWidth('loadAdapter', model);
  config.take('token_dim', [width], width);
  const isSequenceToSequence = 'decoder' in model.architecture;
  const stacks = config.take('num_transformer_submodules', isSequenceToSequence ? [1, 2] : [1], 1);
  const prompt = {method: 'prompt', ...common, tokens: config.take('num_virtual_tokens')} as PromptConfig; // checked next
  checkPrompt('adapter_config.json', prompt);
  config.end();
  checkPromptShape(tensors, [Number(stacks) * prompt.tokens, width]);
  return prompt;
}

function readPrefix(model: AdaptableModel, config: PeftConfig, tensors: Shapes, common: CommonConfig): PrefixConfig {
  // The network that a projection is: PEFT stores what it makes.
  config.ignore(['init_weights', 'encoder_hidden_size']);
  config.take('prefix_projection', [true, false], false);
  const {names, heads, width} = prefixSizes('loadAdapter', model);
  config.take('token_dim', [width], width);
  config.take('num_layers', [names.length], names.length);
  config.take('num_attention_heads', [heads], heads);
  const stacks = 'decoder' in model.architecture ? 2 : 1;
  config.take('num_transformer_submodules', [stacks], stacks);
  const prefix = {method: 'prefix', ...common, tokens: config.take('num_virtual_tokens')} as PrefixConfig; // checked next
  checkPrefix('adapter_config.json', prefix);
  config.end();
  checkPromptShape(tensors, [prefix.tokens, 2 * names.length * width]);
  return prefix;
}

/** Before as much is made as a config asks for. */
function checkPromptShape(tensors: Shapes, expected: readonly number[]): void {
  const shape = tensors.get('prompt_embeddings');
  if (shape?.join() === expected.join()) return;
  const found = shape ? `is [${shape.join(', ')}]` : 'is not there';
  throw new Error(`adapter_model.safetensors: prompt_embeddings ${found}, expected [${expected.join(', ')}]`);
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
