import {
  type AttachConfig,
  attach,
  type BudgetedMethod,
  bitFit,
  bitFitWeights,
  fitBudget,
  fullTuning,
  gradientSubset,
  liftSubset,
  loraBudget,
  type ModelShape,
  magnitudeSubset,
  type PrefixConfig,
  type PromptConfig,
  randomSubset,
  structuredSubset,
} from '@subset-tuning/adapters';
import {createDelta, readDelta, writeDelta} from '@subset-tuning/deltas';
import {
  adamw,
  type DynamicSubsetOptimizer,
  dynamicSubset,
  type Schedule,
  shrinking,
  type UpdateRule,
  warmup,
} from '@subset-tuning/optimizer';
import {readSafetensors} from '@subset-tuning/safetensors';
import type {Optimizer, Scalar, Variable} from '@tensorflow/tfjs-core';
import type {Cell, CellResult} from './cell.js';
import type {TunedModel} from './tasks/compared-task.js';

/** What a method is put on, and how it is to be tuned. */
export interface Purpose extends Pick<Cell, 'choice' | 'learningRate' | 'steps' | 'seed'> {
  model: TunedModel;
  /** Losses of the first batches, for methods that choose by gradients. */
  losses: () => Iterable<() => Scalar>;
}

/** A method that is on a model, ready for the first step. */
export interface Attached {
  /** What is tuned. */
  weights: ReadonlyMap<string, Variable>;
  optimizer: Optimizer;
  /** Awaited after each step. */
  afterStep?(): Promise<void>;
  /** The size of the files that keep what was learned, and how many values they store. */
  save(): Promise<Pick<CellResult, 'parameters' | 'bytes'>>;
  /** Takes the method off; the model is disposed of by whoever loaded it. */
  detach(): void;
}

/** A way to tune a model under a budget. */
export interface Method {
  description: string;
  /** Whether it is a form of subset tuning, not a rival. */
  isOurs?: true;
  /** What comes nearest to a budget. Throws where that is less than the method can do. */
  fit(parameters: number, model: ModelShape): Cell['choice'];
  attach(purpose: Purpose): Promise<Attached>;
}

/** What `fitBudget` of the adapters finds. */
function fitting(method: BudgetedMethod): Method['fit'] {
  return (parameters, model) => ({...fitBudget({method, parameters}, model)});
}

const WARMUP_STEPS = 5;

/**
 * The same for every method: AdamW at a constant rate after a short rise. Its decay pulls back to the seed: pulled to zero,
 * every large weight would move away from the seed at each step and take a place in the subset for that alone.
 */
function ruleOf(learningRate: Schedule): UpdateRule {
  return adamw({learningRate: warmup({steps: WARMUP_STEPS, after: learningRate}), decayTowards: 'seed'});
}

/** What a subset optimizer tunes, kept as a delta. */
function asDelta(
  {model}: Purpose,
  optimizer: DynamicSubsetOptimizer,
  weights: Attached['weights'] = model.weights,
): Attached {
  return {
    weights,
    optimizer,
    async save() {
      const delta = await createDelta(await optimizer.subset(), {base: model.id, weights: model.weights});
      const file = writeDelta(delta);
      return {
        parameters: readDelta(file).tensors.reduce((sum, {values}) => sum + values.length, 0),
        bytes: file.byteLength,
      };
    },
    detach: () => optimizer.dispose(),
  };
}

/** The budget of a subset, and a new head's weights, which are tuned whole as adapters do it. */
function budgetOf({choice, model}: Purpose): {parameters: number; whole: string[]} {
  const whole = Array.isArray(choice.whole) ? choice.whole : [];
  return {parameters: choice.parameters, whole: whole.flatMap((name) => model.weights.get(String(name))?.name ?? [])};
}

/** What makes forms of subset tuning differ: part of a run's configuration. */
interface Form {
  distance?: 'fisher';
  /** Weighed distances of all tensors can be compared, so that one budget goes where it is worth most. */
  silos?: 'global';
  /** The density that a shrinking budget begins with. */
  from?: number;
}

