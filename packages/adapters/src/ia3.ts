import * as tf from '@tensorflow/tfjs-core';
import type {LinearModule} from './adaptable-model.js';
import type {Ia3Config} from './adapter-config.js';
import {chooseModules, type ModuleChoice} from './choose-modules.js';
import {type Method, need} from './method.js';
import type {ModelShape} from './model-shape.js';
import {otherModules} from './whole-modules.js';

/** What feed-forward networks end in, in the families that PEFT knows. */
const FEED_FORWARD = ['down_proj', 'wo', 'lin2', 'mlp.c_proj', 'output.dense'];

/** Keys and values, in the same. */
const KEYS_AND_VALUES = ['k_proj', 'v_proj', 'k', 'v', 'key', 'value', 'k_lin', 'v_lin', 'c_attn'];

/** IA³'s choice of linear layers, and which of them have their vector for what goes in. */
export function ia3Modules(
  model: Pick<ModelShape, 'head' | 'projections'>,
  config: ModuleChoice & Pick<Ia3Config, 'feedForward' | 'modulesToSave'>,
): {modules: LinearModule[]; feedForward: ReadonlySet<string>} {
  const all = otherModules(model, config);
  const {targets, feedForward, ...choice} = config;
  const some = (names: readonly string[]) =>
    names.filter((name) => all.some((module) => module.name === name || module.name.endsWith(`.${name}`)));
  const usual = some([...KEYS_AND_VALUES, ...FEED_FORWARD]);
  const modules = chooseModules(all, {...choice, targets: targets ?? usual}, model.head?.output);
  const inner = feedForward ?? some(FEED_FORWARD);
  const isNone = Array.isArray(inner) && inner.length === 0;
  const chosen = isNone ? [] : chooseModules(all, {targets: inner});
  return {modules, feedForward: new Set(chosen.map(({name}) => name))};
}

/** IA³ over linear layers. */
export function ia3(modules: readonly LinearModule[], feedForward: ReadonlySet<string>): Method {
  const chosen = new Map(modules.map((module) => [module.name, module]));
  const widthOf = ({name, inputs, outputs}: LinearModule) => (feedForward.has(name) ? inputs : outputs);
  return {
    modules,
    tensors: new Map(
      modules.map((module) => {
        const shape: [number, number] = feedForward.has(module.name) ? [1, module.inputs] : [module.outputs, 1];
        return [`${module.name}.ia3_l`, {make: () => tf.ones(shape)}];
      }),
    ),
    begin: () => (verbs, weights) => ({
      ...verbs,
      project: (x, name, layout) => {
        const module = chosen.get(name);
        if (!module) return verbs.project(x, name, layout);
        const scale = tf.reshape(need(weights, `${name}.ia3_l`), [1, widthOf(module)]);
        if (feedForward.has(name)) return verbs.project(tf.mul(x, scale), name, layout);
        return tf.mul(verbs.project(x, name, layout), scale);
      },
    }),
    merged: (weights) =>
      modules.flatMap((module) => {
        const {name, layout} = module;
        const isInner = feedForward.has(name);
        const scale = () => need(weights, `${name}.ia3_l`);
        // Along the rows of the matrix, or along its columns.
        const along = isInner === (layout === 'out-in') ? [1, widthOf(module)] : [widthOf(module), 1];
        const made: [string, () => tf.Tensor][] = [
          [`${name}.weight`, () => tf.tidy(() => tf.mul(need(weights, `${name}.weight`), tf.reshape(scale(), along)))],
        ];
        const bias = weights.get(`${name}.bias`);
        if (bias && !isInner) {
          made.push([`${name}.bias`, () => tf.tidy(() => tf.mul(bias, tf.reshape(scale(), [widthOf(module)])))]);
        }
        return made;
      }),
    peftConfig: () => ({
      peft_type: 'IA3',
      feedforward_modules: modules.filter(({name}) => feedForward.has(name)).map(({name}) => name),
    }),
  };
}
