import {anything, arrayOf, check} from '@subset-tuning/checks';
import {engine, getKernel, type NamedAttrMap, type NamedTensorMap, type Tensor} from '@tensorflow/tfjs-core';
import {activeBackend} from './active-backend.js';
import {SubsetSteps, type SubsetStepsAttrs, stepOutputCount} from './contract.js';
import {checkedStep, type SubsetStepOptions, type SubsetStepResult, takeOutputs} from './subset-step.js';

const STEPS = arrayOf(anything, 'an array of what subsetStep takes');

/** Whether the active backend has a kernel for the steps of several silos at once. */
export function stepsTogether(): boolean {
  return getKernel(SubsetSteps, activeBackend()) !== undefined;
}

/**
 * The steps of several silos at once, bit for bit what {@link subsetStep} makes of each, but for what `info` says of the way
 * there. After an error everything is as before, in all of them, unless memory ran out in the midst of it: then slots may be
 * those after the step.
 *
 * @returns a result for each, or undefined where the active backend does not do this: nothing has been done then.
 * @throws as {@link subsetStep}
 * @example
 * ```ts
 * import {createState, subsetStep, subsetSteps} from '@subset-tuning/kernels';
 * import * as tf from '@tensorflow/tfjs';
 *
 * const numbers = {rule: 'sgd', learningRate: 1, weightDecay: 0, decayTowards: 'zero'} as const;
 * const silos = [tf.tensor1d([1, 2, 3]), tf.tensor1d([4, 5])].map((parameter) => {
 *   const gradients = [tf.onesLike(parameter)];
 *   return {parameters: [parameter], gradients, slots: [], state: createState([parameter.size]), numbers, k: 1};
 * });
 * const [first, second] = subsetSteps(silos) ?? silos.map(subsetStep);
 * first.parameters[0].print(); // [0, 2, 3]
 * second.parameters[0].print(); // [3, 5]
 * ```
 */
export function subsetSteps(steps: readonly SubsetStepOptions[]): SubsetStepResult[] | undefined {
  check('subsetSteps: steps', steps, STEPS);
  const checked = steps.map(checkedStep);
  if (checked.length === 0) return [];
  if (!stepsTogether()) return undefined;
  const attrs: SubsetStepsAttrs = {steps: checked.map((step) => step.attrs)};
  // The engine hands both on as they are; its types know only dictionaries of tensors and of scalar attributes.
  const outputs = engine().runKernel<Tensor[]>(
    SubsetSteps,
    checked.flatMap(({inputs}) => inputs) as unknown as NamedTensorMap,
    attrs as unknown as NamedAttrMap,
  );
  if (outputs.length === 0) return undefined;
  let next = 0;
  return checked.map((step) => {
    const first = next;
    next += stepOutputCount(step.attrs);
    return takeOutputs(step, outputs.slice(first, next));
  });
}
