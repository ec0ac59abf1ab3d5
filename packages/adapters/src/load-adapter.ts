import {checkOptions, cut, isObject, type Kind, type Kinds, optional, show, text} from '@subset-tuning/checks';
import {type AdaptableModel, checkModel, type LinearModule} from './adaptable-model.js';
import type {Adapter} from './adapter.js';
import {
  type AttachConfig,
  type CommonConfig,
  LORA,
  type LoraConfig,
  type PrefixConfig,
  type PromptConfig,
  TOKENS,
} from './adapter-config.js';
import {attach} from './attach.js';
import {endsIn} from './choose-modules.js';
import {checkFiles, type FileTensor, type PeftFiles, readTensors} from './peft-files.js';
import {prefixSizes, promptWidth, type WithTokens} from './prompt-tuning.js';
import {hasModule, isWithin, moduleOf, tiedWeight} from './whole-modules.js';

/** What {@link loadAdapter} can be told. */
export interface LoadAdapterOptions {
  /** As for `attach`. */
  name?: string;
}

const LOAD_ADAPTER_OPTIONS: Kinds<LoadAdapterOptions> = {name: optional(text)};
const MAX_CONFIG_BYTES = 2 ** 20;
const TENSORS = 'adapter_model.safetensors';
const PREFIX = 'base_model.model.';

/** By name. */
type FileTensors = ReadonlyMap<string, FileTensor>;

/** What narrows PEFT's search for modules. Which it found is read off the tensors. */
const NARROWING = ['exclude_modules', 'layers_to_transform', 'layers_pattern'];
/** What says nothing here: names, versions, what the tensors say, GPT-2's layout, and how EVA began. */
const IGNORED = [
  ...['auto_mapping', 'base_model_name_or_path', 'inference_mode', 'peft_version', 'revision', 'task_type'],
  ...['feedforward_modules', ...NARROWING],
  ...['fan_in_fan_out', 'megatron_core', 'qalora_group_size', 'runtime_config', 'init_ia3_weights', 'eva_config'],
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
  options: LoadAdapterOptions = {},
): Promise<Adapter> {
  checkModel('loadAdapter', model);
  checkFiles('loadAdapter', files);
  checkOptions('loadAdapter', options, LOAD_ADAPTER_OPTIONS);
  const {name} = options;
  const config = readConfig(model, files);
  const adapter = await attach(model, {...config, ...(name !== undefined && {name})});
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
  const tensors = readTensors(files);
  const targets = config.take('target_modules');
  const named = isNameList(targets) && !NARROWING.some((field) => config.says(field)) ? targets : [];
  config.ignore(IGNORED);
  const method = config.take('peft_type', ['LORA', 'IA3', 'PROMPT_TUNING', 'PREFIX_TUNING']);
  const saved = config.take('modules_to_save', undefined, null) ?? [];
  if (!isNameList(saved)) return config.fail('modules_to_save', saved, 'an array of names');
  // PEFT names every layer that a classifier may end in.
  const modulesToSave = saved.filter((whole) => hasModule(model, whole));
  const tied = tiedWeight(model);
  const isTied = config.take('ensure_weight_tying', [true, false], false);
  if (!isTied && tied !== undefined && isWithin(moduleOf(tied.name), modulesToSave)) {
    config.fail(
      'ensure_weight_tying',
      isTied,
      `true: ${tied.name} is the output layer's weight, too, which PEFT leaves as it is`,
    );
  }
  if (method === 'PROMPT_TUNING') return readPrompt(model, config, tensors, {modulesToSave});
  if (method === 'PREFIX_TUNING') return readPrefix(model, config, tensors, {modulesToSave});
  const ending = method === 'LORA' ? 'lora_A.weight' : 'ia3_l';
  const modules = modulesIn(tensors, ending, model);
  for (const {name} of model.projections()) {
    // PEFT's model may have been made without a pooler.
    const isOptional = endsIn(name, 'pooler.dense') || isWithin(name, modulesToSave);
    if (modules.has(name) || isOptional || !named.some((one) => endsIn(name, one))) continue;
    throw new Error(`${TENSORS} has no tensor ${PREFIX}${name}.${ending}, expected all that target_modules names`);
  }
  const common = {targets: [...modules.keys()], modulesToSave};
  if (method === 'IA3') {
    config.end();
    const inner = (module: string) => tensors.get(`${PREFIX}${module}.ia3_l`)?.shape[0] === 1;
    return {method: 'ia3', ...common, feedForward: common.targets.filter(inner)};
  }
  const init = config.take('init_lora_weights', [true, false, 'gaussian', 'pissa', 'eva', 'orthogonal'], true);
  const lora = {
    method: 'lora',
    ...common,
    rank: config.take('r', LORA.rank, 8),
    alpha: config.take('lora_alpha', LORA.alpha, 8),
    dropout: config.take('lora_dropout', LORA.dropout, 0),
    rankStabilized: config.take('use_rslora', [true, false], false),
    dora: config.take('use_dora', [true, false], false),
    bias: config.take('bias', LORA.bias, 'none'),
    // What A and B were at first does not matter, unless the rest of the weight depends on it.
    init: init === 'pissa' ? 'pissa' : 'kaiming',
  } as LoraConfig; // as just checked
  config.end();
  checkFactors(tensors, modules, lora);
  return lora;
}