const WEIGHED: Form = {distance: 'fisher', silos: 'global'};

function moving(description: string, form: Form): Method {
  return {
    description,
    isOurs: true,
    fit: (parameters, model) => ({...fitBudget({method: 'subset', parameters}, model), ...form}),
    async attach(purpose) {
      const {choice, learningRate, steps} = purpose;
      const {from, ...options} = form;
      const over = Math.floor(steps / 2);
      // One step is too few to begin wide.
      if (from === undefined || over === 0) {
        return asDelta(purpose, dynamicSubset(ruleOf(learningRate), {...budgetOf(purpose), ...options}));
      }
      const density = Number(choice.density);
      const both = shrinking({density, learningRate, over, from: Math.max(from, density)});
      const {whole} = budgetOf(purpose);
      return asDelta(purpose, dynamicSubset(ruleOf(both.learningRate), {density: both.density, whole, ...options}));
    },
  };
}

function fixed(
  description: string,
  make: (
    rule: UpdateRule,
    purpose: Purpose,
    budget: {parameters: number; whole: string[]},
  ) => Promise<DynamicSubsetOptimizer>,
): Method {
  return {
    description,
    fit: fitting('subset'),
    attach: async (purpose) => {
      return asDelta(purpose, await make(ruleOf(purpose.learningRate), purpose, budgetOf(purpose)));
    },
  };
}

function vectors(description: string, budget: 'bitfit' | 'vectors', which: 'biases' | 'all'): Method {
  return {
    description,
    fit: fitting(budget),
    async attach(purpose) {
      const {weights, head} = purpose.model;
      const options = {vectors: which, modulesToSave: head?.output === undefined ? [] : [head.output]};
      const optimizer = bitFit(ruleOf(purpose.learningRate), weights, options);
      return asDelta(purpose, optimizer, bitFitWeights(weights, options));
    },
  };
}

/** As many virtual tokens as papers use. */
const MOST_TOKENS = 100;

/**
 * An adapter of virtual tokens: as many as the budget allows, but not more than {@link MOST_TOKENS}, nor than half of the
 * places that the model has for tokens of either kind.
 */
function virtualTokens(description: string, config: PromptConfig | PrefixConfig): Method {
  return {
    ...adapter(description, config.method, config),
    fit(parameters, model) {
      const fitted = fitBudget({method: config.method, parameters}, model);
      const places = model.architecture?.config.maxPositions ?? Number.POSITIVE_INFINITY;
      const most = Math.min(MOST_TOKENS, Math.floor(places / 2));
      if (fitted.tokens <= most) return {...fitted};
      const oneLess = fitBudget({method: config.method, parameters: fitted.parameters - 1}, model);
      const perToken = fitted.parameters - oneLess.parameters;
      return {tokens: most, parameters: fitted.parameters - perToken * (fitted.tokens - most)};
    },
  };
}

/** An adapter over the model, kept in PEFT's files. */
function adapter(description: string, budget: BudgetedMethod, config: AttachConfig): Method {
  return {
    description,
    fit: fitting(budget),
    async attach({model, choice, learningRate, seed}) {
      const {parameters: _, ...chosen} = choice;
      const seeded = config.method === 'ia3' ? config : {...config, seed};
      const attached = await attach(model, {...seeded, ...chosen});
      const optimizer = fullTuning(ruleOf(learningRate));
      return {
        weights: new Map(attached.variables.map((variable) => [variable.name, variable])),
        optimizer,
        async save() {
          const files = await attached.save();
          const {tensors} = readSafetensors(files['adapter_model.safetensors']);
          const sizes = Array.from(tensors.values(), ({shape}) => shape.reduce((size, side) => size * side, 1));
          return {
            parameters: sizes.reduce((sum, size) => sum + size, 0),
            bytes: Object.values(files).reduce((sum, {byteLength}) => sum + byteLength, 0),
          };
        },
        detach() {
          optimizer.dispose();
          attached.detach();
        },
      };
    },
  };
}

