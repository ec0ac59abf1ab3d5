import * as tf from '@tensorflow/tfjs-core';
import type {LinearModule, ProjectVerb, Weights} from './adaptable-model.js';
import {type LoraConfig, scalingOf} from './adapter-config.js';
import {rowLengths} from './dora.js';
import {type Method, type NewWeight, need} from './method.js';
import {type Factors, principalFactors} from './pissa.js';
import {seedOf} from './seed-of.js';

/** LoRA over linear layers. `init: 'pissa'` reads the model's weights, which is why it waits. */
export async function lora(
  modules: readonly LinearModule[],
  config: LoraConfig,
  base: ReadonlyMap<string, tf.Tensor>,
): Promise<Method> {
  const {init = 'kaiming', dora = false, dropout = 0, rank = 8, seed = 0} = config;
  const scaling = scalingOf(config);
  const chosen = new Map(modules.map((module) => [module.name, module]));
  const principal = new Map<string, Factors>();
  if (init === 'pissa') {
    for (const module of modules) {
      const weight = need<tf.Tensor2D>(base, `${module.name}.weight`);
      principal.set(module.name, await principalFactors(weight, {rank, scaling, layout: module.layout}));
    }
  }
  let passes = 0;

  return {
    modules,
    tensors: new Map(modules.flatMap((module) => Object.entries(tensorsOf(module, config, base, principal)))),
    begin: (isTraining) => {
      const pass = isTraining ? passes++ : 0;
      const drop = (x: tf.Tensor2D, name: string): tf.Tensor2D =>
        isTraining && dropout > 0 ? (tf.dropout(x, dropout, undefined, seedOf(seed, name, pass)) as tf.Tensor2D) : x;
      return (verbs, weights) => ({
        ...verbs,
        project: (x, name, layout) => {
          const module = chosen.get(name);
          if (!module) return verbs.project(x, name, layout);
          const rest = (x: tf.Tensor2D): tf.Tensor2D => {
            const all = verbs.project(x, name, layout);
            return init === 'pissa' ? tf.sub(all, thin(verbs, x, name, 'pissa', scaling)) : all;
          };
          const result = rest(x);
          const dropped = drop(x, name);
          const change = thin(verbs, dropped, name, 'lora', scaling);
          if (!dora) return tf.add(result, change);
          const bias = weights.get(`${name}.bias`);
          const product = dropped === x ? result : rest(dropped);
          const ratio = tf.div(
            need(weights, `${name}.lora_magnitude_vector`),
            constant(() => lengthsOf(module, weights, scaling)),
          );
          const turned = tf.mul(tf.sub(ratio, 1), bias ? tf.sub(product, bias) : product);
          return tf.add(result, tf.add<tf.Tensor2D>(turned, tf.mul(ratio, change)));
        },
      });
    },
    merged: (weights) =>
      modules.map((module) => [
        `${module.name}.weight`,
        () =>
          tf.tidy(() => {
            const {left, right} = factorsOf(module, weights, scaling);
            const isTurned = module.layout === 'in-out';
            const change = isTurned ? tf.matMul(right, left, true, true) : tf.matMul(left, right);
            const sum = tf.add(need(weights, `${module.name}.weight`), change);
            if (!dora) return sum;
            const ratio = tf.div(
              need(weights, `${module.name}.lora_magnitude_vector`),
              lengthsOf(module, weights, scaling),
            );
            return tf.mul(sum, isTurned ? ratio : tf.reshape(ratio, [-1, 1]));
          }),
      ]),
    peftConfig: () => ({
      peft_type: 'LORA',
      r: rank,
      lora_alpha: config.alpha ?? 8,
      lora_dropout: dropout,
      use_rslora: config.rankStabilized ?? false,
      use_dora: dora,
      bias: config.bias ?? 'none',
      init_lora_weights: init === 'kaiming' ? true : init,
    }),
  };
}

/** B·A·x times the scaling, by two thin products. */
function thin(verbs: ProjectVerb, x: tf.Tensor2D, name: string, kind: 'lora' | 'pissa', scaling: number): tf.Tensor2D {
  return tf.mul(verbs.project(verbs.project(x, `${name}.${kind}_A`), `${name}.${kind}_B`), scaling);
}

function tensorsOf(
  module: LinearModule,
  config: LoraConfig,
  base: ReadonlyMap<string, tf.Tensor>,
  principal: ReadonlyMap<string, Factors>,
): Record<string, NewWeight> {
  const {name, inputs, outputs, layout} = module;
  const {init = 'kaiming', rank = 8, dora = false, seed = 0} = config;
  const factors = principal.get(name);
  const drawn = seedOf(seed, `${name}.lora_A`, 0);
  const most = 1 / Math.sqrt(inputs);
  const firstA = () => {
    if (factors) return tf.tensor2d(factors.a, [rank, inputs]);
    if (init === 'gaussian') return tf.randomNormal([rank, inputs], 0, 1 / rank, 'float32', drawn);
    return tf.randomUniform([rank, inputs], -most, most, 'float32', drawn);
  };
  const firstB = () => (factors ? tf.tensor2d(factors.b, [outputs, rank]) : tf.zeros([outputs, rank]));
  const magnitude = () =>
    rowLengths(need(base, `${name}.weight`), layout, {left: tf.zeros([outputs, 1]), right: tf.zeros([1, inputs])});
  return {
    [`${name}.lora_A.weight`]: {make: firstA},
    [`${name}.lora_B.weight`]: {make: firstB},
    ...(dora && {[`${name}.lora_magnitude_vector`]: {make: () => tf.tidy(magnitude)}}),
    ...(factors && {
      [`${name}.pissa_A.weight`]: {make: firstA, isTrained: false},
      [`${name}.pissa_B.weight`]: {make: firstB, isTrained: false},
    }),
  };
}

/** What is added to a weight, [outputs, inputs], as the product of a tall matrix and a wide one. */
function factorsOf({name}: LinearModule, weights: Weights, scaling: number): {left: tf.Tensor2D; right: tf.Tensor2D} {
  const left = tf.mul<tf.Tensor2D>(need(weights, `${name}.lora_B.weight`), scaling);
  const right = need<tf.Tensor2D>(weights, `${name}.lora_A.weight`);
  const [first, second] = ['A', 'B'].map(
    (part) => weights.get(`${name}.pissa_${part}.weight`) as tf.Tensor2D | undefined,
  ); // as lora_A
  if (!first || !second) return {left, right};
  return {left: tf.concat([left, tf.mul(second, -scaling)], 1), right: tf.concat([right, first], 0)};
}

function lengthsOf(module: LinearModule, weights: Weights, scaling: number): tf.Tensor1D {
  return rowLengths(need(weights, `${module.name}.weight`), module.layout, factorsOf(module, weights, scaling));
}

/** A value that no backward pass goes into. */
function constant<T extends tf.Tensor>(make: () => T): T {
  return tf.customGrad<T>(() => ({value: tf.tidy(make), gradFunc: () => []}))();
}