function readPrompt(
  model: AdaptableModel,
  config: PeftConfig,
  tensors: FileTensors,
  common: CommonConfig,
): PromptConfig {
  // How it began, and what does not change it.
  config.ignore(['prompt_tuning_init', 'prompt_tuning_init_text', 'tokenizer_name_or_path', 'tokenizer_kwargs']);
  config.ignore(['num_attention_heads', 'num_layers']);
  const width = promptWidth('loadAdapter', model);
  config.take('token_dim', [width], width);
  const isSequenceToSequence = 'decoder' in model.architecture;
  const stacks = config.take('num_transformer_submodules', isSequenceToSequence ? [1, 2] : [1], 1);
  const prompt = {
    method: 'prompt',
    ...common,
    tokens: config.take('num_virtual_tokens', TOKENS),
  } as WithTokens<PromptConfig>; // as just checked
  config.end();
  checkPromptShape(tensors, [Number(stacks) * prompt.tokens, width]);
  return prompt;
}

function readPrefix(
  model: AdaptableModel,
  config: PeftConfig,
  tensors: FileTensors,
  common: CommonConfig,
): PrefixConfig {
  // The network that a projection is: PEFT stores what it makes.
  config.ignore(['init_weights', 'encoder_hidden_size']);
  config.take('prefix_projection', [true, false], false);
  const {names, heads, width} = prefixSizes('loadAdapter', model);
  config.take('token_dim', [width], width);
  config.take('num_layers', [names.length], names.length);
  config.take('num_attention_heads', [heads], heads);
  const stacks = 'decoder' in model.architecture ? 2 : 1;
  config.take('num_transformer_submodules', [stacks], stacks);
  const prefix = {
    method: 'prefix',
    ...common,
    tokens: config.take('num_virtual_tokens', TOKENS),
  } as WithTokens<PrefixConfig>; // as just checked
  config.end();
  checkPromptShape(tensors, [prefix.tokens, 2 * names.length * width]);
  return prefix;
}

/** Before as much is made as a config asks for. */
function checkPromptShape(tensors: FileTensors, expected: readonly number[]): void {
  const shape = tensors.get('prompt_embeddings')?.shape;
  if (shape?.join() === expected.join()) return;
  throw new Error(`${TENSORS}: the shape of prompt_embeddings is ${show(shape)}, expected ${show(expected)}`);
}

/** The linear layers that have a tensor of this ending. */
function modulesIn(tensors: FileTensors, ending: string, model: AdaptableModel): Map<string, LinearModule> {
  const all = new Map(model.projections().map((module) => [module.name, module]));
  const found = new Map<string, LinearModule>();
  for (const tensor of tensors.keys()) {
    if (!tensor.startsWith(PREFIX) || !tensor.endsWith(`.${ending}`)) continue;
    const name = tensor.slice(PREFIX.length, -ending.length - 1);
    const module = all.get(name);
    if (!module) {
      throw new Error(`${TENSORS} has a tensor of ${cut(name)}, expected only those of the model's linear layers`);
    }
    found.set(name, module);
  }
  if (found.size === 0) throw new Error(`${TENSORS} has no tensor ${PREFIX}*.${ending}, expected at least one`);
  return found;
}

/** Throws unless a file has the factors of the rank that its configuration says, so that no more is made than there is. */
function checkFactors(tensors: FileTensors, modules: ReadonlyMap<string, LinearModule>, {rank = 8}: LoraConfig): void {
  for (const [name, {inputs, outputs}] of modules) {
    for (const [part, expected] of [
      ['A', [rank, inputs]],
      ['B', [outputs, rank]],
    ] as const) {
      const factor = `${PREFIX}${name}.lora_${part}.weight`;
      const shape = tensors.get(factor)?.shape;
      if (shape?.join() === expected.join()) continue;
      throw new Error(`${TENSORS}: the shape of ${factor} is ${show(shape)}, expected ${show(expected)}`);
    }
  }
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

  /** A field, one of these values or of this kind where there are such; `other` where it is missing or null. */
  take(name: string, values?: readonly unknown[] | Kind, other?: unknown): unknown {
    const value = this.#fields.get(name) ?? other;
    this.#fields.delete(name);
    const kind = values && !('is' in values) ? kindOf(values) : values;
    if (kind && !kind.is(value)) this.fail(name, value, kind.expected);
    return value;
  }

  /** Whether a field is there and says something. */
  says(name: string): boolean {
    return !isEmpty(this.#fields.get(name) ?? null);
  }

  ignore(names: readonly string[]): void {
    for (const name of names) this.#fields.delete(name);
  }

  /** Throws where a field is left that says something. */
  end(): void {
    for (const [name, value] of this.#fields) {
      if (!isEmpty(value)) this.fail(cut(name), value, 'nothing, for it is not computed here');
    }
  }

  fail(name: string, value: unknown, expected: string): never {
    throw new Error(`adapter_config.json: ${name} is ${show(value)}, expected ${expected}`);
  }
}

function isEmpty(value: unknown): boolean {
  return value === null || value === false || (typeof value === 'object' && Object.keys(value as object).length === 0);
}

function isNameList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => text.is(one));
}

function kindOf(values: readonly unknown[]): Kind {
  return {expected: `one of ${values.join(', ')}`, is: (value) => values.includes(value)};
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', {fatal: true}).decode(bytes));
  } catch (cause) {
    throw new Error('adapter_config.json is no JSON in UTF-8, expected an object', {cause});
  }
}
