import {show} from '@subset-tuning/checks';
import * as tf from '@tensorflow/tfjs-core';
import type {AdaptableModel, Weights} from './adaptable-model.js';
import type {PrefixConfig, PromptConfig} from './adapter-config.js';
import {type Method, type NewWeight, need} from './method.js';
import type {ModelShape} from './model-shape.js';
import type {FileTensor} from './peft-files.js';
import {seedOf} from './seed-of.js';

/** What PEFT calls the learnt tensor of both. */
const NAME = 'prompt_embeddings';

/** What both have in common. */
const VIRTUAL = {
  modules: [],
  begin:
    () =>
    <V>(verbs: V) =>
      verbs,
  refusesMerge: 'virtual tokens are no change of weights',
  storedName: (name: string) => (name === NAME ? name : `base_model.${name}`),
} satisfies Partial<Method>;

/** A configuration that says how many tokens, as `attach` makes of one that gives a budget. */
export type WithTokens<Config extends PromptConfig | PrefixConfig> = Config & {tokens: number};

/** Prompt tuning: virtual tokens whose embeddings are learnt. */
export async function promptTuning(model: AdaptableModel, config: WithTokens<PromptConfig>): Promise<Method> {
  const {tokens, init = 'random', text = ''} = config;
  const width = promptWidth('attach', model);
  checkTokens(model, tokens);
  const first = await firstPrompt(model, config, width);
  return {
    ...VIRTUAL,
    tensors: new Map([[NAME, {make: first}]]),
    prompt: {tokens, embed: (weights) => need(weights, NAME)},
    // PEFT has as many for a decoder, too, which it does not read.
    ownPart: (name, tensor) =>
      name === NAME && 'decoder' in model.architecture && tensor.shape[0] === 2 * tokens && tensor.shape.length === 2
        ? firstRows(tensor, tokens)
        : tensor,
    peftConfig: () => ({
      peft_type: 'PROMPT_TUNING',
      ...sizes(model, tokens),
      token_dim: width,
      num_transformer_submodules: 1,
      prompt_tuning_init: {random: 'RANDOM', vocabulary: 'SAMPLE_VOCAB', text: 'TEXT'}[init],
      ...(init === 'text' && {prompt_tuning_init_text: text, tokenizer_name_or_path: model.id}),
    }),
  };
}

/** Prefix tuning: keys and values of virtual tokens, learnt for each self-attention. */
export function prefixTuning(
  model: AdaptableModel,
  {tokens, init = 'random', seed = 0}: WithTokens<PrefixConfig>,
): Method {
  const {names, heads, width} = prefixSizes('attach', model);
  checkTokens(model, tokens);
  const rowWidth = 2 * names.length * width;
  const isSequenceToSequence = 'decoder' in model.architecture;
  const places = new Map(names.map((name, layer) => [name, placeOf(layer, names.length, isSequenceToSequence)]));
  const part = (weights: Weights, at: number) =>
    tf.slice(need<tf.Tensor2D>(weights, NAME), [0, at * width], [tokens, width]);
  return {
    ...VIRTUAL,
    tensors: new Map([
      [NAME, {make: init === 'zeros' ? () => tf.zeros([tokens, rowWidth]) : normal(tokens, rowWidth, seed)}],
    ]),
    prefix: {
      tokens,
      attend(name, weights) {
        const place = places.get(name);
        if (place === undefined) throw new Error(`there is no prefix for ${name}, expected one of ${names.join(', ')}`);
        return [part(weights, place), part(weights, place + 1)];
      },
    },
    peftConfig: () => ({
      peft_type: 'PREFIX_TUNING',
      ...sizes(model, tokens),
      token_dim: width,
      num_attention_heads: heads,
      num_transformer_submodules: isSequenceToSequence ? 2 : 1,
      encoder_hidden_size: width,
      prefix_projection: false,
    }),
  };
}

/**
 * Where the keys of a layer lie among those of all: of an encoder and a decoder PEFT takes them as though each layer had
 * four parts, and begins anew where they end, so that layers may share theirs.
 */
function placeOf(layer: number, layers: number, isSequenceToSequence: boolean): number {
  return isSequenceToSequence ? (4 * layer) % (2 * layers) : 2 * layer;
}

/** How many values a virtual token of a prompt has. */
export function promptWidth(what: string, {architecture}: Pick<ModelShape, 'architecture'>): number {
  const hiddenSize = architecture?.config.hiddenSize;
  if (hiddenSize !== undefined) return hiddenSize;
  throw new Error(`${what}: the model does not say its hiddenSize, expected a model that takes prompts`);
}

/** The self-attentions that a prefix is for, and how many heads and values its keys have in each. */
export function prefixSizes(
  what: string,
  model: Pick<ModelShape, 'attentions'>,
): {names: string[]; heads: number; width: number} {
  const attentions = model.attentions?.() ?? [];
  const widths = [...new Set(attentions.map(({keyValueHeads, headSize}) => keyValueHeads * headSize))];
  if (widths.length === 1) {
    return {names: attentions.map(({name}) => name), heads: attentions[0].keyValueHeads, width: widths[0]};
  }
  throw new Error(`${what}: the model's keys have widths ${show(widths)}, expected one width in all self-attentions`);
}

function sizes(model: AdaptableModel, tokens: number) {
  const attentions = model.attentions?.() ?? [];
  return {
    num_virtual_tokens: tokens,
    num_layers: attentions.length,
    num_attention_heads: attentions[0]?.heads,
  };
}

function checkTokens({architecture: {config}}: AdaptableModel, tokens: number): void {
  const {maxPositions = Infinity} = config;
  if (tokens < maxPositions) return;
  throw new Error(`attach: tokens is ${tokens}, expected fewer than the ${maxPositions} that the model reads`);
}

function normal(tokens: number, width: number, seed: number): NewWeight['make'] {
  return () => tf.randomNormal([tokens, width], 0, 1, 'float32', seedOf(seed, NAME, 0));
}

async function firstPrompt(
  model: AdaptableModel,
  {tokens, init = 'random', text, seed = 0}: WithTokens<PromptConfig>,
  width: number,
): Promise<NewWeight['make']> {
  if (init === 'random') return normal(tokens, width, seed);
  const {embedTokens, tokenizer, architecture} = model;
  const {vocabularySize} = architecture.config;
  if (!embedTokens || vocabularySize === undefined) {
    throw new Error(`attach: init is "${init}", expected "random": ${model.id} has no embedTokens`);
  }
  const embed = (ids: readonly number[]) => () => embedTokens.call(model, ids);
  if (init === 'vocabulary') {
    const drawn = tf.tidy(() =>
      tf.floor(tf.randomUniform([tokens], 0, vocabularySize, 'float32', seedOf(seed, NAME, 0))),
    );
    const ids = await drawn.data<'float32'>();
    drawn.dispose();
    return embed(Array.from(ids, (id) => Math.min(id, vocabularySize - 1)));
  }
  if (!tokenizer) throw new Error(`attach: init is "text", expected another: ${model.id} has no tokenizer`);
  const ids = tokenizer.encode(text ?? '');
  if (ids.length === 0) throw new Error(`attach: text is ${show(text)}, expected one with tokens`);
  return embed(Array.from({length: tokens}, (_, at) => ids[at % ids.length]));
}

function firstRows({shape: [, width], values}: FileTensor, rows: number): FileTensor {
  return {shape: [rows, width], values: () => values().subarray(0, rows * width)};
}