/** The methods by the names that the command is given. A new one is one entry. */
export const METHODS: Readonly<Record<string, Method>> = {
  subset: moving('subset tuning: at each step what lies farthest from the seed', {}),
  'subset-shrinking': moving('the same, under a budget that shrinks from a tenth of the weights', {from: 0.1}),
  'subset-fisher': moving("distances weighed by the root of Adam's second moment, in one silo", WEIGHED),
  'subset-fisher-shrinking': moving('both of these', {...WEIGHED, from: 0.1}),
  random: fixed('drawn by chance (SHiRA-Rand)', async (rule, {seed}, budget) => randomSubset(rule, {...budget, seed})),
  magnitude: fixed('the largest |w| (SHiRA-WM)', (rule, {model}, budget) =>
    magnitudeSubset(rule, {...budget, variables: [...model.weights.values()]}),
  ),
  'magnitude-smallest': fixed('the smallest |w|', (rule, {model}, budget) =>
    magnitudeSubset(rule, {...budget, variables: [...model.weights.values()], order: 'smallest'}),
  ),
  gradient: fixed('the largest Σ|g| over eight batches (SPEFT, SHiRA-Grad)', (rule, {losses}, budget) =>
    gradientSubset(rule, {...budget, losses: losses()}),
  ),
  'gradient-global': fixed('the same, in one silo', (rule, {losses}, budget) =>
    gradientSubset(rule, {...budget, losses: losses(), silos: 'global'}),
  ),
  'weight-gradient': fixed('the largest Σ|w · g| over eight batches (SPEFT, SHiRA-SNIP)', (rule, {losses}, budget) =>
    gradientSubset(rule, {...budget, losses: losses(), score: 'weight-gradient'}),
  ),
  structured: fixed('diagonals and rows (SHiRA-Struct)', async (rule, {model}, budget) =>
    structuredSubset(rule, {...budget, variables: [...model.weights.values()]}),
  ),
  lift: {
    description: "the largest entries of the layers' matrices at rank 16, chosen anew every 20 steps (LIFT)",
    fit: fitting('lift'),
    async attach(purpose) {
      const {model, learningRate} = purpose;
      const {parameters, whole} = budgetOf(purpose);
      const matrices = new Set(model.projections().map(({name}) => `${name}.weight`));
      const weights = new Map(
        [...model.weights].filter(([name, variable]) => matrices.has(name) || whole.includes(variable.name)),
      );
      const options = {parameters, whole, variables: [...weights.values()]};
      const {optimizer, afterStep} = await liftSubset(ruleOf(learningRate), options);
      return {...asDelta(purpose, optimizer, weights), afterStep};
    },
  },
  lora: adapter('LoRA over all linear layers', 'lora', {method: 'lora'}),
  'lora-attention': {
    ...adapter("LoRA over attention's linear layers alone, as many kinds as the budget allows", 'lora', {
      method: 'lora',
    }),
    fit: (parameters, model) => ({...loraBudget(model, {parameters, targets: /attn|attention/i})}),
  },
  dora: adapter('LoRA with lengths of its own (DoRA)', 'dora', {method: 'lora', dora: true}),
  pissa: adapter('LoRA from the largest singular vectors (PiSSA)', 'lora', {method: 'lora', init: 'pissa'}),
  ia3: adapter('what comes out of keys, values and feed-forward layers, times a vector (IA³)', 'ia3', {method: 'ia3'}),
  prompt: virtualTokens('virtual tokens before the text, from the vocabulary (prompt tuning)', {
    method: 'prompt',
    init: 'vocabulary',
  }),
  prefix: virtualTokens('keys and values of virtual tokens (prefix tuning)', {method: 'prefix'}),
  bitfit: vectors('all biases (BitFit)', 'bitfit', 'biases'),
  vectors: vectors('all biases and gains of norms', 'vectors', 'all'),
  full: {
    description: 'all weights',
    fit: fitting('full'),
    attach: async (purpose) => asDelta(purpose, fullTuning(ruleOf(purpose.learningRate))),
  },
};
