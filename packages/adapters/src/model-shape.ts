import {callable, checkFields, type Kinds, map} from '@subset-tuning/checks';
import type {LinearModule, SelfAttention} from './adaptable-model.js';

/** What is known of a weight before it is tuned. */
export interface WeightShape {
  readonly shape: readonly number[];
}

/** What budgets are counted by: a model, or what is written down of one. */
export interface ModelShape {
  /** By name. Shapes are all that is read. */
  readonly weights: ReadonlyMap<string, WeightShape>;
  /** The head, where there is one; `output` is the layer that is made new for a task, which adapters train whole. */
  readonly head?: {readonly output?: string};
  /** Its linear layers. */
  projections(): readonly LinearModule[];
  /** Its self-attentions. Needed for prefixes. */
  attentions?(): readonly SelfAttention[];
  /** How wide it is, needed for prompts, and how many tokens it reads at most. */
  readonly architecture?: {readonly config: {readonly hiddenSize?: number; readonly maxPositions?: number}};
}

const MODEL_SHAPE: Kinds<Pick<ModelShape, 'weights' | 'projections'>> = {
  weights: map('a Map of names to weights'),
  projections: callable,
};

/** Throws unless budgets can be counted by a value. */
export function checkModelShape(what: string, model: ModelShape): void {
  checkFields(`${what}: model`, model, MODEL_SHAPE);
}

/** How many numbers some weights have. */
export function sizeOf(weights: Iterable<WeightShape>): number {
  let sum = 0;
  for (const {shape} of weights) sum += shape.reduce((size, side) => size * side, 1);
  return sum;
}
