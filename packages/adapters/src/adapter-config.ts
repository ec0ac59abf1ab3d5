import {
  arrayOf,
  checkOptions,
  flag,
  type Kind,
  type Kinds,
  number,
  oneOf,
  optional,
  show,
  text,
  wholeNumber,
} from '@subset-tuning/checks';
import type {LinearModule} from './adaptable-model.js';
import {chooseModules, MODULE_CHOICE, type ModuleChoice} from './choose-modules.js';

/** What every adapter can be told. */
export interface CommonConfig {
  /** Put before its variables' names, with a slash: a second adapter needs another. Default `adapter`. */
  name?: string;
  /** Modules that are trained whole, by name. Default: a head's output layer. */
  modulesToSave?: readonly string[];
  /** The most weights that it may train; of LoRA, rank and modules are chosen by it. Default: no bound. */
  parameters?: number;
}

/** What every adapter over linear layers can be told. */
export interface AdapterConfig extends CommonConfig, ModuleChoice {}

/** LoRA (Hu et al. 2021, arXiv 2106.09685): y = W·x + scaling · B·A·x, of which A and B are trained. */
export interface LoraConfig extends AdapterConfig {
  method: 'lora';
  /** The width between A and B. Default 8, or what comes nearest to `parameters`. */
  rank?: number;
  /** The scaling is alpha / rank. Default 8. */
  alpha?: number;
  /** The scaling is alpha / √rank (rsLoRA, Kalajdzievski 2023, arXiv 2312.03732). Default false. */
  rankStabilized?: boolean;
  /** The share of what goes into A that is left out in training. Default 0. */
  dropout?: number;
  /**
   * How A begins: `kaiming`, the default, uniform below 1/√inputs in size; `gaussian`, of standard deviation 1/rank; B with
   * zeros. `pissa` (Meng et al. 2024, arXiv 2404.02948): A and B are the largest singular values and vectors of W, and what
   * is left of W stays as it is. That takes a singular value decomposition for each module, which is slow for large ones.
   */
  init?: LoraInit;
  /** A row of W + scaling · B·A has the length that a learnt vector says (DoRA, Liu et al. 2024, arXiv 2402.09353). Default false. */
  dora?: boolean;
  /** Which biases of the model are trained too: none, the default, those of the modules (`lora_only`), or all. */
  bias?: 'none' | 'all' | 'lora_only';
  /** Seeds A and dropout. Default 0. */
  seed?: number;
}

/** How LoRA's matrices begin. */
export type LoraInit = 'kaiming' | 'gaussian' | 'pissa';

/** IA³ (Liu et al. 2022, arXiv 2205.05638): what comes out of a module, or goes into it, times a learnt vector. */
export interface Ia3Config extends AdapterConfig {
  method: 'ia3';
  /** Which modules have it for what goes in. Default: those that feed-forward networks end in, where the family is known. */
  feedForward?: ModuleChoice['targets'];
}

/** Prompt tuning (Lester et al. 2021, arXiv 2104.08691): tokens before each row's, whose embeddings are trained. */
export interface PromptConfig extends CommonConfig {
  method: 'prompt';
  /** How many, or else what comes nearest to `parameters`. Each takes one of the places that the model has for tokens. */
  tokens?: number;
  /** How they begin: drawn from N(0, 1), the default, as tokens of the vocabulary, drawn too, or as those of a text. */
  init?: 'random' | 'vocabulary' | 'text';
  /** With `init: 'text'`: its first tokens, again and again where it has too few. */
  text?: string;
  /** Seeds what is drawn. Default 0. */
  seed?: number;
}

/**
 * Prefix tuning (Li and Liang 2021, arXiv 2101.00190): tokens before each row's, of which keys and values in each
 * self-attention are trained themselves, without a network that makes them.
 */
export interface PrefixConfig extends CommonConfig {
  method: 'prefix';
  /** How many, or else what comes nearest to `parameters`. Each takes one of the places that the model has for tokens. */
  tokens?: number;
  /** How they begin: drawn from N(0, 1), the default, or as zeros. */
  init?: 'random' | 'zeros';
  /** Seeds what is drawn. Default 0. */
  seed?: number;
}

/** What `attach` can lay over a model. */
export type AttachConfig = LoraConfig | Ia3Config | PromptConfig | PrefixConfig;

