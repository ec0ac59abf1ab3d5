import {arrayOf, check, checkOptions, type Kinds, map, oneOf, optional, text} from '@subset-tuning/checks';
import {type DynamicSubsetOptimizer, dynamicSubset, type UpdateRule} from '@subset-tuning/optimizer';
import type * as tf from '@tensorflow/tfjs-core';
import {isWithin, moduleOf} from './whole-modules.js';

/** What {@link bitFit} and {@link bitFitWeights} can be told. */
export interface BitFitOptions {
  /**
   * Which vectors: `biases`, as in the paper, or `all`, with the gains of norms, for models such as Llama's that have no
   * bias. Default `biases`.
   */
  vectors?: 'biases' | 'all';
  /** Modules that are tuned whole, by name: in the paper a new head's output layer. Default none. */
  modulesToSave?: readonly string[];
}

const WEIGHTS = map('a Map of names to weights');
const BIT_FIT_OPTIONS: Kinds<BitFitOptions> = {
  vectors: optional(oneOf(['biases', 'all'])),
  modulesToSave: optional(arrayOf(text, 'an array of names')),
};

/**
 * The weights that BitFit tunes: vectors whose name ends in `bias`, or all vectors, and modules that it is told.
 *
 * @param weights by name, as in a model's `weights`; shapes are all that is read.
 * @throws where there is none.
 *
 * @example
 * ```ts
 * import {bitFitWeights} from '@subset-tuning/adapters';
 *
 * const weights = new Map([['dense.weight', {shape: [4, 4]}], ['dense.bias', {shape: [4]}]]);
 * console.log([...bitFitWeights(weights).keys()]); // ['dense.bias']
 * ```
 */
export function bitFitWeights<Weight extends {readonly shape: readonly number[]}>(
  weights: ReadonlyMap<string, Weight>,
  options: BitFitOptions = {},
): Map<string, Weight> {
  check('bitFit: weights', weights, WEIGHTS);
  checkOptions('bitFit', options, BIT_FIT_OPTIONS);
  const {vectors = 'biases', modulesToSave = []} = options;
  const isVector = (name: string, {shape}: Weight) =>
    shape.length === 1 && (vectors === 'all' || /(^|[._/])bias$/.test(name));
  const isWhole = (name: string) => isWithin(moduleOf(name), modulesToSave);
  if ([...weights].some(([name, weight]) => isVector(name, weight))) {
    return new Map([...weights].filter(([name, weight]) => isVector(name, weight) || isWhole(name)));
  }
  const what = vectors === 'all' ? 'vector' : 'vector whose name ends in bias';
  throw new Error(`bitFit: of ${weights.size} weights none is a ${what}, expected at least one`);
}

/**
 * BitFit: only biases are tuned, all of them (Ben Zaken et al. 2022, arXiv 2106.10199). It is subset tuning at density 1
 * of these weights, so that what it changed is a delta.
 *
 * @param rule the update rule.
 * @param weights the model's weights by name. Give `minimize` only those that {@link bitFitWeights} names: another
 * variable with a gradient is an error.
 * @throws where none of them is a bias.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import {bitFit, bitFitWeights} from '@subset-tuning/adapters';
 * import {adamw} from '@subset-tuning/optimizer';
 *
 * const [kernel, bias] = [tf.variable(tf.ones([3, 2])), tf.variable(tf.zeros([2]))];
 * const weights = new Map([['kernel', kernel], ['bias', bias]]);
 * const optimizer = bitFit(adamw({learningRate: 0.1}), weights);
 * const loss = () => tf.sum(tf.square(tf.sub(tf.add(kernel, bias), 3))) as tf.Scalar;
 * optimizer.minimize(loss, false, [...bitFitWeights(weights).values()]);
 * (await optimizer.stats()).size; // 2
 * ```
 */
export function bitFit(
  rule: UpdateRule,
  weights: ReadonlyMap<string, tf.Variable>,
  options: BitFitOptions = {},
): DynamicSubsetOptimizer {
  const variables = Array.from(bitFitWeights(weights, options).values(), ({name}) => name);
  return dynamicSubset(rule, {density: 1, variables});
}