const share: Kind = number('a number from 0 to below 1', (value) => value >= 0 && value < 1);
const COMMON: Kinds<CommonConfig> = {
  name: optional(text),
  modulesToSave: optional(arrayOf(text, 'an array of names')),
  parameters: optional(wholeNumber(1)),
};
const LAYERED: Kinds<AdapterConfig> = {...MODULE_CHOICE, ...COMMON};
const seed = optional(wholeNumber(0, 2 ** 31));
/** What a number of virtual tokens must be. */
export const TOKENS = wholeNumber(1, 2 ** 16);

/** What {@link LoraConfig} must be. */
export const LORA: Kinds<LoraConfig> = {
  method: oneOf(['lora']),
  rank: optional(wholeNumber(1, 2 ** 16)),
  alpha: optional(number('a number above 0', (alpha) => alpha > 0)),
  rankStabilized: optional(flag),
  dropout: optional(share),
  init: optional(oneOf(['kaiming', 'gaussian', 'pissa'])),
  dora: optional(flag),
  bias: optional(oneOf(['none', 'all', 'lora_only'])),
  seed,
  ...LAYERED,
};

const IA3: Kinds<Ia3Config> = {method: oneOf(['ia3']), feedForward: MODULE_CHOICE.targets, ...LAYERED};

const PROMPT: Kinds<PromptConfig> = {
  method: oneOf(['prompt']),
  tokens: optional(TOKENS),
  init: optional(oneOf(['random', 'vocabulary', 'text'])),
  text: optional(text),
  seed,
  ...COMMON,
};

const PREFIX: Kinds<PrefixConfig> = {
  method: oneOf(['prefix']),
  tokens: optional(TOKENS),
  init: optional(oneOf(['random', 'zeros'])),
  seed,
  ...COMMON,
};

/** Throws unless a configuration is one of LoRA. */
export function checkLora(what: string, config: LoraConfig): void {
  checkOptions(what, config, LORA);
}

/** Throws unless a configuration is one of IA³. */
export function checkIa3(what: string, config: Ia3Config): void {
  checkOptions(what, config, IA3);
}

/** Throws unless a configuration is one of prompt tuning. */
export function checkPrompt(what: string, config: PromptConfig): void {
  checkOptions(what, config, PROMPT);
  checkTokensOrBudget(what, config);
  const {init = 'random', text} = config;
  if (init === 'text' && !text)
    throw new Error(`${what}: text is ${show(text)}, expected one that init: "text" begins with`);
  if (init !== 'text' && text !== undefined)
    throw new Error(`${what}: init is "${init}", expected "text" where there is a text`);
}

/** Throws unless a configuration is one of prefix tuning. */
export function checkPrefix(what: string, config: PrefixConfig): void {
  checkOptions(what, config, PREFIX);
  checkTokensOrBudget(what, config);
}

function checkTokensOrBudget(what: string, {tokens, parameters}: PromptConfig | PrefixConfig): void {
  if ((tokens === undefined) !== (parameters === undefined)) return;
  throw new Error(`${what}: tokens is ${tokens} and parameters is ${parameters}, expected one of them`);
}

/** What B·A·x is multiplied by. */
export function scalingOf({rank = 8, alpha = 8, rankStabilized = false}: LoraConfig): number {
  return alpha / (rankStabilized ? Math.sqrt(rank) : rank);
}

/**
 * How many weights LoRA trains over some linear layers, biases and modules that are trained whole aside. Makes no tensor.
 *
 * @param modules Those of a model, as its `projections()` says.
 * @param output A head's output layer, which `all-linear` leaves out.
 * @throws as {@link chooseModules}, and where the configuration is not as said.
 *
 * @example
 * ```ts
 * import {countLora} from '@subset-tuning/adapters';
 *
 * const modules = [{name: 'q_proj', inputs: 16, outputs: 32, layout: 'out-in' as const}];
 * countLora(modules, {method: 'lora', rank: 4}); // 192
 * ```
 */
export function countLora(modules: readonly LinearModule[], config: LoraConfig, output?: string): number {
  checkLora('countLora', config);
  const {rank = 8, dora = false} = config;
  return chooseModules(modules, config, output).reduce(
    (sum, {inputs, outputs}) => sum + rank * (inputs + outputs) + (dora ? outputs : 0),
    0,
  );
}
